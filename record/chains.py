"""Every child and meeting that the record knows of in any way, for whoever checks all of them: children page by page, in one order."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from record import sealing
from record.canonical import canonical
from record.keys import KeyMissing, KeyRing
from record.meetings import row_of
from record.pool import Connection
from record.verification import StoredEntry
from schemas.chains import OF_MEETINGS
from schemas.meetings import MeetingEntry, MeetingState
from schemas.outbox import KeptOrder
from schemas.timeline import RecordedEntry

OF_A_CHILD = f"chain NOT LIKE '{OF_MEETINGS}%'"

PAGE = f"""
SELECT child FROM (
    (SELECT child FROM heads WHERE child COLLATE "C" > $1 ORDER BY child COLLATE "C" LIMIT $2)
    UNION (SELECT child FROM children WHERE child COLLATE "C" > $1 ORDER BY child COLLATE "C" LIMIT $2)
    UNION (SELECT DISTINCT ON (chain COLLATE "C") chain FROM checkpoint_marks WHERE chain COLLATE "C" > $1 AND {OF_A_CHILD} ORDER BY chain COLLATE "C" LIMIT $2)
) AS each ORDER BY child COLLATE "C" LIMIT $2
"""  # noqa: S608

ASTRAY = """
SELECT DISTINCT t.child FROM timeline t
WHERE NOT EXISTS (SELECT FROM children c WHERE c.child = t.child) AND NOT EXISTS (SELECT FROM heads h WHERE h.child = t.child)
    AND NOT EXISTS (SELECT FROM checkpoint_marks m WHERE m.chain = t.child)
UNION SELECT DISTINCT o.child FROM letter_orders o WHERE NOT EXISTS (SELECT FROM children c WHERE c.child = o.child) ORDER BY child
"""

COUNT = f"""
SELECT count(*) FROM (
    SELECT child FROM heads UNION SELECT child FROM children UNION SELECT chain FROM checkpoint_marks WHERE {OF_A_CHILD}
) AS each
"""  # noqa: S608

MEETINGS = f"""
SELECT meeting FROM meetings UNION SELECT meeting FROM meeting_log
UNION SELECT substr(chain, {len(OF_MEETINGS) + 1}) FROM checkpoint_marks WHERE chain LIKE '{OF_MEETINGS}%' ORDER BY meeting
"""  # noqa: S608

MEETINGS_OF = """
SELECT meeting FROM meetings WHERE $1 = ANY (children)
UNION SELECT meeting FROM meeting_log WHERE kind = 'arranged' AND position($2::bytea IN canonical) > 0 ORDER BY meeting
"""

UNKNOWN = """
SELECT id FROM unnest($1::text[]) AS id
WHERE NOT EXISTS (SELECT FROM children WHERE child = id) AND NOT EXISTS (SELECT FROM heads WHERE child = id)
    AND NOT EXISTS (SELECT FROM timeline WHERE child = id) AND NOT EXISTS (SELECT FROM letter_orders WHERE child = id)
    AND NOT EXISTS (SELECT FROM checkpoint_marks WHERE chain = id)
ORDER BY id
"""

UNKNOWN_MEETINGS = f"""
SELECT id FROM unnest($1::text[]) AS id
WHERE NOT EXISTS (SELECT FROM meetings WHERE meeting = id) AND NOT EXISTS (SELECT FROM meeting_log WHERE meeting = id)
    AND NOT EXISTS (SELECT FROM checkpoint_marks WHERE chain = '{OF_MEETINGS}' || id)
ORDER BY id
"""  # noqa: S608

ORDERS = """
SELECT o.cause, o.kind, o.recipient, o.at, o.urgent, o.about, o.instance, o.due, o.content, o.letter,
    o.letter IS NULL OR EXISTS (SELECT FROM letters l WHERE l.id = o.letter) AS letter_is_there
FROM letter_orders o WHERE o.child = $1 ORDER BY o.at, o.cause
"""

ORDERS_OF_MEETING = ORDERS.replace("SELECT o.cause", "SELECT o.child, o.cause").replace(
    "o.child = $1", "o.cause LIKE 'meeting:' || $1 || ':%'"
)

ACTIONS = "SELECT action, due FROM audit_actions WHERE child = $1"

INVITEES = "SELECT meeting, coalesce(invitees, '{}') AS invitees FROM meetings WHERE $1 = ANY (children)"


class KeptMeeting(NamedTuple):
    """What a meeting's row says of it."""

    authority: str
    children: list[str]
    state: dict[str, Any]
    columns: dict[str, Any]
    """Those that are written from the state."""


async def count(conn: Connection) -> int:
    """How many children the record knows of."""
    return await conn.fetchval(COUNT)


async def page(conn: Connection, after: str, size: int) -> list[str]:
    """So many children after that one, in the order of their ids' bytes."""
    return [row["child"] for row in await conn.fetch(PAGE, after, size)]


async def astray(conn: Connection) -> list[str]:
    """Children of whom there are entries or letters, and nothing else."""
    return [row["child"] for row in await conn.fetch(ASTRAY)]


async def unknown(conn: Connection, children: Sequence[str]) -> list[str]:
    """Those of whom there is no row at all."""
    return [row["id"] for row in await conn.fetch(UNKNOWN, children)]


async def unknown_meetings(conn: Connection, meetings: Sequence[str]) -> list[str]:
    """Those of which there is no row at all."""
    return [row["id"] for row in await conn.fetch(UNKNOWN_MEETINGS, meetings)]


async def orders(conn: Connection, child: str) -> list[KeptOrder]:
    """The child's letters as they were ordered."""
    return [KeptOrder.model_validate(dict(row)) for row in await conn.fetch(ORDERS, child)]


async def actions(conn: Connection, child: str) -> dict[str, dt.date]:
    """When each action from an audit of the child is due, by its id."""
    return {row["action"]: row["due"] for row in await conn.fetch(ACTIONS, child)}


async def orders_of_meeting(conn: Connection, meeting: str) -> dict[tuple[str, str], KeptOrder]:
    """A meeting's letters, by child and cause."""
    rows = [dict(row) for row in await conn.fetch(ORDERS_OF_MEETING, meeting)]
    return {(row.pop("child"), row["cause"]): KeptOrder.model_validate(row) for row in rows}


async def invitees(conn: Connection, child: str) -> dict[str, frozenset[str]]:
    """Who is, or was, invited to each meeting about the child."""
    return {row["meeting"]: frozenset(row["invitees"]) for row in await conn.fetch(INVITEES, child)}


async def meetings(conn: Connection) -> list[str]:
    """Every meeting."""
    return [row["meeting"] for row in await conn.fetch(MEETINGS)]


async def meetings_of(conn: Connection, child: str) -> list[str]:
    """The meetings about a child, by their rows or by what was signed when they were arranged."""
    said = b'"child":' + canonical(child)
    return [row["meeting"] for row in await conn.fetch(MEETINGS_OF, child, said)]


async def meeting(conn: Connection, meeting: str) -> KeptMeeting | None:
    """The meeting's row; none where there is none."""
    row = await conn.fetchrow("SELECT * FROM meetings WHERE meeting = $1", meeting)
    if row is None:
        return None
    columns = {name: row[name] for name in row_of(MeetingState(meeting=meeting, authority=row["authority"]))}
    return KeptMeeting(row["authority"], row["children"], row["state"], columns | {"invitees": sorted(row["invitees"])})


def logged(stored: StoredEntry) -> MeetingEntry:
    """An entry of a meeting's log, as it was signed."""
    said: dict[str, Any] = orjson.loads(stored.entry.canonical)
    return MeetingEntry.model_validate({name: said.get(name) for name in MeetingEntry.model_fields})


def is_taken_over(stored: StoredEntry) -> bool:
    """Whether an earlier version wrote it, without a signature: it was signed as it stood when the database was brought up to date."""
    return bool(orjson.loads(stored.entry.canonical).get("taken_over"))


def opened(child: str, stored: list[StoredEntry], keys: KeyRing) -> tuple[list[RecordedEntry], bool]:
    """The entries as a reader sees them, and whether their content can be read: not where the child's key is destroyed."""
    try:
        key = keys.child_key(child)
    except KeyMissing:
        key = None
    return [sealing.recorded(each.entry, key) for each in stored], key is not None
