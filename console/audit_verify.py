"""`siwrnai audit verify`: is everything still what was written? Child by child, and meeting by meeting, so that of many few are in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client

from audit import history, outbox
from audit.history import Witnessed
from console.audit_anchors import copies
from console.audit_meetings import GAPS, UNREADABLE, Meetings, named
from console.audit_unrecorded import Unrecorded
from embedded.supervisor import together
from engine.history import activities_of
from procedures.fold import digest, fold
from record import chains, checkpoint_checks, children, reads, verification
from record.keys import KeyRing
from record.pool import Connection, Pool, transaction
from recovery import Recovery, Standing
from schemas.auditing import Finding, Verified, Vouched
from schemas.chains import Chain
from schemas.engine import Recorded
from schemas.flush import Flush
from schemas.outbox import KeptOrder
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

PAGE = 200
"""Children whose ids are read, and whose read is logged, at once; and meetings that wait to be looked at."""

AT_ONCE = 3
"""Children or meetings that are looked at side by side: while one waits for the engine or the record another is worked on."""

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
    only: frozenset[str] | None = None
    """The names of the chains that were looked at; none where all were."""

    def __post_init__(self) -> None:
        self._meetings = Meetings(self.pool, self.authority, self.keys, self.client)

    async def of_child(self, child: str) -> None:
        """Look at one child and the meetings about it, and log it."""
        async with transaction(self.pool, self.authority) as connection:
            await reads.log(connection, self.reader, self.purpose, [child])
            meetings = await chains.meetings_of(connection, child)
        self.only = frozenset({child, *(Chain(meeting=meeting).name for meeting in meetings)})
        await self._one(child)
        await self._all(self._one_meeting, meetings)

    async def of_all(self) -> None:
        """Look at every child that the record knows of in any way, and at every meeting; with the engine, at those that it alone knows of too.

        Raises:
            RPCError: the engine, or its worker, does not answer.
        """
        async for page in self._pages():
            async with transaction(self.pool, self.authority) as connection:
                await reads.log(connection, self.reader, self.purpose, page)
            await self._all(self._one, page)
        async with transaction(self.pool, self.authority) as connection:
            meetings = await chains.meetings(connection)
        for first in range(0, len(meetings), PAGE):
            await self._all(self._one_meeting, meetings[first : first + PAGE])
        if self.client is not None:
            await self._unrecorded(Unrecorded(self.client, self.pool, self.authority))

    async def _unrecorded(self, look: Unrecorded) -> None:
        async for child in look.children():
            async with transaction(self.pool, self.authority) as connection:
                await reads.log(connection, self.reader, self.purpose, [child])
            await self._one(child)
        async for meeting in look.meetings():
            await self._one_meeting(meeting)

    async def _all(self, look: Callable[[str], Awaitable[None]], whose: Iterable[str]) -> None:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(id: str) -> None:
            async with free:
                await look(id)

        await together(*(one(id) for id in whose))

    async def against_checkpoints(self, anchors: Iterable[Path] = ()) -> Verified:
        """Look at the checkpoints, those that are stored and those in these files; and sum up."""
        found = list[Finding]()
        read = 0
        async with transaction(self.pool, self.authority, still=True) as connection:
            there = await checkpoint_checks.stored(connection, self.authority, self.keys, found)
            held = checkpoint_checks.Copies(connection, there, self.keys.checkpoint_key.public_key(), self.only)
            for file in anchors:
                for each in copies(file):
                    read += 1
                    found += [each] if isinstance(each, Finding) else await held.hold(each)
        late = [each for first in (there.first, held.first) for each in checkpoint_checks.signed_too_late(first, self._meetings.taken_over)]
        self._note([*self._meetings.findings, *found, *held.gaps(), *late])
        vouched = Vouched(by="nothing")
        if held.last is not None:
            vouched = Vouched(by="anchor", number=held.last.number, at=held.last.at)
        elif there.last is not None:
            vouched = Vouched(by="stored", number=there.last.number, at=there.last.at)
        return Verified(
            children=self.looked_at,
            meetings=self._meetings.looked_at,
            entries=self.entries + self._meetings.entries,
            logged=self._meetings.entries,
            taken_over=sum(map(len, self._meetings.taken_over.values())),
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
        self._note(named(Chain(child), looked.problems))
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
        if list(history.unwitnessed(Chain(child), [each.flush for each in known], by_seq)):
            # What was recorded since the history was read stands in it by now.
            self._note(history.unwitnessed(Chain(child), [each.flush for each in await self._history(child)], by_seq))

    async def _engine(self, child: str, entries: Sequence[RecordedEntry]) -> None:
        if self.client is None or not entries:
            return
        found = await Recovery(self.client, self.pool, self.authority, self.keys).look(child)
        if found.standing not in RIGHT:
            detail = f"{'–' if found.engine is None else found.engine}/{found.record}"
            self._note([Finding(what=f"engine_{found.standing}", child=child, detail=detail)])

    async def _one_meeting(self, meeting: str) -> None:
        await self._meetings.look(meeting)
        self.step()

    def _note(self, found: Iterable[Finding]) -> None:
        self.findings |= dict.fromkeys(found)


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


def _order(finding: Finding) -> tuple[str, str, int, int, str]:
    return (finding.child or "", finding.meeting or "", finding.checkpoint or 0, finding.entry or 0, finding.what)
