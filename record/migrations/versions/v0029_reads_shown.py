"""Who read a record is found by an index, however much was read.

Not by an index on the array itself (GIN): row-level security asks for the authority first, and lets no operator go before it into an index that
might tell of a row it withholds (one that is not LEAKPROOF, as none on arrays is). Equality of texts may.
"""

from alembic import op

from record.migrations.protection import protected

revision = "0029"
down_revision = "0027"

STATEMENTS = (
    """
    CREATE TABLE reads_shown (
        shown text NOT NULL,
        entry bigint NOT NULL REFERENCES reads,
        authority text NOT NULL,
        PRIMARY KEY (shown, entry)
    )
    """,
    # Before it is protected: its owner, too, sees the rows of one authority alone.
    "ALTER TABLE reads NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO reads_shown SELECT DISTINCT unnest(shown), entry, authority FROM reads",
    "ALTER TABLE reads FORCE ROW LEVEL SECURITY",
    *protected("reads_shown"),
    """
    CREATE FUNCTION note_what_was_shown() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        INSERT INTO reads_shown SELECT DISTINCT unnest(NEW.shown), NEW.entry, NEW.authority;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER note_what_was_shown AFTER INSERT ON reads FOR EACH ROW EXECUTE FUNCTION note_what_was_shown()",
    "REVOKE EXECUTE ON FUNCTION note_what_was_shown FROM PUBLIC",
    "GRANT SELECT ON reads_shown TO siwrnai_door, siwrnai_auditor",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
