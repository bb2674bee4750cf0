"""The lines of a calendar object of unknown hands: its own properties and those of its one event, and nothing else parsed."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from icalendar.parser import Contentline, Contentlines

from correspondence.calendars.refusals import ReplyRefused
from schemas.calendars import NotTaken

MOST_LINES, LONGEST_LINE, MOST_COMPONENTS, DEEPEST = 2_000, 8_192, 200, 4

CALENDAR: tuple[str, ...] = ("VCALENDAR",)
EVENT: tuple[str, ...] = ("VCALENDAR", "VEVENT")
"""Where the properties stand that are read."""

WANTED: Mapping[tuple[str, ...], frozenset[str]] = {
    CALENDAR: frozenset({"METHOD"}),
    EVENT: frozenset({"UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "COMMENT", "DTSTART", "DTEND", "DURATION"}),
}
RECURRING = frozenset({"RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"})

NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")


class Property(NamedTuple):
    """One content line: its parameters by their names in capitals, and its value unescaped."""

    parameters: Mapping[str, str]
    value: str


Properties = Mapping[str, list[Property]]


def read_content(text: str) -> Properties:
    """The wanted properties of the calendar and its one event, by their names in capitals.

    Definitions of time zones, alarms and properties that nobody asks for are counted and never parsed: no rule in them is ever run.

    Raises:
        ReplyRefused: too much of anything, no calendar object, or not one single event.
    """
    if CONTROL.search(text):
        raise ReplyRefused(NotTaken.unreadable)
    if text.count("\n") > MOST_LINES:
        raise ReplyRefused(NotTaken.too_complex)
    lines = [line for line in Contentlines.from_ical(text) if line.strip()]
    if max(map(len, lines), default=0) > LONGEST_LINE:
        raise ReplyRefused(NotTaken.too_complex)
    return _properties(lines)


def _properties(lines: Iterable[Contentline]) -> Properties:
    found: dict[str, list[Property]] = {}
    within: list[str] = []
    components: list[tuple[str, ...]] = []
    for line in lines:
        name, value = _name(line), line.rpartition(":")[2].strip().upper()
        if name == "BEGIN":
            within.append(value)
            components.append(tuple(within))
            _count(within, components)
        elif name == "END":
            if not within or within.pop() != value:
                raise ReplyRefused(NotTaken.unreadable)
        elif not within:
            raise ReplyRefused(NotTaken.unreadable)
        elif tuple(within) == EVENT and name in RECURRING:
            raise ReplyRefused(NotTaken.recurring)
        elif name in WANTED.get(tuple(within), ()):
            found.setdefault(name, []).append(_property(line))
    if within:
        raise ReplyRefused(NotTaken.unreadable)
    _one_event(components)
    return found


def _name(line: Contentline) -> str:
    name = NAME.match(line)
    if name is None:
        raise ReplyRefused(NotTaken.unreadable)
    return name[0].upper()


def _count(within: list[str], components: list[tuple[str, ...]]) -> None:
    if len(within) > DEEPEST or len(components) > MOST_COMPONENTS:
        raise ReplyRefused(NotTaken.too_complex)


def _one_event(components: list[tuple[str, ...]]) -> None:
    kinds = [each[-1] for each in components]
    if kinds.count("VCALENDAR") != 1 or CALENDAR not in components:
        raise ReplyRefused(NotTaken.several_calendars if components else NotTaken.unreadable)
    if kinds.count("VEVENT") != 1 or EVENT not in components or {"VTODO", "VJOURNAL", "VFREEBUSY"} & set(kinds):
        raise ReplyRefused(NotTaken.not_one_event)


def _property(line: Contentline) -> Property:
    try:
        _, parameters, value = line.parts()
    except ValueError:
        raise ReplyRefused(NotTaken.unreadable) from None
    said = cast("Mapping[str, str | list[str]]", parameters)
    # A parameter with several values is none that is read here.
    return Property({key.upper(): each for key, each in said.items() if isinstance(each, str)}, value.strip())
