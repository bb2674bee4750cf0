"""A meeting that was held: what it decided for each child is told to that child's journey.

All children are asked first, so that nothing is told of a meeting that one of the journeys would refuse; then the meeting stays open,
names the child and says why, and is held again with what was missing.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from schemas.engine import Heard, MeetingHeld, MeetingOutcome, Refusal, Told

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20))
QUICK = timedelta(seconds=30)


@workflow.defn(name="Meeting")
class Meeting:
    """Shared by the children it is about; ends when every journey has been told."""

    def __init__(self) -> None:
        self.over = False

    @workflow.run
    async def run(self) -> None:
        """Stay open until it was held and told."""
        await workflow.wait_condition(lambda: self.over and workflow.all_handlers_finished())

    @workflow.update(name="hold")
    async def hold(self, held: MeetingHeld) -> MeetingOutcome:
        """Ask all journeys, then tell them all."""
        refused = await workflow.execute_activity(
            "ask_journeys", held, result_type=dict[str, Refusal], start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        told: list[str] = []
        if not refused:
            for outcome in held.outcomes:
                refusal = await self._tell(outcome)
                if refusal is None:
                    told.append(outcome.child)
                else:
                    refused[outcome.child] = refusal
        self.over = not refused
        return MeetingOutcome(meeting=held.meeting, told=tuple(told), refused=refused)

    async def _tell(self, outcome: Told) -> Refusal | None:
        heard = await workflow.execute_activity(
            "tell_journey", outcome, result_type=Heard, start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        return heard.refusal
