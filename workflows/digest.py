"""The digest: one letter a working morning to each who has something to be told, never two for the same day."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from schemas.engine import DigestRequest

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))
QUICK = timedelta(minutes=1)


@workflow.defn(name="Digest")
class Digest:
    """Writes the digests of one morning. Repeating it writes nothing twice: a digest is unique by recipient and day."""

    @workflow.run
    async def run(self, request: DigestRequest) -> int:
        """The number of digests written. Without an instant (as the schedule starts it) this morning's are meant."""
        asked = request if request.as_of is not None else request.model_copy(update={"as_of": workflow.now()})
        return await workflow.execute_activity("write_digests", asked, result_type=int, start_to_close_timeout=QUICK, retry_policy=PATIENT)
