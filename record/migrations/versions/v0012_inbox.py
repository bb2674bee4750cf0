"""What comes back by mail: a row for each answer and each letter that came back, before anything is made of it; answers are sealed."""

from alembic import op

from record.migrations.protection import protected

revision = "0012"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE TABLE inbox (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        mail text NOT NULL,
        authority text NOT NULL,
        meeting text REFERENCES meetings,
        invitee text,
        kind text NOT NULL,
        received_at timestamptz NOT NULL,
        sealed bytea,
        state text NOT NULL,
        came_to text,
        doubts text[] NOT NULL DEFAULT '{}',
        settled_at timestamptz,
        settled_by text,
        UNIQUE (authority, mail)
    )
    """,
    "CREATE INDEX inbox_to_do ON inbox (entry) WHERE state = 'to_do'",
    "CREATE INDEX inbox_held ON inbox (meeting, entry) WHERE state = 'held'",
    *protected("inbox"),
    "GRANT USAGE ON SCHEMA record TO siwrnai_replies",
    "GRANT SELECT ON deployment, people, posts, agencies, meetings, meeting_commands, inbox TO siwrnai_replies",
    "GRANT INSERT ON meeting_commands, meeting_texts, inbox TO siwrnai_replies",
    "GRANT UPDATE (state, came_to, doubts, settled_at) ON inbox TO siwrnai_replies",
    "GRANT SELECT ON inbox TO siwrnai_door",
    "GRANT UPDATE (state, settled_at, settled_by) ON inbox TO siwrnai_door",
    # The worker tells meetings of refused letters by the door to meetings.
    "GRANT INSERT ON meeting_commands TO siwrnai_journey",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
