"""What people get after a conference, sealed for each child; and how long the pages may read it."""

from alembic import op

from record.migrations.protection import protected

revision = "0019"
down_revision = "0018"

OF_CHILDREN = ("children", "child_details", "journeys")

STANDS = "(m.stage = 'arranged' OR m.papers_until > clock_timestamp())"

STATEMENTS = (
    "ALTER TABLE meetings ADD COLUMN papers_until timestamptz",
    "GRANT UPDATE (papers_until) ON meetings TO siwrnai_journey",
    # Sealed under the key of the child that it is about.
    """
    CREATE TABLE papers (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        paper text NOT NULL,
        language text NOT NULL CHECK (language IN ('cy', 'en')),
        sealed bytea NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX papers_of_meeting ON papers (meeting, child, paper, language, entry)",
    *protected("papers"),
    "GRANT SELECT, INSERT ON papers TO siwrnai_door",
    "GRANT SELECT (meeting, child, authority, paper) ON papers TO siwrnai_journey",
    "GRANT SELECT ON papers TO siwrnai_pages",
    # The pages see a child, and a code, while its meeting is still to be held or a paper of it may be read; a paper only then.
    "CREATE POLICY to_be_read ON papers AS RESTRICTIVE TO siwrnai_pages "
    "USING (EXISTS (SELECT FROM meetings m WHERE m.meeting = papers.meeting AND m.papers_until > clock_timestamp()))",
    *(
        f"ALTER POLICY to_be_met ON {table} USING (EXISTS (SELECT FROM meetings m WHERE {STANDS} AND {table}.child = ANY (m.children)))"
        for table in OF_CHILDREN
    ),
    *(
        f"ALTER POLICY to_be_met ON {table} USING (EXISTS (SELECT FROM meetings m WHERE m.meeting = {table}.meeting AND {STANDS}))"
        for table in ("outline_codes", "outline_tries")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
