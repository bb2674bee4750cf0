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
from tests.procedures.acts import ACTS, fields_of
from tests.procedures.child import Child, enquired_into, registered
from tests.procedures.invariants import timescales_hold

ENQUIRY_STAGES = {str(state.value) for state in EnquiryMachine.states}
REGISTRATION_STAGES = {str(state.value) for state in RegistrationMachine.states}

acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=72)), max_size=25
)


def instant(when: dt.datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
            child.does(name, instant(happened), told=instant(now), **fields_of(name, fields, happened))
        except Refused:
            assert child.state == before
            continue
        holds(before, child.state, name)
    child.wait(instant(now))
    assert digest(fold(begun, child.entries)) == digest(child.state)
    assert [entry.seq for entry in child.entries] == list(range(1, len(child.entries) + 1))
    assert len({entry.cause for entry in child.entries}) == len(child.entries)
    timescales_hold(child.entries, child.state, now)


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
