"""Dates and times as a script writes them: `Fri 2026-11-20 16:40`, on the wall clock of Wales (Europe/London)."""

import re
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from console.language import say, spoken
from procedures.times import END_OF_DAY, LONDON

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WRITTEN = re.compile(r"(?:([A-Za-z]{3,9}),? +)?(\d{4}-\d{2}-\d{2})(?: +(\d{2}:\d{2}(?::\d{2})?))?")
SPAN = re.compile(r"(\d{1,3}) (week|day|hour|minute)s?")


def day_of(text: str) -> date:
    """The date alone.

    Raises:
        ValueError: not a date, or the weekday is not that date's.
    """
    return _parts(text)[0]


def instant(text: str) -> datetime:
    """A date with its time.

    Raises:
        ValueError: not a date with a time, or the weekday is not that date's.
    """
    day, clock = _parts(text)
    if clock is None:
        raise ValueError(say("script.no_clock", text=text, day=written(day)))
    return datetime.combine(day, clock, LONDON)


def clock(text: str) -> time:
    """A time of day, `11:00`.

    Raises:
        ValueError: it is none.
    """
    try:
        return time.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(say("script.not_clock", text=text)) from error


def due(text: str) -> datetime:
    """A date with its time; the end of that day where no time is given.

    Raises:
        ValueError: not a date, or the weekday is not that date's.
    """
    day, clock = _parts(text)
    return datetime.combine(day, clock or END_OF_DAY, LONDON)


def span(text: str) -> timedelta:
    """A length of time: `2 weeks`, `3 days`, `2 days 10 hours`.

    Raises:
        ValueError: it is none.
    """
    if not text.strip() or SPAN.sub("", text).strip():
        raise ValueError(say("script.not_span", text=text))
    return sum((timedelta(**{f"{unit}s": int(number)}) for number, unit in SPAN.findall(text)), timedelta())


def written(day: date) -> str:
    """The date as a script writes it: `Fri 2026-11-20`."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.isoformat()}"


def _parts(text: str) -> tuple[date, time | None]:
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(say("script.not_date", text=text))
    weekday, day_text, clock = match.groups()
    try:
        day = date.fromisoformat(day_text)
        at = time.fromisoformat(clock) if clock else None
    except ValueError as error:
        raise ValueError(say("script.no_such_date", text=text)) from error
    said = WEEKDAYS[day.weekday()]
    if weekday and not said.lower().startswith(weekday.lower()):
        raise ValueError(
            say("script.weekday", day=day_text, is_a=format_date(day, "EEEE", locale=spoken()), given=weekday, right=written(day))
        )
    return day, at
