"""The gate: before a version of the worker becomes current, it replays every open journey, meeting and sweep and comes to what is recorded.

Replay alone notices other steps, not other states: so the state that a replayed journey holds is compared as well, with the digest that
the record holds of it. What does not pass is named by the child's opaque id, and nothing has changed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter, DefaultFailureConverter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from engine.codec import EncryptingCodec, data_converter
from engine.version import current_version, this_version
from meetings import workflow_of
from procedures.fold import digest
from procedures.meetings.fold import fold
from record import lists, meetings, timeline
from record.keys import KeyRing
from record.pool import Pool, transaction
from schemas.meetings import MeetingState
from schemas.state import JourneyState
from workflows.journey import Journey
from workflows.meeting import Meeting
from workflows.sweep import Sweep

REPLAYED = (Journey, Meeting, Sweep)
"""What runs for longer than a worker does. A digest is over within minutes."""

RUNNING = "ExecutionStatus = 'Running'"

ANOTHER = "after entry {} this version holds another state than the one that is recorded"

Kind = TypeVar("Kind", Journey, Meeting, Sweep)

Look = Callable[[WorkflowHistory], Awaitable[str | None]]
"""Replays one history; gives what stands against it."""


@dataclass(frozen=True)
class Objection:
    """A workflow that this version cannot go on with, and why."""

    workflow: str
    """Its id: the child's, `meeting:` and the meeting's, or `sweep:` and the authority's."""
    why: str


class Diverges(Exception):
    """This code takes other steps than the history holds. Says which."""


@dataclass
class Replays:
    """Replays histories on this code, and looks at the workflow as it stands at their end."""

    keys: KeyRing
    _seen: list[Any] = field(default_factory=lambda: [])

    @property
    def _converter(self) -> DataConverter:
        """Nothing leaves this process: what fails is said as it is."""
        return replace(data_converter(EncryptingCodec(self.keys.codec)), failure_converter_class=DefaultFailureConverter)

    async def state_after(self, history: WorkflowHistory) -> JourneyState:
        """The state that the journey holds after its last event.

        Raises:
            Diverges: this code takes other steps.
        """
        return (await self.replayed(history, Journey)).state

    async def meeting_after(self, history: WorkflowHistory) -> MeetingState | None:
        """The state that the meeting holds after its last event; none of one that was arranged elsewhere.

        Raises:
            Diverges: this code takes other steps.
        """
        return (await self.replayed(history, Meeting)).state

    async def replayed(self, history: WorkflowHistory, kind: type[Kind]) -> Kind:
        """The workflow as it stands after its last event.

        Raises:
            Diverges: this code takes other steps, or the history has not so much as one.
        """
        self._seen.clear()
        replayer = Replayer(
            workflows=list(REPLAYED),
            # The instance is looked at from outside.
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[_Witness(self._seen)],
            data_converter=self._converter,
        )
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            raise Diverges(str(result.replay_failure)[:300])
        if not self._seen or not isinstance(self._seen[-1], kind):
            raise Diverges("nothing of it was replayed")
        return self._seen[-1]


class _Witness(Interceptor):
    """Keeps hold of the instances that are replayed."""

    def __init__(self, seen: list[Journey]) -> None:
        self.seen = seen

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Called by the replayer."""
        seen = self.seen

        class Inbound(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                seen.append(workflow.instance())
                return await super().execute_workflow(input)

        return Inbound


async def objections(client: Client, pool: Pool, authority: str, keys: KeyRing) -> Sequence[Objection]:
    """The workflows that this version does not come to the recorded state of; none where the engine runs this version already.

    Which journeys and meetings there are the record says: the engine's own lists lag behind by seconds. What is no longer open, or was
    begun and taken up by no worker yet, cannot diverge.
    """
    if await current_version(client) == this_version().build_id:
        return []
    looks = _Looks(Replays(keys), pool, authority)
    async with transaction(pool, authority) as connection:
        asked: dict[str, Look] = dict.fromkeys(await lists.with_journeys(connection), looks.journey)
        asked |= {workflow_of(meeting): looks.meeting for meeting in await meetings.arranged(connection)}
    # Meetings that were only held here, and sweeps, stand in no list of the record.
    async for each in client.list_workflows(f"WorkflowType IN ('Meeting', 'Sweep') AND {RUNNING}"):
        asked.setdefault(each.id, looks.meeting if each.workflow_type == "Meeting" else looks.sweep)
    found: list[Objection] = []
    for id, look in asked.items():
        history = await _present_run(client, id)
        if history is not None and (why := await _why_not(look, history)) is not None:
            found.append(Objection(id, why))
    return found


@dataclass(frozen=True)
class _Looks:
    """What is looked at after a replay."""

    replays: Replays
    pool: Pool
    authority: str

    async def journey(self, history: WorkflowHistory) -> str | None:
        state = await self.replays.state_after(history)
        async with transaction(self.pool, self.authority) as connection:
            entries = await timeline.read(connection, state.child, self.replays.keys, until_seq=state.seq, after_seq=state.seq - 1)
        return ANOTHER.format(state.seq) if entries and entries[0].digest != digest(state) else None

    async def meeting(self, history: WorkflowHistory) -> str | None:
        state = await self.replays.meeting_after(history)
        if state is None:
            return None
        async with transaction(self.pool, self.authority) as connection:
            log = [each for each in await meetings.read(connection, state.meeting) if each.seq <= state.seq]
        return ANOTHER.format(state.seq) if fold(MeetingState(meeting=state.meeting, authority=state.authority), log) != state else None

    async def sweep(self, history: WorkflowHistory) -> str | None:
        await self.replays.replayed(history, Sweep)
        return None


async def _present_run(client: Client, id: str) -> WorkflowHistory | None:
    try:
        history = await client.get_workflow_handle(id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None  # The engine lost it: the record knows how it goes on.
        raise
    taken_up = any(each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for each in history.events)
    return history if taken_up else None


async def _why_not(look: Look, history: WorkflowHistory) -> str | None:
    try:
        return await look(history)
    except Diverges as error:
        return str(error)
