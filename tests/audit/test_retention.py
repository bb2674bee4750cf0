"""How long a closed record is kept: by the state that keeps longest, until the later of a birthday and so many years."""

import datetime as dt
from typing import Any

import pytest

from audit.retention import Facts, KeptUntil, facts, kept_until, years_after
from procedures.in_force import rules_in_force
from procedures.rules import BadRules
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry, Stages, Versions

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
    assert until(entry("report"), entry("record_closed"), closed=True) == ("neither", dt.date(2032, 11, 20))
    assert until(entry("record_closed", "2020-01-01T09:00+00:00"), closed=True) == ("neither", dt.date(2032, 5, 3))


def test_the_state_that_keeps_longest_counts_whenever_it_was() -> None:
    came_off = entry("deregistered", after=Stages(registration="deregistered"))
    once = (entry("conference_held", after=ON), came_off, entry("record_closed"))
    assert until(*once, closed=True) == ("registered", dt.date(2039, 5, 3))
    assert until(*once, entry("looked_after"), entry("record_closed"), closed=True) == ("looked_after", dt.date(2089, 5, 3))
    taken_over = entry("taken_over", facts={"looked_after": True})
    assert until(taken_over, entry("record_closed"), closed=True).state == "looked_after"


def test_after_a_death_no_birthday_is_waited_for() -> None:
    assert until(entry("conference_held", after=ON), entry("ended"), ended="death") == ("died", dt.date(2041, 11, 20))


def test_where_nobody_knows_the_birth_the_years_count_from_the_closing() -> None:
    assert until(entry("record_closed"), closed=True, birth=None) == ("neither", dt.date(2044, 11, 20))


def test_the_last_day_is_the_local_one_and_still_belongs_to_the_record() -> None:
    assert until(entry("record_closed", "2026-06-30T23:30+00:00"), closed=True).day == dt.date(2032, 7, 1)
    kept = KeptUntil("neither", dt.date(2032, 7, 1))
    assert not kept.is_over(dt.date(2032, 7, 1))
    assert kept.is_over(dt.date(2032, 7, 2))


def test_a_leap_day_has_an_anniversary() -> None:
    assert years_after(dt.date(2016, 2, 29), 18) == dt.date(2034, 3, 1)


def test_the_numbers_are_local_settings_and_a_childhood_is_never_cut_short() -> None:
    rules = rules_in_force().with_settings({"retention.registered.birthday": 26, "retention.registered.years": 30})
    known = Facts(dt.date(2026, 11, 20), "registered", BORN)
    assert kept_until(rules.retention, known).day == dt.date(2056, 11, 20)
    with pytest.raises(BadRules):
        rules_in_force().with_settings({"retention.neither.birthday": 12})
    with pytest.raises(BadRules):
        rules_in_force().with_settings({"retention.died.birthday": 25})
