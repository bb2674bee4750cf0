"""What a morning's digest says to each recipient: what was put off since the last one, and what is overdue."""

import datetime as dt
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from record.letters import Ordered, read_order
from record.pool import Connection
from schemas.audits import AUDIT, AUDIT_ACTION
from schemas.letters import LetterKind, LetterOrder

LONDON = ZoneInfo("Europe/London")


class Owed(NamedTuple):
    """Whose an overdue timescale is, and to which role it was escalated last."""

    team: str
    owner_role: str
    escalated_to: str
    roles: dict[str, str]
    told_nothing: tuple[str, ...]


Told = Callable[[Owed], Awaitable[frozenset[str]]]
"""Who is told of it this morning: it turns on who holds which post now, and who is away."""


class ActionOwed(NamedTuple):
    """An action from an audit that is overdue: whose it is, since when, and what decides who else is told."""

    team: str
    owner: str
    due: dt.date
    roles: dict[str, str]
    told_nothing: tuple[str, ...]


Followed = Callable[[ActionOwed], Awaitable[frozenset[str]]]
"""Who is told of it this morning."""


class DigestFor(NamedTuple):
    """All there is to say to one recipient."""

    recipient: str
    orders: tuple[Ordered, ...]


PUT_OFF = """
SELECT child, put_off, cause, kind, recipient, at, urgent, about, instance, due, content
FROM standing_orders WHERE letter IS NULL AND at <= $1
"""

OVERDUE = """
SELECT c.child, c.clock, c.instance, c.due, c.content, c.owner_role, c.rung, j.team, j.roles, j.shut_out
FROM clocks c JOIN journeys j ON j.child = c.child WHERE c.running AND c.due < $1 AND c.rung > 0
"""

ACTIONS = """
SELECT a.action, a.child, a.owner, a.due, j.team, j.roles, j.shut_out FROM audit_actions a JOIN journeys j ON j.child = a.child
WHERE a.due < $1 AND j.ended IS NULL AND NOT EXISTS (SELECT FROM audit_actions_done d WHERE d.action = a.action)
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


async def waiting(conn: Connection, as_of: dt.datetime) -> bool:
    """Whether there may be something to say that morning."""
    asked = ((PUT_OFF, as_of), (OVERDUE, as_of), (ACTIONS, as_of.astimezone(LONDON).date()))
    return any([await conn.fetchrow(query, at) is not None for query, at in asked])


async def items(conn: Connection, as_of: dt.datetime, told: Told, followed: Followed) -> list[DigestFor]:
    """What there is to say at that instant, by recipient: put-off orders that still stand, running timescales that are overdue, to whom
    `told` says, and actions from audits that are, to whom `followed` says. Nobody with nothing to be told is in it.
    """
    put_off = [Ordered(row["child"], read_order(row), row["put_off"]) for row in await conn.fetch(PUT_OFF, as_of)]
    overdue = [
        Ordered(row["child"], _overdue(row, recipient, as_of), False)
        for row in await conn.fetch(OVERDUE, as_of)
        for recipient in sorted(await told(_owed(row)))
    ]
    actions = [
        Ordered(row["child"], _action(row, recipient, as_of), False)
        for row in await conn.fetch(ACTIONS, as_of.astimezone(LONDON).date())
        for recipient in sorted(await followed(ActionOwed(row["team"], row["owner"], row["due"], row["roles"], tuple(row["shut_out"]))))
    ]
    # What is overdue says all that an order put off for the same timescale would say.
    said = {_matter(each): each for each in (*put_off, *overdue, *actions)}
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


def _owed(row: asyncpg.Record) -> Owed:
    rungs = row["content"]["plan"]["rungs"]
    return Owed(row["team"], row["owner_role"], rungs[row["rung"] - 1]["role"], row["roles"], tuple(row["shut_out"]))


def _overdue(row: asyncpg.Record, recipient: str, as_of: dt.datetime) -> LetterOrder:
    return LetterOrder(
        cause=f"digest:{as_of.astimezone(LONDON).date()}:{row['instance']}>{recipient}",
        kind=LetterKind.digest,
        recipient=recipient,
        at=as_of,
        about=row["clock"],
        instance=row["instance"],
        due=row["due"],
        content=row["content"],
    )


def _action(row: asyncpg.Record, recipient: str, as_of: dt.datetime) -> LetterOrder:
    """The last instant of its day; no ladder of timescales holds it."""
    over = dt.datetime.combine(row["due"] + dt.timedelta(days=1), dt.time(), LONDON) - dt.timedelta(seconds=1)
    return LetterOrder(
        cause=f"{AUDIT}{as_of.astimezone(LONDON).date()}:{row['action']}>{recipient}",
        kind=LetterKind.digest,
        recipient=recipient,
        at=as_of,
        about=AUDIT_ACTION,
        due=over,
        content={"action": row["action"]},
    )
