"""A journey at any instant: as it was known then, and as it stood then."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.facets import IN_TURN, LEFT_OUT, apart, planted, together
from audit.replay import as_known, as_stood, corrections, differing, recorded_by, recorded_since, steps
from procedures.decisions import Refused
from procedures.fold import digest
from procedures.times import LONDON
from schemas.timeline import RecordedEntry
from tests.audit.recorded import BEGUN, recorded
from tests.procedures.acts import fields_of
from tests.procedures.child import Child, at, enquired_into, registered
from tests.procedures.test_random import acts, instant


def test_a_visit_told_late_was_not_known_and_had_been_made() -> None:
    child = registered()
    due = child.clock("seen_alone").plan.due
    child.does("visit", "2026-12-29 10:00", told="2027-01-04 09:00", seen=True, alone="alone", place="school")
    entries = recorded(child.entries)

    between = at("2026-12-30 12:00")
    known, stood = as_known(BEGUN, entries, between), as_stood(BEGUN, entries, between)

    (then,) = [each for each in known.clocks.values() if each.clock == "seen_alone"]
    assert then.plan.due == due, "nobody knew of the visit"
    (now,) = [each for each in stood.clocks.values() if each.clock == "seen_alone"]
    assert now.started_at == at("2026-12-29 10:00"), "the visit had been made, and the next was counted from it"
    assert then.instance != now.instance
    assert "visit" in {each.kind for each in recorded_since(entries, between)}
    assert ("clocks", then.instance, "") in {each.facet for each in differing(known, stood)}

    later = at("2027-01-05 12:00")
    assert as_known(BEGUN, entries, later).clocks.keys() == as_stood(BEGUN, entries, later).clocks.keys()


def test_what_was_met_sooner_than_recorded_had_ended_then() -> None:
    child = registered()
    child.does("visit", "2027-01-08 10:00", seen=True, alone="alone", place="school")
    child.does("visit", "2026-12-29 10:00", told="2027-01-11 09:00", seen=True, alone="alone", place="school")
    entries = recorded(child.entries)
    first = next(each.content["instance"] for each in entries if each.content.get("clock") == "seen_alone")
    then = at("2027-01-02 12:00")
    assert first in as_known(BEGUN, entries, then).clocks
    assert first not in as_stood(BEGUN, entries, then).clocks


def test_counted_things_add_up_whenever_they_were_told() -> None:
    child = registered()
    child.does("core_group_held", "2027-01-20 10:00", attendance=[{"agency": "police"}])
    child.does("core_group_held", "2026-12-30 10:00", told="2027-02-01 10:00", attendance=[{"agency": "police"}])
    entries = recorded(child.entries)
    held = {day: as_stood(BEGUN, entries, at(day)).core_groups_held for day in ("2026-12-29", "2027-01-05", "2027-01-25", "2027-02-02")}
    assert list(held.values()) == [0, 1, 2, 2]


def test_a_correction_changes_nothing_and_is_found_beside_what_it_corrects() -> None:
    child = registered()
    child.does("corrected", "2027-01-04 09:00", entry=1, words="It was the other school.")
    found = corrections(recorded(child.entries))
    assert [each.kind for each in found[1]] == ["corrected"]


def in_the_end(child: Child) -> list[object]:
    """Where the two ways still differ once all is told."""
    entries = recorded(child.entries)
    return list(differing(as_known(BEGUN, entries, child.now), as_stood(BEGUN, entries, child.now)))


def test_what_was_done_before_it_was_owed_is_owed_no_more() -> None:
    child = enquired_into()
    child.does("safety_plan_agreed", "2026-12-02 15:00", told="2026-12-02 17:10", words="Who does what.")
    child.does("determined", "2026-12-02 16:00", told="2026-12-02 17:20", outcome="substantiated_at_risk", rationale="Why.")
    assert in_the_end(child) == []
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    child.does("safety_plan_agreed", "2026-12-02 15:00", told="2026-12-02 17:10", words="Who does what.")
    assert in_the_end(child) == []


def test_what_happened_before_the_enquiry_was_entered_stands_from_then_on() -> None:
    child = Child()
    child.does("report", "2026-11-20 09:00", how="telephone", words="A bruise.")
    child.does("enquiries_started", "2026-11-19 23:30", told="2026-11-20 09:10", mode="joint")
    entries = recorded(child.entries)
    assert as_stood(BEGUN, entries, at("2026-11-20 12:00")).stages == child.state.stages


def test_an_ending_taken_back_shows_no_timescale_twice() -> None:
    child = registered()
    child.does("ended", "2026-12-16 10:00", ending="death")
    child.does("ended_in_error", "2026-12-18 10:00", rationale="Another child.", confirmed_by="p-carys")
    stood = as_stood(BEGUN, recorded(child.entries), at("2026-12-15 12:00"))
    named = sorted(each.clock for each in stood.clocks.values())
    assert named == sorted(set(named))
    assert in_the_end(child) == []


def test_an_ending_that_was_recorded_in_error_never_stood() -> None:
    child = registered()
    child.does("ended", "2026-12-16 10:00", ending="death")
    child.does("ended_in_error", "2026-12-18 10:00", rationale="Another child.", confirmed_by="p-carys")
    entries, between = recorded(child.entries), at("2026-12-17 12:00")
    assert as_known(BEGUN, entries, between).ended == "death"
    stood = as_stood(BEGUN, entries, between)
    assert (stood.ended, stood.registration) == (None, "registered")


def test_what_ends_something_ends_it_though_it_is_said_to_have_been_sooner() -> None:
    child = registered()
    child.does("ended", "2026-12-16 10:00", ending="death")
    child.does("ended_in_error", "2026-12-15 10:00", told="2026-12-18 10:00", rationale="Another child.", confirmed_by="p-carys")
    child.does("move_out", "2026-12-18 11:00", to_authority="a-2", temporary=True, visits_by="this_authority")
    child.does("move_permanence_agreed", "2026-12-20 11:00")
    child.does("temporary_move_ended", "2026-12-19 11:00", told="2026-12-21 10:00")
    child.does("hold", "2026-12-21 12:00", until=at("2026-12-24 12:00"), reason="The worker is ill.")
    child.does("hold_ended", "2026-12-21 11:00", told="2026-12-21 13:00")
    assert in_the_end(child) == []
    entries = recorded(child.entries)
    assert as_stood(BEGUN, entries, at("2026-12-19 12:00")).move is not None, "it had not been taken back before it was there"
    assert as_stood(BEGUN, entries, at("2026-12-21 10:30")).move is None


FACTS = [name for name, value in BEGUN if not isinstance(value, Mapping | tuple) and name not in {*LEFT_OUT, "child", "authority"}]
"""Top-level facts of one value."""


Changed = list[tuple[dt.datetime, int, Any, Any]]
"""From when, by which entry, from what, to what."""


def changed(entries: list[RecordedEntry]) -> dict[str, Changed]:
    """What the fold of all entries changed of each fact."""
    found: dict[str, Changed] = {fact: [] for fact in FACTS}
    before = BEGUN
    for step in steps(BEGUN, entries):
        for fact in FACTS:
            was, is_ = getattr(before, fact), getattr(step.state, fact)
            if was != is_:
                found[fact].append((step.effective_from, step.seq, was, is_))
        before = step.state
    return found


def defined(fact: str, changes: Changed, then: dt.datetime) -> object:
    """How a fact stood by its definition: a number by all that had been added; a fact whose changes rest on each other by the first of them,
    until one had not taken effect yet; any other by what took effect last.
    """
    begun = getattr(BEGUN, fact)
    if isinstance(begun, int) and not isinstance(begun, bool):
        return begun + sum(after - before for when, _, before, after in changes if when <= then)
    by_then: Iterable[tuple[dt.datetime, int, Any, Any]] = (
        takewhile(lambda each: each[0] <= then, changes) if fact in IN_TURN else sorted(each for each in changes if each[0] <= then)
    )
    return [begun, *(after for *_, after in by_then)][-1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([Child, enquired_into, registered]), acts)
def test_each_fact_stood_as_it_is_defined(begin: Callable[[], Child], acted: list[Any]) -> None:
    child = practised(begin(), acted)
    entries = recorded(child.entries)
    by_fact = changed(entries)
    for instant_ in [*sorted({each.effective_from for each in entries})[::5], child.now]:
        stood = as_stood(BEGUN, entries, instant_)
        assert {fact: getattr(stood, fact) for fact in FACTS} == {fact: defined(fact, by_fact[fact], instant_) for fact in FACTS}
    known, stood = as_known(BEGUN, entries, child.now), as_stood(BEGUN, entries, child.now)
    assert stood.stages == known.stages, "no stage is left over, in whatever order things were told"
    for fact in IN_TURN & set(FACTS):
        assert getattr(stood, fact) == getattr(known, fact)


ACTS_IN_ORDER = acts.map(lambda steps: [(act, hours, 0) for act, hours, _ in steps])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([Child, enquired_into, registered]), acts)
def test_known_at_an_instant_holds_nothing_that_was_recorded_after(begin: Callable[[], Child], steps: list[Any]) -> None:
    child = practised(begin(), steps)
    entries = recorded(child.entries)
    for instant_ in sorted({each.recorded_at for each in entries})[::3]:
        by_then = recorded_by(entries, instant_)
        assert all(each.recorded_at <= instant_ for each in by_then)
        known = as_known(BEGUN, entries, instant_)
        assert known.seq == len(by_then)
        assert digest(known) == by_then[-1].digest, "as the engine held it then"
    assert digest(as_known(BEGUN, entries, child.now)) == digest(child.state)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([Child, enquired_into, registered]), ACTS_IN_ORDER)
def test_what_was_told_at_once_stood_as_it_was_known(begin: Callable[[], Child], steps: list[Any]) -> None:
    child = practised(begin(), steps)
    entries = recorded(child.entries)
    if any(each.effective_from != each.recorded_at for each in entries):
        entries = [each.model_copy(update={"effective_from": each.recorded_at}) for each in entries]
    for instant_ in sorted({each.recorded_at for each in entries})[::10]:
        known, stood = as_known(BEGUN, entries, instant_), as_stood(BEGUN, entries, instant_)
        assert differing(known, stood) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([Child, enquired_into, registered]), acts)
def test_a_state_taken_apart_is_put_together_as_it_was(begin: Callable[[], Child], steps: list[Any]) -> None:
    state = practised(begin(), steps).state
    assert apart(together(BEGUN, planted(state))) == apart(state)


def practised(child: Child, steps: list[Any]) -> Child:
    """What random practitioners did; what was refused left nothing."""
    first = now = child.now.astimezone(LONDON)
    for (name, fields), hours, late in steps:
        now += dt.timedelta(hours=hours)
        happened = max(now - dt.timedelta(hours=late), first)
        try:
            child.does(name, instant(happened), told=instant(now), **fields_of(name, fields, happened))
        except Refused:
            continue
    return child
