"""A record that is taken over: what it tells counts from its dates; what it does not tell is due on the day of taking over."""

from typing import Any

import pytest

from procedures.explain import sentence
from tests.procedures.child import Child


def taken_over(**fields: Any) -> Child:
    """A registered child whose record is taken over on Monday 1 March 2027."""
    child = Child()
    told: dict[str, Any] = {"registered_at": "2026-12-15T10:00+00:00", "categories": ["neglect"], **fields}
    child.does("taken_over", "2027-03-01 09:00", **told)
    return child


def test_what_is_not_told_is_due_on_the_day_of_taking_over_and_says_why() -> None:
    child = taken_over()
    assert child.state.registration == "registered"
    for clock in ("seen_alone", "seen_at_home", "core_group_first", "conference_record"):
        assert child.due(clock) == "2027-03-01"
    assert child.due("rcpc_first") == "2027-03-15", "its time has not passed"
    clock = child.clock("seen_alone")
    assert "does not tell when it was last done" in sentence(clock.plan.explanation, clock.plan.due, "en")
    assert "nad yw'r cofnod" in sentence(clock.plan.explanation, clock.plan.due, "cy")


def test_what_is_told_counts_from_its_date() -> None:
    child = taken_over(
        seen_alone_at="2027-02-22T10:00+00:00",
        seen_at_home_at="2027-02-22T10:00+00:00",
        core_group_at="2027-02-10T10:00+00:00",
        met=["conference_record", "outline_plan", "advocacy_offer"],
    )
    assert child.due("seen_alone") == "2027-03-08"
    assert child.due("core_group_next") == "2027-03-24"
    assert not child.runs("core_group_first")
    assert not child.runs("conference_record")


def test_an_enquiry_goes_on_from_where_it_was() -> None:
    child = Child()
    child.does(
        "taken_over",
        "2026-12-04 12:00",
        reported_at="2026-12-03T15:00+00:00",
        strategy_at="2026-12-04T10:00+00:00",
        s47_at="2026-12-04T10:00+00:00",
    )
    assert child.state.stages.enquiries == ((1, "section47"),)
    assert child.due("icpc") == "2026-12-29"
    child.does("visit", "2026-12-05 10:00", seen=True, alone="alone", place="home")
    assert not child.runs("child_first_seen_alone")
    child.does("determined", "2026-12-10 10:00", outcome="substantiated_at_risk", rationale="Why.")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "taken_over_needs_date"),
        ({"registered_at": "2026-12-15T10:00+00:00"}, "registering_needs_category"),
        ({"registered_at": "2026-12-15T10:00+00:00", "categories": ["neglect"], "reviews_held": 1}, "taken_over_reviews"),
        ({"reported_at": "2027-03-02T10:00+00:00"}, "taken_over_from_past"),
        ({"reported_at": "2027-02-02T10:00+00:00", "met": ["screaming"]}, "no_such_timescale"),
    ],
)
def test_what_does_not_hang_together_is_refused(fields: dict[str, Any], code: str) -> None:
    assert Child().refused("taken_over", "2027-03-01 09:00", **fields) == code


def test_a_journey_that_runs_here_is_not_taken_over() -> None:
    assert taken_over().refused("taken_over", "2027-03-02 09:00", reported_at="2027-02-02T10:00+00:00") == "already_on_record"
