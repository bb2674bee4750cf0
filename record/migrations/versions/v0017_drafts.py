"""Drafts of reports that were never given go after the meeting: the worker may take them away, and can read nothing of them."""

from alembic import op

revision = "0017"
down_revision = "0015"

OVER = "EXISTS (SELECT FROM meetings m WHERE m.meeting = report_drafts.meeting AND m.stage IN ('held', 'called_off'))"

STATEMENTS = (
    "GRANT SELECT (meeting, authority), DELETE ON report_drafts TO siwrnai_journey",
    f"CREATE POLICY after_the_meeting ON report_drafts AS RESTRICTIVE FOR DELETE TO siwrnai_journey USING ({OVER})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
