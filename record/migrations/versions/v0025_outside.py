"""Less for whoever comes from outside: a link alone replaces no draft, and of the directory pages and replies see their meetings' people."""

from alembic import op

revision = "0025"
down_revision = "0022"

OUTSIDE = "siwrnai_pages, siwrnai_replies"

# A link goes on saying for some days after the meeting what has become of it, in its reader's language, and whom to call; and for longer
# where a paper waits behind it.
MET = """
person IN (
    SELECT unnest(m.people) FROM meetings m
    WHERE m.stage = 'arranged' OR m.starts > clock_timestamp() - interval '14 days' OR m.papers_until > clock_timestamp()
)
"""

THEIRS = "agency IN (SELECT p.agency FROM people p)"

STATEMENTS = (
    "ALTER TABLE report_drafts DROP CONSTRAINT report_drafts_pkey, ADD PRIMARY KEY (meeting, invitee, child, code)",
    "REVOKE UPDATE (code) ON report_drafts FROM siwrnai_door, siwrnai_pages",
    """
    CREATE FUNCTION people_of_meeting(p_state jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE SET search_path = record, pg_temp AS $$
        SELECT coalesce(array_agg(DISTINCT found #>> '{}'), '{}') FROM (
            SELECT jsonb_path_query(p_state, '$.invitees[*].person')
            UNION ALL SELECT jsonb_path_query(p_state, '$.reports[*].to')
            UNION ALL SELECT jsonb_path_query(p_state, '$.arranger')
            UNION ALL SELECT jsonb_path_query(p_state, '$.chair')
        ) everybody (found) WHERE found #>> '{}' IS NOT NULL
    $$
    """,
    # Made by the database, for the meetings that are there already too.
    "ALTER TABLE meetings ADD COLUMN people text[] NOT NULL GENERATED ALWAYS AS (people_of_meeting(state)) STORED",
    "CREATE INDEX meetings_to_be_held ON meetings (starts) WHERE stage = 'arranged'",
    "CREATE INDEX meetings_by_start ON meetings (starts)",
    # Not one look-up a row: the people of the meetings are found once a query.
    f"CREATE POLICY of_their_meetings ON people AS RESTRICTIVE TO {OUTSIDE} USING ({MET})",
    f"CREATE POLICY of_their_meetings ON posts AS RESTRICTIVE TO {OUTSIDE} USING ({MET})",
    f"CREATE POLICY of_their_meetings ON agencies AS RESTRICTIVE TO {OUTSIDE} USING ({THEIRS})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
