"""Why a conference is held, sealed for each child; the codes that open it; and every try of one."""

from alembic import op

from record.migrations.protection import protected

revision = "0015"
down_revision = "0014"

OPEN = "EXISTS (SELECT FROM meetings m WHERE m.meeting = {table}.meeting AND m.stage = 'arranged')"

STATEMENTS = (
    # Sealed under the key of the child that it is about. The latest of a child counts; earlier ones are kept.
    """
    CREATE TABLE outlines (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        sealed bytea NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX outlines_of_meeting ON outlines (meeting, child, entry)",
    # A mark made with a key that is not in the database: whoever has the database alone cannot try codes against it.
    """
    CREATE TABLE outline_codes (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        invitee text NOT NULL,
        authority text NOT NULL,
        salt bytea NOT NULL,
        mark bytea NOT NULL,
        wrong integer NOT NULL DEFAULT 0,
        locked_at timestamptz,
        given_by text NOT NULL,
        given_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX codes_of_invitee ON outline_codes (meeting, invitee, entry)",
    """
    CREATE TABLE outline_tries (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        invitee text NOT NULL,
        authority text NOT NULL,
        code bigint REFERENCES outline_codes,
        came_to text NOT NULL CHECK (came_to IN ('opened', 'wrong', 'locked', 'no_code')),
        tried_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    *protected("outlines", "outline_codes", "outline_tries"),
    "GRANT SELECT, INSERT ON outlines, outline_codes TO siwrnai_door",
    "GRANT SELECT ON outline_tries TO siwrnai_door",
    # The pages read words and codes of meetings alone that are still to be held, and can neither make a code nor take back a wrong try.
    "GRANT SELECT ON outlines, outline_codes TO siwrnai_pages",
    "GRANT UPDATE (wrong, locked_at) ON outline_codes TO siwrnai_pages",
    "GRANT INSERT ON outline_tries TO siwrnai_pages",
    "GRANT INSERT (authority, team, actor, purpose, shown) ON reads TO siwrnai_pages",
    *(
        f"CREATE POLICY to_be_met ON {table} AS RESTRICTIVE TO siwrnai_pages USING ({OPEN.format(table=table)})"
        for table in ("outlines", "outline_codes", "outline_tries")
    ),
    """
    CREATE FUNCTION wrong_codes_only_count_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF new.wrong < old.wrong THEN
            RAISE EXCEPTION 'a wrong try of a code is not taken back';
        END IF;
        RETURN new;
    END
    $$
    """,
    "CREATE TRIGGER only_up BEFORE UPDATE ON outline_codes FOR EACH ROW EXECUTE FUNCTION wrong_codes_only_count_up()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
