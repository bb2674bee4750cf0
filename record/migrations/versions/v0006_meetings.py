"""Meetings: each has a log of its own, to which it alone appends, and a row that lists and pages read. Words are sealed under its key."""

from alembic import op

from record.migrations.protection import protected

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    CREATE TABLE meetings (
        meeting text PRIMARY KEY,
        authority text NOT NULL,
        team text NOT NULL,
        children text[] NOT NULL,
        seq bigint NOT NULL DEFAULT 0,
        stage text NOT NULL DEFAULT 'none',
        kind text,
        starts timestamptz,
        due timestamptz,
        chair text,
        arranger text,
        state jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX meetings_of_children ON meetings USING gin (children)",
    """
    CREATE TABLE meeting_log (
        meeting text NOT NULL REFERENCES meetings,
        seq bigint NOT NULL,
        authority text NOT NULL,
        kind text NOT NULL,
        happened_at timestamptz NOT NULL,
        decided_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        actor text NOT NULL,
        cause text NOT NULL,
        command_id text,
        content jsonb NOT NULL,
        PRIMARY KEY (meeting, seq),
        UNIQUE (meeting, cause)
    )
    """,
    "REVOKE UPDATE, DELETE, TRUNCATE ON meeting_log FROM siwrnai_owner",
    """
    CREATE TABLE meeting_commands (
        meeting text NOT NULL REFERENCES meetings,
        command_id text NOT NULL,
        authority text NOT NULL,
        name text NOT NULL,
        body_hash text NOT NULL,
        received_at timestamptz NOT NULL,
        answer jsonb,
        PRIMARY KEY (meeting, command_id)
    )
    """,
    """
    CREATE TABLE meeting_texts (
        id text PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        authority text NOT NULL,
        sealed bytea NOT NULL,
        sha256 text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    *protected("meetings", "meeting_log", "meeting_commands", "meeting_texts"),
    """
    CREATE FUNCTION append_to_meeting(p_meeting text, p_head bigint, p_entries jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        head bigint;
        mine text := current_setting('siwrnai.authority');
    BEGIN
        SELECT seq INTO head FROM meetings WHERE meeting = p_meeting FOR UPDATE;
        IF head IS DISTINCT FROM p_head THEN
            RAISE EXCEPTION 'meeting %: entry % does not follow %', p_meeting, p_head + 1, head USING ERRCODE = 'SW002';
        END IF;
        INSERT INTO meeting_log (meeting, seq, authority, kind, happened_at, decided_at, actor, cause, command_id, content)
            SELECT p_meeting, p_head + row_number() OVER (), mine, e.kind, e.happened_at, e.decided_at, e.actor, e.cause, e.command_id, e.content
            FROM jsonb_to_recordset(p_entries) AS e (
                kind text, happened_at timestamptz, decided_at timestamptz, actor text, cause text, command_id text, content jsonb
            );
        head := p_head + jsonb_array_length(p_entries);
        UPDATE meetings SET seq = head WHERE meeting = p_meeting;
        RETURN head;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION append_to_meeting FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION append_to_meeting TO siwrnai_journey",
    "GRANT SELECT ON meetings, meeting_log, meeting_commands, meeting_texts TO siwrnai_journey, siwrnai_door",
    "GRANT SELECT ON meetings, meeting_texts TO siwrnai_post",
    "GRANT SELECT ON meetings, meeting_log TO siwrnai_auditor",
    "GRANT UPDATE (stage, kind, starts, due, chair, arranger, state) ON meetings TO siwrnai_journey",
    "GRANT UPDATE (answer) ON meeting_commands TO siwrnai_journey",
    "GRANT INSERT (meeting, authority, team, children) ON meetings TO siwrnai_door",
    "GRANT INSERT ON meeting_commands, meeting_texts TO siwrnai_door",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
