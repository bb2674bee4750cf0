"""Every due date of the example journeys, counted by hand from the procedures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.changes import Made, change
from procedures.times import END_OF_DAY, LONDON, local
from procedures.working_days import Calendar
from rehearsal import moments
from schemas.clocks import ClockStart
from tests.procedures.starts import CALENDAR, CLOCKS, RULES, planned, start

SIBLINGS = """
immediate_safety        | Fri 2026-11-20 16:40 | Fri 2026-11-20 17:40
police_told             | Fri 2026-11-20 16:40 | Fri 2026-11-20 17:40
written_report          | Fri 2026-11-20 16:40 | Sat 2026-11-21 16:40
screening               | Fri 2026-11-20 16:40 | Mon 2026-11-23
reporter_feedback       | Fri 2026-11-20 16:40 | Tue 2026-12-01
rationale               | Mon 2026-11-23 10:05 | Mon 2026-11-23
strategy                | Mon 2026-11-23 10:05 | Mon 2026-11-23 | alleged physical harm
others_informed         | Mon 2026-11-23 15:00 | Tue 2026-11-24
icpc                    | Mon 2026-11-23 15:00 | Mon 2026-12-14
icpc_from_first         | Mon 2026-11-23 15:00 | Mon 2026-12-14
assessment_s47          | Mon 2026-11-23 15:00 | Mon 2027-01-25 | alleged physical harm
assessment_part3        | Fri 2026-11-20 16:40 | Fri 2027-01-22
child_first_seen        | Mon 2026-11-23 15:00 | Mon 2026-11-23 | alleged physical harm
child_first_seen_alone  | Mon 2026-11-23 15:00 | Mon 2026-11-23 | alleged physical harm
advocacy_offer          | Mon 2026-11-23 15:00 | Tue 2026-11-24 | alleged physical harm
icpc                    | Thu 2026-11-26 11:00 | Thu 2026-12-17
safety_plan             | Wed 2026-12-02 16:00 | Wed 2026-12-02
agency_report           | Wed 2026-12-02 16:30 | Thu 2026-12-10 | before Tue 2026-12-15 10:00
reports_to_parents      | Wed 2026-12-02 16:30 | Fri 2026-12-11 | before Tue 2026-12-15 10:00
safety_plan_review      | Thu 2026-12-10 10:00 | Thu 2026-12-10
outline_plan            | Tue 2026-12-15 13:30 | Tue 2026-12-22
conference_record       | Tue 2026-12-15 13:30 | Fri 2027-01-15
core_group_first        | Tue 2026-12-15 13:30 | Thu 2026-12-31
seen_alone              | Tue 2026-12-15 13:30 | Thu 2026-12-31
seen_at_home            | Tue 2026-12-15 13:30 | Tue 2027-01-12
rcpc_first              | Tue 2026-12-15 13:30 | Mon 2027-03-15
seen_alone              | Tue 2026-12-22 15:30 | Fri 2027-01-08
seen_at_home            | Tue 2026-12-22 15:30 | Tue 2027-01-19
core_group_next         | Wed 2026-12-30 10:00 | Wed 2027-02-10
seen_alone              | Wed 2027-01-06 15:30 | Wed 2027-01-20
seen_at_home            | Wed 2027-01-06 15:30 | Wed 2027-02-03
seen_alone              | Mon 2027-01-11 12:00 | Mon 2027-01-25
seen_alone              | Mon 2027-01-18 15:30 | Mon 2027-02-01
seen_at_home            | Mon 2027-01-18 15:30 | Mon 2027-02-15
core_group_next         | Tue 2027-02-16 10:00 | Tue 2027-03-30
rcpc_next               | Thu 2027-03-11 10:00 | Fri 2027-09-10
screening               | Thu 2027-03-11 10:00 | Fri 2027-03-12
pre_birth_icpc          | Thu 2027-03-11 10:00 | Fri 2027-06-25 | before Fri 2027-08-20 00:00
assessment_part3        | Thu 2027-03-11 10:00 | Thu 2027-05-13
icpc                    | Fri 2027-06-04 10:00 | Fri 2027-06-25
assessment_s47          | Fri 2027-06-04 10:00 | Tue 2027-08-03
outline_plan            | Tue 2027-06-22 10:00 | Tue 2027-06-29
core_group_first        | Tue 2027-06-22 10:00 | Tue 2027-07-06
rcpc_first              | Tue 2027-06-22 10:00 | Wed 2027-09-22
seen_alone              | Wed 2027-08-18 04:10 | Thu 2027-09-02
seen_at_home            | Wed 2027-08-18 04:10 | Wed 2027-09-15
rcpc_next               | Thu 2027-09-02 10:00 | Thu 2028-03-02
rcpc_next               | Wed 2027-09-15 10:00 | Wed 2028-03-15
"""

NOT_ACCEPTED = """
screening               | Thu 2026-12-24 09:10 | Tue 2026-12-29
reporter_feedback       | Thu 2026-12-24 09:10 | Thu 2027-01-07
"""

EASTER_MOVE = """
move_information        | Wed 2027-03-24 10:00 | Sat 2027-03-27
transfer_in             | Tue 2027-03-30 10:00 | Tue 2027-04-20
transfer_in             | Wed 2027-03-24 10:00 | Fri 2027-04-16
rcpc_first              | Tue 2027-01-12 10:00 | Mon 2027-04-12
"""

SECTION_2_AND_OTHERS = """
rcpc_first              | Mon 2026-11-30 10:00 | Fri 2027-02-26
police_protection       | Fri 2026-11-20 16:40 | Mon 2026-11-23 16:40
emergency_order         | Fri 2026-11-20 16:40 | Sat 2026-11-28
designated_officer      | Fri 2026-11-20 16:40 | Sat 2026-11-21 16:40
temporary_move          | Mon 2026-11-30 10:00 | Mon 2027-02-22
bedroom_seen            | Mon 2026-11-30 10:00 | Sun 2027-02-28
turning_18              | Tue 2026-12-15 13:30 | Sun 2027-02-28 | before Tue 2027-08-31 00:00
hold_expiry             | Mon 2026-11-30 10:00 | Fri 2026-12-11 12:00 | before Fri 2026-12-11 12:00
"""

BY_EVENT = """
reports_to_parents | rcpc_arranged             | Mon 2027-02-15 10:00 | Thu 2027-03-04 | before Thu 2027-03-11 10:00
bedroom_seen       | rcpc_held                 | Thu 2027-03-11 10:00 | Sat 2027-09-11
looked_after_review| looked_after_started      | Tue 2026-12-15 10:00 | Fri 2027-01-15
looked_after_review| looked_after_first_review | Fri 2027-01-15 10:00 | Thu 2027-04-15
looked_after_review| looked_after_later_review | Thu 2027-03-11 10:00 | Fri 2027-09-10
"""


def rows(table: str, columns: int) -> list[list[str]]:
    written = [[cell.strip() for cell in line.split("|")] for line in table.splitlines() if line]
    return [[*cells, *[""] * (columns - len(cells))] for cells in written]


def begun(clock: str, when: str, condition: str, by: str | None = None) -> ClockStart:
    anchor = moments.instant(condition.removeprefix("before ")) if condition.startswith("before ") else None
    return start(clock, when, by, same_day=condition == "alleged physical harm", anchor=anchor)


@pytest.mark.parametrize(("clock", "when", "due_by", "condition"), rows(SIBLINGS + NOT_ACCEPTED + EASTER_MOVE + SECTION_2_AND_OTHERS, 4))
def test_the_due_dates_of_the_example_journeys(clock: str, when: str, due_by: str, condition: str) -> None:
    assert planned(begun(clock, when, condition)).due == moments.due(due_by)


@pytest.mark.parametrize(("clock", "event", "when", "due_by", "condition"), rows(BY_EVENT, 5))
def test_a_limit_may_differ_by_what_started_it(clock: str, event: str, when: str, due_by: str, condition: str) -> None:
    assert planned(begun(clock, when, condition, event)).due == moments.due(due_by)


PROCLAIMED = Calendar(version=2, added={moments.day_of("Mon 2027-04-12"): "proclaimed"})


@pytest.mark.parametrize(
    ("clock", "when", "due_by"),
    [("transfer_in", "Tue 2027-03-30 10:00", "Wed 2027-04-21"), ("rcpc_first", "Tue 2027-01-12 10:00", "Fri 2027-04-09")],
)
def test_a_proclaimed_holiday_moves_a_limit_in_working_days_later_and_a_meeting_in_months_earlier(
    clock: str, when: str, due_by: str
) -> None:
    beginning = start(clock, when)
    new = change(planned(beginning), beginning, Made(RULES, Calendar(version=1)), Made(RULES, PROCLAIMED))
    assert new is not None
    assert (new.plan.due, new.plan.explanation.calendar_version) == (moments.due(due_by), 2)
    assert new.days == (moments.day_of("Mon 2027-04-12"),)


def test_a_proclaimed_holiday_leaves_alone_what_it_does_not_touch() -> None:
    beginning = start("seen_at_home", "Tue 2027-04-06 10:00")
    assert change(planned(beginning), beginning, Made(RULES, Calendar(version=1)), Made(RULES, PROCLAIMED)) is None


def test_the_other_convention_counts_one_day_tighter() -> None:
    tighter = RULES.with_settings({"convention": "event_day_is_day_one"})
    plan = planned(start("icpc", "Mon 2026-11-23 15:00"), tighter)
    assert plan.due == moments.due("Fri 2026-12-11")
    assert (plan.explanation.convention, plan.explanation.day_one) == ("event_day_is_day_one", moments.day_of("Mon 2026-11-23"))


def test_under_the_other_convention_an_event_at_a_weekend_does_not_count_itself() -> None:
    tighter = RULES.with_settings({"convention": "event_day_is_day_one"})
    assert planned(start("screening", "Sat 2026-11-21 15:00"), tighter).due == moments.due("Mon 2026-11-23")


def test_days_clear_before_a_conference_are_the_same_under_either_convention() -> None:
    beginning = start("agency_report", "Wed 2026-12-02 16:30", anchor=moments.instant("Tue 2026-12-15 10:00"))
    tighter = RULES.with_settings({"convention": "event_day_is_day_one"})
    assert planned(beginning, tighter).due == planned(beginning).due


def test_a_limit_counted_back_needs_its_date() -> None:
    with pytest.raises(ValueError, match=r"agency_report is counted back from a date \(conference\)"):
        planned(start("agency_report", "Wed 2026-12-02 16:30"))


def test_an_authoritys_closure_days_move_no_due_date() -> None:
    closed = RULES.with_settings({"office.closed": ["2026-12-14", "2026-12-15"]})
    beginning = start("icpc", "Mon 2026-11-23 15:00")
    assert planned(beginning, closed).due == planned(beginning).due


@pytest.mark.parametrize(
    ("when", "due_at"),
    [
        ("2027-03-27T16:40+00:00", "2027-03-28T17:40+01:00"),
        ("2027-10-30T16:40+01:00", "2027-10-31T15:40+00:00"),
    ],
)
def test_hours_run_through_the_change_of_clocks(when: str, due_at: str) -> None:
    beginning = start("written_report", "Fri 2026-11-20 16:40").model_copy(update={"started_at": datetime.fromisoformat(when)})
    assert planned(beginning).due.isoformat(timespec="minutes") == due_at


instants = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
clocks = st.sampled_from(CLOCKS)


def drawn(clock: str, at: datetime, by: int, ahead: int, same_day: bool = False) -> ClockStart:
    """Any timescale, by any of its events, with a date to count back from."""
    starts = RULES.clocks[clock].starts
    return ClockStart(
        clock=clock,
        instance=f"{clock}/1",
        started_at=at,
        started_by=starts[by % len(starts)],
        same_day=same_day,
        anchor=at + timedelta(days=ahead),
    )


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400), st.booleans())
def test_a_limit_after_an_event_never_ends_before_it(clock: str, at: datetime, by: int, ahead: int, same_day: bool) -> None:
    plan = planned(drawn(clock, at, by, ahead, same_day))
    if RULES.clocks[clock].direction == "after":
        assert plan.due.timestamp() >= at.timestamp()
    else:
        assert local(plan.due).date() <= local(at + timedelta(days=ahead)).date()


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400), st.booleans())
def test_hours_are_elapsed_time_and_everything_else_ends_with_its_day(
    clock: str, at: datetime, by: int, ahead: int, same_day: bool
) -> None:
    plan = planned(drawn(clock, at, by, ahead, same_day))
    explained = plan.explanation
    if explained.unit != "hours":
        assert plan.due.time() == END_OF_DAY
        assert plan.due.tzinfo is LONDON
    elif explained.direction == "after":
        assert plan.due.astimezone(UTC) - at == timedelta(hours=explained.limit)


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400))
def test_a_meeting_in_weeks_or_months_is_held_on_a_working_day_earlier_never_later(clock: str, at: datetime, by: int, ahead: int) -> None:
    plan = planned(drawn(clock, at, by, ahead))
    explained = plan.explanation
    if RULES.clocks[clock].meeting and explained.unit in {"weeks", "months"}:
        assert CALENDAR.is_working_day(plan.due.date())
        assert explained.moved_earlier_from is None or explained.moved_earlier_from > plan.due.date()
    else:
        assert explained.moved_earlier_from is None


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400), st.integers(0, 10_000))
def test_what_starts_later_is_never_due_earlier(clock: str, at: datetime, by: int, ahead: int, minutes: int) -> None:
    later = at + timedelta(minutes=minutes)
    one, other = planned(drawn(clock, at, by, ahead)), planned(drawn(clock, later, by, ahead))
    assert one.due.timestamp() <= other.due.timestamp()
