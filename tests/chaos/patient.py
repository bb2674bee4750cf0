"""A rehearsal that goes on while its parts are killed: what it asks is asked again, under the same ids, until somebody answers."""

import asyncio
import datetime as dt
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from commands import Door, EngineAway, RecordAway
from embedded.stack import Endpoints
from meetings import MeetingDoor, workflow_of
from procedures.working_days import Calendar
from record import digests, pool
from record.letters import SeenLetter
from record.pool import transaction
from record.roles import Role, dsn
from rehearsal.meeting_runs import Gatherings
from rehearsal.reading import Turn
from rehearsal.runner import Runner
from rehearsal.stage import Meeting, Stage
from schemas.base import Identifier
from schemas.commands import Command
from schemas.engine import JOURNEYS, DigestRequest, MeetingOutcome
from schemas.timeline import Answer, RecordedEntry
from tests.chaos.command_line import Errand
from tests.chaos.killing import Killer

AWAY = (EngineAway, RecordAway, RPCError, TimeoutError, *pool.AWAY)
"""What a part says that is killed, or not there yet."""

PATIENCE = 300.0
"""Seconds after which nothing answers any more."""

Result = TypeVar("Result")


async def patiently(ask: Callable[[], Awaitable[Result]]) -> Result:
    """The first answer. That something is not there is an answer too."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await ask()
            except AWAY as error:
                if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
                    raise
                await asyncio.sleep(0.1)


@dataclass(frozen=True)
class PatientDoor(Door):
    """Sends each command until it is answered, always under its id; some first by a command line that is killed."""

    endpoints: Endpoints | None = None
    killer: Killer | None = None

    async def submit(self, child: Identifier, command: Command, command_id: Identifier) -> Answer:
        """Send it until it is answered."""
        if self.killer is not None and not self.killer.over and self.killer.for_command_lines:
            await self._killed_in_it(child, command, command_id, self.killer.for_command_lines.pop(0))
        send = super().submit
        return await patiently(lambda: send(child, command, command_id))

    async def hold_meeting(self, meeting: Identifier, outcomes: Mapping[Identifier, Command]) -> MeetingOutcome:
        """Tell it until it is answered."""
        hold = super().hold_meeting
        return await patiently(lambda: hold(meeting, outcomes))

    async def _killed_in_it(self, child: Identifier, command: Command, id: Identifier, moment: float) -> None:
        there, now, killer = self.endpoints, self.now, self.killer
        assert there is not None
        assert now is not None
        assert killer is not None
        errand = Errand(
            temporal_address=there.temporal_address,
            namespace=there.namespace,
            dsn=dsn(there.postgres_superuser_dsn, Role.door, there.keys),
            keys=there.keys,
            authority=self.authority,
            child=child,
            name=command.name,
            body=command.model_dump(mode="json", exclude_none=True),
            command_id=id,
            now=await now(),
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.command_line"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        telling = asyncio.ensure_future(process.communicate(errand.model_dump_json().encode()))
        await asyncio.wait([telling], timeout=moment)
        if process.returncode is None:
            process.kill()
            killer.count("command line")
        await telling


class PatientStage(Stage):
    """Looks and moves until somebody answers. A move is to an instant: asked for twice it is made once.

    What is sent again is answered from the record, where the engine may still be at it: what is looked at is at rest first, so that
    nobody acts hours later in virtual time upon what was recorded and not told yet.
    """

    async def watch(self, door: Door, child: str) -> None:
        """Look at a journey."""
        look = super().watch
        await self._at_rest(child)
        await patiently(lambda: look(door, child))

    async def watch_meeting(self, meeting: str, door: MeetingDoor) -> None:
        """Look at a meeting."""
        look = super().watch_meeting
        await self._at_rest(workflow_of(meeting))
        await patiently(lambda: look(meeting, door))

    async def _look(self, meeting: Meeting) -> Meeting:
        look = super()._look
        await self._at_rest(meeting.handle.id)
        return await patiently(lambda: look(meeting))

    async def _at_rest(self, id: str) -> None:
        """Until nothing that the engine has begun for it is unfinished."""
        handle = self.client.get_workflow_handle(id)
        with suppress(RPCError):  # There is none.
            async with asyncio.timeout(PATIENCE):
                while _is_at_work((await patiently(handle.describe)).raw_description):  # noqa: ASYNC110 - the engine tells no one.
                    await asyncio.sleep(0.05)

    async def _bring(self, handle: WorkflowHandle[Any, Any], ahead: dt.timedelta) -> None:
        move = super()._bring
        await patiently(lambda: move(handle, ahead))


def _is_at_work(described: DescribeWorkflowExecutionResponse) -> bool:
    return bool(described.pending_activities) or described.HasField("pending_workflow_task")


Between = Callable[["PatientRunner", Turn], Awaitable[None]]


async def nothing(_: "PatientRunner", __: Turn) -> None:
    """Between two turns nothing more happens."""


@dataclass
class PatientRunner(Runner):
    """One run of one play while its parts are killed. Its letters are sent by a process, while the gate is open."""

    endpoints: Endpoints = field(kw_only=True)
    gate: Path = field(kw_only=True)
    killer: Killer | None = field(default=None, kw_only=True)
    between: Between = field(default=nothing, kw_only=True)

    def __post_init__(self) -> None:
        self._stage = PatientStage(self.client, self.play.turns[0].when, backstage=self, calendar=Calendar(version=0))
        self._door = PatientDoor(
            self.client, self.pool, self.cast.authority, self.keys, self._stage.clock, endpoints=self.endpoints, killer=self.killer
        )
        self._gatherings = Gatherings(
            self.cast, self.client, self.pool, self.keys, self._door, self._stage, self.programs(), asks=patiently
        )

    @property
    def stage(self) -> Stage:
        """The journeys that run."""
        return self._stage

    @property
    def door(self) -> Door:
        """Where they are told."""
        return self._door

    async def settle(self) -> None:
        """All letters that wait go now, by the sender's process."""
        if not await patiently(self._waiting):
            return
        self.gate.touch()
        try:
            async with asyncio.timeout(PATIENCE):
                while await patiently(self._waiting):  # noqa: ASYNC110 - another process sends them.
                    await asyncio.sleep(0.02)
        finally:
            self.gate.unlink()

    async def _waiting(self) -> int:
        async with transaction(self.pool, self.cast.authority) as connection:
            return await connection.fetchval("SELECT count(*) FROM letters WHERE state IN ('waiting', 'deferred')")

    async def morning(self, as_of: dt.datetime) -> None:
        """The digest of that morning, started once."""

        async def write() -> None:
            async with transaction(self.mornings, self.cast.authority) as connection:
                if not await digests.waiting(connection, as_of):
                    return
            request = DigestRequest(authority=self.cast.authority, as_of=as_of)
            workflow = f"digest:{self.cast.authority}:{as_of:%Y-%m-%d}"
            once = WorkflowIDConflictPolicy.USE_EXISTING
            await self.client.execute_workflow(
                "Digest", request, id=workflow, task_queue=JOURNEYS, result_type=int, id_conflict_policy=once
            )

        await patiently(write)

    async def is_recorded(self, child: str, after: int) -> bool:
        """Whether the child's timeline has an entry after that one."""
        ask = super().is_recorded
        return await patiently(lambda: ask(child, after))

    async def close(self) -> None:
        """End the run's journeys and meetings in the engine."""
        running = (*self._stage.journeys.values(), *self._stage.meetings.values())
        await asyncio.gather(*(patiently(lambda each=each: each.handle.terminate("the run is over")) for each in running))

    async def _check_whole(self) -> None:
        await patiently(super()._check_whole)

    async def _compare(self, turn: Turn) -> None:
        await super()._compare(turn)
        await self.between(self, turn)

    async def _entries(self, child: str, after: int = 0) -> list[RecordedEntry]:
        ask = super()._entries
        return await patiently(lambda: ask(child, after))

    async def _letters(self, children: Iterable[str]) -> list[SeenLetter]:
        ask, asked = super()._letters, list(children)
        return await patiently(lambda: ask(asked))
