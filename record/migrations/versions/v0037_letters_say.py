"""Who sends letters reads those settings that letters say – who writes, where the thresholds are read – and no other."""

from alembic import op

revision = "0037"
down_revision = "0033"

STATEMENTS = (
    # By the rights of its owner, whom row-level security binds too: the sender needs none to the settings themselves.
    """
    CREATE VIEW settings_of_letters AS
    SELECT (
        SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(body)
        WHERE key IN ('threshold_document.cy', 'threshold_document.en', 'letterhead.cy', 'letterhead.en')
    ) AS body
    FROM settings_versions ORDER BY version DESC LIMIT 1
    """,
    "GRANT SELECT ON settings_of_letters TO siwrnai_post, siwrnai_door",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
