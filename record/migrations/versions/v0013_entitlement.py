"""What of a child is hidden from whom, and one place to ask for it."""

from alembic import op

revision = "0013"
down_revision = "0012"

ROLES = "siwrnai_journey, siwrnai_door, siwrnai_post, siwrnai_pages, siwrnai_replies"

STATEMENTS = (
    "ALTER TABLE journeys ADD COLUMN restrictions jsonb NOT NULL DEFAULT '[]'",
    # Brothers and sisters share an address: what hides one child's hides it in every other's papers. Whoever asks need not be let
    # see those others; ids of people and a kind of restriction are all that comes back.
    """
    CREATE FUNCTION rights_of(p_children text[]) RETURNS TABLE (child text, told_nothing text[], hidden jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT c.child, coalesce(j.shut_out, '{}'), coalesce((
            SELECT jsonb_agg(DISTINCT jsonb_build_object('person', r ->> 'person', 'hidden', r ->> 'hidden'))
            FROM journeys of_family, jsonb_array_elements(of_family.restrictions) r
            WHERE of_family.family = c.family AND r ->> 'hidden' = 'address'
        ), '[]')
        FROM children c LEFT JOIN journeys j ON j.child = c.child WHERE c.child = ANY (p_children)
    $$
    """,
    "REVOKE EXECUTE ON FUNCTION rights_of FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION rights_of TO {ROLES}",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
