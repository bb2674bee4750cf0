"""Checkpoints over all chains: what was signed, the marks that were new in it, and where it was anchored. All append-only."""

from alembic import op

from record.migrations.protection import protected

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    # `number`, `at` and `previous` repeat what the canonical bytes say: `append_checkpoint` takes them from there.
    """
    CREATE TABLE checkpoints (
        number bigint NOT NULL CHECK (number >= 1),
        authority text NOT NULL,
        at timestamptz NOT NULL,
        previous bytea NOT NULL,
        hash bytea NOT NULL,
        signature bytea NOT NULL,
        canonical bytea NOT NULL,
        contradicted text[] NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (authority, number)
    )
    """,
    # No reference to `children`: a mark outlives a child's rows, else it could not tell that they are gone.
    """
    CREATE TABLE checkpoint_marks (
        child text NOT NULL,
        number bigint NOT NULL,
        authority text NOT NULL,
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (child, number)
    )
    """,
    'CREATE INDEX checkpoint_marks_new ON checkpoint_marks (number, child COLLATE "C")',
    'CREATE INDEX checkpoint_marks_newest ON checkpoint_marks (child COLLATE "C", number DESC)',
    """
    CREATE TABLE checkpoint_anchors (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        authority text NOT NULL,
        number bigint NOT NULL,
        place text NOT NULL,
        failure text,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX checkpoint_anchors_kept ON checkpoint_anchors (place, number) WHERE failure IS NULL",
    "REVOKE UPDATE, DELETE, TRUNCATE ON checkpoints, checkpoint_marks, checkpoint_anchors FROM siwrnai_owner",
    *protected("checkpoints", "checkpoint_marks", "checkpoint_anchors"),
    """
    CREATE FUNCTION append_checkpoint(
        p_canonical bytea, p_hash bytea, p_signature bytea, p_contradicted text[], p_child text[], p_seq bigint[], p_head bytea[]
    ) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        mine text := current_setting('siwrnai.authority');
        said jsonb := convert_from(p_canonical, 'UTF8')::jsonb;
        last checkpoints%ROWTYPE;
        live boolean := NOT virtual FROM deployment;
    BEGIN
        SELECT * INTO last FROM checkpoints WHERE authority = mine ORDER BY number DESC LIMIT 1;
        last.number := coalesce(last.number, 0);
        last.hash := coalesce(last.hash, sha256(convert_to('checkpoints|' || mine, 'UTF8')));
        IF said ->> 'authority' IS DISTINCT FROM mine OR (said ->> 'number')::bigint IS DISTINCT FROM last.number + 1 THEN
            RAISE EXCEPTION 'checkpoint % does not follow %', said ->> 'number', last.number USING ERRCODE = 'SW002';
        END IF;
        IF said ->> 'previous' IS DISTINCT FROM encode(last.hash, 'hex') OR p_hash IS DISTINCT FROM sha256(last.hash || p_canonical) THEN
            RAISE EXCEPTION 'checkpoint % does not chain', last.number + 1 USING ERRCODE = 'SW003';
        END IF;
        IF live AND abs(extract(epoch FROM (said ->> 'at')::timestamptz - clock_timestamp())) > 600 THEN
            RAISE EXCEPTION 'checkpoint % is not of now', last.number + 1 USING ERRCODE = 'SW004';
        END IF;
        INSERT INTO checkpoints (number, authority, at, previous, hash, signature, canonical, contradicted) VALUES (
            last.number + 1, mine, (said ->> 'at')::timestamptz, last.hash, p_hash, p_signature, p_canonical, p_contradicted
        );
        INSERT INTO checkpoint_marks (child, number, authority, seq, hash)
            SELECT m.child, last.number + 1, mine, m.seq, m.hash FROM unnest(p_child, p_seq, p_head) AS m (child, seq, hash);
        RETURN last.number + 1;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION append_checkpoint FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION append_checkpoint TO siwrnai_journey",
    "GRANT SELECT ON checkpoints, checkpoint_marks, checkpoint_anchors TO siwrnai_journey, siwrnai_door, siwrnai_auditor",
    "GRANT INSERT (authority, number, place, failure) ON checkpoint_anchors TO siwrnai_journey",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
