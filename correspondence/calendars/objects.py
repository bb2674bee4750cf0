"""A meeting as a calendar object (RFC 5545, RFC 5546): an invitation, a change of it, or its cancellation."""

import datetime as dt
from functools import cache
from urllib.parse import quote

from icalendar import Calendar, Timezone, vCalAddress
from icalendar import Event as Vevent

from procedures.times import local
from schemas.calendars import Event, Mailbox, Method

NAME = "Siwrnai"
"""Of the organiser, in calendars and in From: without it a telephone shows its mailbox, of which nobody can make anything."""

PRODUCT = "-//Siwrnai//Siwrnai 1//EN"

LONDON = b"""\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
"""
"""Two rules since 1970, which have been true since 1996. The library would list every change of the clocks as RDATE, which some calendar programs misread."""


def request(event: Event) -> bytes:
    """The invitation, or a change of it where the sequence is higher than before. Identical facts give identical bytes."""
    calendar, vevent = _calendar(Method.request, event)
    vevent.add("attendee", _address(event.attendee), parameters={"RSVP": "TRUE", "PARTSTAT": "NEEDS-ACTION"})
    vevent.add("status", "CONFIRMED")
    if event.description:
        vevent.add("description", event.description)
    if event.location:
        vevent.add("location", event.location)
    if event.url:
        vevent.add("url", str(event.url))
    return calendar.to_ical()


def cancel(event: Event) -> bytes:
    """The cancellation of a meeting whose sequence is higher than that of any invitation to it. It asks for no answer."""
    calendar, vevent = _calendar(Method.cancel, event)
    vevent.add("attendee", _address(event.attendee))
    vevent.add("status", "CANCELLED")
    return calendar.to_ical()


WRITE = {Method.request: request, Method.cancel: cancel}


def _calendar(method: Method, event: Event) -> tuple[Calendar, Vevent]:
    """What both have: a calendar whose one event still lacks its attendee and status."""
    calendar, vevent = Calendar(), Vevent()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    calendar.add_component(_london())
    calendar.add_component(vevent)
    vevent.add("uid", event.uid)
    vevent.add("sequence", event.sequence)
    vevent.add("dtstamp", event.stamp)
    vevent.add("dtstart", _on_the_wall(event.start))
    vevent.add("dtend", _on_the_wall(event.end))
    vevent.add("summary", event.summary)
    vevent.add("organizer", _address(event.organizer), parameters={"CN": NAME})
    vevent.add("class", "CONFIDENTIAL")
    return calendar, vevent


@cache
def _london() -> Timezone:
    zone = Timezone.from_ical(LONDON)
    assert isinstance(zone, Timezone)  # noqa: S101 - what the text says.
    return zone


def _on_the_wall(instant: dt.datetime) -> dt.datetime:
    """Europe/London; UTC in the hour that comes twice when the clocks go back, which calendar programs take for either."""
    there = local(instant)
    comes_twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return there.astimezone(dt.UTC) if comes_twice else there


def _address(mailbox: Mailbox) -> vCalAddress:
    return vCalAddress("mailto:" + quote(mailbox, safe="@!$&'*+-=_~."))
