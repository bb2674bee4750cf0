"""A meeting held on the real engine and record: its day and each child's outcome go in once, whatever crashes between siblings."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.meetings import Meetings
from commands import CommandRefused
from embedded.stack import Endpoints
from holding import HoldingDoor, WrongOutcome
from meetings import workflow_of
from procedures.times import LONDON
from record import meetings
from record.pool import transaction
from schemas.engine import JOURNEYS, Heard, MeetingOutcome, Told
from schemas.holding import Hold
from schemas.meetings import MeetingAnswer, MeetingBegin
from tests.live import opaque
from tests.workflows.test_meetings_arranged import Around, around, arranging, in_time

REGISTER = {"decision": "register", "categories": ["neglect"], "rationale": "Why."}


class Day:
    """The day of one arranged meeting."""

    def __init__(self, there: Around) -> None:
        self.there = there
        self.door = HoldingDoor(there.door, there.here.door)
        self.at = dt.datetime.now(LONDON)

    async def holds(self, id: str, outcomes: dict[str, dict[str, Any]], how: str = "there") -> tuple[MeetingOutcome, MeetingAnswer | None]:
        attendance = [{"invitee": each.id, "how": how} for each in (await self.there.state()).invitees]
        said = Hold.model_validate({"actor": "p-nia", "happened_at": self.at, "attendance": attendance})
        return await self.door.hold(self.there.meeting, said, id, outcomes)

    async def heard(self) -> list[int]:
        """How many conferences each journey has on its timeline."""
        here = self.there.here
        return [[entry.kind for entry in await here.entries(child)].count("conference_held") for child in self.there.children]


async def test_each_child_has_its_own_outcome_and_hears_it_once(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        day, (ela, tomos) = Day(there), there.children
        outcomes = {ela: REGISTER, tomos: {**REGISTER, "categories": ["physical", "neglect"]}}
        told, answer = await day.holds("k-held", outcomes)
        assert sorted(told.told) == sorted(there.children)
        assert answer is not None
        assert "not_quorate" in answer.notes, "nobody spoke for social services"
        again, same = await day.holds("k-held", outcomes)
        assert sorted(again.told) == sorted(there.children)
        assert same == answer
        assert await day.heard() == [1, 1]
        assert (await there.here.state(ela)).categories == ("neglect",)
        assert (await there.here.state(tomos)).categories == ("neglect", "physical")
        assert (await there.state()).stage == "held"
        with pytest.raises(CommandRefused, match="held or called off"):
            await day.holds("k-other", outcomes)
        assert all([await there.here.whole(child) for child in there.children])


async def test_a_journey_that_would_refuse_keeps_everything_as_it_was_and_the_corrected_line_is_taken(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        day, (ela, tomos) = Day(there), there.children
        told, answer = await day.holds("k-wrong", {ela: REGISTER, tomos: {"decision": "register", "rationale": "Why."}})
        assert (told.told, list(told.refused), answer) == ((), [tomos], None)
        assert (await there.state()).stage == "arranged"
        assert await day.heard() == [0, 0]
        with pytest.raises(WrongOutcome, match=tomos):
            await day.holds("k-none", {ela: REGISTER, tomos: {"decision": "perhaps"}})
        told, answer = await day.holds("k-right", dict.fromkeys(there.children, REGISTER))
        assert sorted(told.told) == sorted(there.children)
        assert answer is not None
        assert await day.heard() == [1, 1]


async def test_held_again_on_another_day_the_journeys_are_told_the_new_date(stack: Endpoints) -> None:
    async with around(stack) as there:
        soon = dt.datetime.now(LONDON).replace(microsecond=0) + dt.timedelta(seconds=20)
        await there.does("arranged", **arranging(there, starts=soon))
        due = {child: (await there.here.state(child)).clocks["icpc/1"].plan.due for child in there.children}
        said: dict[str, Any] = {"starts": in_time(), "safety_plan_confirmed_by": "p-huw", "reason": "Only the police were there."}
        await there.does("rebooked", **said)
        for child in there.children:
            journey = await there.here.state(child)
            assert journey.planned["icpc"] == in_time()
            assert journey.clocks["icpc/1"].plan.due == due[child], "the formal due date stays"
        assert await there.sent("p-arolygydd") == [("REQUEST", 0), ("REQUEST", 1)]
        history = await there.here.client.get_workflow_handle(workflow_of(there.meeting)).fetch_history()
        assert "Only the police" not in history.to_json()


async def test_agencies_that_were_absent_are_on_the_list_of_those_to_follow_up(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        await Day(there).holds("k-held", dict.fromkeys(there.children, REGISTER), how="absent")
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            (found,) = await meetings.to_follow_up(connection)
        assert {each.role for each in found.invitees if each.id in found.followed_up} == {"police", "education"}


async def test_whoever_was_followed_up_leaves_the_list_and_the_words_stay_out_of_the_engine(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        police, school = [await there.guest(person) for person in ("p-arolygydd", "p-pennaeth")]
        with pytest.raises(CommandRefused, match="to be followed up"):
            await there.does("follow_up_done", invitee=police, outcome="Spoken to.")
        await Day(there).holds("k-held", dict.fromkeys(there.children, REGISTER), how="absent")
        said = there.command("follow_up_done", invitee=police, outcome="Sarjant Bowen sends a report.")
        first = await there.door.submit(there.meeting, said, "k-done")
        assert await there.door.submit(there.meeting, said, "k-done") == first, "a repeat gets the first answer"
        with pytest.raises(CommandRefused, match="to be followed up"):
            await there.does("follow_up_done", invitee=police, outcome="Once more.")
        await there.workers.aclose()
        await there.work()
        await there.does("follow_up_done", invitee=school, outcome="The head will come.")
        state = await there.state()
        assert (state.stage, state.followed_up, [each.invitee for each in state.follow_ups]) == ("held", (), [police, school])
        handle = there.here.client.get_workflow_handle(workflow_of(there.meeting))
        assert "Bowen" not in (await handle.fetch_history()).to_json()
        async with asyncio.timeout(20):
            await handle.result()
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            assert await meetings.to_follow_up(connection) == []
            assert (
                await meetings.words(connection, there.meeting, state.follow_ups[0].outcome, there.here.keys)
                == "Sarjant Bowen sends a report."
            )


@pytest.mark.parametrize("before", [True, False])
async def test_a_worker_that_dies_between_siblings_tells_each_once(stack: Endpoints, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    """Dead before the second journey was told, or after it was and before anybody heard that it was."""
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        day, reached = Day(there), asyncio.Event()
        tell, (_, second) = Meetings.tell, there.children

        async def dies(self: Meetings, told: Told) -> Heard:
            if told.child == second and not reached.is_set():
                heard = None if before else await tell(self, told)
                reached.set()
                await asyncio.sleep(0 if heard is None else 0.1)
                raise ConnectionError("the worker is gone")
            return await tell(self, told)

        patched = Meetings.tell.__dict__
        dies.__dict__.update(patched)
        monkeypatch.setattr(Meetings, "tell", dies)
        await there.workers.aclose()
        await there.work()
        under_way = asyncio.ensure_future(day.holds("k-held", dict.fromkeys(there.children, REGISTER)))
        await asyncio.wait_for(reached.wait(), 30)
        await there.workers.aclose()
        assert (await there.state()).stage == "held", "the day itself was recorded first"
        await there.work()
        told, _ = await under_way
        assert sorted(told.told) == sorted(there.children)
        assert await day.heard() == [1, 1]
        assert all([await there.here.whole(child) for child in there.children])


async def test_a_meeting_that_a_journey_keeps_open_is_closed_with_a_reason_and_tells_nothing_more(stack: Endpoints) -> None:
    """That there were too few to decide against registering is known once the settings are, after all journeys were asked."""
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        day, (ela, tomos) = Day(there), there.children
        now = f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"
        ready: tuple[tuple[str, dict[str, str]], ...] = (
            ("voice_recorded", {"how": "in_person"}),
            ("advocacy_offered", {"answer": "accepted"}),
            ("agency_reports_received", {}),
        )
        for name, fields in ready:
            await there.here.door.submit(tomos, there.here.command(name, now, **fields), opaque("k"))
        with pytest.raises(CommandRefused, match="has not been held"):
            await there.does("closed", reason="Too early.")
        outcomes = {ela: REGISTER, tomos: {"decision": "not_register", "rationale": "Why."}}
        told, answer = await day.holds("k-held", outcomes)
        assert (told.told, {child: each.code for child, each in told.refused.items()}) == ((ela,), {tomos: "not_quorate"})
        assert answer is not None
        again, _ = await day.holds("k-held", outcomes)
        assert list(again.refused) == [tomos], "it stays open and is named"
        handle = there.here.client.get_workflow_handle(workflow_of(there.meeting))
        with pytest.raises(CommandRefused, match="Give the reason"):
            await there.does("closed", actor="p-nia")
        with pytest.raises(CommandRefused, match="Only the chair"):
            await there.does("closed", actor="p-huw", reason="Why.")
        assert "closed_untold" in (await there.does("closed", actor="p-rhodri", reason="The conference meets again on Tomos.")).notes
        await asyncio.wait_for(handle.result(), 30)
        assert (await there.state()).closed
        with pytest.raises(CommandRefused, match="held or called off"):
            await day.holds("k-held", outcomes)
        assert await day.heard() == [1, 0]
        assert all([await there.here.whole(child) for child in there.children])


async def kept_open(there: Around) -> tuple[Day, dict[str, dict[str, Any]]]:
    """Held, with everybody absent. That there were too few to decide against registering Tomos is known once the settings are."""
    await there.does("arranged", **arranging(there))
    day, (ela, tomos) = Day(there), there.children
    now = f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"
    ready: tuple[tuple[str, dict[str, str]], ...] = (
        ("voice_recorded", {"how": "in_person"}),
        ("advocacy_offered", {"answer": "accepted"}),
        ("agency_reports_received", {}),
    )
    for name, fields in ready:
        await there.here.door.submit(tomos, there.here.command(name, now, **fields), opaque("k"))
    outcomes = {ela: REGISTER, tomos: {"decision": "not_register", "rationale": "Why."}}
    told, answer = await day.holds("k-held", outcomes, how="absent")
    assert (told.told, {child: each.code for child, each in told.refused.items()}) == ((ela,), {tomos: "not_quorate"})
    assert answer is not None
    return day, outcomes


async def test_what_was_decided_for_an_untold_child_is_corrected_and_nobody_is_told_twice(stack: Endpoints) -> None:
    async with around(stack) as there:
        day, outcomes = await kept_open(there)
        ela, tomos = there.children
        state = await there.state()
        assert list(state.told) == [ela]
        assert {child: each.code for child, each in state.untold.items()} == {tomos: "not_quorate"}
        entries = state.seq
        again, _ = await day.holds("k-held", outcomes, how="absent")
        assert ((await there.state()).seq, list(again.refused)) == (entries, [tomos]), "a repeat with nothing new writes nothing"
        right = {**outcomes[tomos], "goes_on_because": "The agencies were heard the day before."}
        with pytest.raises(CommandRefused, match=f"journey of {ela}"):
            await day.holds("k-right", {**outcomes, tomos: right}, how="absent")
        with pytest.raises(CommandRefused, match="only what was decided"):
            await day.holds("k-right", {tomos: right}, how="there")
        day.at = dt.datetime.now(LONDON)
        told, answer = await day.holds("k-right", {tomos: right}, how="absent")
        assert (told.told, told.refused) == ((tomos,), {})
        assert answer is not None
        await asyncio.wait_for(there.here.client.get_workflow_handle(workflow_of(there.meeting)).result(), 30)
        assert (await day.holds("k-right", {tomos: right}, how="absent"))[0].told == (tomos,), "a repeat gets the same"
        state = await there.state()
        assert (set(state.told), state.untold) == ({ela, tomos}, {})
        for id, said in (("k-held", outcomes), ("k-third", {tomos: right}), ("k-third", {ela: REGISTER})):
            with pytest.raises(CommandRefused):
                await day.holds(id, said, how="absent")
        assert await day.heard() == [1, 1]
        assert (await there.here.state(tomos)).registration == "not_registered"
        assert all([await there.here.whole(child) for child in there.children])


async def test_once_the_day_is_recorded_one_journey_that_refuses_holds_up_no_other(stack: Endpoints) -> None:
    """Both are refused at first; the one that is put right is told although the other would still refuse."""
    async with around(stack) as there:
        day, outcomes = await kept_open(there)
        _, tomos = there.children
        told, _ = await day.holds("k-wrong", {tomos: {"decision": "register", "rationale": "Why."}}, how="absent")
        assert [each.code for each in told.refused.values()] == ["registering_needs_category"]
        assert [each.code for each in (await there.state()).untold.values()] == ["registering_needs_category"], "the latest reason"
        told, _ = await day.holds("k-right", {tomos: REGISTER}, how="absent")
        assert told.told == (tomos,)
        assert outcomes[tomos] != REGISTER
        assert await day.heard() == [1, 1]


async def test_a_meeting_that_was_kept_open_and_renewed_stays_open_when_an_agency_was_followed_up(stack: Endpoints) -> None:
    async with around(stack) as there:
        day, outcomes = await kept_open(there)
        _, tomos = there.children
        handle = there.here.client.get_workflow_handle(workflow_of(there.meeting))
        await handle.terminate("it goes on in a new run")
        renewed = MeetingBegin(state=await there.state(), alone=False)
        await there.here.client.start_workflow("Meeting", renewed, id=handle.id, task_queue=JOURNEYS)
        await there.does("follow_up_done", invitee=await there.guest("p-pennaeth"), outcome="The head will come.")
        await asyncio.sleep(1)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        assert list((await there.state()).untold) == [tomos]
        right = {**outcomes[tomos], "goes_on_because": "All were heard."}
        assert (await day.holds("k-right", {tomos: right}, how="absent"))[0].told == (tomos,)
        await asyncio.wait_for(handle.result(), 30)
