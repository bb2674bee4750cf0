"""Of `siwrnai audit verify`: is a meeting's log still what was written, does the meeting stand as its log says, and does the engine agree?"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from temporalio.client import Client

from audit import history
from engine.history import activities_of
from engine.journeys import Stuck, running_meeting
from meetings import workflow_of
from procedures.meetings.fold import fold
from record import chains, meetings, verification
from record.chains import KeptMeeting
from record.keys import KeyMissing, KeyRing
from record.pool import Pool, transaction
from record.verification import StoredEntry
from recovery import SETTLING
from schemas.auditing import Finding
from schemas.chains import Chain
from schemas.gathered import GatheredFlush
from schemas.meetings import MeetingEntry, MeetingFlush, MeetingRecorded, MeetingState

UNREADABLE = frozenset({"header_unreadable", "content_sealed"})
"""After these an entry cannot be opened, and nothing more can be said of the child or meeting."""

GAPS = frozenset({"entry_missing", "entries_missing", "no_head"})
"""After these the entries that are left cannot be folded."""


class Witnessed(NamedTuple):
    """What the engine knows that a meeting had recorded."""

    flush: MeetingFlush
    written: bool
    """Whether the engine knows that it was written; one that is under way may be."""


@dataclass
class Meetings:
    """The meetings of one authority, and what looking at them came to."""

    pool: Pool
    """As the door's role."""
    authority: str
    keys: KeyRing
    client: Client | None = None
    """The engine; without it the record is looked at alone."""
    findings: list[Finding] = field(default_factory=lambda: [])
    looked_at: int = 0
    entries: int = 0
    taken_over: dict[str, list[int]] = field(default_factory=lambda: {})
    """Those that an earlier version wrote, by meeting: they were signed as they stood later."""

    async def look(self, meeting: str) -> None:
        """Find all that is wrong with it."""
        try:
            async for each in self._look(meeting):
                self.findings.append(each)
        except (ValueError, LookupError, TypeError) as error:
            # Whatever does not read as what it should be: somebody put it there.
            self.findings.append(Finding(what="unreadable", meeting=meeting, detail=type(error).__name__))
        self.looked_at += 1

    async def _look(self, meeting: str) -> AsyncIterator[Finding]:
        known = [each async for each in self._history(meeting)]
        async with transaction(self.pool, self.authority, still=True) as connection:
            looked = await verification.checked_meeting(connection, meeting, self.keys)
            kept = await chains.meeting(connection, meeting)
            orders = await chains.orders_of_meeting(connection, meeting)
        self.entries += len(looked.stored)
        for each in named(Chain(meeting=meeting), looked.problems):
            yield each
        if kept is None:
            yield Finding(what="meeting_gone", meeting=meeting)
        problems = {each.what for each in looked.problems}
        if problems & UNREADABLE:
            return
        for each in self._taken_over(meeting, looked.stored):
            yield each
        log = {entry.seq: entry for entry in map(chains.logged, looked.stored)}
        for each in history.meeting_contradictions(meeting, [each.flush for each in known if each.written], log, orders):
            if each.child is None or self._is_readable(each.child):  # With a destroyed record its letters went too.
                yield each
        for each in await self._unwitnessed(meeting, known, log):
            yield each
        if kept is not None and not problems & GAPS:
            for each in (*_against_row(meeting, kept, log.values()), *await self._engine(meeting)):
                yield each

    def _taken_over(self, meeting: str, stored: Iterable[StoredEntry]) -> Iterator[Finding]:
        """Once this version has written an entry, no earlier one wrote another."""
        written = False
        for each in stored:
            if not chains.is_taken_over(each):
                written = True
                continue
            seq = each.columns["seq"]
            self.taken_over.setdefault(meeting, []).append(seq)
            if written:
                yield Finding(what="taken_over_after", meeting=meeting, entry=seq)

    def _is_readable(self, child: str) -> bool:
        try:
            self.keys.child_key(child)
        except KeyMissing:
            return False
        return True

    async def _history(self, meeting: str) -> AsyncIterator[Witnessed]:
        if self.client is None:
            return
        async for each in activities_of(self.client, workflow_of(meeting), "record_meeting", MeetingFlush, MeetingRecorded):
            # One that was answered had been recorded before, under the same command: nothing was written then.
            if each.answered is None or each.answered.answer is None:
                yield Witnessed(each.asked, each.answered is not None)
        async for each in activities_of(self.client, workflow_of(meeting), "record_gathered", GatheredFlush, type(None)):
            yield Witnessed(each.asked.flush, each.done)

    async def _unwitnessed(self, meeting: str, known: Iterable[Witnessed], log: Collection[int]) -> list[Finding]:
        whose = Chain(meeting=meeting)
        if not list(history.unwitnessed(whose, [each.flush for each in known], log)):
            return []
        # What was recorded since the history was read stands in it by now.
        return list(history.unwitnessed(whose, [each.flush async for each in self._history(meeting)], log))

    async def _engine(self, meeting: str) -> list[Finding]:
        """Where the engine holds it otherwise: it records first and folds after, so one that works differs for a moment."""
        if self.client is None:
            return []
        found = await self._differing(self.client, meeting)
        while found is not None:
            await asyncio.sleep(SETTLING)
            again = await self._differing(self.client, meeting)
            if again == found:
                return [found]
            found = again
        return []

    async def _differing(self, client: Client, meeting: str) -> Finding | None:
        # The engine first: what it knows is in the record by then.
        try:
            sight = await running_meeting(client, workflow_of(meeting))
        except Stuck:
            return Finding(what="meeting_stuck", meeting=meeting)
        async with transaction(self.pool, self.authority) as connection:
            recorded = await meetings.state(connection, meeting) or MeetingState(meeting=meeting, authority=self.authority)
        if sight is None:
            return Finding(what="meeting_lost", meeting=meeting) if recorded.open else None
        if sight.state != recorded:
            return Finding(what="meeting_engine_differs", meeting=meeting, detail=f"{sight.state.seq}/{recorded.seq}")
        return None


def named(chain: Chain, problems: Iterable[verification.Problem]) -> Iterator[Finding]:
    """Each with whose chain it is."""
    for each in problems:
        yield Finding(what=each.what, **chain._asdict(), entry=each.seq, checkpoint=each.checkpoint, detail=each.detail)


def _against_row(meeting: str, kept: KeptMeeting, log: Collection[MeetingEntry]) -> Iterator[Finding]:
    """Where the row by which a meeting is listed and shown is not what its log comes to.

    Its team is not held against the log: the row has it from before there was any, and a child can be another team's by the time that a
    meeting which was refused first is arranged under the same id.
    """
    folded = fold(MeetingState(meeting=meeting, authority=kept.authority), log)
    differs = {
        "state": (MeetingState.model_validate(kept.state) if kept.state else None) != (folded if log else None),
        "children": bool(log) and set(kept.children) != {each.child for each in folded.about},
        **{column: kept.columns[column] != value for column, value in meetings.row_of(folded).items()},
    }
    for column in (name for name, wrong in differs.items() if wrong):
        yield Finding(what="meeting_not_as_logged", meeting=meeting, detail=column)
