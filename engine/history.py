"""What the engine still knows of an activity: what each of its runs was given and answered, over all runs of a workflow that are retained."""

from collections.abc import AsyncIterator
from typing import Generic, NamedTuple, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

COMPLETED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
FAILED = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
)


class Ran(NamedTuple, Generic[Asked, Answered]):
    """One activity of a history."""

    asked: Asked
    answered: Answered | None
    """None while it runs, and of one that answers nothing."""
    done: bool


async def activities_of(
    client: Client, workflow: str, activity: str, asked: type[Asked], answered: type[Answered]
) -> AsyncIterator[Ran[Asked, Answered]]:
    """Each activity of that name that did not fail, the newest run of the workflow first, and in each the first activity first.

    Raises:
        RPCError: the engine does not answer. What it does not know, or no longer, is left out.
    """
    run: str | None = None
    while True:
        given, before = dict[int, Asked](), ""
        try:
            async for event in client.get_workflow_handle(workflow, run_id=run).fetch_history_events():
                match event.event_type:
                    case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                        before = event.workflow_execution_started_event_attributes.continued_execution_run_id
                    case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                        if event.activity_task_scheduled_event_attributes.activity_type.name == activity:
                            payloads = event.activity_task_scheduled_event_attributes.input.payloads
                            (given[event.event_id],) = await client.data_converter.decode(payloads, [asked])
                    case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED if _of(event) in given:
                        payloads = event.activity_task_completed_event_attributes.result.payloads
                        (result,) = await client.data_converter.decode(payloads, [answered])
                        yield Ran(given.pop(_of(event)), result, done=True)
                    case kind if kind in FAILED:
                        given.pop(_of(event), None)
                    case _:
                        pass
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        for each in given.values():
            yield Ran(each, None, done=False)
        if not before:
            return
        run = before


def _of(event: HistoryEvent) -> int:
    """Of an activity's end: the number of the event that scheduled it."""
    for ending in ("completed", "failed", "timed_out", "canceled"):
        name = f"activity_task_{ending}_event_attributes"
        if event.HasField(name):  # pyright: ignore[reportArgumentType]
            return getattr(event, name).scheduled_event_id
    return 0
