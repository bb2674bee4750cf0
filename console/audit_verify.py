"""`siwrnai audit verify`: is everything still what was written? Child by child, so that of many one alone is in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client

from audit import history, outbox
from audit.history import Witnessed
from console.audit_anchors import copies
from engine.history import activities_of
from meetings import workflow_of
from procedures.fold import digest, fold
from record import chains, checkpoint_checks, children, reads, verification
from record.keys import KeyRing
from record.pool import Connection, Pool, transaction
from recovery import Recovery, Standing
from schemas.auditing import Finding, Verified, Vouched
from schemas.engine import Recorded
from schemas.flush import Flush
from schemas.gathered import GatheredFlush
from schemas.meetings import MeetingFlush, MeetingRecorded
from schemas.outbox import KeptOrder
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

PAGE = 200
"""Children whose ids are read, and whose read is logged, at once."""

AT_ONCE = 3
"""Children that are looked at side by side: while one waits for the engine or the record another is worked on."""

RIGHT = frozenset({Standing.agrees, Standing.sealed})


@dataclass
class Verifying:
    """One verification of an authority's record."""

    pool: Pool
    """As the door's role."""
    authority: str
    keys: KeyRing
    client: Client | None = None
    """The engine; without it the record is looked at alone."""
    reader: str = ""
    purpose: str = ""
    step: Callable[[], None] = lambda: None
    """Told after each child, and after each meeting."""
    findings: dict[Finding, None] = field(default_factory=lambda: {})
    looked_at: int = 0
    entries: int = 0
    sealed: list[str] = field(default_factory=lambda: [])

    async def of_child(self, child: str) -> None:
        """Look at one child, and log it."""
        async with transaction(self.pool, self.authority) as connection:
            await reads.log(connection, self.reader, self.purpose, [child])
        await self._one(child)

    async def of_all(self) -> None:
        """Look at every child that the record knows of in any way, and at every meeting."""
        free = asyncio.Semaphore(AT_ONCE)

        async def one(child: str) -> None:
            async with free:
                await self._one(child)

        async for page in self._pages():
            async with transaction(self.pool, self.authority) as connection:
                await reads.log(connection, self.reader, self.purpose, page)
            await asyncio.gather(*(one(child) for child in page))
        if self.client is not None:
            async with transaction(self.pool, self.authority) as connection:
                found = await chains.meetings(connection)
            for meeting in found:
                await self._one_meeting(self.client, meeting)

    async def against_checkpoints(self, anchors: Iterable[Path] = (), only: str | None = None) -> Verified:
        """Look at the checkpoints, those that are stored and those in these files; and sum up. `only` where one child was looked at."""
        found = list[Finding]()
        read = 0
        async with transaction(self.pool, self.authority, still=True) as connection:
            there = await checkpoint_checks.stored(connection, self.authority, self.keys, found)
            held = checkpoint_checks.Copies(connection, there, self.keys.checkpoint_key.public_key(), only)
            for file in anchors:
                for each in copies(file):
                    read += 1
                    found += [each] if isinstance(each, Finding) else await held.hold(each)
        self._note(found + held.gaps())
        vouched = Vouched(by="nothing")
        if held.last is not None:
            vouched = Vouched(by="anchor", number=held.last.number, at=held.last.at)
        elif there.last is not None:
            vouched = Vouched(by="stored", number=there.last.number, at=there.last.at)
        return Verified(
            children=self.looked_at,
            entries=self.entries,
            checkpoints=len(there.hashes),
            anchored_copies=read,
            compared=("letters",) if self.client is None else ("letters", "engine", "history"),
            keys_destroyed=tuple(sorted(self.sealed)),
            vouched=vouched,
            findings=tuple(sorted(self.findings, key=_order)),
        )

    async def _pages(self) -> AsyncIterator[list[str]]:
        async with transaction(self.pool, self.authority) as connection:
            astray = await chains.astray(connection)
        self._note(Finding(what="child_gone", child=child) for child in astray)
        if astray:
            yield astray
        after, known = "", set(astray)
        while True:
            async with transaction(self.pool, self.authority) as connection:
                page = await chains.page(connection, after, PAGE)
            if not page:
                return
            yield [child for child in page if child not in known]
            after = page[-1]

    async def _one(self, child: str) -> None:
        try:
            await self._look(child)
        except (ValueError, LookupError, TypeError) as error:
            # Whatever does not read as what it should be: somebody put it there. Said by its type, since its message may hold words.
            self._note([Finding(what="unreadable", child=child, detail=type(error).__name__)])
        self.looked_at += 1
        self.step()

    async def _look(self, child: str) -> None:
        known = await self._history(child)
        async with transaction(self.pool, self.authority, still=True) as connection:
            looked = await verification.checked(connection, child, self.keys)
            orders = await chains.orders(connection, child)
            actions = await chains.actions(connection, child)
            invitees = await chains.invitees(connection, child)
            begun = await _beginning(connection, child)
        self._note(_named(child, looked.problems))
        if begun is None:
            self._note([Finding(what="child_gone", child=child)])
        self.entries += len(looked.stored)
        if any(each.what in UNREADABLE for each in looked.problems):
            return
        entries, readable = chains.opened(child, looked.stored, self.keys)
        if not readable and entries:
            self.sealed.append(child)
        self._note(outbox.misplaced(child, entries, orders, actions))
        self._note(outbox.of_meetings(child, orders, invitees))
        await self._history_against(child, known, entries, orders, readable=readable)
        if readable and begun is not None and not any(each.what in GAPS for each in looked.problems):
            self._note(_digests(begun, entries))
            await self._engine(child, entries)

    async def _history(self, child: str) -> list[Witnessed]:
        if self.client is None:
            return []
        ran = activities_of(self.client, child, "record", Flush, Recorded)
        # One that was answered had been recorded before, under the same command: nothing was written then.
        return [
            Witnessed(each.asked, each.answered is not None) async for each in ran if each.answered is None or each.answered.answer is None
        ]

    async def _history_against(
        self, child: str, known: Sequence[Witnessed], entries: Sequence[RecordedEntry], orders: Sequence[KeptOrder], *, readable: bool
    ) -> None:
        by_seq, by_cause = {entry.seq: entry for entry in entries}, {order.cause: order for order in orders}
        self._note(history.contradictions(child, known, by_seq, by_cause, readable=readable))
        if list(history.unwitnessed(child, known, by_seq)):
            # What was recorded since the history was read stands in it by now.
            self._note(history.unwitnessed(child, await self._history(child), by_seq))

    async def _engine(self, child: str, entries: Sequence[RecordedEntry]) -> None:
        if self.client is None or not entries:
            return
        found = await Recovery(self.client, self.pool, self.authority, self.keys).look(child)
        if found.standing not in RIGHT:
            detail = f"{'–' if found.engine is None else found.engine}/{found.record}"
            self._note([Finding(what=f"engine_{found.standing}", child=child, detail=detail)])

    async def _one_meeting(self, client: Client, meeting: str) -> None:
        try:
            await self._meeting(client, meeting)
        except (ValueError, LookupError, TypeError) as error:
            self._note([Finding(what="unreadable", meeting=meeting, detail=type(error).__name__)])
        self.step()

    async def _meeting(self, client: Client, meeting: str) -> None:
        ran = activities_of(client, workflow_of(meeting), "record_meeting", MeetingFlush, MeetingRecorded)
        written = [each.asked async for each in ran if each.answered is not None and each.answered.answer is None]
        together = activities_of(client, workflow_of(meeting), "record_gathered", GatheredFlush, type(None))
        written += [each.asked.flush async for each in together if each.done]
        async with transaction(self.pool, self.authority, still=True) as connection:
            log, orders = await chains.log(connection, meeting), await chains.orders_of_meeting(connection, meeting)
        self._note(history.meeting_contradictions(meeting, written, log, orders))

    def _note(self, found: Iterable[Finding]) -> None:
        self.findings |= dict.fromkeys(found)


UNREADABLE = frozenset({"header_unreadable", "content_sealed"})
"""After these an entry cannot be opened, and nothing more can be said of the child."""

GAPS = frozenset({"entry_missing", "entries_missing", "no_head"})
"""After these the entries that are left cannot be folded."""


def _named(child: str, problems: Iterable[verification.Problem]) -> Iterator[Finding]:
    for each in problems:
        yield Finding(what=each.what, child=child, entry=each.seq, checkpoint=each.checkpoint, detail=each.detail)


async def _beginning(connection: Connection, child: str) -> JourneyState | None:
    """The state before the child's first entry; none where there is no such child."""
    try:
        whose = await children.get(connection, child)
    except LookupError:
        return None
    return JourneyState(child=child, family=whose.family, authority=whose.authority, team=whose.team)


def _digests(state: JourneyState, entries: Iterable[RecordedEntry]) -> Iterator[Finding]:
    """The first entry after which the fold does not stand as it says; those after it then differ too."""
    for entry in entries:
        state = fold(state, [entry])
        if digest(state) != entry.digest:
            yield Finding(what="digest_differs", child=state.child, entry=entry.seq)
            return


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.child or "", finding.checkpoint or 0, finding.entry or 0, finding.what)
