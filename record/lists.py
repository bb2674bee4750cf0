"""Lists for people: open journeys with what is due next, and the outbox. Ids, dates and states; no names of children."""

import datetime as dt
from typing import NamedTuple

from record.letters import NO_ADDRESS
from record.pool import Connection


class OpenJourney(NamedTuple):
    """A journey that is not closed, and its next due timescale."""

    child: str
    family: str
    registration: str
    enquiries: tuple[tuple[int, str], ...]
    clock: str | None
    due: dt.datetime | None


class OutboxLetter(NamedTuple):
    """A letter, and what became of it."""

    letter: str
    kind: str
    recipient: str
    at: dt.datetime
    state: str
    attempts: int
    no_address: bool
    """Refused before any mail server saw it: the recipient has no usable address."""
    children: tuple[str, ...]


JOURNEYS = """
SELECT j.child, j.family, j.registration, j.enquiries, next.clock, next.due
FROM journeys j LEFT JOIN LATERAL (
    SELECT clock, due FROM clocks c WHERE c.child = j.child AND c.running ORDER BY due, instance LIMIT 1
) next ON true
WHERE NOT j.closed AND j.ended IS NULL ORDER BY next.due NULLS LAST, j.child
"""

OUTBOX = """
SELECT l.id, l.kind, l.recipient, l.at, l.state, l.attempts,
    l.state = 'refused' AND EXISTS (SELECT FROM deliveries d WHERE d.letter = l.id AND d.detail = ANY ($3)) AS no_address,
    ARRAY(SELECT DISTINCT o.child FROM letter_orders o WHERE o.letter = l.id ORDER BY 1) AS children
FROM letters l WHERE $1::text IS NULL OR EXISTS (SELECT FROM letter_orders o WHERE o.letter = l.id AND o.child = $1)
ORDER BY l.at DESC, l.id LIMIT $2
"""

LETTER = """
SELECT l.id, l.kind, l.recipient, l.at, l.state, l.attempts,
    l.state = 'refused' AND EXISTS (SELECT FROM deliveries d WHERE d.letter = l.id AND d.detail = ANY ($2)) AS no_address,
    ARRAY(SELECT DISTINCT o.child FROM letter_orders o WHERE o.letter = l.id ORDER BY 1) AS children
FROM letters l WHERE l.id = $1
"""


async def open_journeys(conn: Connection) -> list[OpenJourney]:
    """All open journeys, the one with the next due date first."""
    rows = await conn.fetch(JOURNEYS)
    return [OpenJourney(*row)._replace(enquiries=tuple((number, stage) for number, stage in row["enquiries"])) for row in rows]


async def outbox(conn: Connection, child: str | None = None, limit: int = 50) -> list[OutboxLetter]:
    """The last letters, of one child or of all; the newest first."""
    return [_letter(tuple(row)) for row in await conn.fetch(OUTBOX, child, limit, NO_ADDRESS)]


async def letter(conn: Connection, id: str) -> OutboxLetter:
    """One letter.

    Raises:
        LookupError: there is none of that id.
    """
    row = await conn.fetchrow(LETTER, id, NO_ADDRESS)
    if row is None:
        raise LookupError(f"no letter {id}")
    return _letter(tuple(row))


def _letter(row: tuple[object, ...]) -> OutboxLetter:
    found = OutboxLetter(*row)  # pyright: ignore[reportArgumentType]
    return found._replace(children=tuple(found.children))


async def with_journeys(conn: Connection) -> list[str]:
    """The children of this authority whose journey has begun, by id."""
    return [row["child"] for row in await conn.fetch("SELECT child FROM journeys ORDER BY child")]


async def closed_journeys(conn: Connection) -> list[str]:
    """The children of this authority whose journey is closed, or has ended, by id."""
    return [row["child"] for row in await conn.fetch("SELECT child FROM journeys WHERE closed OR ended IS NOT NULL ORDER BY child")]
