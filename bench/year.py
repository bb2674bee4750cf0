"""A registered year in the engine's history: events and bytes, and the least that its commands, letters and timers need."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.case import Quiet
from bench.place import Place, place, runs_of
from bench.recorded import flushes_of
from bench.registered import SINCE, begun, on_record, opaque, registered_state
from bench.rows import Row, Size
from commands import Door
from procedures.working_days import Calendar
from rehearsal.stage import Stage
from schemas.commands import COMMANDS
from schemas.flush import Flush
from tests.procedures.child import THERE
from worker import journeys_worker

TWO_WEEKS = dt.timedelta(weeks=2)

ENTRY_OF_COMMAND = 12
"""Events of a command: a workflow task (3) that accepts it (1) and notes the local activity (1), an activity (3), a workflow task (3) that
completes it (1)."""

ENTRY_OF_WAKE = 13
"""Events of a wake: the timer's start and firing (2), a workflow task (3), the local activity's marker (1), the activity (3), a workflow
task (3); and the timer was started in a task that is counted already. One more where the timer of before must be cancelled first."""


@dataclass(frozen=True)
class Did:
    """One thing done in the year."""

    when: dt.datetime
    name: str
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


def year(visits: int) -> list[Did]:
    """Visits every two weeks; core groups every four; reviews after three months and then six; what a conference asks for."""
    did = [Did(SINCE + number * TWO_WEEKS - dt.timedelta(days=4), "visit", _seen(number)) for number in range(1, visits + 1)]
    for number in range(1, visits + 1):
        if number % 2 or number == 1:
            did.append(Did(SINCE + number * TWO_WEEKS - dt.timedelta(days=3), "core_group_held", {"attendance": THERE}))
    for number in (6, 18):
        if number < visits:
            when = SINCE + number * TWO_WEEKS - dt.timedelta(days=2)
            voice = {"how": "in_person", "worries": "That I must move."}
            did.append(Did(when - dt.timedelta(days=2), "voice_recorded", voice))
            stays = {"decision": "stay", "rationale": "Why.", "voice_changed": "She is asked first."}
            did.append(Did(when, "review_held", {"chair": "p-review", "attendance": THERE, **stays}))
    return sorted(did, key=lambda each: each.when)


def _seen(number: int) -> dict[str, Any]:
    return {"seen": True, "alone": "alone", "place": "home" if number % 2 else "school", "bedroom_seen": bool(number % 2)}


async def lived(here: Place, visits: int) -> str:
    """Live the year, and name the child."""
    child = opaque()
    quiet = Quiet(here.pool, "SELECT EXISTS (SELECT FROM timeline WHERE child = $1 AND seq > $2)")
    stage = Stage(here.client, SINCE, quiet, Calendar(version=0))
    door = replace(here.door, now=stage.clock)
    await on_record(here, [child])
    await begun(here, [child], registered_state(), SINCE - dt.datetime.now(dt.UTC))
    await stage.watch(door, child)
    for each in year(visits):
        await stage.move_to(each.when, door)
        await stage.bring(child)
        await _do(door, child, each)
        await stage.watch(door, child)
    return child


async def _do(door: Door, child: str, did: Did) -> None:
    said = {"actor": "p-mari", "happened_at": did.when, **did.fields}
    await door.submit(child, COMMANDS[did.name].model_validate(said), opaque())


@dataclass(frozen=True)
class Seen:
    """What the engine keeps of the year, by type of event."""

    events: Counter[str]
    bytes: Counter[str]

    def by_type(self) -> str:
        """The types that weigh most."""
        return ", ".join(f"{name} {self.events[name]} of {weight / 1000:.0f} kB" for name, weight in self.bytes.most_common(4))


async def seen(client: Client, child: str) -> tuple[Seen, list[HistoryEvent]]:
    """All runs of the journey."""
    every = [event for run in await runs_of(client, child) for event in run.events]
    events, weights = Counter[str](), Counter[str]()
    for event in every:
        name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
        events[name] += 1
        weights[name] += event.ByteSize()
    return Seen(events, weights), every


@dataclass(frozen=True)
class Least:
    """What any journey that records first and folds after would need for the same year."""

    events: int
    bytes: int


def least(flushes: Sequence[Flush], every: Sequence[HistoryEvent]) -> Least:
    """Events by Temporal's model; each event's weight without what we put into it; and what was said and decided, once."""
    commands = sum(flush.answer is not None for flush in flushes)
    wakes = len(flushes) - commands
    events = commands * ENTRY_OF_COMMAND + wakes * ENTRY_OF_WAKE
    said = sum(len(entry.model_dump_json()) for flush in flushes for entry in flush.entries)
    said += sum(len(letter.model_dump_json()) for flush in flushes for letter in flush.letters)
    plain = sum(_plain_weight(event) for event in every) / len(every)
    return Least(events, round(events * plain) + said)


def _plain_weight(event: HistoryEvent) -> int:
    """The event without payloads."""
    copy = HistoryEvent.FromString(event.SerializeToString())
    copy.workflow_execution_started_event_attributes.ClearField("input")
    for attributes, payload in (
        (copy.activity_task_scheduled_event_attributes, "input"),
        (copy.activity_task_completed_event_attributes, "result"),
        (copy.marker_recorded_event_attributes, "details"),
        (copy.workflow_execution_update_accepted_event_attributes, "accepted_request"),
        (copy.workflow_execution_update_completed_event_attributes, "outcome"),
    ):
        attributes.ClearField(payload)  # pyright: ignore[reportArgumentType] - each has the field beside it.
    return min(event.ByteSize(), copy.ByteSize())


async def measure(size: Size) -> list[Row]:
    """Events, and bytes."""
    async with place(virtual=True) as here, journeys_worker(here.client, here.pool, here.keys):
        child = await lived(here, size.year)
        (found, every), flushes = await seen(here.client, child), await flushes_of(here.client, child)
        await here.client.get_workflow_handle(child).terminate("measured")
    needed = least(flushes, every)
    commands = sum(flush.answer is not None for flush in flushes)
    wakes = f"{commands} commands, {len(flushes) - commands} wakes, {sum(len(flush.letters) for flush in flushes)} letters"
    weights = sum(found.bytes.values()) / 1000
    return [
        Row(name="history of a registered year, events", unit="events", ours=found.events.total(), bare=needed.events, notes=wakes),
        Row(name="history of a registered year, bytes", unit="kB", ours=weights, bare=needed.bytes / 1000, notes=found.by_type()),
    ]
