"""A meeting whose worker dies between the record's commit and its acknowledgement; and one whose journeys cannot be told."""

import asyncio
import datetime as dt

import pytest

from activities.arranging import Arranging
from activities.meetings import Meetings
from embedded.stack import Endpoints
from schemas.engine import Heard, Told
from schemas.meetings import MeetingFlush, MeetingRecorded
from tests.workflows.test_meetings_arranged import around, arranging, in_time


@pytest.mark.parametrize("cut_off", ["k-arrange", "k-move"])
async def test_where_the_acknowledgement_is_lost_after_the_commit_the_meeting_goes_on_as_if_it_had_not_been(
    stack: Endpoints, monkeypatch: pytest.MonkeyPatch, cut_off: str
) -> None:
    write, lost = Arranging.write, list[str]()

    async def dies(self: Arranging, flush: MeetingFlush) -> MeetingRecorded:
        recorded = await write(self, flush)
        if flush.command_id == cut_off and not lost:
            lost.append(cut_off)
            raise ConnectionError("the worker is gone")
        return recorded

    dies.__dict__.update(write.__dict__)
    monkeypatch.setattr(Arranging, "write", dies)
    async with around(stack) as there:
        await there.does("arranged", "k-arrange", **arranging(there))
        await there.does("moved", "k-move", starts=in_time() + dt.timedelta(hours=1), reason="The school asked.")
        assert lost == [cut_off]
        sight, recorded = await there.door.sight(there.meeting), await there.state()
        assert sight is not None
        assert sight.state == recorded
        for child in there.children:
            assert recorded.starts in (await there.here.state(child)).planned.values(), "the journeys know the date that stands"
        await there.does("called_off", reason="Not needed any more.")
        assert (await there.state()).stage == "called_off"


async def test_a_journey_that_cannot_be_told_holds_up_nobody_who_answers(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    tell, stuck, asked = Meetings.tell, asyncio.Event(), asyncio.Event()

    async def held_up(self: Meetings, told: Told) -> Heard:
        if told.envelope.name == "conference_moved":
            asked.set()
            await stuck.wait()
        return await tell(self, told)

    held_up.__dict__.update(tell.__dict__)
    monkeypatch.setattr(Meetings, "tell", held_up)
    async with around(stack) as there:
        await there.workers.aclose()
        await there.work()
        await there.does("arranged", "k-arrange", **arranging(there))
        moving = asyncio.create_task(there.does("moved", starts=in_time() + dt.timedelta(hours=1), reason="The school asked."))
        await asked.wait()
        async with asyncio.timeout(20):
            await there.does("answered", invitee=await there.guest("p-arolygydd"), reply="accepted")
        stuck.set()
        await moving
        for child in there.children:
            assert (await there.state()).starts in (await there.here.state(child)).planned.values()
