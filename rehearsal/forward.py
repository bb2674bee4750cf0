"""Moving one journey's clock in the engine: once, to an instant, and never past it unnoticed.

The SDK's own call tries again after a failed answer. A move is by a duration, so one that the engine had taken would be made twice, and the
journey would be past the instant; here a move is asked for once, and after a failed answer the clock is looked at again.
"""

import asyncio
import datetime as dt
import secrets
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import TimeSkippingConfig, WorkflowExecution
from temporalio.api.enums.v1.time_skipping_pb2 import FastForwardPollingResult
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionTimeSkippingRequest, UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

MOST_SKIPS = 10_000
"""Timers skipped in one move; a move goes to the next one, so this is never reached."""

EARLY = dt.timedelta(milliseconds=200)
"""A move ends this long before its instant, and the engine's own clock does the rest. Were a timer to fire in the very instant at which
a move ends, the engine might go on to the next timer before it sees that the move is over."""

TRIES = 20
LOOK_AGAIN = 0.2
"""Seconds before the clock is looked at after a failed answer."""

DONE = FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED
FAILED = FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_FAILED


async def clock(handle: WorkflowHandle[Any, Any]) -> dt.datetime:
    """The workflow's present instant in the engine."""
    description = (await handle.describe()).raw_description
    if not description.workflow_extended_info.HasField("time_skipping_info"):
        return dt.datetime.now(dt.UTC)
    return description.workflow_extended_info.time_skipping_info.current_time.ToDatetime(dt.UTC)


async def forward(client: Client, handle: WorkflowHandle[Any, Any], to: dt.datetime) -> dt.datetime:
    """Move the workflow's clock to just before that instant of its own (UTC); gives back where it is then.

    Raises:
        RPCError: the engine answered none of many tries.
    """
    for attempt in range(TRIES):
        there = await clock(handle)
        if there >= to - EARLY:
            return there
        try:
            await _move(client, handle, to - EARLY - there)
        except RPCError:
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(LOOK_AGAIN)
    return await clock(handle)


async def _move(client: Client, handle: WorkflowHandle[Any, Any], duration: dt.timedelta) -> None:
    move = secrets.token_hex(8)
    config = TimeSkippingConfig(enabled=True, max_session_skip_count=MOST_SKIPS)
    config.fast_forward_config.id = move
    config.fast_forward_config.duration.FromTimedelta(duration)
    asked = UpdateWorkflowExecutionOptionsRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=handle.id),
        workflow_execution_options=WorkflowExecutionOptions(time_skipping_config=config),
        update_mask=FieldMask(paths=["time_skipping_config"]),
        identity=client.identity,
    )
    await client.workflow_service.update_workflow_execution_options(asked, retry=False)
    look = PollWorkflowExecutionTimeSkippingRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=handle.id), fast_forward_id=move
    )
    while True:
        # Looking changes nothing, and may be tried again.
        seen = await client.workflow_service.poll_workflow_execution_time_skipping(look, retry=True)
        if seen.fast_forward_polling_result in {DONE, FAILED}:
            return
