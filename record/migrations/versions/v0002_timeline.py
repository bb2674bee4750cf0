"""Children and their timelines. A timeline grows through `append_entries` alone."""

from alembic import op

from record.migrations.protection import protected

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    CREATE TABLE children (
        child text PRIMARY KEY,
        family text NOT NULL,
        authority text NOT NULL,
        team text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX children_of_family ON children (family)",
    """
    CREATE TABLE child_details (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        team text NOT NULL,
        sealed bytea NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX child_details_of_child ON child_details (child, entry DESC)",
    """
    CREATE TABLE heads (
        child text PRIMARY KEY REFERENCES children,
        authority text NOT NULL,
        team text NOT NULL,
        seq bigint NOT NULL DEFAULT 0,
        hash bytea NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT 'epoch'
    )
    """,
    # All columns but the last four repeat what the canonical bytes say: `append_entries` takes them from there.
    """
    CREATE TABLE timeline (
        child text NOT NULL REFERENCES children,
        seq bigint NOT NULL CHECK (seq >= 1),
        authority text NOT NULL,
        team text NOT NULL,
        kind text NOT NULL,
        happened_at timestamptz NOT NULL,
        effective_from timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        command_id text,
        cause text NOT NULL,
        previous bytea NOT NULL,
        hash bytea NOT NULL,
        signature bytea NOT NULL,
        canonical bytea NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (child, seq),
        UNIQUE (child, cause)
    )
    """,
    # Not even the owner, in whose name `append_entries` runs, may change or take away what is recorded.
    "REVOKE UPDATE, DELETE, TRUNCATE ON timeline FROM siwrnai_owner",
    """
    CREATE TABLE commands (
        child text NOT NULL REFERENCES children,
        command_id text NOT NULL,
        authority text NOT NULL,
        team text NOT NULL,
        name text NOT NULL,
        body_hash text,
        received_at timestamptz NOT NULL,
        answer jsonb,
        answered_at timestamptz,
        PRIMARY KEY (child, command_id)
    )
    """,
    """
    CREATE TABLE refusals (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        child text NOT NULL,
        authority text NOT NULL,
        team text,
        command_id text NOT NULL,
        name text NOT NULL,
        code text NOT NULL,
        sentence_cy text NOT NULL,
        sentence_en text NOT NULL,
        actor text NOT NULL,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX refusals_of_child ON refusals (child, entry)",
    """
    CREATE TABLE texts (
        id text PRIMARY KEY,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        team text NOT NULL,
        sealed bytea NOT NULL,
        sha256 text NOT NULL,
        linked_by bigint,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX texts_unlinked ON texts (created_at) WHERE linked_by IS NULL",
    """
    CREATE TABLE reads (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        authority text NOT NULL,
        team text,
        actor text NOT NULL,
        purpose text NOT NULL,
        shown text[] NOT NULL,
        read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        role text NOT NULL DEFAULT session_user
    )
    """,
    *protected("children", "child_details", "heads", "timeline", "commands", "refusals", "texts", "reads"),
    # Without this a draft that an entry links to could be purged.
    "CREATE POLICY drafts_alone_are_purged ON texts AS RESTRICTIVE FOR DELETE USING (linked_by IS NULL)",
    """
    CREATE FUNCTION lock_head(
        p_child text, p_command text,
        OUT seq bigint, OUT hash bytea, OUT recorded_at timestamptz, OUT now timestamptz, OUT virtual boolean, OUT answer jsonb
    )
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        INSERT INTO heads (child, authority, team, hash)
            SELECT c.child, c.authority, c.team, sha256(convert_to(c.child, 'UTF8')) FROM children c
            WHERE c.child = p_child AND NOT EXISTS (SELECT FROM heads h WHERE h.child = p_child)
            ON CONFLICT DO NOTHING;
        SELECT h.seq, h.hash, h.recorded_at INTO lock_head.seq, lock_head.hash, lock_head.recorded_at
            FROM heads h WHERE h.child = p_child FOR UPDATE;
        SELECT d.virtual INTO lock_head.virtual FROM deployment d;
        SELECT c.answer INTO lock_head.answer FROM commands c WHERE c.child = p_child AND c.command_id = p_command;
        now := clock_timestamp();
    END $$
    """,
    """
    CREATE FUNCTION append_entries(
        p_child text, p_team text, p_canonical bytea[], p_sealed bytea[], p_hash bytea[], p_signature bytea[]
    ) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        head heads%ROWTYPE;
        header jsonb;
        stamp timestamptz;
        live boolean := NOT virtual FROM deployment;
    BEGIN
        SELECT * INTO head FROM heads WHERE child = p_child FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'child % has no timeline here', p_child USING ERRCODE = 'SW001';
        END IF;
        FOR i IN 1 .. cardinality(p_canonical) LOOP
            header := convert_from(p_canonical[i], 'UTF8')::jsonb;
            stamp := header ->> 'recorded_at';
            IF header ->> 'child' IS DISTINCT FROM p_child THEN
                RAISE EXCEPTION 'an entry of another child' USING ERRCODE = 'SW001';
            END IF;
            IF (header ->> 'seq')::bigint IS DISTINCT FROM head.seq + 1 THEN
                RAISE EXCEPTION 'child %: entry % does not follow %', p_child, header ->> 'seq', head.seq USING ERRCODE = 'SW002';
            END IF;
            IF header ->> 'previous' IS DISTINCT FROM encode(head.hash, 'hex')
                OR p_hash[i] IS DISTINCT FROM sha256(head.hash || p_canonical[i]) THEN
                RAISE EXCEPTION 'child %: entry % does not chain', p_child, head.seq + 1 USING ERRCODE = 'SW003';
            END IF;
            IF stamp IS NULL OR live AND (stamp < head.recorded_at OR
                abs(extract(epoch FROM stamp - clock_timestamp())) > 10 AND stamp <> head.recorded_at) THEN
                RAISE EXCEPTION 'child %: recorded_at of entry % is not now', p_child, head.seq + 1 USING ERRCODE = 'SW004';
            END IF;
            INSERT INTO timeline VALUES (
                p_child, head.seq + 1, head.authority, p_team, header ->> 'kind', (header ->> 'happened_at')::timestamptz,
                (header ->> 'effective_from')::timestamptz, stamp, header ->> 'command_id', header ->> 'cause',
                head.hash, p_hash[i], p_signature[i], p_canonical[i], p_sealed[i]
            );
            head.seq := head.seq + 1;
            head.hash := p_hash[i];
            head.recorded_at := stamp;
        END LOOP;
        UPDATE heads SET seq = head.seq, hash = head.hash, recorded_at = head.recorded_at, team = p_team WHERE child = p_child;
        RETURN head.seq;
    END $$
    """,
    # An auditor sees a timeline only through this, so that no reading of it goes unlogged.
    """
    CREATE FUNCTION read_timeline(p_child text, p_actor text, p_purpose text) RETURNS SETOF timeline
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        INSERT INTO reads (authority, actor, purpose, shown)
            VALUES (current_setting('siwrnai.authority', true), p_actor, p_purpose, ARRAY[p_child]);
        RETURN QUERY SELECT * FROM timeline WHERE child = p_child ORDER BY seq;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION lock_head, append_entries, read_timeline FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION lock_head, append_entries TO siwrnai_journey",
    "GRANT EXECUTE ON FUNCTION read_timeline TO siwrnai_auditor",
    "GRANT SELECT ON children, child_details, heads, timeline, commands, texts TO siwrnai_journey, siwrnai_door",
    "GRANT SELECT ON refusals, reads TO siwrnai_door",
    "GRANT SELECT ON children, heads, commands, refusals, reads TO siwrnai_auditor",
    "GRANT INSERT ON children, child_details, commands, refusals, texts TO siwrnai_door",
    # When and by which login it was read is the database's word.
    "GRANT INSERT (authority, team, actor, purpose, shown) ON reads TO siwrnai_door",
    "GRANT DELETE ON texts TO siwrnai_door",
    "GRANT INSERT, UPDATE (answer, answered_at) ON commands TO siwrnai_journey",
    "GRANT UPDATE (linked_by) ON texts TO siwrnai_journey",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
