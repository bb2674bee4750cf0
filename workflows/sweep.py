"""A changed calendar or setting reaches every open journey: page by page, again and again until nothing is left that it moves."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from schemas.engine import SweepPage, SweepProgress, SweepRequest, SweptPage

PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
ONE_PAGE = timedelta(minutes=30)

MOST_PASSES = 5
"""In vain: where journeys still cannot be told after that many passes, they are named and an operator must look."""


@workflow.defn(name="Sweep")
class Sweep:
    """One at a time for an authority; a change that comes meanwhile makes it look through all once more."""

    def __init__(self) -> None:
        self.progress = SweepProgress()
        self.changed = True

    @workflow.run
    async def run(self, request: SweepRequest) -> SweepProgress:
        """Pass by pass; a journey that was opened or woken meanwhile is found by the last pass, which moves nothing."""
        in_vain = 0
        while in_vain < MOST_PASSES:
            self.changed = False
            before = self.progress.moved
            failed = await self._through_all(request)
            moved = self.progress.moved > before
            if not (moved or failed or self.changed):
                break
            in_vain = 0 if moved or self.changed else in_vain + 1
            await workflow.sleep(request.pause)
        return self.progress

    @workflow.signal(name="again")
    def again(self) -> None:
        """Something changed once more."""
        self.changed = True

    @workflow.query(name="progress")
    def so_far(self) -> SweepProgress:
        """How far it has come."""
        return self.progress

    async def _through_all(self, request: SweepRequest) -> bool:
        page = SweepPage(authority=request.authority, size=request.page, per_second=request.per_second)
        failed: list[str] = []
        while True:
            swept = await workflow.execute_activity(
                "sweep_page", page, result_type=SweptPage, start_to_close_timeout=ONE_PAGE, retry_policy=PATIENT
            )
            failed += swept.failed
            self.progress = SweepProgress(
                passes=self.progress.passes + (swept.last is None),
                looked_at=self.progress.looked_at + swept.looked_at,
                moved=self.progress.moved + swept.moved,
                failed=tuple(failed),
            )
            if swept.last is None:
                return bool(failed)
            page = page.model_copy(update={"after": swept.last})
