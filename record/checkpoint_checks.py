"""Are the checkpoints what was signed, and is the record still what they said, those in the database and those kept outside?"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from record.checkpoints import ENTRIES, MARKED, PAGE, beginning, in_order, leaf, new_in, newest
from record.keys import KeyRing
from record.merkle import Tree
from record.pool import Connection
from record.sealing import chain_hash
from record.verification import signed
from schemas.auditing import Finding
from schemas.base import Identifier
from schemas.chains import OF_MEETINGS, Chain
from schemas.checkpoints import WITH_LOGS, Anchored, Mark, Statement

KEPT = f"""
SELECT m.chain, m.seq, t.hash AS stored, EXISTS ({ENTRIES}) AS goes_on
FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS m (chain, seq, hash) {MARKED}
WHERE t.hash IS DISTINCT FROM m.hash
"""  # noqa: S608


class FirstOfLogs(NamedTuple):
    """The first checkpoint in which meetings' logs stand: from then on nothing is signed as an earlier version's."""

    number: int
    ends: dict[str, int]
    """The number of each log's last entry then, by chain."""


class Stored(NamedTuple):
    """What is known of the checkpoints after looking at all that are stored."""

    hashes: dict[int, str]
    """By number (hexadecimal)."""
    last: Statement | None
    first: FirstOfLogs | None = None


async def stored(conn: Connection, authority: Identifier, keys: KeyRing, found: list[Finding]) -> Stored:
    """Look at every stored checkpoint: numbers, chain, signature, its new marks, and of the last one the root over all chains."""
    public, previous, number = keys.checkpoint_key.public_key(), beginning(authority), 0
    hashes: dict[int, str] = {}
    last: Statement | None = None
    first: FirstOfLogs | None = None
    async for row in in_order(conn):
        if row["number"] != number + 1:
            found.append(Finding(what="checkpoints_missing", checkpoint=number + 1, detail=str(row["number"] - 1)))
        number = row["number"]
        last, wrong = _statement(row, previous, public)
        found += [Finding(what=what, checkpoint=number) for what in wrong]
        if last is not None and await _root(new_in(conn, number)) != last.moved:
            found.append(Finding(what="checkpoint_marks", checkpoint=number))
        if first is None and last is not None and last.version >= WITH_LOGS:
            first = FirstOfLogs(number, _logs([mark async for mark in new_in(conn, number)]))
        previous = row["hash"]
        hashes[number] = previous.hex()
    if last is not None and await _root(newest(conn, number)) != last.heads:
        found.append(Finding(what="checkpoint_heads", checkpoint=number))
    async for row in conn.cursor("SELECT DISTINCT number FROM checkpoint_marks WHERE number > $1", number):
        found.append(Finding(what="checkpoint_missing", checkpoint=row["number"]))
    return Stored(hashes, last, first)


def _logs(marks: Iterable[Mark]) -> dict[str, int]:
    return {mark.chain: mark.seq for mark in marks if mark.chain.startswith(OF_MEETINGS)}


def signed_too_late(first: FirstOfLogs | None, taken_over: Mapping[str, Collection[int]]) -> Iterator[Finding]:
    """Entries, by meeting, that say that an earlier version wrote them, and which that checkpoint does not know: somebody put them into the
    database and had it brought up to date once more, which signed them.
    """
    if first is None:
        return
    for meeting, entries in taken_over.items():
        end = first.ends.get(Chain(meeting=meeting).name, 0)
        yield from (Finding(what="signed_too_late", meeting=meeting, entry=seq, checkpoint=first.number) for seq in entries if seq > end)


def _statement(row: asyncpg.Record, previous: bytes, public: Ed25519PublicKey) -> tuple[Statement | None, list[str]]:
    wrong: list[str] = []
    if chain_hash(previous, row["canonical"]) != row["hash"] or row["previous"] != previous:
        wrong.append("checkpoint_not_chained")
    if not signed(public, row["signature"], row["hash"]):
        wrong.append("checkpoint_not_signed")
    try:
        said = Statement.model_validate_json(row["canonical"])
    except ValidationError:
        return None, [*wrong, "checkpoint_unreadable"]
    if (said.number, said.at) != (row["number"], row["at"]):
        wrong.append("checkpoint_columns")
    return said, wrong


async def _root(marks: AsyncIterator[Mark]) -> str:
    tree = Tree()
    async for mark in marks:
        tree.add(leaf(mark))
    return tree.root().hex()


@dataclass
class Copies:
    """Copies that were kept outside, one after the other, held against the record. Of each its number and hash is remembered alone."""

    conn: Connection
    there: Stored
    public: Ed25519PublicKey
    only: Collection[str] | None = None
    """The names of the chains whose marks are compared; none for all."""
    hashes: dict[int, str] = field(default_factory=lambda: {})
    last: Statement | None = None
    logs: FirstOfLogs | None = None
    """The earliest copy in which meetings' logs stand."""
    without_logs: int = 0
    """The number of the last copy in which they do not."""

    async def hold(self, copy: Anchored) -> list[Finding]:
        """Where the record is no longer what this copy says; each child or meeting and entry is named.

        A copy that is not ours by its signature says nothing of the record, and is named alone.
        """
        try:
            said = copy.said
            ours = _whole(copy, said, self.public)
        except ValueError:
            return [Finding(what="anchor_not_ours")]
        if not ours:
            return [Finding(what="anchor_not_ours", checkpoint=said.number)]
        if self.last is None or said.number > self.last.number:
            self.last = said
        if said.version < WITH_LOGS:
            self.without_logs = max(self.without_logs, said.number)
        elif self.logs is None or said.number < self.logs.number:
            self.logs = FirstOfLogs(said.number, _logs(copy.moved))
        found = list[Finding]()
        if self.hashes.setdefault(said.number, copy.hash) != copy.hash:
            found.append(Finding(what="anchors_differ", checkpoint=said.number))
        if said.number not in self.there.hashes:
            found.append(Finding(what="checkpoint_missing", checkpoint=said.number))
        elif self.there.hashes[said.number] != copy.hash:
            found.append(Finding(what="checkpoint_not_as_anchored", checkpoint=said.number))
        marks = [mark for mark in copy.moved if self.only is None or mark.chain in self.only]
        for first in range(0, len(marks), PAGE):
            found += await self._against(marks[first : first + PAGE], said.number)
        return found

    def gaps(self) -> list[Finding]:
        """Numbers that no copy has, though there are earlier and later ones: copies were taken away."""
        numbers = sorted(self.hashes)
        return [
            Finding(what="anchors_missing", checkpoint=one + 1, detail=str(other - 1))
            for one, other in pairwise(numbers)
            if other > one + 1
        ]

    @property
    def first(self) -> FirstOfLogs | None:
        """The first checkpoint in which meetings' logs stand; none where the copy before it is not there to say that it was the first."""
        return self.logs if self.logs is not None and self.logs.number == self.without_logs + 1 else None

    async def _against(self, marks: Sequence[Mark], number: int) -> list[Finding]:
        columns = ([each.chain for each in marks], [each.seq for each in marks], [bytes.fromhex(each.hash) for each in marks])
        return list(_contradicted(await self.conn.fetch(KEPT, *columns), number))


def _whole(copy: Anchored, said: Statement, public: Ed25519PublicKey) -> bool:
    """Whether the copy is one that we signed, with all of its marks."""
    digest = bytes.fromhex(copy.hash)
    tree = Tree()
    for mark in copy.moved:
        tree.add(leaf(mark))
    chained = chain_hash(bytes.fromhex(said.previous), copy.statement.encode()) == digest
    return chained and tree.root().hex() == said.moved and signed(public, bytes.fromhex(copy.signature), digest)


def _contradicted(rows: Iterable[asyncpg.Record], number: int) -> Iterator[Finding]:
    for row in rows:
        what = "chain_gone" if not row["goes_on"] else "gone_since_checkpoint" if row["stored"] is None else "not_as_checkpoint"
        yield Finding(what=what, **Chain.named(row["chain"])._asdict(), entry=row["seq"], checkpoint=number)
