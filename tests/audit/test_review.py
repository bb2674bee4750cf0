"""A journey beside the procedures: what was late, what nobody gave a reason for, and drift that each kept timescale would hide."""

import datetime as dt
from typing import Any

from audit.review import Books, review, versions
from procedures.changes import Made
from schemas.reviewing import Drift, Kept, Review
from tests.audit.recorded import journey_of
from tests.procedures.child import REGISTERS, THERE, Child, at, enquired_into, registered

DAY = dt.timedelta(days=1)


def reviewed(child: Child, when: str) -> Review:
    journey = journey_of(child)
    books: Books = {each: Made(child.around.rules, child.around.calendar) for each in versions(journey.entries)}
    return review(journey, at(when), books, {})


def kept(found: Review, clock: str) -> Kept:
    (one,) = [each for each in found.timescales if each.clock == clock]
    return one


def drifts(child: Child, when: str, what: str) -> list[Drift]:
    return [each for each in reviewed(child, when).drift if each.what == what]


def test_each_timescale_has_its_start_due_and_end_by_both_conventions() -> None:
    child = registered()
    child.does("core_group_held", "2026-12-31 10:00", attendance=THERE)
    first = kept(reviewed(child, "2027-01-05 12:00"), "core_group_first")
    assert (first.started_at, first.due) == (at("2026-12-14 13:30"), at("2026-12-30"))
    assert (first.ended_at, first.in_time) == (at("2026-12-31 10:00"), False)
    assert first.late_seconds == (at("2026-12-31 10:00") - at("2026-12-30")).total_seconds()
    assert first.should_be_due == first.due, "the record has what the rules give"
    assert first.other_convention_due == at("2026-12-29")
    icpc = kept(reviewed(child, "2027-01-05 12:00"), "icpc")
    assert (icpc.in_time, icpc.in_time_by_other_convention) == (True, False), "the last day by the one is a day late by the other"


def test_what_was_late_is_named_with_the_action_of_whoever_acknowledged_it_or_none() -> None:
    child = registered()
    child.wait("2027-01-02 12:00")
    child.does("acknowledged", "2027-01-02 12:00", instance=child.clock("core_group_first").instance, action="On Monday.")
    child.does("core_group_held", "2027-01-04 10:00", attendance=THERE)
    found = {(each.what, each.about): each.reasons for each in reviewed(child, "2027-01-05 12:00").departures}
    assert found["late", "core_group_first"] == ("On Monday.",)
    assert found["not_done", "outline_plan"] == ()
    early = {(each.what, each.about) for each in reviewed(child, "2026-12-28 12:00").departures}
    assert ("late", "core_group_first") not in early, "of what was to come the review says nothing"


def test_what_took_effect_without_something_is_a_departure() -> None:
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    assert ("without", "safety_plan") in {(each.what, each.about) for each in reviewed(child, "2026-12-02 17:00").departures}


def test_a_due_date_that_the_rules_do_not_give_is_found() -> None:
    child = registered()
    journey = journey_of(child)
    made = Made(child.around.rules.model_copy(update={"convention": "event_day_is_day_one"}), child.around.calendar)
    found = review(journey, at("2026-12-20 12:00"), dict.fromkeys(versions(journey.entries), made), {})
    assert ("otherwise_due", "core_group_first") in {(each.what, each.about) for each in found.departures}
    unknown = review(journey, at("2026-12-20 12:00"), {}, {})
    assert {each.should_be_due for each in unknown.timescales} == {None}


def test_a_conference_put_off_by_another_discussion_shows_the_days_since_the_first() -> None:
    child = enquired_into()
    child.does("strategy_held", "2026-11-26 11:00", attendance=THERE, outcome="another_meeting")
    (one,) = drifts(child, "2026-12-10 12:00", "conference_restarted")
    assert (one.number, one.since) == (13, dt.date(2026, 11, 23))
    assert drifts(enquired_into(), "2026-12-10 12:00", "conference_restarted") == []


def plan(words: str) -> list[dict[str, Any]]:
    return [{"change_needed": words, "sign_of_change": "Seen.", "who_helps": "Mother.", "progress": f"Some, {words}"}]


def test_three_core_groups_that_change_nothing_are_named() -> None:
    child = registered()
    child.does("core_group_held", "2026-12-30 10:00", attendance=THERE, plan=plan("Fed."))
    for day in ("2027-01-27", "2027-02-24"):
        child.does("core_group_held", f"{day} 10:00", attendance=THERE, plan=plan("Fed."))
    assert drifts(child, "2027-03-01 12:00", "plan_unchanged") == []
    child.does("core_group_held", "2027-03-24 10:00", attendance=THERE)
    (one,) = drifts(child, "2027-03-25 12:00", "plan_unchanged")
    assert (one.number, one.since) == (3, dt.date(2027, 1, 27))
    child.does("core_group_held", "2027-04-21 10:00", attendance=THERE, plan=plan("Fed and clean."))
    assert len(drifts(child, "2027-04-22 12:00", "plan_unchanged")) == 1, "that it changed at last does not undo it"


def test_seen_but_never_alone_is_named() -> None:
    child = registered()
    for day in ("2026-12-16", "2026-12-18", "2026-12-21"):
        child.does("visit", f"{day} 10:00", seen=True, place="home")
    (one,) = drifts(child, "2026-12-22 12:00", "never_alone")
    assert one.number == 3
    child = registered()
    for day, alone in (("2026-12-16", "no"), ("2026-12-18", "alone"), ("2026-12-21", "no")):
        child.does("visit", f"{day} 10:00", seen=True, alone=alone, place="home")
    assert drifts(child, "2026-12-22 12:00", "never_alone") == []


def test_the_same_concern_for_a_year_is_named() -> None:
    child = registered()
    there: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}
    child.does("review_held", "2027-03-01 10:00", **there, decision="change_category", categories=["neglect", "physical"])
    (one,) = drifts(child, "2027-12-20 12:00", "same_concern")
    assert (one.about, one.number) == ("neglect", 371)


def test_a_concern_that_lasted_for_a_year_is_named_after_it_has_ended() -> None:
    child = registered()
    there: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}
    child.does("review_held", "2027-12-16 10:00", **there, decision="change_category", categories=["physical"])
    (one,) = drifts(child, "2028-03-01 12:00", "same_concern")
    assert (one.about, one.number) == ("neglect", 367)


def test_a_meeting_moved_twice_is_named() -> None:
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    child.does("conference_arranged", "2026-12-02 16:30", conference="icpc", planned_at=at("2026-12-08 10:00"), chair="p-nia")
    for day in ("2026-12-10", "2026-12-14"):
        child.does("conference_moved", "2026-12-03 10:00", conference="icpc", planned_at=at(f"{day} 10:00"), reason="A school.")
    (one,) = drifts(child, "2026-12-05 12:00", "meeting_moved")
    assert one.number == 2


def test_what_was_overdue_when_a_child_died_is_not_forgotten() -> None:
    child = registered()
    child.wait("2027-01-20 12:00")
    child.does("ended", "2027-01-20 12:00", ending="death")
    found = {(each.what, each.about) for each in reviewed(child, "2027-01-21 12:00").departures}
    assert {("stopped_late", "core_group_first"), ("stopped_late", "seen_alone"), ("stopped_late", "outline_plan")} <= found


def test_a_reason_that_was_given_is_named() -> None:
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk")
    child.does("rationale_given", "2026-12-02 17:10", about="determination", rationale="He was hit.")
    child.does("conference_arranged", "2026-12-02 16:30", told="2026-12-02 17:20", conference="icpc", planned_at=at("2026-12-10 10:00"))
    child.does("conference_moved", "2026-12-09 10:00", conference="icpc", planned_at=at("2026-12-16 10:00"), reason="The police cannot.")
    child.does("conference_held", "2026-12-16 10:00", **REGISTERS)
    found = {(each.what, each.about): each.reasons for each in reviewed(child, "2026-12-17 12:00").departures}
    assert found["without", "rationale"] == ("He was hit.",)
    assert found["late", "icpc"] == ("The police cannot.",)


def test_discussions_of_an_enquiry_that_was_stood_down_put_off_no_conference() -> None:
    child = enquired_into()
    child.does("strategy_held", "2026-11-26 11:00", attendance=THERE, outcome="another_meeting")
    child.does("determined", "2026-12-02 16:00", outcome="not_substantiated", rationale="Why.", ratified_by="p-huw")
    assert drifts(child, "2027-12-10 12:00", "conference_restarted") == []
