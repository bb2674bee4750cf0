"""The one schedule: each weekday at 08:00 in Wales it starts the digest workflow, which writes nothing on a bank holiday."""

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
from schemas.engine import JOURNEYS, DigestRequest

DIGEST_HOUR = 8

CATCH_UP = timedelta(hours=4)
"""A digest missed by more than this is not sent late: the next morning's says the same and more."""


async def keep_digests_scheduled(client: Client, authority: Identifier) -> None:
    """Make the schedule where it is not there yet. Repeating it changes nothing."""
    weekdays = ScheduleCalendarSpec(hour=[ScheduleRange(DIGEST_HOUR)], day_of_week=[ScheduleRange(1, 5)])
    schedule = Schedule(
        action=ScheduleActionStartWorkflow("Digest", DigestRequest(authority=authority), id=f"digest:{authority}", task_queue=JOURNEYS),
        spec=ScheduleSpec(calendars=[weekdays], time_zone_name="Europe/London"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    try:
        await client.create_schedule(f"digests:{authority}", schedule)
    except ScheduleAlreadyRunningError:
        return
