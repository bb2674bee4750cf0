"""What a command came to is the worker's to write: who lets commands in from outside writes none."""

from alembic import op

revision = "0018"
down_revision = "0017"

OUTSIDE = "siwrnai_pages, siwrnai_replies"

STATEMENTS = (
    f"REVOKE INSERT ON meeting_commands FROM {OUTSIDE}",
    f"GRANT INSERT (meeting, command_id, authority, name, body_hash, received_at) ON meeting_commands TO {OUTSIDE}",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
