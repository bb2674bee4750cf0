"""What meets the timescale of a conference's paper: that it was sent, and not that somebody says so."""

import pytest

from console.fields import fields
from schemas.clocks import Clock
from schemas.commands.conferences import OutlinePlanCirculated
from tests.procedures.child import REGISTERS, Child, at, enquired_into, registered

REVIEW = {name: REGISTERS[name] for name in ("chair", "attendance", "rationale")}


def conferred_on_here() -> Child:
    """The child of `registered`, whose conference was a meeting of this service."""
    child = enquired_into()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS, meeting="m-1")
    return child


def running(child: Child, paper: str) -> list[Clock]:
    """What is owed of that paper, the first due first."""
    return sorted(child.state.open_clocks(paper, None), key=lambda each: each.plan.due)


@pytest.mark.parametrize("paper", ["outline_plan", "conference_record"])
def test_of_a_conference_that_was_a_meeting_here_to_say_that_it_went_out_meets_nothing(paper: str) -> None:
    child = conferred_on_here()
    assert child.refused(f"{paper}_circulated", "2026-12-15 10:00") == "paper_sent_by_meeting"
    assert child.runs(paper)
    child.does(f"{paper}_circulated", "2026-12-15 10:00", sent_by="m-1")
    assert not child.runs(paper)


def test_the_refusal_says_which_command_sends_it() -> None:
    child = conferred_on_here()
    with pytest.raises(Exception, match="siwrnai meeting circulated m-1 --paper outline_plan"):
        child.does("outline_plan_circulated", "2026-12-15 10:00")


def test_what_went_another_way_is_recorded_with_the_reason() -> None:
    child = conferred_on_here()
    child.does("outline_plan_circulated", "2026-12-15 10:00", reason="By post to everybody: the mail server was down for two days.")
    assert not child.runs("outline_plan")


def test_of_a_conference_that_was_held_elsewhere_it_is_enough_to_say_so() -> None:
    child = registered()
    child.does("outline_plan_circulated", "2026-12-15 10:00")
    assert not child.runs("outline_plan")


def test_the_latest_conference_counts_and_what_comes_after_the_first_stays_with_it() -> None:
    child = conferred_on_here()
    child.does("review_held", "2026-12-16 10:00", **REVIEW, decision="stay")
    assert child.refused("outline_plan_circulated", "2026-12-17 10:00") == "paper_sent_by_meeting"
    for name in ("conference_record_circulated", "review_outcome_circulated"):
        assert child.does(name, "2026-12-17 10:00").notes == ()
    assert [each.conference for each in running(child, "conference_record")] == ["m-1"]


def test_the_paper_of_an_earlier_conference_is_recorded_and_meets_nothing_of_the_latest() -> None:
    child = conferred_on_here()
    child.does("conference_record_circulated", "2026-12-20 10:00", sent_by="m-1")
    child.does("review_held", "2027-03-10 10:00", **REVIEW, decision="stay", meeting="m-2")
    answer = child.does("conference_record_circulated", "2027-03-11 10:00", sent_by="m-1")
    assert (answer.notes, child.runs("conference_record")) == (("paper_of_earlier_conference",), True)
    assert child.does("conference_record_circulated", "2027-03-12 10:00", sent_by="m-2").notes == ()
    assert not child.runs("conference_record")


def test_the_paper_of_a_meeting_here_meets_nothing_of_a_conference_that_was_held_elsewhere_since() -> None:
    child = conferred_on_here()
    child.does("conference_record_circulated", "2026-12-15 10:00", sent_by="m-1")
    child.does("review_held", "2026-12-16 10:00", **REVIEW, decision="stay")
    answer = child.does("conference_record_circulated", "2026-12-17 10:00", sent_by="m-1")
    assert (answer.notes, child.runs("conference_record")) == (("paper_of_earlier_conference",), True)
    child.does("conference_record_circulated", "2026-12-18 10:00")
    assert not child.runs("conference_record")


def test_each_conference_owes_its_own_paper_from_its_own_day() -> None:
    child = conferred_on_here()
    child.does("review_held", "2026-12-16 10:00", **REVIEW, decision="stay", meeting="m-2")
    assert [each.plan.due for each in running(child, "conference_record")] == [at("2027-01-14"), at("2027-01-18")]
    child.does("conference_record_circulated", "2026-12-17 10:00", sent_by="m-2")
    assert [each.conference for each in running(child, "conference_record")] == ["m-1"]
    child.does("conference_record_circulated", "2026-12-18 10:00", sent_by="m-1")
    assert not child.runs("conference_record")


def test_what_went_another_way_is_of_the_meeting_that_is_named() -> None:
    child = conferred_on_here()
    child.does("review_held", "2026-12-16 10:00", **REVIEW, decision="stay")
    assert child.refused("conference_record_circulated", "2026-12-17 10:00", meeting="m-1") == "paper_sent_by_meeting"
    child.does("conference_record_circulated", "2026-12-17 10:00", meeting="m-1", reason="By post to everybody.")
    assert [each.conference for each in running(child, "conference_record")] == ["elsewhere"]


def test_a_conference_that_is_told_late_is_met_by_its_own_paper_alone() -> None:
    child = conferred_on_here()
    for day in ("2026-12-15", "2026-12-18"):
        child.does("conference_record_circulated", f"{day} 10:00", sent_by="m-1")
    child.does("conference_record_circulated", "2026-12-18 12:00", sent_by="m-2")
    for meeting, still in ((None, True), ("m-2", False)):
        child.does("review_held", "2026-12-17 10:00", told="2026-12-19 10:00", **REVIEW, decision="stay", meeting=meeting)
        assert any(each.conference == (meeting or "elsewhere") for each in running(child, "conference_record")) is still


def test_what_began_before_its_conference_was_kept_with_it_is_met_by_the_meeting_that_sends_it() -> None:
    child = conferred_on_here()
    begun = {key: each.model_copy(update={"conference": None}) for key, each in child.state.clocks.items()}
    child.state = child.state.model_copy(update={"clocks": begun})
    assert child.refused("conference_record_circulated", "2026-12-15 10:00") == "paper_sent_by_meeting"
    child.does("conference_record_circulated", "2026-12-15 10:00", sent_by="m-1")
    assert not child.runs("conference_record")


def test_nobody_says_on_the_command_line_that_a_meeting_sent_it() -> None:
    assert {"actor", "happened_at", "reason", "meeting"} == {each.name for each in fields(OutlinePlanCirculated)}


def test_where_two_are_owed_and_the_journey_ends_each_is_known_to_have_ended() -> None:
    child = conferred_on_here()
    child.does("review_held", "2026-12-16 10:00", **REVIEW, decision="stay", meeting="m-2")
    owed = {each.instance for each in running(child, "conference_record")}
    assert len(owed) == 2
    child.does("ended", "2026-12-17 10:00", ending="death")
    assert owed <= {each.instance for each in child.state.closed_clocks.values()}


def test_what_ended_before_its_conference_was_kept_with_it_still_says_what_was_used_up() -> None:
    child = conferred_on_here()
    child.does("conference_record_circulated", "2026-12-20 10:00", sent_by="m-1")
    closed = {key.partition("#")[0]: each.model_copy(update={"conference": None}) for key, each in child.state.closed_clocks.items()}
    done = {key.partition("#")[0]: at for key, at in child.state.done.items()}
    child.state = child.state.model_copy(update={"closed_clocks": closed, "done": done})
    child.does("review_held", "2026-12-18 10:00", told="2026-12-28 10:00", **REVIEW, decision="stay")
    assert [each.conference for each in running(child, "conference_record")] == ["elsewhere"]
