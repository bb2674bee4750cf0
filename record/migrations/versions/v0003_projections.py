"""What pages, digests and measures read. Projections of the timelines: they can be rebuilt from them."""

from alembic import op

from record.migrations.protection import protected

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE journeys (
        child text PRIMARY KEY REFERENCES children,
        family text NOT NULL,
        authority text NOT NULL,
        team text NOT NULL,
        seq bigint NOT NULL,
        registration text NOT NULL,
        enquiries jsonb NOT NULL,
        categories text[] NOT NULL,
        roles jsonb NOT NULL,
        registered_at timestamptz,
        unborn boolean NOT NULL,
        closed boolean NOT NULL,
        ended text,
        hold_until timestamptz,
        shut_out text[] NOT NULL
    )
    """,
    """
    CREATE TABLE clocks (
        child text NOT NULL REFERENCES children,
        instance text NOT NULL,
        family text NOT NULL,
        authority text NOT NULL,
        team text NOT NULL,
        clock text NOT NULL,
        scope integer,
        state text NOT NULL,
        running boolean NOT NULL,
        started_at timestamptz NOT NULL,
        due timestamptz NOT NULL,
        ended_at timestamptz,
        owner_role text NOT NULL,
        owner text,
        escalated_to text,
        rung integer NOT NULL,
        content jsonb NOT NULL,
        PRIMARY KEY (child, instance)
    )
    """,
    "CREATE INDEX clocks_running ON clocks (due) WHERE running",
    *protected("journeys", "clocks"),
    "GRANT SELECT ON journeys, clocks TO siwrnai_journey, siwrnai_door, siwrnai_auditor",
    "GRANT SELECT ON journeys, clocks TO siwrnai_post",
    "GRANT INSERT, UPDATE ON journeys, clocks TO siwrnai_journey",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
