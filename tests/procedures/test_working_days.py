"""Counting time (procedures, section 2): which days count, and what the examples there come to."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.vocabulary import holidays
from procedures.working_days import Calendar, bank_holidays, months_after
from rehearsal.moments import day_of
from tests.procedures.starts import CALENDAR

HOLIDAYS = {
    2026: "1 Jan, 3 Apr, 6 Apr, 4 May, 25 May, 31 Aug, 25 Dec, 28 Dec",
    2027: "1 Jan, 26 Mar, 29 Mar, 3 May, 31 May, 30 Aug, 27 Dec, 28 Dec",
    2028: "3 Jan, 14 Apr, 17 Apr, 1 May, 29 May, 28 Aug, 25 Dec, 26 Dec",
}

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("Fri 2026-11-20", 1, "Mon 2026-11-23"),
        ("Mon 2026-11-23", 15, "Mon 2026-12-14"),
        ("Mon 2026-12-14", 15, "Thu 2027-01-07"),
        ("Fri 2026-12-18", 10, "Wed 2027-01-06"),
        ("Wed 2026-12-23", 5, "Mon 2027-01-04"),
        ("Mon 2026-11-02", 42, "Mon 2027-01-04"),
    ],
)
def test_the_day_of_the_event_is_day_0_and_the_limit_ends_with_the_nth_working_day_after_it(start: str, count: int, end: str) -> None:
    assert CALENDAR.add(day_of(start), count)[0] == day_of(end)


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_bank_holidays_of_wales_on_weekdays_are_those_of_the_procedures(year: int) -> None:
    found = [day for day in sorted(bank_holidays(year)) if day.weekday() < 5]
    assert ", ".join(f"{day.day} {day:%b}" for day in found) == HOLIDAYS[year]


@pytest.mark.parametrize("year", range(2020, 2036))
def test_every_bank_holiday_has_a_name_of_its_own_in_both_languages(year: int) -> None:
    assert "proclaimed" not in bank_holidays(year).values()


def test_the_table_of_holidays_names_each_in_welsh_and_in_english() -> None:
    assert [key for key, each in holidays().items() if not each.get("cy") or not each.get("en")] == []


def test_st_davids_day_is_a_working_day() -> None:
    assert CALENDAR.is_working_day(day_of("Mon 2027-03-01"))


def test_the_days_passed_over_are_named_with_why() -> None:
    _, skipped = CALENDAR.add(day_of("Wed 2026-12-23"), 5)
    assert [(each.day.day, each.why) for each in skipped] == [
        (25, "christmas_day"),
        (26, "saturday"),
        (27, "sunday"),
        (28, "boxing_day_substitute"),
        (1, "new_years_day"),
        (2, "saturday"),
        (3, "sunday"),
    ]


def test_a_proclaimed_holiday_does_not_count_and_a_day_it_was_moved_from_does() -> None:
    monday, early_may = day_of("Mon 2027-04-12"), day_of("Mon 2027-05-03")
    calendar = Calendar(version=2, added={monday: "coronation"}, removed=frozenset({early_may}))
    assert (calendar.why_not(monday), calendar.why_not(early_may)) == ("coronation", None)
    assert (CALENDAR.why_not(monday), CALENDAR.why_not(early_may)) == (None, "early_may")


def test_a_calendar_is_read_from_json() -> None:
    calendar = Calendar.model_validate({"version": 2, "added": {"2027-04-12": "proclaimed"}, "removed": ["2027-05-03"]})
    assert not calendar.is_working_day(day_of("Mon 2027-04-12"))
    assert calendar.is_working_day(day_of("Mon 2027-05-03"))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("Mon 2026-11-30", 3, "Sun 2027-02-28"),
        ("Thu 2027-03-11", 6, "Sat 2027-09-11"),
        ("Tue 2027-08-31", 6, "Tue 2028-02-29"),
        ("Tue 2028-02-29", -6, "Sun 2027-08-29"),
        ("Thu 2026-12-31", 2, "Sun 2027-02-28"),
    ],
)
def test_a_limit_in_months_ends_on_the_same_day_of_the_month_or_its_last(start: str, months: int, end: str) -> None:
    assert months_after(day_of(start), months) == day_of(end)


def test_a_negative_number_of_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="may not be negative"):
        CALENDAR.add(day_of("Mon 2027-03-01"), -1)


@given(days, st.integers(1, 60))
def test_counting_never_ends_on_a_day_that_is_not_a_working_day(day: date, count: int) -> None:
    assert CALENDAR.is_working_day(CALENDAR.add(day, count)[0])
    assert CALENDAR.is_working_day(CALENDAR.subtract(day, count)[0])


@given(days, counts)
def test_from_a_working_day_counting_back_undoes_counting_forward(day: date, count: int) -> None:
    begun = CALENDAR.latest(day)
    assert CALENDAR.subtract(CALENDAR.add(begun, count)[0], count)[0] == begun


@given(days, days, counts)
def test_a_later_event_is_never_due_earlier(one: date, other: date, count: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.add(earlier, count)[0] <= CALENDAR.add(later, count)[0]


@given(days, counts)
def test_each_day_on_the_way_was_counted_or_passed_over(day: date, count: int) -> None:
    end, skipped = CALENDAR.add(day, count)
    assert (end - day).days == count + len(skipped)
    assert CALENDAR.working_days_between(day, end) == count
    assert all(day < each.day < end and CALENDAR.why_not(each.day) == each.why for each in skipped)


@given(days, counts)
def test_a_holiday_more_never_makes_anything_due_earlier(day: date, count: int) -> None:
    proclaimed = Calendar(version=2, added={day + timedelta(days=3): "proclaimed"})
    assert proclaimed.add(day, count)[0] >= CALENDAR.add(day, count)[0]
