"""A journey on the real engine and the real record: recorded before answered, refused without a trace, the same after any restart."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.worker import Replayer

from commands import CommandRefused, EngineAway, IdTaken, UnknownChild
from embedded.stack import Endpoints
from engine.codec import EncryptingCodec, data_converter
from named import NoSuchPost, UnknownPerson
from procedures.in_force import put_in_force, rules_in_force
from procedures.rules import SHIPPED, load
from procedures.times import local
from record import commands as rows
from record.pool import transaction
from tests.live import live, opaque
from tests.procedures.child import THERE, at
from worker import journeys_worker
from workflows.journey import Journey


async def test_a_report_opens_a_journey_with_its_timescales(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        state = await here.state(child)
        due = {clock.clock: local(clock.plan.due).isoformat() for clock in state.clocks.values()}
        assert due == {
            "immediate_safety": "2026-11-20T17:40:00+00:00",
            "police_told": "2026-11-20T17:40:00+00:00",
            "written_report": "2026-11-21T16:40:00+00:00",
            "screening": "2026-11-23T23:59:59+00:00",
            "reporter_feedback": "2026-12-01T23:59:59+00:00",
        }
        assert await here.whole(child)


async def test_a_refusal_says_what_is_missing_in_both_languages_and_leaves_everything_as_it_was(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        before = await here.entries(child)
        with pytest.raises(CommandRefused) as refused:
            await here.does(child, "screened", "2026-11-20 17:00", decision="no_further_action")
        assert refused.value.code == "screening_needs_rationale"
        assert "rationale" in refused.value.sentence("en")
        assert "sail resymegol" in refused.value.sentence("cy")
        assert await here.entries(child) == before
        async with transaction(here.door_pool, here.authority) as connection:
            (logged,) = await rows.refusals(connection, child)
        assert (logged.code, logged.actor) == ("screening_needs_rationale", "p-huw")
        history = await here.client.get_workflow_handle(child).fetch_history()
        accepted = [event for event in history.events if event.HasField("workflow_execution_update_accepted_event_attributes")]
        assert len(accepted) == 1, "a refused command leaves no trace in the engine"


async def test_the_same_id_gets_the_first_answer_and_does_nothing_twice(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        told = here.command("police_told", "2026-11-20 16:40")
        first = await here.door.submit(child, told, "k-1")
        before = await here.entries(child)
        assert await here.door.submit(child, told, "k-1") == first
        assert await here.entries(child) == before
        with pytest.raises(IdTaken):
            await here.door.submit(child, here.command("police_told", "2026-11-20 16:39"), "k-1")


async def test_commands_at_the_same_time_are_entered_in_the_order_in_which_the_state_changed(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        offers = [here.command("advocacy_offered", "2026-11-20 16:40") for _ in range(8)]
        answers = await asyncio.gather(*(here.door.submit(child, offer, opaque("k")) for offer in offers))
        assert len({answer.entries for answer in answers}) == len(offers)
        entries = await here.entries(child)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert await here.whole(child)


async def test_each_rung_is_climbed_once_and_recorded_by_the_service(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        await here.stage.move_to(at("2026-11-21 09:00"), here.door)
        climbed = [
            (entry.content["rung"], entry.content["to"], entry.actor)
            for entry in await here.entries(child)
            if entry.rule == "immediate_safety" and entry.content["state"] == "escalated"
        ]
        people = ["p-duty", "p-huw", "p-carys", "p-rhodri", "p-meinir"]
        assert climbed == [(number, person, "siwrnai") for number, person in enumerate(people, 1)]
        assert await here.whole(child)


async def test_a_worker_restarted_with_other_rules_moves_no_open_due_date(stack: Endpoints, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    text = SHIPPED.read_text(encoding="utf-8")
    start = text.index("[clocks.screening]")
    other.write_text(text[:start] + text[start:].replace("amount = 1", "amount = 9", 1), encoding="utf-8")
    async with live(stack, worker=False) as here:
        async with journeys_worker(here.client, here.journey_pool, here.keys):
            child = await here.reported()
            before = (await here.state(child)).clocks
        shipped = rules_in_force()
        put_in_force(load(other))
        try:
            async with journeys_worker(here.client, here.journey_pool, here.keys):
                assert (await here.state(child)).clocks == before
                await here.does(child, "police_told", "2026-11-20 17:00")
                assert (await here.state(child)).clocks["screening/1"] == before["screening/1"]
                again = await here.reported()
                assert local((await here.state(again)).clocks["screening/1"].plan.due).date().isoformat() == "2026-12-03"
                assert await here.whole(child)
        finally:
            put_in_force(shipped)


async def test_a_history_replays_and_comes_to_the_same_state(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
        await here.does(child, "police_told", "2026-11-20 17:10")
        await here.does(child, "screened", "2026-11-23 10:05", decision="strategy")
        history = await here.client.get_workflow_handle(child).fetch_history()
        replayer = Replayer(workflows=[Journey], data_converter=data_converter(EncryptingCodec(here.keys.codec)))
        await replayer.replay_workflow(history)
        assert await here.whole(child)


async def test_a_meeting_tells_each_journey_or_none_and_names_the_child_that_refuses(stack: Endpoints) -> None:
    async with live(stack) as here:
        ela, tomos = await here.reported(), await here.reported()
        for child in (ela, tomos):
            await here.does(child, "enquiries_started", "2026-11-20 17:00", mode="joint")
        held = {"chair": "p-nia", "attendance": THERE, "rationale": "Why.", "decision": "register"}
        register = here.command("conference_held", "2026-11-20 17:00", categories=["neglect"], **held)
        without_category = here.command("conference_held", "2026-11-20 17:00", **held)
        meeting = opaque("m")
        outcome = await here.door.hold_meeting(meeting, {ela: register, tomos: without_category})
        assert outcome.told == ()
        assert outcome.refused[tomos].code == "registering_needs_category"
        assert (await here.state(ela)).registration == "not_registered"
        again = await here.door.hold_meeting(opaque("m"), {ela: register, tomos: register})
        assert sorted(again.told) == sorted((ela, tomos))
        assert (await here.state(tomos)).registration == "registered"


async def test_a_closed_journey_takes_a_new_report_as_the_next_on_the_same_chain(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported(possible_crime=False, alleged=[], how="in_writing", reporter="public")
        await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
        stood_down = {"decision": "no_further_action", "rationale": "Noise.", "threshold_element": "abuse_or_neglect"}
        await here.does(child, "screened", "2026-11-23 10:00", **stood_down)
        await here.does(child, "reporter_told", "2026-11-24 10:00", reason_told=False)
        await here.does(child, "record_closed", "2026-11-25 10:00", rationale="Nothing is owed.")
        with pytest.raises(CommandRefused) as refused:
            await here.does(child, "visit", "2026-11-26 10:00", seen=True, place="home")
        assert refused.value.code == "journey_closed"
        await here.does(child, "report", "2026-12-01 10:00", how="in_writing", words="Again.")
        state = await here.state(child)
        assert (state.journey, state.closed, len(state.enquiries)) == (2, False, 2)
        assert await here.whole(child)


class TestBadInput:
    """Answered clearly, nothing lost."""

    async def test_an_unknown_child_and_an_unknown_person(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            with pytest.raises(UnknownChild):
                await here.door.submit("c-nobody", here.command("visit", "2026-11-20 10:00", seen=True, place="home"), "k-1")
            child = await here.child()
            stranger = here.command("police_told", "2026-11-20 10:00").model_copy(update={"actor": "p-stranger"})
            with pytest.raises(UnknownPerson):
                await here.door.submit(child, stranger, "k-1")

    async def test_who_ratifies_holds_a_managers_post(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.reported()
            ended = {"outcome": "not_substantiated", "rationale": "Why."}
            with pytest.raises(UnknownPerson, match=r"p-stranger in the directory \(ratified_by\)"):
                await here.does(child, "determined", "2026-11-20 17:00", ratified_by="p-stranger", **ended)
            with pytest.raises(NoSuchPost, match="p-duty holds no manager's post"):
                await here.does(child, "determined", "2026-11-20 17:00", ratified_by="p-duty", **ended)

    async def test_an_authority_that_asks_for_fewer_agencies_has_its_quorum(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            await here.settings({"quorum.other_agencies": 1})
            child = await here.reported()
            await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
            await here.does(child, "enquiries_started", "2026-11-20 17:10", mode="joint")
            await here.does(child, "determined", "2026-11-27 10:00", outcome="substantiated_at_risk", rationale="Why.")
            await here.does(child, "safety_plan_agreed", "2026-11-27 11:00", words="Who does what.")
            await here.does(child, "advocacy_offered", "2026-11-27 11:00", answer="accepted")
            await here.does(child, "voice_recorded", "2026-12-01 10:00", how="in_person", worries="That I must move.")
            held = {"chair": "p-review", "decision": "not_register", "rationale": "Why."}
            two = [{"agency": "social_services"}, {"agency": "police"}]
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "conference_held", "2026-12-10 10:00", attendance=two[:1], **held)
            assert refused.value.code == "not_quorate"
            await here.does(child, "conference_held", "2026-12-10 10:00", attendance=two, **held)

    async def test_what_is_still_to_come_has_not_happened(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.reported()
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "police_told", "2026-11-21 10:00", told="2026-11-20 17:00")
            assert refused.value.code == "in_the_future"

    async def test_a_command_before_any_report(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.child()
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "police_told", "2026-11-20 10:00")
            assert refused.value.code == "no_journey"

    async def test_an_older_child_is_not_seen_alone_by_being_observed(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.reported()
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "visit", "2026-11-20 17:00", seen=True, alone="observed_without_carers", place="home")
            assert refused.value.code == "observed_too_old"

    async def test_nothing_happens_before_a_child_is_thought_of_and_a_child_that_was_born_is_not_stillborn(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.reported()
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "visit", "2006-11-20 17:00", told="2026-11-20 17:00", seen=True, place="home", reason="Told late.")
            assert refused.value.code == "before_birth"
            with pytest.raises(CommandRefused) as refused:
                await here.does(child, "ended", "2026-11-20 17:00", ending="stillbirth_or_miscarriage")
            assert refused.value.code == "ending_of_born"

    async def test_the_longest_text_is_taken_and_kept_out_of_the_engine(self, stack: Endpoints) -> None:
        async with live(stack) as here:
            child = await here.child()
            await here.does(child, "report", "2026-11-20 16:40", how="in_writing", words="A bruise. " * 10_000)
            (report, *_) = await here.entries(child)
            assert report.content["body"]["words"].startswith("text:")
            description = await here.client.get_workflow_handle(child).describe()
            assert description.raw_description.workflow_execution_info.history_size_bytes < 60_000


async def test_where_no_worker_answers_the_door_says_how_to_ask_again_and_the_command_is_taken_once(stack: Endpoints) -> None:
    async with live(stack, worker=False) as here:
        child = await here.child()
        report = here.command("report", "2026-11-01 09:00", how="in_writing", words="Hunger.")
        impatient = replace(here.door, patience=1)
        with pytest.raises(EngineAway, match="k-1"):
            await impatient.submit(child, report, "k-1")
        async with journeys_worker(here.client, here.journey_pool, here.keys):
            await here.door.submit(child, report, "k-1")
            await here.stage.watch(here.door, child)
            assert [entry.kind for entry in await here.entries(child)].count("report") == 1
            assert await here.whole(child)


async def test_a_journey_that_the_engine_lost_goes_on_from_the_record(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        before = await here.state(child)
        await here.client.get_workflow_handle(child).terminate("the engine was lost")
        await here.door.submit(child, here.command("report", "2026-11-20 16:40", how="in_writing", words="Again."), "k-again")
        await here.stage.watch(here.door, child)
        state = await here.state(child)
        assert set(before.clocks) < set(state.clocks)
        assert [each.number for each in state.enquiries] == [1, 2]
        assert await here.whole(child)
