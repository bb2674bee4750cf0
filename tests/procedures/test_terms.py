"""School terms: between two of them schools are closed; outside what is published nothing is known."""

import datetime as dt

import pytest

from procedures.terms import CannotChangeTerm, Term, is_holiday, last_school_day, terms, with_term, without_term
from procedures.working_days import Calendar

AUTUMN = Term(first=dt.date(2026, 11, 2), last=dt.date(2026, 12, 18))
SPRING = Term(first=dt.date(2027, 1, 4), last=dt.date(2027, 2, 12))


def known() -> Calendar:
    return with_term(with_term(Calendar(version=1), SPRING), AUTUMN)


def test_they_are_kept_in_order_with_the_calendar_and_move_no_working_day() -> None:
    calendar = known()
    assert terms(calendar) == (AUTUMN, SPRING)
    assert Calendar.of(1, calendar.body) == calendar
    assert calendar.add(dt.date(2026, 12, 18), 2) == Calendar(version=1).add(dt.date(2026, 12, 18), 2)


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        ("2026-12-18", False),
        ("2026-12-19", True),
        ("2027-01-03", True),
        ("2027-01-04", False),
        ("2027-02-15", False),
        ("2026-10-28", False),
    ],
)
def test_schools_are_closed_between_two_terms(day: str, holiday: bool) -> None:
    assert is_holiday(known(), dt.date.fromisoformat(day)) is holiday


def test_the_last_school_day_before_the_holidays_is_a_working_day() -> None:
    assert last_school_day(known(), dt.date(2026, 12, 29)) == dt.date(2026, 12, 18)
    ends_on_sunday = with_term(with_term(Calendar(version=1), SPRING), Term(first=AUTUMN.first, last=dt.date(2026, 12, 20)))
    assert last_school_day(ends_on_sunday, dt.date(2026, 12, 29)) == dt.date(2026, 12, 18)
    assert last_school_day(known(), dt.date(2026, 12, 10)) == dt.date(2026, 12, 10)


def test_two_terms_share_no_day_and_one_that_is_not_there_is_not_withdrawn() -> None:
    with pytest.raises(CannotChangeTerm, match="term_overlaps: 2026-11-02 to 2026-12-18"):
        with_term(known(), Term(first=dt.date(2026, 12, 18), last=dt.date(2026, 12, 20)))
    with pytest.raises(CannotChangeTerm, match="no_term"):
        without_term(known(), Term(first=AUTUMN.first, last=SPRING.last))
    assert terms(without_term(known(), AUTUMN)) == (SPRING,)
