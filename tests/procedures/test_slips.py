"""Slips of the pen: what contradicts itself, or cannot have happened then, is refused; an ending recorded in error is taken back."""

import pytest

from procedures.decisions import Refused
from procedures.lifecycle import following
from tests.procedures.child import THERE, Child, at, registered, reported

TAKEN_BACK = {"rationale": "It was the child of the same name.", "confirmed_by": "p-carys"}


class TestAnEnding:
    def test_a_child_that_was_seen_is_not_stillborn(self) -> None:
        assert registered().refused("ended", "2026-12-20 04:00", ending="stillbirth_or_miscarriage") == "ending_of_born"

    def test_an_unborn_child_does_not_die_but_is_stillborn(self) -> None:
        child = reported(expected_on="2027-01-10")
        assert child.refused("ended", "2026-12-20 04:00", ending="death") == "ending_of_unborn"
        child.does("ended", "2026-12-20 04:00", ending="stillbirth_or_miscarriage")

    def test_recorded_in_error_is_taken_back_and_every_timescale_runs_again_due_as_it_was(self) -> None:
        child = registered()
        child.wait("2026-12-20 04:00")
        ran = {clock.clock: clock.plan.due for clock in child.state.clocks.values()}
        child.does("ended", "2026-12-20 04:00", ending="death")
        assert child.state.clocks == {}
        child.does("ended_in_error", "2026-12-21 09:00", **TAKEN_BACK)
        assert {clock.clock: clock.plan.due for clock in child.state.clocks.values()} == ran
        assert child.state.registration == "registered"
        assert child.state.stopped_by_ending == ()
        assert "p-rhodri" in child.told("ended_in_error")
        child.does("core_group_held", "2026-12-22 10:00", attendance=THERE)
        assert child.due("core_group_next") == "2027-02-02"

    def test_what_became_overdue_meanwhile_shows_at_once(self) -> None:
        child = registered()
        child.does("ended", "2026-12-16 04:00", ending="death")
        child.does("ended_in_error", "2027-01-20 09:00", **TAKEN_BACK)
        child.wait("2027-01-20 09:00")
        assert child.clock("core_group_first").overdue

    def test_there_must_be_one_to_take_back(self) -> None:
        assert registered().refused("ended_in_error", "2026-12-20 04:00", **TAKEN_BACK) == "not_ended"

    def test_a_second_ending_stops_what_runs_again_and_no_more(self) -> None:
        child = registered()
        running = len(child.state.clocks)
        for day in (20, 21):
            child.does("ended", f"2026-12-{day} 04:00", ending="death")
            child.does("ended_in_error", f"2026-12-{day} 04:30", **TAKEN_BACK)
        assert len(child.state.clocks) == running


class TestATime:
    def test_more_than_a_year_ago_wants_a_reason(self) -> None:
        child = Child()
        said = {"how": "telephone", "words": "A bruise."}
        with pytest.raises(Refused, match="check the year") as refused:
            child.does("report", "2025-10-20 16:40", told="2026-11-20 16:40", **said)
        assert refused.value.code == "long_ago"
        child.does("report", "2025-10-20 16:40", told="2026-11-20 16:40", reason="Found in a paper file.", **said)

    def test_a_conference_is_planned_for_after_it_was_arranged(self) -> None:
        child = registered()
        for command in ("conference_arranged", "conference_moved"):
            past = at("2026-12-20 10:00")
            assert child.refused(command, "2026-12-20 10:00", conference="rcpc", planned_at=past) == "planned_in_the_past"
        child.does("conference_arranged", "2026-12-20 10:00", conference="rcpc", planned_at=at("2027-02-20 10:00"))


class TestAVisit:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"seen": False, "alone": "alone"}, "not_seen_but_alone"),
            ({"seen": False, "bedroom_seen": True}, "not_seen_but_bedroom"),
            ({"seen": True, "not_seen_because": "no_access"}, "seen_but_not_seen_because"),
        ],
    )
    def test_does_not_contradict_itself(self, said: dict[str, object], code: str) -> None:
        assert registered().refused("visit", "2026-12-20 10:00", place="home", **said) == code

    def test_that_did_not_see_the_child_says_why(self) -> None:
        child = registered()
        assert child.does("visit", "2026-12-20 10:00", place="home", seen=False).notes == ("say_why_not_seen",)
        assert child.does("visit", "2026-12-20 11:00", place="home", seen=False, not_seen_because="no_access").notes == ()


def test_a_child_that_was_not_recorded_as_missing_is_found_with_a_note() -> None:
    child = registered()
    assert child.does("found", "2026-12-20 10:00").notes == ("not_recorded_as_missing",)
    child.does("missing", "2026-12-20 11:00")
    assert child.does("found", "2026-12-20 12:00").notes == ()


def test_a_refusal_names_step_stage_and_what_may_follow_in_the_words_of_the_reader() -> None:
    child = registered()
    with pytest.raises(Refused) as refused:
        child.does("screened", "2026-12-20 10:00", decision="assessment", rationale="Why.")
    assert refused.value.code == "not_from_this_stage"
    assert "This step is not open from where the child stands: Screening decision. The stage is: registered" in refused.value.sentence("en")
    assert "Penderfyniad sgrinio. Y cam presennol yw: cofrestrwyd gan y gynhadledd" in refused.value.sentence("cy")
    assert (
        Refused("not_from_this_stage", step="determined", stage="reported", then=following("enquiry", "reported"))
        .sentence("en")
        .endswith("section 47 enquiries, initial conference decided, registered by the conference.")
    )


def test_what_a_sentence_names_is_in_the_language_of_the_sentence() -> None:
    welsh = Refused("deregistration_needs_evidence", concerns=["neglect"]).sentence("cy")
    assert "esgeulustod" in welsh
    assert "y sail resymegol" in Refused("closing_while_lacking", lacking=["rationale", "rationale"]).sentence("cy")
    assert "Grŵp craidd cyntaf" in Refused("closing_while_owed", owed=["core_group_first"]).sentence("cy")
    assert "the police" not in Refused("strategy_needs_both", absent=["police"]).sentence("cy")
