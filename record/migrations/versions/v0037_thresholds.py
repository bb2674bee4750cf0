"""Who sends letters reads where an authority's thresholds are read, and no other of its settings."""

from alembic import op

revision = "0037"
down_revision = "0033"

STATEMENTS = (
    # By the rights of its owner, whom row-level security binds too: the sender needs none to the settings themselves.
    """
    CREATE VIEW thresholds_set AS
    SELECT body -> 'threshold_document.cy' AS cy, body -> 'threshold_document.en' AS en
    FROM settings_versions ORDER BY version DESC LIMIT 1
    """,
    "GRANT SELECT ON thresholds_set TO siwrnai_post, siwrnai_door",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
