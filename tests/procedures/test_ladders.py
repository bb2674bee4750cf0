"""Reminders before a timescale is due, escalation after it, and what an acknowledgement holds (procedures, section 8)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import due
from procedures.office import Office
from procedures.times import local
from rehearsal.moments import instant
from schemas.clocks import ClockPlan, Rung
from tests.procedures.child import POSTS, Child
from tests.procedures.starts import CALENDAR, CLOCKS, RULES, planned, start
from tests.procedures.test_due_dates import begun, clocks, drawn, instants

OFFICE = Office(RULES.office, CALENDAR)


def told(plan: ClockPlan) -> list[tuple[str, str]]:
    """Who is told, and when, as one reads it."""
    return [(rung.role, f"{local(rung.at):%a %Y-%m-%d %H:%M}") for rung in plan.rungs]


def reminded(plan: ClockPlan) -> list[str]:
    return [f"{local(at):%a %Y-%m-%d %H:%M}" for at in plan.reminders]


def test_an_unseen_child_climbs_to_the_director_in_office_hours() -> None:
    plan = planned(start("seen_alone", "Tue 2026-12-22 15:30"))
    assert reminded(plan) == ["Tue 2027-01-05 08:30", "Thu 2027-01-07 08:30"]
    assert told(plan) == [
        ("social_worker", "Mon 2027-01-11 08:30"),
        ("team_manager", "Tue 2027-01-12 08:30"),
        ("service_manager", "Thu 2027-01-14 08:30"),
        ("head_of_service", "Mon 2027-01-18 08:30"),
        ("director", "Mon 2027-01-25 08:30"),
    ]


def test_what_is_urgent_climbs_at_once_day_and_night_and_reaches_the_director_next_morning() -> None:
    plan = planned(start("police_told", "Fri 2026-11-20 22:40"))
    assert reminded(plan) == ["Fri 2026-11-20 23:25"]
    assert told(plan) == [
        ("duty_manager", "Fri 2026-11-20 23:40"),
        ("team_manager", "Fri 2026-11-20 23:40"),
        ("service_manager", "Sat 2026-11-21 01:40"),
        ("head_of_service", "Sat 2026-11-21 03:40"),
        ("director", "Sat 2026-11-21 08:30"),
    ]


def test_hours_of_an_urgent_ladder_run_through_the_change_of_clocks() -> None:
    plan = planned(
        start("immediate_safety", "Sun 2027-03-28 00:10").model_copy(update={"started_at": datetime.fromisoformat("2027-03-27T23:40Z")})
    )
    assert [local(rung.at).isoformat(timespec="minutes") for rung in plan.rungs[1:4]] == [
        "2027-03-28T00:40+00:00",
        "2027-03-28T03:40+01:00",
        "2027-03-28T05:40+01:00",
    ]


def test_work_that_is_owed_stops_at_the_service_manager() -> None:
    plan = planned(start("assessment_s47", "Mon 2026-11-23 15:00"))
    assert reminded(plan) == ["Wed 2027-01-20 08:30"]
    assert told(plan) == [
        ("social_worker", "Tue 2027-01-26 08:30"),
        ("team_manager", "Thu 2027-01-28 08:30"),
        ("service_manager", "Tue 2027-02-02 08:30"),
    ]


def test_what_the_reviewing_service_owes_goes_to_its_head_never_to_line_management() -> None:
    plan = planned(start("conference_record", "Tue 2026-12-15 13:30"))
    assert reminded(plan) == ["Fri 2027-01-08 08:30"]
    assert told(plan) == [("reviewing_service", "Mon 2027-01-18 08:30"), ("reviewing_service_head", "Mon 2027-01-25 08:30")]


@pytest.mark.parametrize("clock", [key for key in CLOCKS if RULES.clocks[key].owner in {"reviewing_service", "chair"}])
def test_no_timescale_of_a_chair_or_the_reviewing_service_reaches_the_line_management_of_the_case(clock: str) -> None:
    roles = {rung.role for rung in planned(start(clock, "Tue 2026-12-15 13:30")).rungs}
    assert not roles & {"social_worker", "duty_manager", "team_manager", "service_manager"}


def test_a_duty_of_somebody_else_is_shown_and_never_climbs() -> None:
    plan = planned(start("reporter_chase", "Fri 2026-11-20 16:40"))
    assert (plan.reminders, plan.rungs) == ((), ())


@pytest.mark.parametrize(
    ("clock", "when", "condition", "at"),
    [
        # A third of the time is left on Sunday night: the next opening.
        ("screening", "Fri 2026-11-20 16:40", "", ["Mon 2026-11-23 08:30"]),
        # The next opening would be too late: the close of that day.
        ("strategy", "Mon 2026-11-23 10:05", "alleged physical harm", ["Mon 2026-11-23 17:00"]),
        # The close of that day is before the decision: none.
        ("strategy", "Mon 2026-11-23 18:05", "alleged physical harm", []),
        # Good Friday: the close of Thursday.
        ("move_information", "Wed 2027-03-24 10:00", "", ["Thu 2027-03-25 17:00"]),
        # Urgent: a quarter of the time is left, whatever the hour.
        ("police_protection", "Fri 2026-11-20 16:40", "", ["Sun 2026-11-22 22:40"]),
    ],
)
def test_a_short_limit_has_one_reminder(clock: str, when: str, condition: str, at: list[str]) -> None:
    assert reminded(planned(begun(clock, when, condition))) == at


def test_closure_days_of_the_authority_put_off_reminders_and_escalations_only() -> None:
    closed = RULES.with_settings({"office.closed": ["2027-01-05", "2027-01-11"]})
    beginning = start("seen_alone", "Tue 2026-12-22 15:30")
    plan = planned(beginning, closed)
    assert plan.due == planned(beginning).due
    assert reminded(plan) == ["Wed 2027-01-06 08:30", "Thu 2027-01-07 08:30"]
    assert told(plan)[:2] == [("social_worker", "Tue 2027-01-12 08:30"), ("team_manager", "Tue 2027-01-12 08:30")]


def test_where_the_date_counted_back_is_past_already_silence_is_counted_from_the_start() -> None:
    beginning = start("agency_report", "Mon 2026-12-14 10:00", anchor=instant("Tue 2026-12-15 10:00"))
    plan = planned(beginning)
    assert plan.due < beginning.started_at
    assert told(plan)[:2] == [("agency_lead", "Mon 2026-12-14 10:00"), ("team_manager", "Wed 2026-12-16 10:00")]


@pytest.mark.parametrize("clock", CLOCKS)
def test_every_timescale_climbs_its_whole_ladder_in_order(clock: str) -> None:
    rule = RULES.clocks[clock]
    plan = planned(start(clock, "Thu 2026-12-24 09:10", anchor=instant("Thu 2027-07-01 10:00")))
    ladder = RULES.ladders[rule.ladder]
    assert [rung.number for rung in plan.rungs] == list(range(1, len(ladder.rungs) + 1))
    assert [rung.at for rung in plan.rungs] == sorted(rung.at for rung in plan.rungs)
    if plan.rungs:
        assert plan.rungs[0].role == rule.owner


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400), st.booleans())
def test_reminders_come_before_the_due_time_escalations_not_before_it(
    clock: str, at: datetime, by: int, ahead: int, same_day: bool
) -> None:
    plan = planned(drawn(clock, at, by, ahead, same_day))
    due_at = plan.due.timestamp()
    reminders, rungs = [each.timestamp() for each in plan.reminders], [rung.at.timestamp() for rung in plan.rungs]
    assert reminders == sorted(set(reminders))
    assert all(at.timestamp() < each < due_at for each in reminders)
    assert rungs == sorted(rungs)
    assert all(each >= max(due_at, at.timestamp()) for each in rungs)


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400))
def test_whatever_is_not_urgent_waits_for_the_office(clock: str, at: datetime, by: int, ahead: int) -> None:
    if RULES.ladders[RULES.clocks[clock].ladder].day_and_night:
        return
    plan = planned(drawn(clock, at, by, ahead))
    for each in (*plan.reminders, *(rung.at for rung in plan.rungs)):
        there = local(each)
        assert OFFICE.is_open_on(there.date())
        assert RULES.office.opens <= there.time() <= RULES.office.closes


# Acknowledgements.


def after_acknowledging(plan: ClockPlan, ladder: str, climbed: int, at: str) -> tuple[datetime, tuple[Rung, ...]]:
    held = RULES.ladders[ladder]
    until = due.hold_until(instant(at), held, CALENDAR, RULES)
    return until, due.replanned(plan.rungs, climbed, until, CALENDAR, held, RULES)


def test_an_acknowledgement_holds_for_two_working_days_then_the_ladder_climbs_on_at_its_own_pace() -> None:
    plan = planned(start("seen_alone", "Tue 2026-12-22 15:30"))
    until, rungs = after_acknowledging(plan, "child", 1, "Mon 2027-01-11 11:15")
    assert until == instant("Wed 2027-01-13 11:15")
    assert rungs[0] == plan.rungs[0]
    assert [f"{local(rung.at):%a %d %H:%M}" for rung in rungs[1:]] == ["Wed 13 11:15", "Fri 15 11:15", "Tue 19 11:15", "Tue 26 11:15"]


def test_an_urgent_acknowledgement_holds_for_two_hours() -> None:
    plan = planned(start("police_told", "Fri 2026-11-20 22:40"))
    until, rungs = after_acknowledging(plan, "urgent", 2, "Sat 2026-11-21 00:30")
    assert until == instant("Sat 2026-11-21 02:30")
    assert [f"{local(rung.at):%a %H:%M}" for rung in rungs[2:]] == ["Sat 02:30", "Sat 04:30", "Sat 09:20"]


def test_an_acknowledgement_given_before_anything_is_due_hurries_nothing() -> None:
    plan = planned(start("seen_alone", "Tue 2026-12-22 15:30"))
    assert after_acknowledging(plan, "child", 0, "Mon 2027-01-04 09:00")[1] == plan.rungs


def test_after_the_last_rung_there_is_nothing_to_hold() -> None:
    plan = planned(start("seen_alone", "Tue 2026-12-22 15:30"))
    assert after_acknowledging(plan, "child", 5, "Tue 2027-01-26 09:00")[1] == plan.rungs


@given(clocks, instants, st.integers(0, 5), st.integers(0, 20_000))
def test_an_acknowledgement_never_brings_anybody_forward_or_out_of_order(clock: str, at: datetime, climbed: int, minutes: int) -> None:
    plan = planned(drawn(clock, at, 0, 200))
    ladder = RULES.ladders[RULES.clocks[clock].ladder]
    until = due.hold_until(plan.due + timedelta(minutes=minutes), ladder, CALENDAR, RULES)
    rungs = due.replanned(plan.rungs, climbed, until, CALENDAR, ladder, RULES)
    assert [rung.role for rung in rungs] == [rung.role for rung in plan.rungs]
    assert rungs[:climbed] == plan.rungs[:climbed]
    ahead = [rung.at.timestamp() for rung in rungs[climbed:]]
    assert ahead == sorted(ahead)
    assert all(new >= old.at.timestamp() for new, old in zip(ahead, plan.rungs[climbed:], strict=True))
    assert all(each >= until.timestamp() for each in ahead)


def test_where_a_role_is_vacant_it_is_told_upwards_and_the_timeline_says_so_and_nobody_reads_it_twice() -> None:
    child = Child({role: person for role, person in POSTS.items() if role != "duty_manager"})
    child.does("report", "2026-11-20 16:40", how="telephone", alleged=["physical"], words="A bruise.")
    child.wait("2026-11-20 17:41")
    told = [entry.content for entry in child.entries if entry.content.get("state") == "escalated"]
    assert [(each["role"], each.get("reached"), each["to"]) for each in told] == [
        ("duty_manager", "team_manager", "p-huw"),
        ("team_manager", None, "p-huw"),
    ]
    assert [letter.recipient for letter in child.letters if letter.kind == "alert" and letter.about == "immediate_safety"] == ["p-huw"]
