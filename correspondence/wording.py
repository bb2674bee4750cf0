"""Dates, lateness and the field's names as a letter prints them, in Welsh or English. Times are Europe/London."""

import datetime as dt

from correspondence.catalogue import say
from procedures import explain, words
from procedures.times import END_OF_DAY, local
from schemas.base import Instant
from schemas.clocks import Explanation, Language


def clock(clock: str, language: Language) -> str:
    """The name of a timescale."""
    return words.clock(clock, language)


def role(role: str, language: Language) -> str:
    """The name of a role."""
    return words.role(role, language)


def day(date: dt.date, language: Language) -> str:
    """`Friday 8 January 2027`, `dydd Gwener 8 Ionawr 2027`."""
    return words.date(date, language)


def sentence(explanation: Explanation, due: Instant, language: Language) -> str:
    """How the due date came about, in one sentence."""
    return explain.sentence(explanation, due, language)


def moment(instant: Instant, language: Language) -> str:
    """A date with its time; the date alone where it is the end of that day."""
    there = local(instant)
    date = day(there.date(), language)
    if there.time() == END_OF_DAY:
        return date
    return say("value.at", language, date=date, time=f"{there:%H:%M}")


def lateness(due: Instant, at: Instant, language: Language) -> str:
    """How late it is: in days where it was due by the end of a day or a day has gone, else in hours, else in minutes."""
    gone = at - due
    if local(due).time() == END_OF_DAY:
        gone = dt.timedelta(days=(local(at).date() - local(due).date()).days)
    for unit, length in (("days", dt.timedelta(days=1)), ("hours", dt.timedelta(hours=1))):
        if gone >= length:
            return say(f"late.{unit}", language, n=gone // length)
    return say("late.minutes", language, n=max(1, gone // dt.timedelta(minutes=1)))
