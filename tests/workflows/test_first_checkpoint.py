"""Logs that were signed when the database was brought up to date are in a checkpoint as soon as a worker starts."""

import asyncio

import pytest

from embedded.stack import Endpoints
from procedures.meetings.fold import fold
from record import checkpoints, meetings
from record.pool import transaction
from schemas.meetings import MeetingFlush, MeetingState
from tests.live import Live, live
from tests.record.meeting_logs import MEETING, held_by
from worker import keep_scheduled

pytestmark = pytest.mark.timeout(120)


async def log_on_record(here: Live) -> None:
    """As the migration leaves one: signed, and in no checkpoint."""
    entries = held_by("c-1").entries
    state = fold(MeetingState(meeting=MEETING, authority=here.authority), entries)
    async with transaction(here.door_pool, here.authority) as connection:
        await meetings.begin(connection, MEETING, "t-north", ["c-1"], here.keys)
    async with transaction(here.journey_pool, here.authority) as connection:
        await meetings.append(connection, MeetingFlush(state=state, expected_head=0, entries=tuple(entries)), here.keys)


async def last(here: Live) -> int | None:
    async with transaction(here.door_pool, here.authority) as connection:
        made = await checkpoints.last(connection)
    return None if made is None else made.number


async def test_logs_that_stand_in_no_checkpoint_are_in_one_at_once_and_only_once(stack: Endpoints) -> None:
    async with live(stack, virtual=False) as here:
        await keep_scheduled(here.client, here.journey_pool, here.authority)
        await log_on_record(here)
        await keep_scheduled(here.client, here.journey_pool, here.authority)
        while await last(here) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        ran = await here.client.get_schedule_handle(f"checkpoints:{here.authority}").describe()
        await keep_scheduled(here.client, here.journey_pool, here.authority)
        again = await here.client.get_schedule_handle(f"checkpoints:{here.authority}").describe()
        assert (await last(here), ran.info.num_actions, again.info.num_actions) == (1, 1, 1)
        async with transaction(here.door_pool, here.authority) as connection:
            (mark,) = [each async for each in checkpoints.new_in(connection, 1)]
        assert mark.chain == f"meeting/{MEETING}"
