"""The family of each child, sealed under the child's key."""

from alembic import op

from record.migrations.protection import protected

revision = "0014"
down_revision = "0013"

TO_BE_MET = "EXISTS (SELECT FROM meetings m WHERE m.stage = 'arranged' AND child = ANY (m.children))"

STATEMENTS = (
    """
    CREATE TABLE family_members (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        child text NOT NULL REFERENCES children,
        authority text NOT NULL,
        team text NOT NULL,
        person text NOT NULL,
        sealed bytea NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX family_members_of_child ON family_members (child, person, entry)",
    *protected("family_members"),
    "GRANT SELECT, INSERT ON family_members TO siwrnai_door",
    # Whom a meeting invites, and the address that a letter goes to; the pages know in which language to answer.
    "GRANT SELECT ON family_members TO siwrnai_journey, siwrnai_post, siwrnai_pages",
    f"CREATE POLICY to_be_met ON family_members AS RESTRICTIVE TO siwrnai_pages USING ({TO_BE_MET})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
