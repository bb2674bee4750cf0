"""The log of holds and destructions: chained and signed like a timeline, one for each authority; it survives what it tells of."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
import orjson
from cryptography.exceptions import InvalidSignature

from record.canonical import canonical
from record.keys import KeyRing
from record.pool import Connection
from record.sealing import encrypt
from schemas.base import Identifier, Instant
from schemas.retention import Entry, Kind, Stored

STILL_NEEDED = "SW006"
"""How the database says that a record is not to be destroyed."""

GONE = (Kind.confirmed, Kind.destroyed_again)
"""With these the words of the record went."""

LAST = "SELECT seq, hash FROM retention_log WHERE authority = current_setting('siwrnai.authority') ORDER BY seq DESC LIMIT 1"

LOG = """
SELECT seq, child, kind, actor, recorded_at, previous, hash, signature, canonical FROM retention_log
WHERE $1::text IS NULL OR child = $1 ORDER BY seq
"""

OVER = """
SELECT meeting FROM meetings m WHERE $1 = ANY (children) AND NOT EXISTS (
    SELECT FROM unnest(m.children) AS c WHERE NOT EXISTS (SELECT FROM retention_log r WHERE r.child = c AND r.kind = ANY ($2))
) ORDER BY meeting
"""

UNFINISHED = """
SELECT DISTINCT child FROM retention_log r WHERE kind = ANY ($1)
AND NOT EXISTS (SELECT FROM retention_log d WHERE d.child = r.child AND d.kind = 'destroyed') ORDER BY child
"""


class StillNeeded(Exception):
    """The record stands: something is in the way, or two people have not signed for it as it is."""

    ids_only = True


class Said(NamedTuple):
    """What an entry says, before it has its place in the log."""

    child: Identifier
    kind: Kind
    actor: Identifier
    facts: dict[str, Any]
    """State, date, rules and the two persons, as `schemas.retention.Entry` names them."""
    words: str | None = None


async def append(conn: Connection, said: Said, keys: KeyRing) -> Entry:
    """Add an entry. One that destroys takes the words of the record with it, in this transaction.

    Raises:
        StillNeeded: the database does not allow it.
        LookupError: the child has no timeline here; KeyMissing where a reason is given and the key is destroyed.
    """
    # Nobody adds meanwhile: the function waits for the same lock.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('siwrnai retention ' || current_setting('siwrnai.authority')))")
    authority = await conn.fetchval("SELECT current_setting('siwrnai.authority')")
    last = await conn.fetchrow(LAST)
    head = await conn.fetchrow("SELECT seq, hash FROM heads WHERE child = $1", said.child)
    if head is None:
        raise LookupError(f"child {said.child} has no timeline here")
    sealed, words = _sealed(said, keys)
    previous = hashlib.sha256(authority.encode()).digest() if last is None else last["hash"]
    entry = Entry(
        seq=1 if last is None else last["seq"] + 1,
        authority=authority,
        child=said.child,
        kind=said.kind,
        actor=said.actor,
        recorded_at=await conn.fetchval("SELECT clock_timestamp()"),
        head=head["seq"],
        head_hash=head["hash"].hex(),
        words=words,
        previous=previous.hex(),
        **said.facts,
    )
    header = canonical(entry.model_dump(exclude_none=True))
    digest = hashlib.sha256(previous + header).digest()
    try:
        await conn.fetchval("SELECT append_retention($1, $2, $3, $4)", header, digest, keys.signing_key.sign(digest), sealed)
    except asyncpg.PostgresError as error:
        if error.sqlstate in {STILL_NEEDED, "SW005", "23505"}:
            raise StillNeeded(str(error)) from None
        raise
    return entry


async def log(conn: Connection, child: Identifier | None = None) -> list[Stored]:
    """The whole log, or what it says of one child, in order."""
    return [_stored(row) for row in await conn.fetch(LOG, child)]


async def in_the_way(conn: Connection, child: Identifier) -> tuple[str, ...]:
    """Why a record is still needed: `hold`, `open`, `sibling`, `letter`; nothing where nothing is."""
    return tuple(await conn.fetchval("SELECT in_the_way($1)", child))


async def meetings_over(conn: Connection, child: Identifier) -> list[Identifier]:
    """The meetings about that child, all of whose children are destroyed: their own keys go too."""
    return [row["meeting"] for row in await conn.fetch(OVER, child, [str(each) for each in GONE])]


async def unfinished(conn: Connection) -> list[Identifier]:
    """The children whose destruction was signed, and is not said to be at its end."""
    return [row["child"] for row in await conn.fetch(UNFINISHED, [str(each) for each in GONE])]


async def destroyed(conn: Connection, by: Instant | None = None) -> frozenset[Identifier]:
    """The children whose record was destroyed by that instant, or ever."""
    rows = await conn.fetch(
        "SELECT child FROM retention_log WHERE kind = ANY ($1) AND recorded_at <= coalesce($2, recorded_at)",
        *([str(each) for each in GONE], by),
    )
    return frozenset(row["child"] for row in rows)


async def check(conn: Connection, keys: KeyRing) -> list[int]:
    """The numbers of the entries that are not as they were written: changed, moved, or missing."""
    rows = await conn.fetch(LOG, None)
    authority = await conn.fetchval("SELECT current_setting('siwrnai.authority')")
    return _wrong(rows, hashlib.sha256(authority.encode()).digest(), keys)


def _wrong(rows: Sequence[asyncpg.Record], previous: bytes, keys: KeyRing) -> list[int]:
    wrong: list[int] = []
    for expected, row in enumerate(rows, 1):
        header = orjson.loads(row["canonical"])
        whole = (
            row["seq"] == header["seq"] == expected
            and row["previous"] == previous
            and hashlib.sha256(previous + row["canonical"]).digest() == row["hash"]
            and all(row[name] == header[name] for name in ("child", "kind", "actor"))
            and row["recorded_at"] == dt.datetime.fromisoformat(header["recorded_at"])
            and _is_ours(row, keys)
        )
        if not whole:
            wrong.append(expected)
        previous = row["hash"]
    return wrong


def _is_ours(row: asyncpg.Record, keys: KeyRing) -> bool:
    try:
        keys.public_key.verify(row["signature"], row["hash"])
    except InvalidSignature:
        return False
    return True


def _sealed(said: Said, keys: KeyRing) -> tuple[bytes | None, str | None]:
    if said.words is None:
        return None, None
    id = secrets.token_hex(16)
    sealed = encrypt(keys.child_key(said.child), said.words.encode(), f"{said.child}|retention|{id}")
    return sealed, f"{id}#{hashlib.sha256(sealed).hexdigest()}"


def _stored(row: asyncpg.Record) -> Stored:
    return Stored(entry=Entry.model_validate_json(row["canonical"]), hash=row["hash"].hex(), signature=row["signature"].hex())
