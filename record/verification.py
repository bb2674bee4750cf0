"""Is a timeline, or a meeting's log, what was written? Anyone can check the chain and signatures with the public key; commitments need the
child's key.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from record.canonical import canonical
from record.deployment import clock
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.sealing import CannotOpen, SealedEntry, chain_hash, commitment, genesis, open_parts
from schemas.chains import Chain


class Problem(NamedTuple):
    """One thing that is not as it was written."""

    seq: int
    what: str
    """A code: `found` in `console/sentences.toml` has its sentence."""
    detail: str = ""
    """Which column or part."""
    checkpoint: int | None = None
    """The one that said otherwise."""


class StoredEntry(NamedTuple):
    """A row of a chain: its columns, and the entry they are taken from."""

    columns: dict[str, Any]
    entry: SealedEntry


class Evidence(NamedTuple):
    """What a chain is checked with."""

    chain: Chain
    public_key: Ed25519PublicKey
    child_key: bytes | None = None
    """None where the key is destroyed, and of a meeting, in whose log nothing is sealed: then the chain and the signatures are checked alone."""


class End(NamedTuple):
    """Where the database says that the chain ends."""

    seq: int
    hash: bytes
    recorded_at: dt.datetime


class Said(NamedTuple):
    """What a checkpoint said of this chain: how it ended then."""

    checkpoint: int
    at: dt.datetime
    seq: int
    hash: bytes


class Source(NamedTuple):
    """Where chains of a kind are stored."""

    columns: tuple[str, ...]
    """What the header says too."""
    rows: str
    end: str


TIMELINE = ("child", "seq", "kind", "happened_at", "effective_from", "recorded_at", "command_id", "cause", "previous")

LOG = ("meeting", "seq", "kind", "happened_at", "decided_at", "recorded_at", "actor", "cause", "command_id", "content", "previous")

TIMELINES = Source(
    TIMELINE,
    f"SELECT {', '.join(TIMELINE)}, canonical, sealed, hash, signature FROM timeline WHERE child = $1 ORDER BY seq",  # noqa: S608
    "SELECT seq, hash, recorded_at FROM heads WHERE child = $1",
)

LOGS = Source(
    LOG,
    f"SELECT {', '.join(LOG)}, canonical, ''::bytea AS sealed, hash, signature FROM meeting_log WHERE meeting = $1 ORDER BY seq",  # noqa: S608
    "SELECT seq, hash, recorded_at FROM meetings WHERE meeting = $1 AND hash IS NOT NULL",
)

SAID = """
SELECT m.number, c.at, m.seq, m.hash FROM checkpoint_marks m JOIN checkpoints c ON c.number = m.number AND c.authority = m.authority
WHERE m.chain = $1 ORDER BY m.number
"""

IN_FLIGHT = dt.timedelta(minutes=10)
"""How much earlier than a checkpoint an entry may say that it was recorded which that checkpoint does not know: it was being written.
And how much later than now: clocks are set right meanwhile."""


async def check(conn: Connection, child: str, keys: KeyRing) -> list[Problem]:
    """All that is wrong with the child's timeline as stored; nothing where it is whole."""
    return (await checked(conn, child, keys)).problems


class Checked(NamedTuple):
    """A chain that was checked."""

    problems: list[Problem]
    stored: list[StoredEntry]


async def checked(conn: Connection, child: str, keys: KeyRing) -> Checked:
    """The child's timeline as stored, and all that is wrong with it. One child's rows are in memory, and no other's."""
    return await _checked(conn, TIMELINES, _evidence(child, keys))


async def checked_meeting(conn: Connection, meeting: str, keys: KeyRing) -> Checked:
    """The meeting's log as stored, and all that is wrong with it."""
    return await _checked(conn, LOGS, Evidence(Chain(meeting=meeting), keys.public_key))


async def _checked(conn: Connection, source: Source, evidence: Evidence) -> Checked:
    rows = await conn.fetch(source.rows, evidence.chain.id)
    end = await conn.fetchrow(source.end, evidence.chain.id)
    said = [Said(*row) for row in await conn.fetch(SAID, evidence.chain.name)]
    now = await clock(conn)
    stored = [
        StoredEntry({name: row[name] for name in source.columns}, SealedEntry(*(row[name] for name in SealedEntry._fields))) for row in rows
    ]
    problems = verify(stored, evidence, None if end is None else End(*end))
    return Checked(problems + against(stored, said, now), stored)


def verify(stored: Sequence[StoredEntry], evidence: Evidence, end: End | None) -> list[Problem]:
    """All that is wrong with these entries, which should go from the first to the end; each problem names its entry."""
    problems: list[Problem] = []
    previous, expected, recorded_at = genesis(evidence.chain.name), 1, None
    for row in stored:
        seq = row.columns["seq"]
        problems += _missing(expected, seq - 1)
        if seq == expected and chain_hash(previous, row.entry.canonical) != row.entry.hash:
            problems.append(Problem(seq, "not_chained"))
        if recorded_at is not None and row.columns["recorded_at"] < recorded_at:
            problems.append(Problem(seq, "recorded_before"))
        problems += [Problem(seq, what, detail) for what, detail in _wrong(row, evidence)]
        previous, expected, recorded_at = row.entry.hash, seq + 1, row.columns["recorded_at"]
    return problems + _wrong_end(end, expected - 1, previous, recorded_at)


def _wrong_end(end: End | None, last: int, digest: bytes, recorded_at: dt.datetime | None) -> list[Problem]:
    if end is None:
        return [Problem(last, "no_head")] if last else []
    if end.seq != last:
        return _missing(last + 1, end.seq) or [Problem(last, "beyond_head", str(end.seq))]
    if end.hash != digest:
        return [Problem(last, "other_head")]
    return [Problem(last, "head_dated")] if last and end.recorded_at != recorded_at else []


def _missing(first: int, last: int) -> list[Problem]:
    if first > last:
        return []
    return [Problem(first, "entry_missing") if first == last else Problem(first, "entries_missing", str(last))]


def against(stored: Sequence[StoredEntry], said: Sequence[Said], now: dt.datetime | None) -> list[Problem]:
    """Where the chain is not what the checkpoints said; where it is live (a rehearsal has no `now`), also what claims an earlier time than they
    leave room for, or a later one than there has been.
    """
    there = {row.columns["seq"]: row for row in stored}
    problems = [
        Problem(seq, "recorded_ahead") for seq, row in there.items() if now is not None and row.columns["recorded_at"] > now + IN_FLIGHT
    ]
    for each in said:
        if each.seq not in there:
            problems.append(Problem(each.seq, "gone_since_checkpoint", checkpoint=each.checkpoint))
        elif there[each.seq].entry.hash != each.hash:
            problems.append(Problem(each.seq, "not_as_checkpoint", checkpoint=each.checkpoint))
        after = there.get(each.seq + 1)
        if now is not None and after is not None and after.columns["recorded_at"] < each.at - IN_FLIGHT:
            problems.append(Problem(each.seq + 1, "backdated", checkpoint=each.checkpoint))
    return problems


def _evidence(child: str, keys: KeyRing) -> Evidence:
    try:
        return Evidence(Chain(child), keys.public_key, keys.child_key(child))
    except (KeyMissing, ValueError):  # What is no child's id has no key.
        return Evidence(Chain(child), keys.public_key)


def signed(public_key: Ed25519PublicKey, signature: bytes, digest: bytes) -> bool:
    """Whether the signature of that hash is by that key."""
    try:
        public_key.verify(signature, digest)
    except InvalidSignature:
        return False
    return True


def _wrong(row: StoredEntry, evidence: Evidence) -> list[tuple[str, str]]:
    """What is wrong with an entry by itself, and with which part of it."""
    header: Any
    try:
        header = orjson.loads(row.entry.canonical)
    except orjson.JSONDecodeError:
        header = None
    if not isinstance(header, dict):
        return [("header_unreadable", "")]
    said = cast(dict[str, Any], header)
    wrong = [("column_differs", name) for name in row.columns if not _agrees(row.columns[name], said.get(name))]
    if not signed(evidence.public_key, row.entry.signature, row.entry.hash):
        wrong.append(("not_signed", ""))
    return wrong + _wrong_content(row, said, evidence)


def _agrees(column: Any, said: Any) -> bool:
    if isinstance(column, bytes):
        return column.hex() == said
    if hasattr(column, "isoformat"):
        return said is not None and column.isoformat(timespec="microseconds") == said
    # Equal to Python is not the same: `true` is no 1.
    return column == said and canonical(column) == canonical(said)


def _wrong_content(row: StoredEntry, header: dict[str, Any], evidence: Evidence) -> list[tuple[str, str]]:
    if evidence.child_key is None:
        return []
    try:
        parts = open_parts(row.entry.sealed, evidence.child_key, evidence.chain.id, row.columns["seq"])
    except CannotOpen:
        return [("content_sealed", "")]
    commitments = header.get("commitments", {})
    return [("content_differs", name) for name, part in parts.items() if commitments.get(name) != commitment(name, part)]
