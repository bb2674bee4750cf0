"""Cases drawn for audit, what was found in them, and what is done about it. Nothing of it is changed or taken away once it stands."""

from alembic import op

from record.migrations.protection import protected

revision = "0021"
down_revision = "0020"

TABLES = ("audit_draws", "audit_cases", "audit_answers", "audit_actions", "audit_actions_done")

STATEMENTS = (
    """
    CREATE TABLE audit_draws (
        draw text PRIMARY KEY,
        authority text NOT NULL,
        actor text NOT NULL,
        criteria jsonb NOT NULL,
        frame_size integer NOT NULL,
        frame_digest text NOT NULL,
        drawn_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    """
    CREATE TABLE audit_cases (
        draw text NOT NULL REFERENCES audit_draws,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        place integer NOT NULL,
        signs text[] NOT NULL,
        PRIMARY KEY (draw, child)
    )
    """,
    # What is said of a child is sealed under the child's key. The latest answer counts; earlier ones are kept.
    """
    CREATE TABLE audit_answers (
        id text PRIMARY KEY,
        entry bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        draw text NOT NULL,
        child text NOT NULL,
        authority text NOT NULL,
        question text NOT NULL,
        grade text NOT NULL,
        sealed bytea,
        actor text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        FOREIGN KEY (draw, child) REFERENCES audit_cases
    )
    """,
    "CREATE INDEX audit_answers_of_case ON audit_answers (draw, child, question, entry)",
    """
    CREATE TABLE audit_actions (
        action text PRIMARY KEY,
        draw text NOT NULL,
        child text NOT NULL,
        authority text NOT NULL,
        question text NOT NULL,
        owner text NOT NULL,
        due date NOT NULL,
        sealed bytea NOT NULL,
        actor text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        FOREIGN KEY (draw, child) REFERENCES audit_cases
    )
    """,
    """
    CREATE TABLE audit_actions_done (
        action text PRIMARY KEY REFERENCES audit_actions,
        authority text NOT NULL,
        done_on date NOT NULL,
        sealed bytea NOT NULL,
        actor text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    *protected(*TABLES),
    # What decides whether a case is drawn stands in the clear beside what is sealed: kinds, causes, and places on the register.
    """
    CREATE FUNCTION audit_frame(p_as_of timestamptz, p_late_since timestamptz)
        RETURNS TABLE (child text, kinds text[], late bigint, moved jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT t.child, array_agg(DISTINCT t.kind),
            count(*) FILTER (WHERE t.kind = 'clock' AND t.cause ~ '[:]overdue$' AND t.happened_at >= p_late_since),
            (
                SELECT coalesce(jsonb_agg(jsonb_build_object('at', m.happened_at, 'before', m.before, 'after', m.after) ORDER BY m.seq), '[]')
                FROM (
                    SELECT e.seq, e.happened_at, header -> 'before' ->> 'registration' AS before,
                        header -> 'after' ->> 'registration' AS after
                    FROM timeline e, LATERAL (SELECT convert_from(e.canonical, 'UTF8')::jsonb AS header) AS read
                    WHERE e.child = t.child AND e.recorded_at <= p_as_of AND e.kind NOT IN ('clock', 'watch')
                ) AS m WHERE m.before <> m.after
            )
        FROM timeline t WHERE t.recorded_at <= p_as_of GROUP BY t.child
    $$
    """,
    "REVOKE EXECUTE ON FUNCTION audit_frame FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION audit_frame, rights_of TO siwrnai_auditor",
    *(f"GRANT SELECT ON {table} TO siwrnai_auditor" for table in TABLES),
    # When it was is the database's word.
    "GRANT INSERT (draw, authority, actor, criteria, frame_size, frame_digest) ON audit_draws TO siwrnai_auditor",
    "GRANT INSERT ON audit_cases TO siwrnai_auditor",
    "GRANT INSERT (id, draw, child, authority, question, grade, sealed, actor) ON audit_answers TO siwrnai_auditor",
    "GRANT INSERT (action, draw, child, authority, question, owner, due, sealed, actor) ON audit_actions TO siwrnai_auditor",
    "GRANT INSERT (action, authority, done_on, sealed, actor) ON audit_actions_done TO siwrnai_auditor",
    "GRANT INSERT (authority, team, actor, purpose, shown) ON reads TO siwrnai_auditor",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
