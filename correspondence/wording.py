"""Dates, lateness and the field's names as a letter prints them, in Welsh or English. Times are Europe/London."""

import datetime as dt

from correspondence.catalogue import say
from procedures import explain, vocabulary, words
from procedures.times import END_OF_DAY, local
from schemas.base import Instant
from schemas.clocks import Explanation, Language


def clock(key: str, language: Language) -> str:
    """The name of a timescale. Rules change while a letter waits: where they no longer know it, just that it is one."""
    try:
        return words.clock(key, language)
    except KeyError:
        return say("value.clock", language)


def role(key: str, language: Language) -> str:
    """The name of a role, or just that it is somebody."""
    try:
        return words.role(key, language)
    except KeyError:
        return say("value.role", language)


def meeting(kind: str, language: Language) -> str:
    """The kind of meeting, to begin a line with; or just that it is one."""
    try:
        said = words.word("meetings", kind, language)
    except KeyError:
        return say("label.meeting", language)
    return said[:1].upper() + said[1:]


def invitee(part: str, language: Language) -> str:
    """The part in which one person is invited, or just that it is somebody."""
    for table in ("invited", "invitees"):
        if part in vocabulary.table(table):
            return words.word(table, part, language)
    return say("value.role", language)


def section(key: str, language: Language) -> str:
    """The name of a section of a report."""
    return words.word("report_sections", key, language)


def sentence(explanation: Explanation, due: Instant, language: Language) -> str | None:
    """How the due date came about, in one sentence; none where the rules in force no longer have the words."""
    try:
        return explain.sentence(explanation, due, language)
    except KeyError:
        return None


def moment(instant: Instant, language: Language) -> str:
    """A date with its time; the date alone where it is the end of that day."""
    there = local(instant)
    return words.date(there.date(), language) if there.time() == END_OF_DAY else words.instant(instant, language)


def lateness(due: Instant, at: Instant, language: Language) -> str:
    """How late it is: in days where it was due by the end of a day or a day has gone, else in hours, else in minutes."""
    gone = at - due
    if local(due).time() == END_OF_DAY:
        gone = dt.timedelta(days=(local(at).date() - local(due).date()).days)
    for unit, length in (("days", dt.timedelta(days=1)), ("hours", dt.timedelta(hours=1))):
        if gone >= length:
            return words.amount(gone // length, unit, language)
    return say("value.minutes", language, n=max(1, gone // dt.timedelta(minutes=1)))
