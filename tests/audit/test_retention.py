"""How long a closed record is kept: by the state that keeps longest, until the later of a birthday and so many years."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from audit.retention import Facts, KeptUntil, facts, kept_until, years_after
from procedures.in_force import rules_in_force
from procedures.rules import SHIPPED, BadRules, parse
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry, Stages, Versions
from tests.procedures.child import THERE, Child, enquired_into, reported

BORN = dt.date(2014, 5, 3)
OFF, ON = Stages(registration="not_registered"), Stages(registration="registered")


def entry(kind: str, at: str = "2026-11-20T16:40+00:00", after: Stages = OFF, **content: Any) -> RecordedEntry:
    when = dt.datetime.fromisoformat(at)
    return RecordedEntry(
        seq=1,
        kind=kind,
        happened_at=when,
        effective_from=when,
        decided_at=when,
        actor="p-huw",
        cause="k#1",
        versions=Versions(rules="ab", calendar=1, settings=1),
        before=OFF,
        after=after,
        content=content,
        digest="",
        child="c-1",
        recorded_at=when,
        previous="",
        hash="",
        signature="",
    )


def state(**more: Any) -> JourneyState:
    return JourneyState.model_validate({"child": "c-1", "family": "f-1", "authority": "a-1", "team": "t-1", **more})


def until(*entries: RecordedEntry, birth: dt.date | None = BORN, **more: Any) -> KeptUntil:
    found = facts(entries, state(**more), birth)
    assert found is not None
    return kept_until(rules_in_force().retention, found)


def test_an_open_record_has_no_end() -> None:
    assert facts([entry("report")], state(), BORN) is None
    # Closed once, and open again by a new report.
    assert facts([entry("record_closed"), entry("report")], state(closed=False), BORN) is None


def test_the_later_of_the_birthday_and_the_years_after_closing() -> None:
    assert until(entry("report"), entry("record_closed"), closed=True) == ("neither", dt.date(2038, 5, 3))
    assert until(entry("record_closed", "2034-01-01T09:00+00:00"), closed=True) == ("neither", dt.date(2040, 1, 1))


def test_the_state_that_keeps_longest_counts_whenever_it_was() -> None:
    came_off = entry("deregistered", after=Stages(registration="deregistered"))
    once = (entry("conference_held", after=ON), came_off, entry("record_closed"))
    assert until(*once, closed=True) == ("registered", dt.date(2061, 11, 20))
    assert until(*once, entry("looked_after"), entry("record_closed"), closed=True) == ("looked_after", dt.date(2089, 5, 3))
    with_care = entry("taken_over", facts={"looked_after": True})
    assert until(with_care, entry("record_closed"), closed=True).state == "looked_after"


def recorded(child: Child) -> list[RecordedEntry]:
    """The journey's own entries, as the record gives them back."""
    kept = {"child": "c-1", "recorded_at": child.now, "previous": "", "hash": "", "signature": ""}
    return [RecordedEntry.model_validate({**each.model_dump(), **kept}) for each in child.entries]


def kept(child: Child) -> KeptUntil:
    """How long the journey is kept that is closed on 20 November 2027."""
    entries = [*recorded(child), entry("record_closed", "2027-11-20T16:40+00:00", after=child.state.stages)]
    found = facts(entries, child.state.model_copy(update={"closed": True}), BORN)
    assert found is not None
    return kept_until(rules_in_force().retention, found)


def begun_at_once() -> Child:
    child = reported()
    child.does("enquiries_started", "2026-11-20 17:00", mode="joint")
    return child


def taken_over() -> Child:
    child = Child()
    child.does("taken_over", "2026-12-07 09:00", reported_at="2026-12-03T10:00+00:00", s47_at="2026-12-04T10:00+00:00")
    return child


def stood_down_and_taken_up_again() -> Child:
    """Enquiries that came to nothing; another strategy discussion takes the same one up anew, and begins none."""
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="not_substantiated", rationale="Why.", ratified_by="p-huw")
    child.does("strategy_held", "2026-12-04 15:00", attendance=THERE, outcome="no_further_action", rationale="Why.")
    assert child.state.enquiries[0].s47_at is None
    return child


@pytest.mark.parametrize("begun", [begun_at_once, enquired_into, taken_over, stood_down_and_taken_up_again])
def test_enquiries_count_however_they_began(begun: Callable[[], Child]) -> None:
    assert kept(begun()) == ("enquired", dt.date(2062, 11, 20))


def test_a_report_and_a_strategy_discussion_are_no_enquiries() -> None:
    child = reported(possible_crime=False)
    child.does("safety_checked", "2026-11-20 17:05", safe=True)
    child.does("screened", "2026-11-23 10:05", decision="strategy", rationale="Why.", threshold_element="significant_harm_likely")
    child.does("strategy_held", "2026-11-23 15:00", attendance=THERE, outcome="care_and_support", medical="needed", rationale="Why.")
    assert kept(child).state == "neither"


def test_after_a_death_no_birthday_is_waited_for_and_no_state_is_forgotten() -> None:
    assert until(entry("report"), entry("ended"), ended="death") == ("died", dt.date(2041, 11, 20))
    assert until(entry("conference_held", after=ON), entry("ended"), ended="death") == ("registered", dt.date(2061, 11, 20))
    both = until(entry("looked_after"), entry("conference_held", after=ON), entry("ended"), ended="death")
    assert both == ("registered", dt.date(2061, 11, 20))
    child = enquired_into()
    child.does("ended", "2026-12-01 10:00", ending="death")
    found = facts(recorded(child), child.state, BORN)
    assert found is not None
    assert kept_until(rules_in_force().retention, found) == ("enquired", dt.date(2061, 12, 1))
    as_neither = Facts(dt.date(2026, 11, 20), ("neither",), BORN, died=True)
    assert kept_until(rules_in_force().retention, as_neither).day == dt.date(2032, 11, 20), "no birthday"
    cared_for = until(entry("looked_after"), entry("ended"), ended="death")
    assert cared_for == ("looked_after_died", dt.date(2041, 11, 20))


def test_where_nobody_knows_the_birth_the_years_count_from_the_closing() -> None:
    assert until(entry("record_closed"), closed=True, birth=None) == ("neither", dt.date(2050, 11, 20))


def test_the_last_day_is_the_local_one_and_still_belongs_to_the_record() -> None:
    assert until(entry("record_closed", "2026-06-30T23:30+00:00"), closed=True, birth=None).day == dt.date(2050, 7, 1)
    kept = KeptUntil("neither", dt.date(2032, 7, 1))
    assert not kept.is_over(dt.date(2032, 7, 1))
    assert kept.is_over(dt.date(2032, 7, 2))


def test_a_leap_day_has_an_anniversary() -> None:
    assert years_after(dt.date(2016, 2, 29), 18) == dt.date(2034, 3, 1)


def test_the_numbers_are_local_settings_but_those_of_the_law_and_a_childhood_is_never_cut_short() -> None:
    rules = rules_in_force().with_settings({"retention.neither.birthday": 26, "retention.registered.years": 40})
    assert kept_until(rules.retention, Facts(dt.date(2026, 11, 20), ("registered",), BORN)).day == dt.date(2066, 11, 20)
    assert kept_until(rules.retention, Facts(dt.date(2026, 11, 20), ("neither",), BORN)).day == dt.date(2040, 5, 3)
    for key, value in (
        ("retention.neither.birthday", 12),
        ("retention.died.birthday", 25),
        ("retention.looked_after.birthday", 25),
        ("retention.looked_after_died.years", 1),
    ):
        with pytest.raises(BadRules):
            rules_in_force().with_settings({key: value})


def test_a_file_of_before_that_names_one_source_is_still_read() -> None:
    now = SHIPPED.read_text(encoding="utf-8")
    first, last = now.index("[retention.neither]"), now.index("# What people get after a conference: who reads it")
    before = """
[retention]
source = "practice"
trust = "M"
setting = true
neither = { birthday = 18, years = 6 }
registered = { birthday = 25, years = 10 }
looked_after = { birthday = 75, years = 15 }
died = { years = 15 }

"""
    kept = parse((now[:first] + before + now[last:]).encode(), "before.toml").retention
    assert (kept.enquired, kept.looked_after_died) == (kept.registered, kept.died)
    assert (kept.registered.birthday, kept.registered.trust) == (25, "M")
