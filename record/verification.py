"""Is a timeline what was written? Anyone can check the chain and signatures with the public key; commitments need the child's key."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.sealing import CannotOpen, SealedEntry, chain_hash, commitment, genesis, open_parts


class Problem(NamedTuple):
    """One thing that is not as it was written."""

    seq: int
    what: str


class StoredEntry(NamedTuple):
    """A row of the timeline: its columns, and the sealed entry they are taken from."""

    columns: dict[str, Any]
    entry: SealedEntry


class Evidence(NamedTuple):
    """What a timeline is checked with."""

    child: str
    public_key: Ed25519PublicKey
    child_key: bytes | None
    """None where the key is destroyed: then the chain and the signatures are checked alone."""


COLUMNS = ("child", "seq", "kind", "happened_at", "effective_from", "recorded_at", "command_id", "cause", "previous")
"""What the header says too."""

ROWS = f"SELECT {', '.join(COLUMNS)}, canonical, sealed, hash, signature FROM timeline WHERE child = $1 ORDER BY seq"  # noqa: S608


async def check(conn: Connection, child: str, keys: KeyRing) -> list[Problem]:
    """All that is wrong with the child's timeline as stored; nothing where it is whole."""
    rows = await conn.fetch(ROWS, child)
    head = await conn.fetchval("SELECT seq FROM heads WHERE child = $1", child)
    stored = [StoredEntry({name: row[name] for name in COLUMNS}, SealedEntry(*(row[name] for name in SealedEntry._fields))) for row in rows]
    return verify(stored, _evidence(child, keys), head or 0)


def verify(stored: Sequence[StoredEntry], evidence: Evidence, head: int) -> list[Problem]:
    """All that is wrong with these entries, which should go from the first to the head; each problem names its entry."""
    problems: list[Problem] = []
    previous, expected = genesis(evidence.child), 1
    for row in stored:
        seq = row.columns["seq"]
        problems += [Problem(missing, "the entry is missing") for missing in range(expected, seq)]
        if seq == expected and chain_hash(previous, row.entry.canonical) != row.entry.hash:
            problems.append(Problem(seq, "its hash does not follow from its header and the entry before"))
        problems += [Problem(seq, what) for what in _wrong(row, evidence)]
        previous, expected = row.entry.hash, seq + 1
    problems += [Problem(missing, "the entry is missing") for missing in range(expected, head + 1)]
    return problems


def _evidence(child: str, keys: KeyRing) -> Evidence:
    try:
        return Evidence(child, keys.public_key, keys.child_key(child))
    except KeyMissing:
        return Evidence(child, keys.public_key, None)


def _wrong(row: StoredEntry, evidence: Evidence) -> list[str]:
    try:
        header = orjson.loads(row.entry.canonical)
    except orjson.JSONDecodeError:
        return ["its header cannot be read"]
    wrong = [f"its column {name} is not what its header says" for name in COLUMNS if not _agrees(row.columns[name], header.get(name))]
    try:
        evidence.public_key.verify(row.entry.signature, row.entry.hash)
    except InvalidSignature:
        wrong.append("its signature is not ours")
    return wrong + _wrong_content(row, header, evidence)


def _agrees(column: Any, said: Any) -> bool:
    if isinstance(column, bytes):
        return column.hex() == said
    if hasattr(column, "isoformat"):
        return said is not None and column.isoformat(timespec="microseconds") == said
    return column == said


def _wrong_content(row: StoredEntry, header: dict[str, Any], evidence: Evidence) -> list[str]:
    if evidence.child_key is None:
        return []
    try:
        parts = open_parts(row.entry.sealed, evidence.child_key, evidence.child, row.columns["seq"])
    except CannotOpen:
        return ["its content does not open: it was changed or moved"]
    commitments = header.get("commitments", {})
    return [
        f"its content {name!r} is not what was committed" for name, part in parts.items() if commitments.get(name) != commitment(name, part)
    ]
