"""What stands beside a child's timeline, each row with the instant from which it was known."""

from collections import defaultdict
from typing import Any

from record import meetings
from record.letters import NO_ADDRESS
from record.pool import Connection
from record.projections import Whose
from schemas.meetings import MeetingState
from schemas.replay import Away, Beside, Delivery, MeetingLog, PostHeld, PutInForce, ReadOf, RefusedThen, SentLetter

LETTERS = """
SELECT o.cause, o.letter, o.kind, o.recipient, o.about, o.at, coalesce(l.language, p.language) AS language
FROM letter_orders o LEFT JOIN letters l ON l.id = o.letter LEFT JOIN LATERAL (
    SELECT language FROM people WHERE person = o.recipient AND valid_from <= o.at ORDER BY valid_from DESC, entry DESC LIMIT 1
) p ON true WHERE o.child = $1 ORDER BY o.at, o.cause
"""

# In a rehearsal a letter is posted by the wall's clock, and counts as delivered when it was ordered.
DELIVERIES = """
SELECT d.letter, d.state, d.detail = ANY ($2) AS no_address, CASE WHEN v.virtual THEN (SELECT l.at FROM letters l WHERE l.id = d.letter) ELSE d.at END AS at
FROM deliveries d CROSS JOIN deployment v WHERE d.letter IN (SELECT letter FROM letter_orders WHERE child = $1) ORDER BY d.entry
"""

READS = "SELECT r.actor, r.purpose, r.read_at AS at FROM reads_shown s JOIN reads r USING (entry) WHERE s.shown = $1 ORDER BY entry"

# In a rehearsal what all journeys share is put there by the wall's clock: a version counts from the first entry that names it,
# who holds a post or is away from when they do.
IN_FORCE = """
SELECT put.kind, put.version, CASE WHEN v.virtual THEN coalesce(
    (SELECT min(t.recorded_at) FROM timeline t
    WHERE convert_from(t.canonical, 'UTF8')::jsonb -> 'versions' ->> put.kind = put.named), put.at
) ELSE put.at END AS at
FROM (
    SELECT 'rules' AS kind, hash AS version, left(hash, 16) AS named, recorded_at AS at FROM rules_files
    UNION ALL SELECT 'calendar', version::text, version::text, recorded_at FROM calendar_versions
    UNION ALL SELECT 'settings', version::text, version::text, recorded_at FROM settings_versions
) AS put CROSS JOIN deployment v ORDER BY at
"""

POSTS = """
SELECT role, team IS NOT NULL AS of_team, person, valid_from, valid_to, CASE WHEN v.virtual THEN valid_from ELSE recorded_at END AS recorded_at
FROM posts CROSS JOIN deployment v WHERE team = $1 OR team IS NULL ORDER BY team NULLS FIRST, role, valid_from, entry
"""

ABSENCES = """
SELECT person, away_from, away_to, deputy, CASE WHEN v.virtual THEN away_from ELSE recorded_at END AS recorded_at
FROM absences CROSS JOIN deployment v
WHERE person IN (SELECT person FROM posts WHERE team = $1 OR team IS NULL) ORDER BY person, away_from, entry
"""

REFUSALS = """
SELECT entry, command_id, name, code, jsonb_build_object('cy', sentence_cy, 'en', sentence_en) AS sentences, actor, at
FROM refusals WHERE child = $1 ORDER BY entry
"""


async def beside(conn: Connection, whose: Whose) -> Beside:
    """All that stands beside that child's timeline."""
    child = whose.child
    deliveries: dict[str, list[Delivery]] = defaultdict(list)
    for row in await conn.fetch(DELIVERIES, child, NO_ADDRESS):
        deliveries[row["letter"]].append(Delivery(state=row["state"], at=row["at"], no_address=row["no_address"]))
    return Beside(
        letters=tuple(
            SentLetter(**dict(row), deliveries=tuple(deliveries.get(row["letter"] or "", ()))) for row in await conn.fetch(LETTERS, child)
        ),
        meetings=tuple([await _log(conn, each) for each in await meetings.of_child(conn, child)]),
        reads=_rows(ReadOf, await conn.fetch(READS, child)),
        in_force=_rows(PutInForce, await conn.fetch(IN_FORCE)),
        posts=_rows(PostHeld, await conn.fetch(POSTS, whose.team)),
        absences=_rows(Away, await conn.fetch(ABSENCES, whose.team)),
        refusals=_rows(RefusedThen, await conn.fetch(REFUSALS, child)),
    )


async def _log(conn: Connection, state: MeetingState) -> MeetingLog:
    about = tuple(each.child for each in state.about)
    return MeetingLog(
        meeting=state.meeting, authority=state.authority, about=about, entries=tuple(await meetings.read(conn, state.meeting))
    )


def _rows(model: Any, rows: list[Any]) -> tuple[Any, ...]:
    return tuple(model.model_validate(dict(row)) for row in rows)
