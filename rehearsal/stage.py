"""Virtual time: all journeys of a run are moved together, to the earliest instant that any of them needs, until the next step.

Each journey has a clock of its own in the engine. Only those that are due are moved; then activities and letters settle, and only
then the next instant is looked for. So no journey is ever past an instant at which another one, or a person, acts.
"""

import asyncio
import datetime as dt
import time
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from temporalio.client import Client, WorkflowHandle

from commands import Door
from meetings import MeetingDoor, workflow_of
from procedures.times import LONDON
from procedures.working_days import Calendar
from rehearsal.forward import forward
from schemas.engine import Sight
from schemas.meetings import MeetingSight
from workflows.journey import Journey

PATIENCE = 60.0
"""Seconds of real time for a journey to do what is due."""

MORNING = dt.time(8)

LOOK, LOOK_AT_JOURNEY = 0.01, 0.3
"""Seconds between two looks at the record, which are cheap, and the longest without a look at the journey itself."""

LOOK_AT_MEETING = 0.05
"""Seconds between two looks at a meeting that has something to do."""

DRIFT = dt.timedelta(minutes=2)
"""Between two moves a journey's clock runs on with the real one; more than this is no drift."""


class Backstage(Protocol):
    """What happens between two instants."""

    async def settle(self) -> None:
        """Send the letters that wait."""
        ...

    async def morning(self, as_of: dt.datetime) -> None:
        """What is done at eight each working morning."""
        ...

    async def is_recorded(self, child: str, after: int) -> bool:
        """Whether the child's timeline has an entry after that one."""
        ...


class Stuck(Exception):
    """A journey, or the post, did not do what was due within a minute of real time."""


class Overshot(Stuck):
    """The engine moved a journey past the instant that was asked for: what is seen then proves nothing."""


@dataclass(frozen=True)
class Running:
    """A journey on the stage, as it was last seen."""

    handle: WorkflowHandle[Journey, None]
    sight: Sight

    def is_due(self, instant: dt.datetime) -> bool:
        """Whether something is due by then."""
        return self.sight.next_wake is not None and self.sight.next_wake <= instant


@dataclass(frozen=True)
class Meeting:
    """A meeting on the stage, as it was last seen, and how far its clock is ahead of the engine's."""

    handle: WorkflowHandle[Any, Any]
    sight: MeetingSight
    ahead: dt.timedelta

    def is_due(self, instant: dt.datetime) -> bool:
        """Whether somebody is to be asked again or reminded by then."""
        return self.sight.next_wake is not None and self.sight.next_wake <= instant


@dataclass
class Stage:
    """The virtual clock of a run, and the journeys that share it."""

    client: Client
    now: dt.datetime
    backstage: Backstage
    calendar: Calendar
    wakes: int = 0
    """Journeys moved to an instant at which something was due."""
    journeys: dict[str, Running] = field(default_factory=lambda: {})
    meetings: dict[str, Meeting] = field(default_factory=lambda: {})
    """Those still to be held."""
    ahead_of: dict[str, dt.timedelta] = field(default_factory=lambda: {})
    """By meeting: how far it began ahead of the engine."""
    _next_morning: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self._next_morning = self._morning_after(self.now)

    async def clock(self) -> dt.datetime:
        """The virtual instant, as the door asks for it."""
        return self.now

    async def watch(self, door: Door, child: str) -> None:
        """Look at a journey after something was done to it; a new one is taken onto the stage."""
        sight = await door.sight(child)
        if sight is None:
            return
        if not self.journeys:
            self._next_morning = self._morning_after(self.now)
        self.journeys[child] = Running(self.client.get_workflow_handle_for(Journey.run, child), sight)

    async def move_to(self, at: dt.datetime, door: Door) -> None:
        """Let time pass until that instant, stopping wherever anything is due on the way, and at it."""
        while (instant := self._next_instant()) is not None and instant <= at:
            self.now = max(self.now, instant)
            due = [child for child, each in self.journeys.items() if each.is_due(instant)]
            await asyncio.gather(*(self._wake(child, door) for child in due))
            gathering = [meeting for meeting, each in self.meetings.items() if each.is_due(instant)]
            await asyncio.gather(*(self._wake_meeting(meeting) for meeting in gathering))
            self.wakes += len(due) + len(gathering)
            if instant == self._next_morning:
                await self.backstage.morning(instant)
                self._next_morning = self._morning_after(instant)
            await self.backstage.settle()
        self.now = max(self.now, at)

    async def bring(self, child: str) -> None:
        """Move one journey's own clock to the stage's."""
        if child in self.journeys:
            await self._forward(self.journeys[child])

    def _next_instant(self) -> dt.datetime | None:
        everything = (*self.journeys.values(), *self.meetings.values())
        wakes = [each.sight.next_wake for each in everything if each.sight.next_wake is not None]
        return min([*wakes, self._next_morning]) if self.journeys else None

    async def _wake(self, child: str, door: Door) -> None:
        """Move a journey to the present instant and wait until it has done what is due."""
        await self._forward(self.journeys[child])
        began = time.monotonic()
        while self.journeys[child].is_due(self.now):
            if time.monotonic() - began > PATIENCE:
                wake = self.journeys[child].sight.next_wake
                raise Stuck(f"a journey does nothing at {self.now:%Y-%m-%d %H:%M:%S}, though something is due since {wake}")
            await self._until_recorded(child)
            await self.watch(door, child)

    async def _until_recorded(self, child: str) -> None:
        for _ in range(round(LOOK_AT_JOURNEY / LOOK)):
            if await self.backstage.is_recorded(child, self.journeys[child].sight.state.seq):
                return
            await asyncio.sleep(LOOK)

    async def watch_meeting(self, meeting: str, door: MeetingDoor) -> None:
        """Look at a meeting after something was done to it; one that is over leaves the stage."""
        sight = await door.sight(meeting)
        if sight is None or not sight.state.open:
            self.meetings.pop(meeting, None)
            return
        self.meetings[meeting] = Meeting(self.client.get_workflow_handle(workflow_of(meeting)), sight, self.ahead_of[meeting])

    async def bring_meeting(self, meeting: str) -> None:
        """Move a meeting's own clock to the stage's."""
        if meeting in self.meetings:
            await self._bring(self.meetings[meeting].handle, self.meetings[meeting].ahead)

    async def _wake_meeting(self, meeting: str) -> None:
        """Move a meeting to the present instant and wait until it has done what is due."""
        there = self.meetings[meeting]
        await self._bring(there.handle, there.ahead)
        began = time.monotonic()
        while there.is_due(self.now):
            if time.monotonic() - began > PATIENCE:
                raise Stuck(
                    f"a meeting does nothing at {self.now:%Y-%m-%d %H:%M:%S}, though something is due since {there.sight.next_wake}"
                )
            await asyncio.sleep(LOOK_AT_MEETING)
            there = await self._look(there)
        self.meetings[meeting] = there

    async def _look(self, meeting: Meeting) -> Meeting:
        return replace(meeting, sight=await meeting.handle.query("meeting_sight", result_type=MeetingSight))

    async def _forward(self, running: Running) -> None:
        await self._bring(running.handle, running.sight.ahead)

    async def _bring(self, handle: WorkflowHandle[Any, Any], ahead: dt.timedelta) -> None:
        # In UTC: what is ahead is real time, whatever the clocks on the wall do in between.
        to = self.now.astimezone(dt.UTC) - ahead
        there = await forward(self.client, handle, to) + ahead
        if there > self.now + DRIFT:
            raise Overshot(f"a journey's clock is at {there:%Y-%m-%d %H:%M:%S}, past {self.now:%Y-%m-%d %H:%M:%S}: this run does not count")

    def _morning_after(self, instant: dt.datetime) -> dt.datetime:
        day = instant.astimezone(LONDON).date()
        while True:
            morning = dt.datetime.combine(day, MORNING, LONDON)
            if morning > instant and self.calendar.is_working_day(day):
                return morning
            day += dt.timedelta(days=1)
