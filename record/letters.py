"""The outbox. A journey orders letters in its entry's transaction; the sender claims, renders once, sends and marks."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

import asyncpg

from record.keys import KeyRing
from record.pool import Connection
from record.projections import Whose
from record.sealing import decrypt, encrypt
from schemas.base import Identifier
from schemas.clocks import Language, WrittenIn
from schemas.letters import DeliveryState, LetterKind, LetterOrder

NO_WAIT = dt.timedelta()

LEASE = dt.timedelta(minutes=5)
"""How long a claimed letter is one sender's own. After that another may send it, with the same bytes under the same id."""


class Ordered(NamedTuple):
    """One order as it stands in a letter."""

    child: str
    order: LetterOrder
    put_off: bool
    """True where it waited for a digest."""
    trace: str | None = None
    """The trace of what ordered it (W3C `traceparent`)."""


class LetterToSend(NamedTuple):
    """A letter that this sender, and no other, is to send now."""

    id: str
    """Also the Message-ID's left part: the same on every try."""
    kind: LetterKind
    at: dt.datetime
    family: str | None
    recipient: str
    email: str | None
    language: Language | None
    attempts: int
    """How often it was tried before."""
    orders: tuple[Ordered, ...]
    message: bytes | None
    """The bytes of the first try."""
    has_left: bool = False
    """The directory says that the recipient is not there any more."""


class RefusedOrder(NamedTuple):
    """An order whose letter was refused for good, of which its journey does not know yet."""

    child: str
    cause: str
    letter: str
    recipient: str
    instance: str | None
    detail: str
    at: dt.datetime
    """When it was ordered (virtual in a rehearsal)."""
    meeting: str | None = None
    """Of a letter about somebody who is invited to a meeting: that meeting, and who it is there. It may have been to another in their stead."""
    invitee: str | None = None


class SeenLetter(NamedTuple):
    """One order as pages and rehearsals show it."""

    child: str
    cause: str
    letter: str | None
    kind: LetterKind
    recipient: str
    language: WrittenIn | None
    """In which it was written; before that, in which it would be to somebody of the directory. None where neither is known."""
    at: dt.datetime
    about: str
    state: DeliveryState
    no_address: bool
    """Refused before any mail server saw it: the recipient has no usable address."""


NO_ADDRESS = ("bad_address", "left_directory")
"""Details of a delivery that no mail server refused: there was no usable address."""

CLAIM = """
WITH claimed AS (
    UPDATE letters SET claimed_until = clock_timestamp() + $2
    WHERE id = ANY (ARRAY(
        SELECT id FROM letters
        WHERE state IN ('waiting', 'deferred') AND next_try_at <= clock_timestamp()
            AND coalesce(claimed_until < clock_timestamp(), true) AND created_at <= clock_timestamp() - $3::interval
            AND recipient <> ALL ($4)
        ORDER BY urgent DESC, at, id LIMIT $1 FOR UPDATE SKIP LOCKED
    ))
    RETURNING *
)
SELECT l.id, l.kind, l.at, l.family, l.recipient, CASE WHEN NOT p.has_left THEN p.email END AS email, p.language,
    coalesce(p.has_left, false) AS has_left, l.attempts, l.message, l.message_key
FROM claimed l CROSS JOIN deployment d CROSS JOIN LATERAL (
    SELECT CASE WHEN d.virtual THEN l.at ELSE clock_timestamp() END AS now
) t LEFT JOIN LATERAL (
    SELECT email, language, coalesce(valid_to <= t.now, false) AS has_left FROM people
    WHERE person = l.recipient AND valid_from <= t.now ORDER BY valid_from DESC, entry DESC LIMIT 1
) p ON true
ORDER BY l.urgent DESC, l.at, l.id
"""

ORDERS = """
SELECT letter, child, put_off, cause, kind, recipient, at, urgent, about, instance, due, content, trace
FROM letter_orders WHERE letter = ANY($1) ORDER BY letter, at, child, cause
"""

MARK = """
UPDATE letters SET
    state = $2, attempts = attempts + 1, next_try_at = clock_timestamp() + $3::interval, claimed_until = clock_timestamp(),
    gather = CASE WHEN $2 = 'stale' THEN gather || '|' || id ELSE gather END
WHERE id = $1 AND state IN ('waiting', 'deferred')
"""

REFUSED = """
SELECT o.child, o.cause, o.letter, o.recipient, o.instance, (SELECT detail FROM deliveries d WHERE d.letter = l.id ORDER BY entry DESC LIMIT 1) AS detail,
    o.at, o.content ->> 'meeting' AS meeting, o.content ->> 'invitee' AS invitee
FROM letter_orders o JOIN letters l ON l.id = o.letter
WHERE l.state = 'refused' AND o.told_at IS NULL ORDER BY o.at, o.child, o.cause
"""

SEEN = """
SELECT o.child, o.cause, o.letter, o.kind, o.recipient, coalesce(l.language, p.language) AS language, o.at, o.about, coalesce(l.state, 'in_digest') AS state,
    coalesce(l.state = 'refused' AND EXISTS (
        SELECT FROM deliveries d WHERE d.letter = l.id AND d.detail = ANY ($2)
    ), false) AS no_address
FROM letter_orders o LEFT JOIN letters l ON l.id = o.letter LEFT JOIN LATERAL (
    SELECT language FROM people WHERE person = o.recipient AND valid_from <= o.at ORDER BY valid_from DESC, entry DESC LIMIT 1
) p ON true
WHERE o.child = ANY($1) ORDER BY o.at, o.child, o.cause
"""


REFUSED_AT_MEETING = """
SELECT DISTINCT ON (o.recipient, invitee) o.recipient, o.content ->> 'invitee' AS invitee, EXISTS (
    SELECT FROM deliveries d WHERE d.letter = l.id AND d.detail = ANY ($3)
) AS no_address
FROM letter_orders o JOIN letters l ON l.id = o.letter
WHERE o.child = ANY ($1) AND o.content ->> 'meeting' = $2 AND o.content ->> 'invitee' IS NOT NULL AND l.state = 'refused'
ORDER BY o.recipient, invitee, o.at DESC
"""


async def order(conn: Connection, whose: Whose, orders: Sequence[LetterOrder]) -> None:
    """Order letters for one child; an order that is there already changes nothing.

    Reminders and alerts that are not urgent make one letter a family, recipient and day (Europe/London); once that is being sent,
    further ones wait for the digest. Everything else gathers siblings' orders of the same kind, matter and instant in one letter.
    """
    if orders:
        rows = [order.model_dump(mode="json") for order in orders]
        await conn.execute("SELECT order_letters($1, $2, $3, $4)", whose.child, whose.family, whose.team, rows)


async def claim(  # noqa: PLR0913, PLR0917
    conn: Connection,
    keys: KeyRing,
    limit: int = 1,
    settle: dt.timedelta = NO_WAIT,
    lease: dt.timedelta = LEASE,
    but: Collection[Identifier] = (),
) -> list[LetterToSend]:
    """The next letters to send, urgent ones first, the sender's own for the lease, but those to these people. A new letter is left
    alone while it settles, so that siblings' orders come together; from its claim on no order joins it.
    """
    rows = await conn.fetch(CLAIM, limit, lease, settle, list(but))
    orders = await conn.fetch(ORDERS, [row["id"] for row in rows])
    return [_letter(row, [order for order in orders if order["letter"] == row["id"]], keys) for row in rows]


async def standing(conn: Connection, letter: str) -> set[tuple[str, str]]:
    """Child and cause of the letter's orders whose cause still stands."""
    rows = await conn.fetch("SELECT child, cause FROM standing_orders WHERE letter = $1", letter)
    return {(row["child"], row["cause"]) for row in rows}


async def store_rendered(conn: Connection, letter: str, message: bytes, language: WrittenIn, keys: KeyRing) -> bytes:
    """Keep the letter's bytes, sealed, for every further try, and in which language they are; gives back what was kept first."""
    ring = keys.post.current()
    await conn.execute(
        "UPDATE letters SET message = $2, message_key = $3, language = $4 WHERE id = $1 AND message IS NULL",
        *(letter, encrypt(ring.key, message, letter), ring.id, language),
    )
    row = await conn.fetchrow("SELECT id, message, message_key FROM letters WHERE id = $1", letter)
    if row is None:
        raise LookupError(f"no letter {letter}")
    return _message(row, keys) or message


async def mark(conn: Connection, letter: str, state: DeliveryState, detail: str, retry_in: dt.timedelta = NO_WAIT) -> None:
    """What became of a try: logged, and the letter's state from now on. A deferred letter comes up again after `retry_in`.

    A letter that went stale gives up its place as the letter of the day.
    """
    await conn.execute(MARK, letter, state, retry_in)
    await conn.execute(
        "INSERT INTO deliveries (letter, authority, team, recipient, state, detail) "
        "SELECT id, authority, team, recipient, $2, $3 FROM letters WHERE id = $1",
        *(letter, state, detail),
    )


async def untold_refusals(conn: Connection) -> list[RefusedOrder]:
    """Refused orders of which the journeys have not been told, the oldest first."""
    return [RefusedOrder(*row) for row in await conn.fetch(REFUSED)]


async def refused_at_meeting(conn: Connection, children: Collection[str], meeting: str) -> dict[tuple[str, str], bool]:
    """Of the letters about those invited to a meeting that were refused for good, by invitee and recipient: True where there was no address."""
    rows = await conn.fetch(REFUSED_AT_MEETING, list(children), meeting, NO_ADDRESS)
    return {(row["invitee"], row["recipient"]): row["no_address"] for row in rows}


async def mark_told(conn: Connection, child: str, cause: str) -> None:
    """That order's journey knows."""
    await conn.execute(
        "UPDATE letter_orders SET told_at = clock_timestamp() WHERE child = $1 AND cause = $2 AND told_at IS NULL", child, cause
    )


async def seen(conn: Connection, children: Sequence[str]) -> list[SeenLetter]:
    """Every order for these children and what became of it, in the order of time."""
    rows = await conn.fetch(SEEN, list(children), NO_ADDRESS)
    return [_seen(row) for row in rows]


def read_order(row: asyncpg.Record) -> LetterOrder:
    """An order from a row with its columns."""
    return LetterOrder.model_validate({name: row[name] for name in LetterOrder.model_fields})


def _letter(row: asyncpg.Record, orders: list[asyncpg.Record], keys: KeyRing) -> LetterToSend:
    return LetterToSend(
        id=row["id"],
        kind=LetterKind(row["kind"]),
        at=row["at"],
        family=row["family"],
        recipient=row["recipient"],
        email=row["email"],
        language=row["language"],
        attempts=row["attempts"],
        orders=tuple(Ordered(order["child"], read_order(order), order["put_off"], order["trace"]) for order in orders),
        message=_message(row, keys),
        has_left=row["has_left"],
    )


def _seen(row: asyncpg.Record) -> SeenLetter:
    child, cause, letter, kind, recipient, language, at, about, state, no_address = row
    return SeenLetter(child, cause, letter, LetterKind(kind), recipient, language, at, about, DeliveryState(state), no_address)


def _message(row: asyncpg.Record, keys: KeyRing) -> bytes | None:
    if row["message"] is None:
        return None
    return decrypt(keys.post.get(row["message_key"]), row["message"], row["id"])
