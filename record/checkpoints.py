"""Daily checkpoints over all chains: made from the heads, signed with a key that the database never holds, and what is kept of them."""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Sequence

import asyncpg

from record.canonical import canonical
from record.keys import KeyRing
from record.merkle import Tree
from record.pool import Connection
from record.sealing import chain_hash
from schemas.base import Identifier
from schemas.chains import OF_MEETINGS
from schemas.checkpoints import Anchored, CheckpointMade, Mark, Statement
from schemas.status import CheckpointsSeen, PlaceSeen

LOCK = 0x5349434B
"""One checkpoint of an authority at a time."""

MOST_NAMED = 100
"""Chains that contradict an earlier checkpoint, named in the row; `audit verify` names them all."""

PAGE = 1_000
"""Rows that are in memory at once."""

NEWEST = """
SELECT DISTINCT ON (chain COLLATE "C") chain, seq, hash FROM checkpoint_marks WHERE number <= $1 ORDER BY chain COLLATE "C", number DESC
"""

ENDS = f"""
SELECT child AS chain, seq, hash FROM heads WHERE seq > 0
UNION ALL SELECT '{OF_MEETINGS}' || meeting, seq, coalesce(hash, '') FROM meetings WHERE seq > 0
"""  # noqa: S608
"""Of timelines and of meetings' logs, as the record says: an end without a hash, which is none of ours, is not what any checkpoint said."""

ENTRIES = f"""
SELECT seq, hash FROM timeline WHERE child = m.chain
UNION ALL SELECT seq, hash FROM meeting_log WHERE m.chain LIKE '{OF_MEETINGS}%' AND meeting = substr(m.chain, {len(OF_MEETINGS) + 1})
"""  # noqa: S608
"""Of the chain of a mark `m`, whichever kind it is."""

MARKED = f"LEFT JOIN LATERAL (SELECT e.hash FROM ({ENTRIES}) e WHERE e.seq = m.seq) t ON true"  # noqa: S608
"""What stands in the place of a mark `m`."""

NOW = f"""
SELECT coalesce(h.chain, m.chain) AS chain, moved, CASE WHEN moved THEN h.seq ELSE m.seq END AS seq, CASE WHEN moved THEN h.hash ELSE m.hash END AS hash
FROM ({ENDS}) h FULL JOIN ({NEWEST}) m ON m.chain = h.chain,
LATERAL (SELECT coalesce(h.seq > coalesce(m.seq, 0), false) AS moved) AS rule
ORDER BY coalesce(h.chain, m.chain) COLLATE "C"
"""  # noqa: S608
"""Where every chain ends: its newest mark, or where it has grown since. One statement, so that all of it is of one moment."""

CONTRADICTED = f"""
SELECT m.chain FROM ({NEWEST}) m LEFT JOIN ({ENDS}) h ON h.chain = m.chain {MARKED}
WHERE h.chain IS NULL OR h.seq < m.seq OR (h.seq = m.seq AND h.hash IS DISTINCT FROM m.hash) OR t.hash IS DISTINCT FROM m.hash
ORDER BY m.chain COLLATE "C" LIMIT {MOST_NAMED}
"""  # noqa: S608

NEW_IN = 'SELECT chain, seq, hash FROM checkpoint_marks WHERE number = $1 ORDER BY chain COLLATE "C"'

ALL = "SELECT number, at, previous, hash, signature, canonical FROM checkpoints ORDER BY number"

KNOWS_LOGS = f"""
SELECT EXISTS (SELECT FROM checkpoint_marks WHERE chain LIKE '{OF_MEETINGS}%') OR NOT EXISTS (SELECT FROM meetings WHERE seq > 0)
"""  # noqa: S608

LAST = "SELECT number, at, hash, canonical, contradicted FROM checkpoints ORDER BY number DESC LIMIT 1"

PENDING = """
SELECT c.number FROM checkpoints c WHERE NOT EXISTS (
    SELECT FROM checkpoint_anchors a WHERE a.place = $1 AND a.number = c.number AND a.failure IS NULL
) ORDER BY c.number
"""

PLACES = """
SELECT a.place, w.waiting, w.since AS waiting_since, a.failure, a.at AS tried_at
FROM (SELECT DISTINCT ON (place) place, failure, at FROM checkpoint_anchors ORDER BY place, entry DESC) a, LATERAL (
    SELECT count(*) AS waiting, min(c.made_at) AS since FROM checkpoints c
    WHERE NOT EXISTS (SELECT FROM checkpoint_anchors k WHERE k.place = a.place AND k.number = c.number AND k.failure IS NULL)
) w
WHERE (w.waiting = 0 OR a.at > (SELECT max(at) FROM checkpoint_anchors) - interval '1 hour')
    AND a.at >= coalesce((SELECT max(made_at) FROM checkpoints WHERE made_at < clock_timestamp() - interval '1 day'), '-infinity')
ORDER BY a.place
"""
"""Places are tried side by side, within minutes: one that was not when others were is named no more, and nothing waits for it; but one that
took everything is not tried again while others are. A place that nothing was offered to since a checkpoint of more than a day ago is unset."""


def beginning(authority: Identifier) -> bytes:
    """The hash before an authority's first checkpoint."""
    return hashlib.sha256(f"checkpoints|{authority}".encode()).digest()


def leaf(mark: Mark) -> bytes:
    """A mark as the tree holds it."""
    return canonical([mark.chain, mark.seq, mark.hash])


async def make(conn: Connection, authority: Identifier, keys: KeyRing, as_of: dt.datetime | None = None) -> CheckpointMade:
    """Make the next checkpoint, of all chains as they stand now; `as_of` counts in a rehearsal alone.

    A chain that went back, or is gone, keeps its earlier mark, and is named: making another checkpoint hides nothing.
    """
    await conn.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", LOCK, authority)
    last = await conn.fetchrow(LAST)
    number, previous = (0, beginning(authority)) if last is None else (last["number"], last["hash"])
    chains, entries, moved, new = Tree(), 0, Tree(), list[Mark]()
    async for row in conn.cursor(NOW, number, prefetch=PAGE):
        mark = _mark(row)
        chains.add(leaf(mark))
        entries += mark.seq
        if row["moved"]:
            moved.add(leaf(mark))
            new.append(mark)
    statement = Statement(
        authority=authority,
        number=number + 1,
        at=await _now(conn, as_of),
        previous=previous.hex(),
        chains=chains.leaves,
        entries=entries,
        heads=chains.root().hex(),
        moved=moved.root().hex(),
    )
    header = canonical(statement.model_dump())
    digest = chain_hash(previous, header)
    contradicted = [row["chain"] for row in await conn.fetch(CONTRADICTED, number)]
    columns = ([mark.chain for mark in new], [mark.seq for mark in new], [bytes.fromhex(mark.hash) for mark in new])
    await conn.fetchval(
        "SELECT append_checkpoint($1, $2, $3, $4, $5, $6, $7)",
        *(header, digest, keys.checkpoint_key.sign(digest), contradicted, *columns),
    )
    return _made(statement, digest, contradicted)


async def last(conn: Connection) -> CheckpointMade | None:
    """The newest; none where none was made."""
    row = await conn.fetchrow(LAST)
    return None if row is None else _made(_statement(row), row["hash"], row["contradicted"])


async def knows_logs(conn: Connection) -> bool:
    """Whether meetings' logs stand in checkpoints, or there are none yet: not where an earlier version wrote logs and made no such checkpoint."""
    return await conn.fetchval(KNOWS_LOGS)


async def in_order(conn: Connection) -> AsyncIterator[asyncpg.Record]:
    """Every checkpoint as it is stored, the first first. The transaction must stay open."""
    async for row in conn.cursor(ALL, prefetch=PAGE):
        yield row


async def whole(conn: Connection, number: int, keys: KeyRing) -> Anchored:
    """The checkpoint as it is kept outside.

    Raises:
        LookupError: there is none of that number.
    """
    row = await conn.fetchrow("SELECT hash, signature, canonical FROM checkpoints WHERE number = $1", number)
    if row is None:
        raise LookupError(f"no checkpoint {number}")
    return Anchored(
        statement=row["canonical"].decode(),
        hash=row["hash"].hex(),
        signature=row["signature"].hex(),
        key=keys.checkpoint_key.public_key().public_bytes_raw().hex(),
        moved=tuple([mark async for mark in new_in(conn, number)]),
    )


async def new_in(conn: Connection, number: int) -> AsyncIterator[Mark]:
    """The marks that were new in a checkpoint, by chain."""
    async for row in conn.cursor(NEW_IN, number, prefetch=PAGE):
        yield _mark(row)


async def newest(conn: Connection, number: int) -> AsyncIterator[Mark]:
    """Every chain's newest mark by then."""
    async for row in conn.cursor(NEWEST, number, prefetch=PAGE):
        yield _mark(row)


async def pending(conn: Connection, place: str) -> list[int]:
    """The checkpoints that a place has not taken yet, the oldest first."""
    return [row["number"] for row in await conn.fetch(PENDING, place)]


async def seen(conn: Connection) -> CheckpointsSeen | None:
    """The last checkpoint and where it is kept, for an operator; none where none was made."""
    made = await last(conn)
    if made is None:
        return None
    return CheckpointsSeen(
        **made.model_dump(include={"number", "at", "chains", "entries"}),
        contradicted=len(made.contradicted),
        places=tuple([PlaceSeen.model_validate(dict(row)) for row in await conn.fetch(PLACES)]),
    )


async def note(conn: Connection, number: int, place: str, failure: str | None) -> None:
    """A place took a checkpoint, or did not (the type of the failure)."""
    await conn.execute(
        "INSERT INTO checkpoint_anchors (authority, number, place, failure) VALUES (current_setting('siwrnai.authority'), $1, $2, $3)",
        *(number, place, failure),
    )


async def _now(conn: Connection, as_of: dt.datetime | None) -> dt.datetime:
    """The record's clock; in a rehearsal, where time is virtual, the instant that was given."""
    virtual = await conn.fetchval("SELECT virtual FROM deployment")
    return as_of if virtual and as_of is not None else await conn.fetchval("SELECT clock_timestamp()")


def _mark(row: asyncpg.Record) -> Mark:
    return Mark(chain=row["chain"], seq=row["seq"], hash=row["hash"].hex())


def _statement(row: asyncpg.Record) -> Statement:
    return Statement.model_validate_json(row["canonical"])


def _made(statement: Statement, digest: bytes, contradicted: Sequence[str]) -> CheckpointMade:
    return CheckpointMade(
        number=statement.number,
        at=statement.at,
        hash=digest.hex(),
        chains=statement.chains,
        entries=statement.entries,
        contradicted=tuple(contradicted),
    )
