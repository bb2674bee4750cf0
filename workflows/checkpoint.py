"""The checkpoint: once a day all chains are counted and signed, and what was signed is kept outside as well."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from schemas.checkpoints import CheckpointDone, CheckpointMade, CheckpointRequest

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=10))
A_WHILE = timedelta(minutes=10)
"""Longest time for one try: the first checkpoint of an authority holds every child."""

SILENT = timedelta(minutes=2)
"""Longest time until a worker that was killed meanwhile is noticed, and another one tries: a place is waited for half a minute."""


@workflow.defn(name="Checkpoint")
class Checkpoint:
    """Makes one checkpoint, then anchors it with all that are not anchored yet."""

    def __init__(self) -> None:
        self.made: CheckpointMade | None = None

    @workflow.run
    async def run(self, request: CheckpointRequest) -> CheckpointDone:
        """A place that takes nothing is tried until patience ends; what is left then is the next checkpoint's to anchor."""
        self.made = made = await workflow.execute_activity(
            "make_checkpoint", request, result_type=CheckpointMade, start_to_close_timeout=A_WHILE, retry_policy=PATIENT
        )
        try:
            await workflow.execute_activity(
                "anchor_checkpoints",
                request.authority,
                start_to_close_timeout=A_WHILE,
                heartbeat_timeout=SILENT,
                schedule_to_close_timeout=request.patience,
                retry_policy=PATIENT,
            )
        except ActivityError:
            return CheckpointDone(made=made, anchored=False)
        return CheckpointDone(made=made, anchored=True)

    @workflow.query(name="made")
    def so_far(self) -> CheckpointMade | None:
        """The checkpoint, as soon as it is made."""
        return self.made
