"""Random practitioners: whatever is recorded, in whatever order, the rules hold. Pure and quick; the engine has tests of its own."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.decisions import Refused
from procedures.fold import digest, fold
from procedures.lifecycle import EnquiryMachine, RegistrationMachine
from procedures.settlement import next_wake
from procedures.times import LONDON
from schemas.state import JourneyState
from tests.procedures.child import THERE, Child, enquired_into, registered

ENQUIRY_STAGES = {str(state.value) for state in EnquiryMachine.states}
REGISTRATION_STAGES = {str(state.value) for state in RegistrationMachine.states}

HELD: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}
EVIDENCE = [{"concern": "neglect", "change": "Fed.", "seen_by": "Nurse.", "over": "Months."}]
REVIEWED: dict[str, Any] = {**HELD, "evidence": EVIDENCE, "contingency_plan": "Who acts.", "reason": "Much has changed."}

ACTS: list[tuple[str, dict[str, Any]]] = [
    ("report", {"how": "telephone", "words": "A bruise.", "alleged": ["physical"]}),
    ("report", {"how": "in_writing", "words": "Hunger.", "reporter": "public"}),
    ("safety_checked", {"safe": True}),
    ("screened", {"decision": "no_further_action", "rationale": "Why.", "threshold_element": "abuse_or_neglect"}),
    ("screened", {"decision": "assessment"}),
    ("screened", {"decision": "strategy"}),
    ("rationale_given", {"rationale": "Why."}),
    ("strategy_held", {"attendance": THERE, "outcome": "section47_joint"}),
    ("strategy_held", {"attendance": THERE[:2], "outcome": "another_meeting"}),
    ("strategy_held", {"attendance": THERE, "outcome": "no_further_action", "rationale": "Why."}),
    ("enquiries_started", {"mode": "joint"}),
    ("visit", {"seen": True, "alone": "alone", "place": "home", "bedroom_seen": True}),
    ("visit", {"seen": False, "place": "home"}),
    ("determined", {"outcome": "substantiated_at_risk"}),
    ("determined", {"outcome": "not_substantiated", "rationale": "Why.", "ratified_by": "p-huw"}),
    ("safety_plan_agreed", {"words": "Who does what."}),
    ("voice_recorded", {"how": "in_person", "wishes": "To stay."}),
    ("conference_held", {**HELD, "decision": "register", "categories": ["neglect"]}),
    ("conference_held", {**HELD, "decision": "not_register"}),
    ("core_group_held", {"attendance": THERE}),
    ("review_held", {**REVIEWED, "decision": "stay"}),
    ("review_held", {**REVIEWED, "decision": "deregister"}),
    ("move_out", {"to_authority": "a-2"}),
    ("transferred", {"decision": "registered_there"}),
    ("missing", {}),
    ("found", {}),
    ("record_closed", {"rationale": "Nothing is owed."}),
    ("ended", {"ending": "death"}),
    ("ended_in_error", {"rationale": "Another child.", "confirmed_by": "p-carys"}),
]

acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=72)), max_size=25
)


def instant(when: dt.datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([Child, enquired_into, registered]), acts)
def test_whatever_is_recorded_the_rules_hold(begin: Callable[[], Child], steps: list[tuple[tuple[str, dict[str, Any]], int, int]]) -> None:
    child = begin()
    begun = Child().state
    first = now = child.now.astimezone(LONDON)
    for (name, fields), hours, late in steps:
        now += dt.timedelta(hours=hours)
        child.wait(instant(now))
        before = child.state
        happened = max(now - dt.timedelta(hours=late), first)
        try:
            child.does(name, instant(happened), told=instant(now), **fields)
        except Refused:
            assert child.state == before
            continue
        holds(before, child.state, name)
    assert digest(fold(begun, child.entries)) == digest(child.state)
    assert [entry.seq for entry in child.entries] == list(range(1, len(child.entries) + 1))
    assert len({entry.cause for entry in child.entries}) == len(child.entries)


ENDS_A_REGISTRATION = {"review_held", "transferred", "ended", "conference_held"}
OF_THE_REGISTRATION = {"seen_alone", "seen_at_home", "core_group_first", "core_group_next", "rcpc_first", "rcpc_next"}
FULFILS = {"visit", "core_group_held", "review_held", *ENDS_A_REGISTRATION}


def holds(before: JourneyState, after: JourneyState, name: str) -> None:
    """What is so after every command."""
    assert after.registration in REGISTRATION_STAGES
    assert {enquiry.stage for enquiry in after.enquiries} <= ENQUIRY_STAGES
    assert after.seq > before.seq
    if before.registered and not after.registered:
        assert name in ENDS_A_REGISTRATION
    assert bool(after.categories) == after.registered or after.ended is not None
    if name not in FULFILS:
        kept = {instance for instance, clock in before.clocks.items() if clock.clock in OF_THE_REGISTRATION}
        assert kept <= set(after.clocks), "no event of an enquiry stops a registered child's timescales"
    if after.ended is not None or after.closed:
        assert after.clocks == {}
        assert next_wake(after) is None
    for clock in after.clocks.values():
        assert clock.climbed <= len(clock.plan.rungs)
        assert clock.overdue or not clock.climbed
