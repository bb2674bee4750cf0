"""A changed calendar or setting moves what is open, with its reason, and nothing that is overdue."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from procedures import due
from procedures.changes import Made, change
from procedures.fold import fold
from procedures.settlement import became_late, settle_due, told_of_late
from procedures.working_days import Calendar
from procedures.writing import Surroundings
from tests.procedures.child import Child, at, enquired_into, registered
from tests.procedures.starts import CLOCKS, RULES, planned, start

TWELFTH = dt.date(2027, 1, 12)
HOLIDAY = Calendar(version=1, added={TWELFTH: "proclaimed"})


NOBODY: Mapping[str, str] = MappingProxyType({})


def changed(
    child: Child, calendar: Calendar = HOLIDAY, settings: dict[str, object] | None = None, arrangers: Mapping[str, str] = NOBODY
) -> Child:
    """The same child when the calendar, or a setting, has changed and the journey looks again."""
    before = child.around
    rules = before.rules.with_settings(settings or {})
    around = replace(
        before,
        rules=rules,
        calendar=calendar,
        versions=before.versions.model_copy(update={"calendar": calendar.version, "settings": 1 if settings else 0}),
        earlier={before.versions: Made(before.rules, before.calendar)},
        rules_then={before.versions.rules: rules},
    )
    return looked_again(child, around, arrangers)


def looked_again(child: Child, around: Surroundings, arrangers: Mapping[str, str] = NOBODY) -> Child:
    settlement = settle_due(child.state, child.now, around)
    settlement = told_of_late(settlement, became_late(child.state, settlement.state), arrangers, child.now, around)
    child.state = fold(child.state, settlement.entries)
    child.entries += settlement.entries
    child.letters += settlement.letters
    return child


def test_a_holiday_moves_what_is_counted_across_it_and_says_why() -> None:
    child = registered()
    child.wait("2026-12-22 09:00")
    assert child.due("seen_at_home") == "2027-01-11"
    record = child.due("conference_record")
    changed(child)
    entry = next(
        each for each in child.entries if each.content.get("clock") == "conference_record" and each.content["state"] == "due_moved"
    )
    assert (entry.content["days"], entry.actor) == (["2027-01-12"], "siwrnai")
    assert child.due("conference_record") == "2027-01-15" > record
    assert dt.datetime.fromisoformat(entry.content["was_due"]) == at(record)
    assert child.due("seen_at_home") == "2027-01-11", "a visit keeps its date"


def test_a_booked_conference_that_a_moved_due_date_makes_late_is_told_to_the_managers_and_to_who_arranged_it() -> None:
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    booked = at(child.due("icpc")).replace(hour=10, minute=0, second=0)
    child.does("conference_arranged", "2026-12-02 16:30", conference="icpc", planned_at=booked)
    before = len(child.letters)
    changed(child, Calendar(version=0), settings={"convention": "event_day_is_day_one"}, arrangers={"icpc": "p-mari"})
    told = [each for each in child.letters[before:] if each.about == "conference_planned_late"]
    assert [each.recipient for each in told] == ["p-huw", "p-review-head", "p-mari"]
    due = child.due("icpc")
    assert at(due) < booked
    assert {each.content["due"][:10] for each in told} == {due}
    again = len(child.letters)
    changed(child, Calendar(version=0), settings={"convention": "event_day_is_day_one"}, arrangers={"icpc": "p-mari"})
    assert "conference_planned_late" not in {each.about for each in child.letters[again:]}, "told once"


def test_a_conference_that_stays_in_time_is_told_to_nobody() -> None:
    child = enquired_into()
    child.does("conference_arranged", "2026-12-02 16:30", conference="icpc", planned_at=at("2026-12-08 10:00"))
    before = len(child.letters)
    changed(child, Calendar(version=0), settings={"convention": "event_day_is_day_one"}, arrangers={"icpc": "p-mari"})
    assert "conference_planned_late" not in {each.about for each in child.letters[before:]}


def test_looking_twice_moves_nothing_twice() -> None:
    child = changed(registered())
    moved = len(child.entries)
    changed(child)
    assert len(child.entries) == moved


def test_what_is_overdue_stays_so() -> None:
    child = registered()
    child.wait("2027-01-05 09:00")
    assert child.clock("seen_alone").overdue
    changed(child, settings={"ladders.child.reminders": [2, 1]})
    assert "due_moved" not in child.said("seen_alone")
    assert child.clock("seen_alone").overdue


def test_whoever_was_reminded_of_the_old_date_gets_a_correction() -> None:
    child = registered()
    child.wait("2027-01-08 09:00")
    assert child.clock("conference_record").told == ("p-review",)
    changed(child)
    (letter,) = [each for each in child.letters if each.kind == "correction"]
    assert (letter.recipient, letter.about, letter.due) == ("p-review", "conference_record", at("2027-01-15"))


def test_a_setting_moves_what_turns_on_it_and_names_it() -> None:
    child = registered()
    changed(child, Calendar(version=0), {"clocks.reports_to_parents.amount": 3, "clocks.lived_experience_missing.amount": 4})
    entry = next(each for each in child.entries if each.content.get("state") == "due_moved")
    assert (entry.content["clock"], entry.content["settings"]) == ("lived_experience_missing", ["clocks.lived_experience_missing.amount"])


@given(
    clock=st.sampled_from([each for each in CLOCKS if RULES.clocks[each].direction == "after"]),
    day=st.dates(dt.date(2026, 11, 1), dt.date(2027, 12, 31)),
    holiday=st.dates(dt.date(2026, 11, 1), dt.date(2028, 6, 30)),
)
def test_a_plan_that_a_holiday_does_not_reach_would_be_made_the_same(clock: str, day: dt.date, holiday: dt.date) -> None:
    """The quick look, and planning anew, agree."""
    plain = Calendar(version=0)
    if plain.why_not(holiday) is not None:
        return
    beginning = start(clock, f"{day} 10:00")
    new = due.plan(beginning, RULES, plain.with_holiday(holiday))
    told = change(planned(beginning), beginning, Made(RULES, plain), Made(RULES, plain.with_holiday(holiday)))
    old = planned(beginning)
    assert (told is not None) == ((new.due, new.reminders, new.rungs) != (old.due, old.reminders, old.rungs))
