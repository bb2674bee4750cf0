"""A draft of a report that is saved without the code of the one before lies beside it: nobody who only holds the link takes its place."""

from alembic import op

revision = "0025"
down_revision = "0018"

STATEMENTS = (
    "ALTER TABLE report_drafts DROP CONSTRAINT report_drafts_pkey, ADD PRIMARY KEY (meeting, invitee, child, code)",
    "REVOKE UPDATE (code) ON report_drafts FROM siwrnai_door, siwrnai_pages",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
