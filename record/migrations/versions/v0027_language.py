"""In which language a letter was written: the family stands in no directory that would say it."""

from alembic import op

revision = "0027"
down_revision = "0025"

STATEMENTS = (
    "ALTER TABLE letters ADD COLUMN language text CHECK (language IN ('cy', 'en', 'both'))",
    "GRANT SELECT (language) ON letters TO siwrnai_door",
    "GRANT UPDATE (language) ON letters TO siwrnai_post",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
