"""The schedules: each weekday at 08:00 in Wales the digest, which writes nothing on a bank holiday; each night a checkpoint of all chains."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)

from schemas.base import Identifier
from schemas.checkpoints import CheckpointRequest
from schemas.engine import JOURNEYS, DigestRequest

DIGEST_HOUR = 8

CATCH_UP = timedelta(hours=4)
"""A digest missed by more than this is not sent late: the next morning's says the same and more."""


CHECKPOINT_HOUR = 3
"""When the clocks change there is one such hour a day."""

CHECKPOINT_CATCH_UP = timedelta(hours=23)
"""A missed checkpoint is made late; after that the next one says more."""


async def keep_digests_scheduled(client: Client, authority: Identifier) -> None:
    """Make the schedule where it is not there yet. Repeating it changes nothing."""
    weekdays = ScheduleCalendarSpec(hour=[ScheduleRange(DIGEST_HOUR)], day_of_week=[ScheduleRange(1, 5)])
    schedule = Schedule(
        action=ScheduleActionStartWorkflow("Digest", DigestRequest(authority=authority), id=f"digest:{authority}", task_queue=JOURNEYS),
        spec=ScheduleSpec(calendars=[weekdays], time_zone_name="Europe/London"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    await _keep(client, f"digests:{authority}", schedule)


async def keep_checkpoints_scheduled(client: Client, authority: Identifier) -> None:
    """The same for the checkpoints: each day, on holidays too."""
    daily = ScheduleCalendarSpec(hour=[ScheduleRange(CHECKPOINT_HOUR)])
    request = CheckpointRequest(authority=authority)
    schedule = Schedule(
        action=ScheduleActionStartWorkflow("Checkpoint", request, id=f"checkpoint:{authority}", task_queue=JOURNEYS),
        spec=ScheduleSpec(calendars=[daily], time_zone_name="Europe/London"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CHECKPOINT_CATCH_UP),
    )
    await _keep(client, _checkpoints(authority), schedule)


async def checkpoint_now(client: Client, authority: Identifier) -> None:
    """One more, beside what is scheduled; also while an earlier one is still being anchored."""
    await client.get_schedule_handle(_checkpoints(authority)).trigger(overlap=ScheduleOverlapPolicy.ALLOW_ALL)


def _checkpoints(authority: Identifier) -> str:
    return f"checkpoints:{authority}"


async def _keep(client: Client, id: str, schedule: Schedule) -> None:
    try:
        await client.create_schedule(id, schedule)
    except ScheduleAlreadyRunningError:
        return
