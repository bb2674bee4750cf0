"""What an operator asks: when each journey wakes next, which workflow is held by what, and to which trace an order of a letter belongs."""

from alembic import op

from record.migrations.protection import protected

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "ALTER TABLE journeys ADD COLUMN next_wake timestamptz",
    "CREATE INDEX journeys_next_wake ON journeys (next_wake) WHERE next_wake IS NOT NULL",
    # Whoever writes in a trace leaves its id, as each transaction says of which authority it is.
    "ALTER TABLE letter_orders ADD COLUMN trace text",
    "ALTER TABLE letter_orders ALTER COLUMN trace SET DEFAULT nullif(current_setting('siwrnai.trace', true), '')",
    """
    CREATE TABLE held (
        workflow text PRIMARY KEY,
        authority text NOT NULL,
        kind text NOT NULL,
        activity text NOT NULL,
        attempt integer NOT NULL,
        failure text NOT NULL,
        message text NOT NULL,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    *protected("held"),
    # A journey that records is held no more: no further statement, and nobody can forget it.
    """
    CREATE FUNCTION release_held() RETURNS trigger LANGUAGE plpgsql SET search_path = record, pg_temp AS $$
    BEGIN
        DELETE FROM held WHERE workflow = NEW.child;
        RETURN NULL;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION release_held FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION release_held TO siwrnai_journey",
    "CREATE TRIGGER release_held AFTER INSERT OR UPDATE ON journeys FOR EACH ROW EXECUTE FUNCTION release_held()",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON held TO siwrnai_journey",
    "GRANT SELECT ON held TO siwrnai_door",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
