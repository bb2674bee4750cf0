"""What the engine tells an operator: its version, who works on its task queues, and which workflows' tasks fail."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    GetClusterInfoRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client, WorkflowExecution

from engine.version import current_version
from schemas.engine import JOURNEYS
from schemas.held import Held
from schemas.status import EngineSeen, Poller, Queue, Stuck

ASKED_WITHIN = dt.timedelta(seconds=90)
"""Since a worker last asked for work; it asks at least once a minute. The engine remembers it for longer."""

TYPES: dict[Literal["workflow", "activity"], TaskQueueType.ValueType] = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}

FAILING = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
"""The engine itself marks a workflow whose task failed five times running: so nobody asks 60,000 of them."""

LOOK_BACK = 50
"""Events of a history that are looked through for the failure."""


async def engine_of(client: Client) -> EngineSeen:
    """Its address and version, and the version of the worker that it gives tasks to."""
    info = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
    return EngineSeen(
        address=client.service_client.config.target_host,
        namespace=client.namespace,
        server_version=info.server_version,
        current_build=await current_version(client),
    )


async def queues_of(client: Client, now: dt.datetime) -> tuple[Queue, ...]:
    """The task queue of journeys, for workflows and for activities, with the workers that ask now."""
    return tuple([await _queue(client, tasks, now) for tasks in TYPES])


async def failing(client: Client, most: int) -> Sequence[Stuck]:
    """Workflows whose tasks fail, with the kind of failure; the engine lists them some seconds late."""
    return [await _stuck(client, each) async for each in client.list_workflows(FAILING, limit=most)]


async def _queue(client: Client, tasks: Literal["workflow", "activity"], now: dt.datetime) -> Queue:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=JOURNEYS), task_queue_type=TYPES[tasks], report_stats=True
    )
    described = await client.workflow_service.describe_task_queue(request)
    pollers = (_poller(each) for each in described.pollers)
    return Queue(
        name=JOURNEYS,
        tasks=tasks,
        waiting=described.stats.approximate_backlog_count,
        pollers=tuple(each for each in pollers if now - each.asked_at < ASKED_WITHIN),
    )


def _poller(info: PollerInfo) -> Poller:
    # A worker without a version says a checksum of its code in the same place.
    told = info.deployment_options
    versioned = told.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    build = told.build_id if versioned else ""
    return Poller(identity=info.identity, build=build, asked_at=info.last_access_time.ToDatetime(dt.UTC))


async def _stuck(client: Client, running: WorkflowExecution) -> Stuck:
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=Execution(workflow_id=running.id, run_id=running.run_id),
        maximum_page_size=LOOK_BACK,
    )
    events = (await client.workflow_service.get_workflow_execution_history_reverse(request)).history.events
    found = next((each for each in events if each.HasField("workflow_task_failed_event_attributes")), None)
    attempt = (await client.get_workflow_handle(running.id).describe()).raw_description.pending_workflow_task.attempt
    return Stuck(
        held=Held(
            workflow=running.id,
            kind=running.workflow_type,
            activity="",
            attempt=attempt,
            failure="WorkflowTaskTimedOut" if found is None else _failure(found),
            message="" if found is None else _cause(found),
        ),
        by="workflow_task",
        since=running.start_time if found is None else found.event_time.ToDatetime(dt.UTC),
    )


def _failure(event: HistoryEvent) -> str:
    """The type; the words are encrypted, and stay so."""
    return event.workflow_task_failed_event_attributes.failure.application_failure_info.type or "WorkflowTaskFailed"


def _cause(event: HistoryEvent) -> str:
    name = WorkflowTaskFailedCause.Name(event.workflow_task_failed_event_attributes.cause)
    return name.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
