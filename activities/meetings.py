"""A meeting tells each child's journey what was decided for that child: first all are asked, then all are told."""

from dataclasses import dataclass

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from engine.journeys import sight_of
from procedures.decisions import refused_at_the_edge
from procedures.refusals import Refused
from record import commands
from record.pool import Pool, transaction
from schemas.commands import COMMANDS
from schemas.engine import Heard, MeetingHeld, Refusal, Told
from schemas.timeline import Answer
from workflows.refusal import refusal_in, refusal_of


@dataclass
class Meetings:
    """Speaks with journeys through the engine."""

    client: Client
    pool: Pool

    @activity.defn(name="ask_journeys")
    async def ask(self, held: MeetingHeld) -> dict[str, Refusal]:
        """Which journeys would refuse their outcome, and why. Nothing is told yet."""
        refusals: dict[str, Refusal] = {}
        for told in held.outcomes:
            sight = await sight_of(self.client, told.child)
            if sight is None:
                refusals[told.child] = refusal_of(Refused("no_journey"))
                continue
            said = COMMANDS[told.envelope.name].model_validate(told.envelope.body)
            try:
                refused_at_the_edge(sight.state, said, max(sight.now, told.envelope.received_at))
            except Refused as refused:
                refusals[told.child] = refusal_of(refused)
        return refusals

    @activity.defn(name="tell_journey")
    async def tell(self, told: Told) -> Heard:
        """Tell one journey; the update's id makes a repeat harmless."""
        handle = self.client.get_workflow_handle(told.child)
        try:
            await handle.execute_update("command", told.envelope, id=told.envelope.command_id, result_type=Answer)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return Heard(refusal=refusal_of(Refused("no_journey")))
        except WorkflowUpdateFailedError as failed:
            refusal = refusal_in(failed.cause)
            if refusal is None:
                raise
            if not await self._was_taken(told):
                return Heard(refusal=refusal)
        return Heard()

    async def _was_taken(self, told: Told) -> bool:
        """A repeat may come to a journey that has gone on, in another run, since it took the decision: then it is no refusal."""
        sight = await sight_of(self.client, told.child)
        if sight is None:
            return False
        async with transaction(self.pool, sight.state.authority) as connection:
            return await commands.answered(connection, told.child, told.envelope.command_id) is not None
