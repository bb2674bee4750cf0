"""What a morning's digest says to each recipient: what was put off since the last one, and what is overdue."""

import datetime as dt
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from record.letters import Ordered, read_order
from record.pool import Connection
from schemas.letters import LetterKind, LetterOrder

LONDON = ZoneInfo("Europe/London")


class DigestFor(NamedTuple):
    """All there is to say to one recipient."""

    recipient: str
    orders: tuple[Ordered, ...]


PUT_OFF = """
SELECT child, put_off, cause, kind, recipient, at, urgent, about, instance, due, content
FROM standing_orders WHERE letter IS NULL AND at <= $1
"""

OVERDUE = """
SELECT c.child, c.clock, c.instance, c.due, c.content, told.recipient FROM clocks c JOIN journeys j ON j.child = c.child
CROSS JOIN LATERAL (SELECT DISTINCT person FROM unnest(ARRAY[c.owner, c.escalated_to]) AS person WHERE person IS NOT NULL)
    AS told (recipient)
WHERE c.running AND c.due < $1 AND c.rung > 0 AND NOT told.recipient = ANY (j.shut_out)
"""

INSERT_LETTER = """
INSERT INTO letters (id, authority, recipient, kind, urgent, at, gather)
SELECT 'D' || left(encode(sha256(convert_to(gather, 'UTF8')), 'hex'), 31), mine, $1, 'digest', false, $2, gather
FROM current_setting('siwrnai.authority') AS mine, concat_ws('|', mine, 'digest', $1::text, $3::date::text) AS gather
ON CONFLICT DO NOTHING RETURNING id
"""

ATTACH = """
UPDATE letter_orders SET letter = $1 WHERE letter IS NULL AND recipient = $2
AND (child, cause) IN (SELECT * FROM unnest($3::text[], $4::text[]))
"""

INSERT_ORDERS = """
INSERT INTO letter_orders (child, cause, authority, team, letter, kind, recipient, at, urgent, about, instance, due, content)
SELECT o.child, o.cause, c.authority, c.team, $1, o.kind, o.recipient, o.at, o.urgent, o.about, o.instance, o.due, o.content
FROM jsonb_to_recordset($2) AS o (
    child text, cause text, kind text, recipient text, at timestamptz, urgent boolean, about text, instance text,
    due timestamptz, content jsonb
) JOIN children c ON c.child = o.child
ON CONFLICT DO NOTHING
"""


async def items(conn: Connection, as_of: dt.datetime) -> list[DigestFor]:
    """What there is to say at that instant, by recipient: put-off orders that still stand, and running timescales that are overdue,
    to their owner and to whom they were escalated last. Nobody with nothing to be told is in it.
    """
    put_off = [Ordered(row["child"], read_order(row), row["put_off"]) for row in await conn.fetch(PUT_OFF, as_of)]
    overdue = [Ordered(row["child"], _overdue(row, as_of), False) for row in await conn.fetch(OVERDUE, as_of)]
    # What is overdue says all that an order put off for the same timescale would say.
    said = {_matter(each): each for each in (*put_off, *overdue)}
    kept = sorted(said.values(), key=lambda each: (each.order.recipient, each.order.due or as_of, each.child, each.order.cause))
    return [DigestFor(recipient, tuple(group)) for recipient, group in groupby(kept, key=lambda each: each.order.recipient)]


async def insert(conn: Connection, digest: DigestFor, as_of: dt.datetime) -> str | None:
    """Put a digest into the outbox: its letter's id, or None where that recipient's digest of the day is there already."""
    letter = await conn.fetchval(INSERT_LETTER, digest.recipient, as_of, as_of.astimezone(LONDON).date())
    if letter is None or not digest.orders:
        return letter
    put_off = [each for each in digest.orders if each.put_off]
    await conn.execute(ATTACH, letter, digest.recipient, [each.child for each in put_off], [each.order.cause for each in put_off])
    fresh = [{"child": each.child, **each.order.model_dump(mode="json")} for each in digest.orders if not each.put_off]
    await conn.execute(INSERT_ORDERS, letter, fresh)
    return letter


def _matter(ordered: Ordered) -> tuple[str, str, str]:
    return (ordered.order.recipient, ordered.child, ordered.order.instance or ordered.order.cause)


def _overdue(row: asyncpg.Record, as_of: dt.datetime) -> LetterOrder:
    return LetterOrder(
        cause=f"digest:{as_of.astimezone(LONDON).date()}:{row['instance']}>{row['recipient']}",
        kind=LetterKind.digest,
        recipient=row["recipient"],
        at=as_of,
        about=row["clock"],
        instance=row["instance"],
        due=row["due"],
        content=row["content"],
    )
