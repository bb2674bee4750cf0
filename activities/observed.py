"""What is seen of every activity and every command of a worker, in one place: a line in the log, metrics, and what holds a workflow."""

import time
from collections.abc import Mapping
from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from observing import metrics
from observing.failures import Said, root
from observing.logs import whose
from procedures.settlement import next_wake
from record.operating import NO_ANSWER, HeldWorkflows
from schemas.commands import Envelope
from schemas.engine import REFUSED, CommandQuestion, TimeQuestion, Told
from schemas.flush import Flush
from schemas.held import Held

HELD_FROM = 3
"""From which try on an activity counts as holding its workflow."""

log = structlog.get_logger()


class Observed(Interceptor):
    """For a worker."""

    def __init__(self, held: HeldWorkflows) -> None:
        self._held = held

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Around every activity."""
        return _Activity(next, self._held)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Around every update."""
        return _Commands


class _Activity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, held: HeldWorkflows) -> None:
        super().__init__(next)
        self._held = held

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info, began = activity.info(), time.monotonic()
        if info.attempt > HELD_FROM:
            # Also where the tries before did not live to say so.
            await self._note(info, Said(NO_ANSWER, ""))
        with structlog.contextvars.bound_contextvars(**_known(info, input)):
            try:
                result = await self.next.execute_activity(input)
            except Exception as error:
                await self._failed(info, error, time.monotonic() - began)
                raise
            seconds = time.monotonic() - began
            _measure(info, input, seconds)
            log.debug("activity_done", seconds=round(seconds, 4))
        if info.attempt >= HELD_FROM:
            await self._held.release(_workflow(info))
        return result

    async def _failed(self, info: activity.Info, error: Exception, seconds: float) -> None:
        failure = root(error)
        if failure.type == REFUSED:
            log.info("command_refused", code=str(error), seconds=round(seconds, 4))
            return
        log.error("activity_failed", error=failure.type, message=failure.message, seconds=round(seconds, 4), exc_info=error)
        metrics.count(metrics.ACTIVITY_FAILURES, info.activity_type, failure.type)
        if info.attempt >= HELD_FROM or (isinstance(error, ApplicationError) and error.non_retryable):
            await self._note(info, failure)

    async def _note(self, info: activity.Info, failure: Said) -> None:
        held = Held(
            workflow=_workflow(info),
            kind=info.workflow_type or "",
            activity=info.activity_type,
            attempt=info.attempt,
            failure=failure.type,
            message=failure.message,
        )
        try:
            await self._held.note(held)
        except Exception as error:  # The record itself may be what is away; the log and the metrics say so.
            log.error("held_not_noted", error=type(error).__name__)


def _workflow(info: activity.Info) -> str:
    return info.workflow_id or ""


def _known(info: activity.Info, input: ExecuteActivityInput) -> Mapping[str, Any]:
    fields: dict[str, Any] = {**whose(info.workflow_type, info.workflow_id), "activity": info.activity_type, "attempt": info.attempt}
    asked = input.args[0] if input.args else None
    match asked:
        case CommandQuestion(envelope=Envelope() as said) | Told(envelope=Envelope() as said):
            fields |= {"command": said.name, "command_id": said.command_id}
        case Flush():
            fields |= {"command_id": asked.command_id or "", "entries": len(asked.entries)}
        case TimeQuestion() if (late := _late(asked)) is not None:
            fields |= {"late_seconds": late}
        case _:
            pass
    return fields


def _measure(info: activity.Info, input: ExecuteActivityInput, seconds: float) -> None:
    asked = input.args[0] if input.args else None
    if isinstance(asked, Flush):
        metrics.observe(metrics.RECORD_APPEND, seconds)
    if isinstance(asked, TimeQuestion) and (late := _late(asked)) is not None:
        metrics.observe(metrics.WAKE_LATENESS, late)


def _late(asked: TimeQuestion) -> float | None:
    """Seconds since what is due; none where nothing is, and the journey only looks again."""
    due = next_wake(asked.state)
    return None if due is None or due > asked.now else round(asked.now.timestamp() - due.timestamp(), 3)


class _Commands(WorkflowInboundInterceptor):
    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        try:
            self.next.handle_update_validator(input)
        except ApplicationError as refused:
            _count_refused(input, refused)
            raise

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        try:
            answer = await self.next.handle_update_handler(input)
        except ApplicationError as refused:
            _count_refused(input, refused)
            raise
        said = _said(input)
        if said is not None:
            metrics.count(metrics.COMMANDS_TAKEN, said.name)
        return answer


def _count_refused(input: HandleUpdateInput, refused: ApplicationError) -> None:
    said = _said(input)
    if said is not None and refused.type == REFUSED:
        metrics.count(metrics.COMMANDS_REFUSED, said.name, refused.message)


def _said(input: HandleUpdateInput) -> Envelope | None:
    """The command; none in a replay, when it has been counted."""
    said = input.args[0] if input.args else None
    return said if isinstance(said, Envelope) and not workflow.unsafe.is_replaying() else None
