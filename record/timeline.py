"""Appending to a child's timeline and reading it. One flush is one transaction: entries, letters, answer, texts and projections."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from record import commands, letters, sealing, texts
from record.keys import KeyMissing, KeyRing
from record.pool import Connection, Pool, transaction
from record.projections import Whose, put_clocks, put_journey
from record.sealing import chain_hash
from record.verification import signed
from schemas.flush import Flush
from schemas.meetings import MeetingEntry
from schemas.timeline import Answer, Entry, RecordedEntry


class Appended(NamedTuple):
    """What came of a flush."""

    head: int
    """The sequence number of the child's last entry."""
    repeated: Answer | None = None
    """The first answer, where the command had been recorded before: nothing was written now."""


class NotAppended(Exception):
    """Nothing was written, and trying again will not help."""

    ids_only = True


class UnknownChild(NotAppended):
    """No such child is registered in this authority."""


class HeadDiffers(NotAppended):
    """The journey and the record disagree on what has been recorded. Names the child and both heads."""

    def __init__(self, child: str, expected: int, head: int) -> None:
        super().__init__(f"child {child}: the journey stands at entry {expected}, the record at entry {head}")
        self.child, self.expected, self.head = child, expected, head


class RecordAhead(HeadDiffers):
    """The record has entries that the journey does not know: the journey must be recovered from the record."""


class RecordBehind(HeadDiffers):
    """The journey knows entries that the record does not have: the database is older than the engine."""


class HeadAhead(Exception):
    """The end of a chain says that it was recorded further ahead than a clock can be, and its last entry does not say so: somebody set it.
    Nothing was written, so that nothing is signed as of then; it is asked again.
    """

    ids_only = True


FURTHEST = dt.timedelta(days=1)
"""No clock is ahead of the right time by more: wrong by a time zone is less."""

LAST = "SELECT previous, canonical, hash, signature FROM timeline WHERE child = $1 AND seq = $2"


class Head(NamedTuple):
    """The end of a chain, locked until the transaction ends."""

    seq: int
    hash: bytes
    recorded_at: dt.datetime
    now: dt.datetime
    """The database's clock."""
    virtual: bool
    answer: Answer | None = None

    def stamp(self, entries: Sequence[Entry] | Sequence[MeetingEntry]) -> dt.datetime:
        """When the entries are recorded: the database's clock, in a rehearsal the journey's or meeting's own; never before the last entry."""
        return max(entries[-1].decided_at if self.virtual else self.now, self.recorded_at)


async def check_head(conn: Connection, last: str, id: str, head: Head, public_key: Ed25519PublicKey) -> None:
    """Where the clock itself was wrong, and was put right, the last entry says the same, signed: then the chain goes on.

    Raises:
        HeadAhead: the head is ahead by itself.
    """
    if head.virtual or head.recorded_at <= head.now + FURTHEST:
        return
    row = await conn.fetchrow(last, id, head.seq)
    if (
        row is not None
        and row["hash"] == chain_hash(row["previous"], row["canonical"])
        and signed(public_key, row["signature"], row["hash"])
    ):
        said = dt.datetime.fromisoformat(orjson.loads(row["canonical"])["recorded_at"])
        if said == head.recorded_at:
            return
    raise HeadAhead(
        f"{id}: the chain's end is said to have been recorded at {head.recorded_at.isoformat()}, which is still to come: set it right"
    )


async def append(pool: Pool, flush: Flush, keys: KeyRing) -> Appended:
    """Write a flush, once. Repeating it after a lost acknowledgement changes nothing and returns as the first time.

    Raises:
        NotAppended: no such child, or the heads differ.
        KeyMissing: the child's key was destroyed.
        HeadAhead: somebody set the head's time.
    """
    async with transaction(pool, flush.authority) as conn:
        head = await _lock(conn, flush)
        if head.seq != flush.expected_head and await _is_written(conn, flush, keys):
            return Appended(flush.expected_head + len(flush.entries))
        if head.seq > flush.expected_head:
            raise RecordAhead(flush.child, flush.expected_head, head.seq)
        if head.seq < flush.expected_head:
            raise RecordBehind(flush.child, flush.expected_head, head.seq)
        if head.answer is not None:
            return Appended(head.seq, head.answer)
        return Appended(await _write(conn, flush, head, keys))


async def read(conn: Connection, child: str, keys: KeyRing, until_seq: int | None = None, after_seq: int = 0) -> list[RecordedEntry]:
    """The child's timeline in order: whole, from after an entry, or up to one. Content that was redacted, or whose key is destroyed,
    is left out.

    Raises:
        sealing.CannotOpen: the sealed content was changed.
    """
    rows = await conn.fetch(
        "SELECT canonical, sealed, hash, signature FROM timeline WHERE child = $1 AND seq > $3 AND seq <= coalesce($2, seq) ORDER BY seq",
        *(child, until_seq, after_seq),
    )
    return _opened(rows, child, keys)


async def begun(conn: Connection) -> list[str]:
    """Every child with an entry."""
    return [row["child"] for row in await conn.fetch("SELECT child FROM heads WHERE seq > 0 ORDER BY child")]


async def head(conn: Connection, child: str) -> int:
    """The number of the child's last entry; 0 where there is none."""
    return await conn.fetchval("SELECT seq FROM heads WHERE child = $1", child) or 0


async def audit(conn: Connection, child: str, keys: KeyRing, actor: str, purpose: str) -> list[RecordedEntry]:
    """The child's timeline for an auditor; the database logs the reading in the same transaction."""
    rows = await conn.fetch("SELECT canonical, sealed, hash, signature FROM read_timeline($1, $2, $3) ORDER BY seq", child, actor, purpose)
    return _opened(rows, child, keys)


def _opened(rows: list[asyncpg.Record], child: str, keys: KeyRing) -> list[RecordedEntry]:
    try:
        key = keys.child_key(child)
    except KeyMissing:
        key = None
    return [sealing.recorded(sealing.SealedEntry(*row), key) for row in rows]


def _whose(flush: Flush) -> Whose:
    return Whose(child=flush.child, family=flush.family, authority=flush.authority, team=flush.team)


async def _lock(conn: Connection, flush: Flush) -> Head:
    row = await conn.fetchrow("SELECT seq, hash, recorded_at, now, virtual, answer FROM lock_head($1, $2)", flush.child, flush.command_id)
    if row is None or row["seq"] is None:
        raise UnknownChild(f"child {flush.child} is not registered in authority {flush.authority}")
    *rest, answer = row
    return Head(*rest, answer=None if answer is None else Answer.model_validate(answer))


async def _is_written(conn: Connection, flush: Flush, keys: KeyRing) -> bool:
    """True where exactly these entries stand at their place already."""
    rows = await conn.fetch(
        "SELECT canonical, sealed, hash, signature FROM timeline WHERE child = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        *(flush.child, flush.expected_head, len(flush.entries)),
    )
    if not flush.entries or len(rows) < len(flush.entries):
        return False
    stored = _opened(rows, flush.child, keys)
    return all(sealing.same(entry, there) for entry, there in zip(flush.entries, stored, strict=True))


async def _write(conn: Connection, flush: Flush, head: Head, keys: KeyRing) -> int:
    seq = await _append_entries(conn, flush, head, keys) if flush.entries else head.seq
    whose = _whose(flush)
    await letters.order(conn, whose, flush.letters)
    if flush.command_id is not None and flush.answer is not None:
        await commands.answer(conn, whose, flush.entries[0].kind if flush.entries else "", flush.answer)
    await texts.link(conn, flush.child, flush.texts, seq)
    await put_journey(conn, whose, seq, flush.summary)
    await put_clocks(conn, whose, flush.clocks)
    return seq


async def _append_entries(conn: Connection, flush: Flush, head: Head, keys: KeyRing) -> int:
    await check_head(conn, LAST, flush.child, head, keys.public_key)
    place = sealing.Place(flush.child, head.stamp(flush.entries), head.hash)
    sealed = sealing.seal(flush.entries, place, sealing.Secrets(keys.child_key(flush.child), keys.signing_key))
    columns = [[getattr(entry, name) for entry in sealed] for name in ("canonical", "sealed", "hash", "signature")]
    return await conn.fetchval("SELECT append_entries($1, $2, $3, $4, $5, $6)", flush.child, flush.team, *columns)
