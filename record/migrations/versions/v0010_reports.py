"""Agencies' reports to a meeting, drafts of them, and how often the thresholds were opened; and a school's contact in the holidays."""

from alembic import op

from record.migrations.protection import protected

revision = "0010"
down_revision = "0007"

OF_CHILDREN = ("children", "child_details", "journeys", "reports", "report_drafts")

TO_BE_MET = "EXISTS (SELECT FROM meetings m WHERE m.stage = 'arranged' AND child = ANY (m.children))"

STATEMENTS = (
    "ALTER TABLE agencies ADD COLUMN holiday_contact text",
    # Sealed under the key of the child that it is about: with that key the words go, whatever becomes of the meeting.
    """
    CREATE TABLE reports (
        id text PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        invitee text NOT NULL,
        sealed bytea NOT NULL,
        sha256 text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX reports_on_child ON reports (child)",
    """
    CREATE TABLE report_drafts (
        meeting text NOT NULL REFERENCES meetings,
        invitee text NOT NULL,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        sealed bytea NOT NULL,
        code text NOT NULL,
        wrong_codes integer NOT NULL DEFAULT 0,
        saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (meeting, invitee, child)
    )
    """,
    """
    CREATE TABLE threshold_openings (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        meeting text NOT NULL REFERENCES meetings,
        invitee text NOT NULL,
        authority text NOT NULL,
        edition text NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX openings_of_meeting ON threshold_openings (meeting)",
    *protected("reports", "report_drafts", "threshold_openings"),
    "GRANT SELECT, INSERT ON reports, threshold_openings TO siwrnai_door",
    "GRANT SELECT, INSERT, DELETE ON report_drafts TO siwrnai_door",
    "GRANT UPDATE (sealed, code, wrong_codes, saved_at) ON report_drafts TO siwrnai_door",
    # A report that is given on a page goes under the child's key; by initials and age its author knows which child it is about.
    # The pages see no child but those whom a meeting that is still to be held is about.
    *(f"CREATE POLICY to_be_met ON {table} AS RESTRICTIVE TO siwrnai_pages USING ({TO_BE_MET})" for table in OF_CHILDREN),
    "GRANT SELECT (child, authority, sealed, entry) ON child_details TO siwrnai_pages",
    "GRANT SELECT (child, authority) ON children TO siwrnai_pages",
    "GRANT SELECT ON journeys, settings_versions, calendar_versions, rules_files TO siwrnai_pages",
    "GRANT SELECT, INSERT ON reports, threshold_openings TO siwrnai_pages",
    "GRANT SELECT, INSERT, DELETE ON report_drafts TO siwrnai_pages",
    "GRANT UPDATE (sealed, code, wrong_codes, saved_at) ON report_drafts TO siwrnai_pages",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
