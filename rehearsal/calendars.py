"""The calendar program of somebody who is invited: it answers an invitation with a mail, as the buttons of such a program do (RFC 5546)."""

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal, cast

from icalendar import Calendar, Event, vCalAddress
from pydantic import model_validator

from console.language import say
from rehearsal.letterbox import event_in
from rehearsal.script import Moment, Part
from schemas.calendars import Uid

SERVER = "mx.rehearsal.invalid"
"""The mail server that vouches for senders, as an authority's own does."""


class CalendarAnswer(Part):
    """What somebody's calendar program answers."""

    via: Literal["calendar"]
    reply: Literal["accepted", "declined", "tentative", "another_time"]
    reason: str | None = None
    """The person's comment."""
    proposed: Moment | None = None
    """Another time: when that would begin."""

    @model_validator(mode="after")
    def _time(self) -> "CalendarAnswer":
        if (self.reply == "another_time") != (self.proposed is not None):
            raise ValueError(say("script.another_time"))
        return self


class NothingToAnswer(Exception):
    """There is no invitation with a calendar object."""


def answer(letters: list[EmailMessage], meeting: Uid, said: CalendarAnswer, at: dt.datetime) -> EmailMessage:
    """The mail that answers the last of those letters that invites to that meeting, written at that instant.

    Raises:
        NothingToAnswer: none of them does.
    """
    events = ((each, event) for each in reversed(letters) if (event := event_in(each)) is not None)
    found = next(((each, event) for each, event in events if event["UID"] == meeting), None)
    if found is None:
        raise NothingToAnswer
    letter, asked = found
    sender, organizer = str(letter["To"]), str(asked["ORGANIZER"]).removeprefix("mailto:")
    domain = sender.rpartition("@")[2]
    mail = EmailMessage()
    mail["Authentication-Results"] = f"{SERVER}; dmarc=pass header.from={domain}"
    mail["From"], mail["To"], mail["Subject"] = sender, organizer, said.reply.replace("_", " ")
    mail["Date"] = format_datetime(at.astimezone(dt.UTC))
    mail["Message-ID"] = f"<{str(asked['UID']).partition('@')[0]}.{asked['SEQUENCE']}.{at:%Y%m%dT%H%M%S}@{domain}>"
    mail.set_content(f"{said.reason or said.reply}\n")
    calendar = _calendar(asked, said, sender, at)
    mail.add_alternative(calendar.to_ical().decode(), subtype="calendar", params={"method": str(calendar["METHOD"])})
    return mail


def _calendar(asked: Event, said: CalendarAnswer, attendee: str, at: dt.datetime) -> Calendar:
    """REPLY; COUNTER where another time is proposed. The stamp is the instant at which it is answered."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Siwrnai//Rehearsal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY" if said.proposed is None else "COUNTER")
    calendar.add_component(event)
    event["UID"], event["SEQUENCE"], event["ORGANIZER"] = asked["UID"], asked["SEQUENCE"], asked["ORGANIZER"]
    event.add("dtstamp", at.astimezone(dt.UTC))
    who = vCalAddress(f"mailto:{attendee}")
    event.add("attendee", who, parameters={"PARTSTAT": "TENTATIVE" if said.proposed else said.reply.upper()})
    starts, ends = cast(dt.datetime, asked.DTSTART), cast(dt.datetime, asked.DTEND)
    event.add("dtstart", said.proposed or starts)
    event.add("dtend", ends if said.proposed is None else said.proposed + (ends - starts))
    if said.reason:
        event.add("comment", said.reason)
    return calendar
