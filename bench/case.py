"""A whole case in virtual time: journeys a second, against plain workflows that do the same updates, timers, activities and rows."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy

from bench.bare import BARE, Begin
from bench.bare_worker import Activities, Step, bare_worker
from bench.journeys_alone import journeys_alone
from bench.place import AUTHORITY, Place, place
from bench.recorded import steps_of
from bench.rows import Row, Size
from commands import CommandRefused, Door
from procedures.working_days import Calendar
from record.pool import Pool, transaction
from rehearsal.acts import command_of
from rehearsal.cast import Cast, cast, enter, opaque
from rehearsal.reading import Play, Turn, read
from rehearsal.running import find
from rehearsal.script import Act
from rehearsal.stage import Stage
from schemas.commands import Command
from schemas.commands.conferences import Held
from worker import journeys_worker

Start = WithStartWorkflowOperation[Any, Any]

Refusals = set[tuple[str, int, str]]
"""Child, number of the turn, command."""


@dataclass
class Quiet:
    """Between two instants no letters are sent and no digests written, ours or bare."""

    pool: Pool
    count: str

    async def settle(self) -> None:
        """No letters."""

    async def morning(self, as_of: datetime) -> None:
        """No digests."""

    async def is_recorded(self, child: str, after: int) -> bool:
        """Whether a journey did what was due."""
        async with transaction(self.pool, AUTHORITY) as connection:
            return await connection.fetchval(self.count, child, after)


@dataclass
class Playing:
    """Our journeys in a case."""

    place: Place
    play: Play
    refused: Refusals = field(default_factory=set[tuple[str, int, str]])
    count: str = "SELECT EXISTS (SELECT FROM timeline WHERE child = $1 AND seq > $2)"
    cast: Cast = field(init=False)
    stage: Stage = field(init=False)
    door: Door = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        # The staff of the case are this run's own, in a team of its own.
        self.cast = replace(cast(self.play.script), authority=AUTHORITY)
        quiet = Quiet(self.place.pool, self.count)
        self.stage = Stage(self.place.client, self.play.turns[0].when, quiet, Calendar(version=0))
        self.door = replace(self.place.door, now=self.stage.clock)

    async def run(self) -> float:
        """Seconds from the first step to the last."""
        async with transaction(self.place.door_pool, AUTHORITY) as connection:
            await enter(connection, self.cast, self.place.keys, self.play.turns[0].when)
        began = time.perf_counter()
        for number, turn in enumerate(self.play.turns):
            self.number = number
            await self.stage.move_to(turn.when, self.door)
            await self._act(turn)
        return time.perf_counter() - began

    async def close(self) -> None:
        """End what still runs."""
        await asyncio.gather(*(each.handle.terminate("measured") for each in self.stage.journeys.values()))

    async def submit(self, child: str, command: Command) -> None:
        """Through the one door."""
        try:
            await self.door.submit(self.cast.child(child), command, opaque())
        except CommandRefused:
            self.refused.add((child, self.number, command.name))

    async def hold(self, said: Mapping[str, Command]) -> None:
        """One meeting for several children."""
        ids = {self.cast.child(child): child for child in said}
        outcome = await self.door.hold_meeting(opaque(), {id: said[child] for id, child in ids.items()})
        self.refused |= {(ids[id], self.number, said[ids[id]].name) for id in outcome.refused}

    async def _act(self, turn: Turn) -> None:
        await asyncio.gather(*(self.stage.bring(self.cast.child(child)) for child in turn.children))
        for act in turn.acts:
            said = {child: self._command(act, child, turn) for child in turn.children}
            if len(said) > 1 and all(isinstance(command, Held) for command in said.values()):
                await self.hold(said)
            else:
                await asyncio.gather(*(self.submit(child, command) for child, command in said.items()))
        await asyncio.gather(*(self.stage.watch(self.door, self.cast.child(child)) for child in turn.children))

    def _command(self, act: Act, child: str, turn: Turn) -> Command:
        meant, running = act, self.stage.journeys.get(self.cast.child(child))
        if act.command == "acknowledged" and running is not None:
            of = [each.instance for each in running.sight.state.clocks.values() if each.clock == act.fields_for(child)["instance"]]
            meant = act.model_copy(update={"fields": {**act.fields, "instance": of[-1]}, "each": {}}) if of else act
        return command_of(meant, child, turn.by or "", turn.at, self.cast.id_of)


@dataclass
class BarePlaying(Playing):
    """The same turns on plain workflows, which do the steps that ours were seen to do."""

    steps: Mapping[str, Sequence[Step]] = field(default_factory=lambda: {})
    """By the script's key."""

    def envelope(self, child: str, command: Command) -> dict[str, Any]:
        """What the command says, and whether a journey refused it."""
        refused = (child, self.number, command.name) in self.refused
        return {"name": command.name, "refused": refused, "body": command.model_dump(mode="json", exclude_none=True)}

    async def submit(self, child: str, command: Command) -> None:
        """A row for the command, then the update."""
        id, envelope = self.cast.child(child), self.envelope(child, command)
        async with transaction(self.place.pool, AUTHORITY) as connection:
            await connection.execute("INSERT INTO bare.commands VALUES ($1, $2, $3)", id, opaque(), envelope)
        begin = Begin(id, (self.stage.now - datetime.now(UTC)).total_seconds())
        start: Start = WithStartWorkflowOperation(
            "Bare", begin, id=id, task_queue=BARE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
        )
        if id in self.stage.journeys:
            update = self.place.plain.get_workflow_handle(id).execute_update("command", envelope)
        elif envelope["refused"]:
            return
        else:
            update = self.place.plain.execute_update_with_start_workflow("command", envelope, start_workflow_operation=start)
        try:
            await update
        except WorkflowUpdateFailedError:
            if not envelope["refused"]:
                raise

    async def hold(self, said: Mapping[str, Command]) -> None:
        """The same meeting."""
        outcomes = {self.cast.child(child): self.envelope(child, command) for child, command in said.items()}
        start: Start = WithStartWorkflowOperation(
            "BareMeeting", id=opaque(), task_queue=BARE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
        )
        await self.place.plain.execute_update_with_start_workflow("hold", outcomes, start_workflow_operation=start)

    def undone(self) -> dict[str, str]:
        """Children whose workflow did not do all that the journey did: then nothing is measured."""
        done = {key: self.stage.journeys[self.cast.child(key)].sight.state.seq for key in self.steps}
        return {key: f"{done[key]} of {len(each)}" for key, each in self.steps.items() if done[key] != len(each)}


async def ours(here: Place, play: Play) -> tuple[float, Playing]:
    """One run of our journeys, in seconds."""
    playing = Playing(here, play)
    async with journeys_worker(here.client, here.pool, here.keys):
        seconds = await playing.run()
        await playing.close()
    return seconds, playing


async def bare(here: Place, like: Playing) -> tuple[float, int]:
    """One run of plain workflows that do what those journeys did, in seconds, and how many steps they did."""
    keys = {key: like.cast.child(key) for key in like.play.script.children}
    begun = {key: id for key, id in keys.items() if id in like.stage.journeys}
    steps = {key: await steps_of(here.client, here.pool, id) for key, id in begun.items()}
    playing = BarePlaying(
        here, like.play, like.refused, "SELECT EXISTS (SELECT FROM bare.journeys WHERE child = $1 AND steps > $2)", steps=steps
    )
    activities = Activities(here.plain, here.pool, {playing.cast.child(key): each for key, each in steps.items()})
    async with bare_worker(activities):
        seconds = await playing.run()
        undone = playing.undone()
        await playing.close()
    if undone:
        raise RuntimeError(f"the plain workflows did not do what the journeys did: {undone}")
    return seconds, sum(map(len, steps.values()))


async def measure(size: Size) -> list[Row]:
    """Journeys a second."""
    play, steps = journeys_alone(read(find(size.case))), 0
    times: tuple[list[float], list[float]] = ([], [])
    async with place(virtual=True) as here:
        for _ in range(size.runs):
            seconds, playing = await ours(here, play)
            times[0].append(seconds)
            seconds, steps = await bare(here, playing)
            times[1].append(seconds)
    children = len(play.script.children)
    return [
        Row(
            name=f"journeys a second, {size.case}",
            unit="journeys/s",
            ours=children * size.runs / sum(times[0]),
            bare=children * size.runs / sum(times[1]),
            aim="at least 0.85",
            at_least=0.85,
            notes=f"{steps} steps a run; seconds {_listed(times[0])} and {_listed(times[1])}",
        )
    ]


def _listed(seconds: Sequence[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in seconds)
