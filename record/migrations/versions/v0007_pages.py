"""What the pages read and write: by a role of their own, which sees meetings and the directory."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "ALTER TABLE people ADD COLUMN telephone text",
    # Whom a link or an address speaks of, those who are not invited any more among them.
    "ALTER TABLE meetings ADD COLUMN invitees text[] NOT NULL DEFAULT '{}'",
    "CREATE INDEX meetings_of_invitees ON meetings USING gin (invitees)",
    "GRANT UPDATE (invitees) ON meetings TO siwrnai_journey",
    "GRANT USAGE ON SCHEMA record TO siwrnai_pages",
    "GRANT SELECT ON deployment, people, posts, agencies, meetings, meeting_texts, meeting_commands TO siwrnai_pages",
    "GRANT INSERT ON meeting_commands, meeting_texts TO siwrnai_pages",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
