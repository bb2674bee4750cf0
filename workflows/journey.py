"""A child's journey: one durable workflow a child. It takes commands, sleeps until the next instant any timescale needs, and records.

What a command or the passing of time comes to is worked out in an activity (`procedures.settlement`) and stays in history; the journey
itself only folds entries that the record has taken. So it replays alike whatever the rules, the calendar or the code of decisions say later.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from procedures.decisions import refused_at_the_edge
    from procedures.fold import fold
    from procedures.refusals import Refused
    from procedures.settlement import next_wake
    from schemas.commands import COMMANDS, Envelope
    from schemas.engine import Begin, CommandQuestion, Recorded, Sight, TimeQuestion
    from schemas.flush import Flush
    from schemas.timeline import Answer
    from workflows.refusal import as_failure
    from workflows.renewal import Run

QUICK = timedelta(seconds=10)
"""Longest time for one try of working out or recording."""

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20))
"""A database that is away delays, it never fails a journey."""

ASK_AGAIN = timedelta(minutes=10)
"""Between two tries where the record cannot take what is due."""


@workflow.defn(name="Journey")
class Journey:
    """Durable from a child's first report until its record is closed, and after that for corrections and new reports."""

    @workflow.init
    def __init__(self, begin: Begin) -> None:
        self.state = begin.state
        self.ahead = begin.ahead
        self.this_run = Run(began=workflow.now(), version=_worker_version())
        self.turn = asyncio.Lock()

    @workflow.run
    async def run(self, begin: Begin) -> None:
        """Wake when a timescale needs it, until it is time for a new run."""
        while not self._renewal_wanted():
            if await self._woken():
                await self._kept_alive()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(Begin(state=self.state, ahead=self.ahead))

    @workflow.update(name="command")
    async def command(self, envelope: Envelope) -> Answer:
        """Take a command: it is recorded before it is answered, or refused and nothing has changed."""
        self.this_run.commands += 1
        async with self.turn:
            question = CommandQuestion(state=self.state, envelope=envelope, now=self._now(envelope.received_at))
            try:
                flush = await workflow.execute_local_activity(
                    "settle_command", question, result_type=Flush, start_to_close_timeout=QUICK, retry_policy=PATIENT
                )
            except ActivityError as error:
                raise error.cause or error from error
            answer = await self._record(flush)
            if answer is None:
                raise ApplicationError("a command was settled without an answer", non_retryable=True)
            return answer

    @command.validator
    def may_be_taken(self, envelope: Envelope) -> None:
        """Refuse before anything is written to history. Asked again in the handler, since others may have been taken meanwhile."""
        try:
            said = COMMANDS[envelope.name].model_validate(envelope.body)
            refused_at_the_edge(self.state, said, self._now(envelope.received_at))
        except Refused as refused:
            raise as_failure(refused) from refused

    @workflow.update(name="look_again")
    async def look_again(self) -> int:
        """The calendar or a setting changed: what it moves is moved now. Returns the number of the last entry."""
        self.this_run.commands += 1
        async with self.turn:
            await self._pass_time()
        return self.state.seq

    @workflow.query(name="sight")
    def sight(self) -> Sight:
        """The journey as it stands: state, its clock, and when it wakes next."""
        return Sight(state=self.state, now=self._now(), ahead=self.ahead, next_wake=next_wake(self.state))

    def _now(self, received_at: datetime | None = None) -> datetime:
        """The journey's own clock; never before the instant at which the door took the command."""
        now = workflow.now() + self.ahead
        return now if received_at is None else max(now, received_at)

    def _renewal_wanted(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return self.this_run.is_over(workflow.now(), _worker_version(), suggested=suggested)

    async def _woken(self) -> bool:
        """Sleep until the next instant. False where something else changed: then look again."""
        wake = next_wake(self.state)
        now = self._now()
        if wake is not None and wake <= now:
            return True
        longest = self.this_run.left(workflow.now())
        timeout = longest if wake is None else min(longest, wake - now)
        try:
            # The timer is armed anew only when the earliest instant moved.
            await workflow.wait_condition(lambda: next_wake(self.state) != wake or self._renewal_wanted(), timeout=timeout)
        except TimeoutError:
            return wake is not None and wake <= self._now()
        return False

    async def _kept_alive(self) -> None:
        """What is due is done. Where record and engine disagree an operator must look, and until then the journey asks again:
        it never ends, for its timescales would end with it.
        """
        try:
            async with self.turn:
                await self._pass_time()
        except (ActivityError, ApplicationError) as error:
            # A local activity's final failure comes as it was raised, that of any other as the cause of the activity's.
            workflow.logger.error("journey_cannot_record: %s", type(error.cause or error).__name__)
            await workflow.sleep(ASK_AGAIN)

    async def _pass_time(self) -> None:
        question = TimeQuestion(state=self.state, now=self._now())
        flush = await workflow.execute_local_activity(
            "settle_due", question, result_type=Flush, start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        if flush.entries:
            await self._record(flush)

    async def _record(self, flush: Flush) -> Answer | None:
        """Record first, fold after: what the journey believes is always in the record."""
        recorded = await workflow.execute_activity(
            "record", flush, result_type=Recorded, start_to_close_timeout=QUICK * 3, retry_policy=PATIENT
        )
        if recorded.answer is not None:
            return recorded.answer
        self.state = fold(self.state, flush.entries)
        return flush.answer


def _worker_version() -> str | None:
    """The version of the worker on which this task runs, at a replay the one on which it ran; none where workers have none."""
    version = workflow.info().get_current_deployment_version()
    # Without versioning the SDK still says a build id, which is another in each process.
    return version.build_id if version is not None and version.deployment_name else None
