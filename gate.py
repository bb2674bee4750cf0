"""The gate: before a version of the worker becomes current, it replays every open journey and comes to the state that is recorded.

Replay alone notices other steps, not other states: so the state that a replayed journey holds is compared as well, with the digest that
the record holds of it. What does not pass is named by the child's opaque id, and nothing has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from temporalio import workflow
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
from procedures.fold import digest
from record import lists, timeline
from record.keys import KeyRing
from record.pool import Pool, transaction
from schemas.state import JourneyState
from workflows.journey import Journey


@dataclass(frozen=True)
class Objection:
    """A journey that this version cannot go on with, and why."""

    child: str
    why: str


class Diverges(Exception):
    """This code takes other steps than the history holds. Says which."""


@dataclass
class Replays:
    """Replays histories on this code, and looks at the journey as it stands at their end."""

    keys: KeyRing
    _seen: list[Journey] = field(default_factory=lambda: [])

    @property
    def _converter(self) -> DataConverter:
        """Nothing leaves this process: what fails is said as it is."""
        return replace(data_converter(EncryptingCodec(self.keys.codec)), failure_converter_class=DefaultFailureConverter)

    async def state_after(self, history: WorkflowHistory) -> JourneyState:
        """The state that the journey holds after its last event.

        Raises:
            Diverges: this code takes other steps.
        """
        self._seen.clear()
        replayer = Replayer(
            workflows=[Journey],
            # The instance is looked at from outside.
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[_Witness(self._seen)],
            data_converter=self._converter,
        )
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            raise Diverges(str(result.replay_failure)[:300])
        return self._seen[-1].state


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
    """The journeys that this version does not come to the recorded state of; none where the engine runs this version already.

    Which journeys there are the record says: the engine's own lists lag behind.
    """
    if await current_version(client) == this_version().build_id:
        return []
    async with transaction(pool, authority) as connection:
        children = await lists.with_journeys(connection)
    replays = Replays(keys)
    found: list[Objection] = []
    for child in children:
        history = await _present_run(client, child)
        if history is not None and (why := await _why_not(replays, history, pool, authority)) is not None:
            found.append(Objection(child, why))
    return found


async def _present_run(client: Client, child: str) -> WorkflowHistory | None:
    try:
        return await client.get_workflow_handle(child).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None  # The engine lost it: the record knows how it goes on.
        raise


async def _why_not(replays: Replays, history: WorkflowHistory, pool: Pool, authority: str) -> str | None:
    try:
        state = await replays.state_after(history)
    except Diverges as error:
        return str(error)
    async with transaction(pool, authority) as connection:
        entries = await timeline.read(connection, state.child, replays.keys, until_seq=state.seq, after_seq=state.seq - 1)
    if entries and entries[0].digest != digest(state):
        return f"after entry {state.seq} this version holds another state than the one that is recorded"
    return None
