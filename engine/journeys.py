"""A journey, or a meeting, as it stands in the engine."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from typing import Literal, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.errordetails.v1 import WorkflowNotReadyFailure
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from schemas.base import Identifier
from schemas.engine import JOURNEYS, Begin, Sight
from schemas.meetings import MeetingSight

Shown = TypeVar("Shown", Sight, MeetingSight)

CANNOT_RUN = frozenset({RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.INVALID_ARGUMENT})
"""What the engine says to a query of a workflow whose task fails again and again."""

TRIED_IN_VAIN = 3
"""So many tries of one task in a row, and the next will fail too."""

LOOK_AGAIN = 0.1
"""Seconds before the next look at a journey whose next run has not begun."""

LOOKS = 50
"""The engine lets a run that was very short rest for a second before the next."""


LISTED = 500
"""Ids that the engine is asked for at once."""


class Stuck(Exception):
    """The engine has the journey or meeting, and no worker can run it."""


async def sight_of(client: Client, child: Identifier) -> Sight | None:
    """State, clock and next wake; none where the child's journey has never begun.

    Raises:
        RPCError: the engine or the worker does not answer.
    """
    return await _asked(client, child, "sight", Sight)


async def _asked(client: Client, workflow: str, query: str, shown: type[Shown]) -> Shown | None:
    for _ in range(LOOKS):
        try:
            return await client.get_workflow_handle(workflow).query(query, result_type=shown)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            if not _is_between_runs(error):
                raise
        await asyncio.sleep(LOOK_AGAIN)
    return await client.get_workflow_handle(workflow).query(query, result_type=shown)


def _is_between_runs(error: RPCError) -> bool:
    return any(detail.Is(WorkflowNotReadyFailure.DESCRIPTOR) for detail in error.grpc_status.details)


async def running_sight(client: Client, child: Identifier) -> Sight | None:
    """The same of a journey that runs; none where it was ended, which a query alone would not tell.

    Raises:
        Stuck: it runs, and cannot go on.
        RPCError: the engine, or its worker, does not answer.
    """
    return await _asked_running(client, child, "sight", Sight)


async def running_meeting(client: Client, workflow: str) -> MeetingSight | None:
    """A meeting that runs; none of one that was arranged elsewhere. Raises what `running_sight` raises."""
    return await _asked_running(client, workflow, "meeting_sight", MeetingSight)


async def _asked_running(client: Client, workflow: str, query: str, shown: type[Shown]) -> Shown | None:
    try:
        described = await client.get_workflow_handle(workflow).describe()
        if described.status is not WorkflowExecutionStatus.RUNNING:
            return None
        if described.raw_description.pending_workflow_task.attempt >= TRIED_IN_VAIN:
            raise Stuck(workflow)
        return await _asked(client, workflow, query, shown)
    except WorkflowQueryFailedError as error:
        raise Stuck(workflow) from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        if error.status in CANNOT_RUN:
            raise Stuck(workflow) from error
        raise


async def running(client: Client, kind: Literal["Journey", "Meeting"]) -> AsyncIterator[list[str]]:
    """The ids of all workflows of that kind that the engine lists as running, page by page. Its list lags behind by seconds.

    Raises:
        RPCError: the engine does not answer.
    """
    listed = client.list_workflows(f"WorkflowType = '{kind}' AND ExecutionStatus = 'Running'", page_size=LISTED)
    while listed.current_page is None or listed.next_page_token:
        await listed.fetch_next_page()
        yield [each.id for each in listed.current_page or ()]


async def run_journey(client: Client, child: Identifier, begin: Begin, *, replace: bool) -> None:
    """Start the child's journey; where one runs already it is left alone, or ended in the same instant if it is to be replaced."""
    policy = WorkflowIDConflictPolicy.TERMINATE_EXISTING if replace else WorkflowIDConflictPolicy.FAIL
    try:
        await client.start_workflow("Journey", begin, id=child, task_queue=JOURNEYS, id_conflict_policy=policy)
    except WorkflowAlreadyStartedError:
        return


async def forget_journey(client: Client, child: Identifier) -> None:
    """End the child's journey where it runs, and delete what the engine kept of its runs. Repeating it does nothing.

    Raises:
        RPCError: the engine does not answer.
    """
    with _nothing_there():
        await client.get_workflow_handle(child).terminate("the record is destroyed")
    with _nothing_there():
        async for run in client.list_workflows(f"WorkflowId = '{child}'"):
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=child, run_id=run.run_id)
                )
            )


@contextmanager
def _nothing_there() -> Generator[None]:
    """There is no such journey, or this engine cannot delete: then it forgets by itself after its time."""
    try:
        yield
    except RPCError as error:
        if error.status not in {RPCStatusCode.NOT_FOUND, RPCStatusCode.UNIMPLEMENTED}:
            raise
