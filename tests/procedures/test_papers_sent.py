"""What meets the timescale of a conference's paper: that it was sent, and not that somebody says so."""

import pytest

from console.fields import fields
from schemas.commands.conferences import OutlinePlanCirculated
from tests.procedures.child import REGISTERS, Child, enquired_into, registered


def conferred_on_here() -> Child:
    """The child of `registered`, whose conference was a meeting of this service."""
    child = enquired_into()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS, meeting="m-1")
    return child


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
    review = {name: REGISTERS[name] for name in ("chair", "attendance", "rationale")}
    child.does("review_held", "2026-12-16 10:00", **review, decision="stay")
    assert child.refused("outline_plan_circulated", "2026-12-17 10:00") == "paper_sent_by_meeting"
    for name in ("conference_record_circulated", "review_outcome_circulated"):
        child.does(name, "2026-12-17 10:00")


def test_the_paper_of_an_earlier_conference_is_recorded_and_meets_nothing_of_the_latest() -> None:
    child = conferred_on_here()
    child.does("conference_record_circulated", "2026-12-20 10:00", sent_by="m-1")
    review = {name: REGISTERS[name] for name in ("chair", "attendance", "rationale")}
    child.does("review_held", "2027-03-10 10:00", **review, decision="stay", meeting="m-2")
    answer = child.does("conference_record_circulated", "2027-03-11 10:00", sent_by="m-1")
    assert (answer.notes, child.runs("conference_record")) == (("paper_of_earlier_conference",), True)
    assert child.does("conference_record_circulated", "2027-03-12 10:00", sent_by="m-2").notes == ()
    assert not child.runs("conference_record")


def test_nobody_says_on_the_command_line_that_a_meeting_sent_it() -> None:
    assert {"actor", "happened_at", "reason"} == {each.name for each in fields(OutlinePlanCirculated)}
