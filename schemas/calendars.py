"""What a calendar is told of a meeting, and what comes back from one."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AnyUrl, Field, StringConstraints, UrlConstraints, model_validator

from schemas.base import Instant, Model

LONGEST_MEETING = dt.timedelta(days=1)
"""The longest meeting, one that is proposed too."""


def _whole_second(instant: dt.datetime) -> dt.datetime:
    if instant.microsecond:
        raise ValueError("a calendar knows whole seconds only")
    return instant


def _utc(instant: dt.datetime) -> dt.datetime:
    if instant.utcoffset() != dt.timedelta():
        raise ValueError("a stamp is in UTC")
    return instant.astimezone(dt.UTC)


def _printable(text: str) -> str:
    if not all(char.isprintable() or char == "\n" for char in text):
        raise ValueError("expected printable characters and line feeds only")
    return text


CalendarInstant = Annotated[Instant, AfterValidator(_whole_second)]
"""An instant as a calendar object can hold it: to the second."""

Stamp = Annotated[CalendarInstant, AfterValidator(_utc)]
"""When an object was made, in UTC (DTSTAMP)."""

Mailbox = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
        max_length=254,
    ),
]
"""`name@domain` in ASCII, without a display name (RFC 5322's dot-atom)."""

Uid = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")]
"""The id of a meeting in all calendars for good. Opaque, since it leaves the service."""

Sequence = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The organiser's revision of a meeting: 0 at first, one more with each change and with the cancellation."""

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\n]*$"), AfterValidator(_printable)
]
"""Words on one line."""

Paragraphs = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000), AfterValidator(_printable)]
"""Words on any number of lines."""

Link = Annotated[AnyUrl, UrlConstraints(max_length=500, allowed_schemes=["https"], host_required=True)]
"""An address of a page behind a sign-in."""


class Method(StrEnum):
    """What an object that the service sends asks of a calendar; iTIP's names."""

    request = "REQUEST"
    cancel = "CANCEL"


class Event(Model):
    """A meeting as one invited person's calendar is told of it. It names no child, and no place where somebody is in hiding."""

    uid: Uid
    sequence: Sequence
    stamp: Stamp
    start: CalendarInstant
    end: CalendarInstant
    summary: Line
    description: Paragraphs = ""
    location: Line | None = None
    url: Link | None = None
    organizer: Mailbox
    """The mailbox that is read: answers of calendars come to it."""
    attendee: Mailbox
    """The one person that this object is for; nobody sees from it who else is invited."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not dt.timedelta() < self.end - self.start <= LONGEST_MEETING:
            raise ValueError("a meeting ends after its start, and within a day of it")
        return self


class Partstat(StrEnum):
    """What an invited person answered; iTIP's names."""

    accepted = "ACCEPTED"
    declined = "DECLINED"
    tentative = "TENTATIVE"


class Proposal(Model):
    """Another time that an invited person proposes."""

    start: CalendarInstant
    end: CalendarInstant

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not dt.timedelta() < self.end - self.start <= LONGEST_MEETING:
            raise ValueError("a meeting ends after its start, and within a day of it")
        return self


class CalendarReply(Model):
    """What a calendar answered for one invited person."""

    uid: Uid
    sequence: Sequence
    """The revision that was answered."""
    stamp: Stamp
    attendee: Mailbox
    """Whose answer it says it is."""
    partstat: Partstat | None
    """None only where another time is proposed without an answer to this one."""
    comment: Annotated[str, StringConstraints(max_length=1_000)] = ""
    """The person's words, as text: they may look like HTML, and whoever shows them escapes them."""
    proposal: Proposal | None = None
    """Set where another time is proposed (COUNTER)."""
    sender: Mailbox
    """Who the mail says it is from."""
    authenticated: bool
    """True where the own mail server found that the mail comes from the sender's domain."""

    @property
    def to_be_confirmed(self) -> bool:
        """True where a person must confirm the answer before it counts: nothing shows that the invited person sent it."""
        return not self.authenticated or self.sender.casefold() != self.attendee.casefold()


class NotTaken(StrEnum):
    """Why a mail is not taken as a calendar's answer. A closed list."""

    too_large = "too_large"
    too_complex = "too_complex"
    """More parts, lines, components or properties, or deeper nesting, than any calendar program writes."""
    unreadable = "unreadable"
    """Not a mail, or not a calendar object, by the standards."""
    wrong_encoding = "wrong_encoding"
    no_sender = "no_sender"
    """No From, several, or one that is no single mailbox."""
    mail_within_mail = "mail_within_mail"
    """A bounce, or a mail passed on: whose calendar it came from cannot be told."""
    no_calendar = "no_calendar"
    """A mail without a calendar object: for a person to read."""
    several_calendars = "several_calendars"
    wrong_method = "wrong_method"
    """Neither REPLY nor COUNTER."""
    method_mismatch = "method_mismatch"
    """The mail's header and the object differ."""
    not_one_event = "not_one_event"
    not_one_attendee = "not_one_attendee"
    recurring = "recurring"
    """The service invites to single meetings only."""
    missing_property = "missing_property"
    """UID, DTSTAMP, or, where another time is proposed, that time."""
    repeated_property = "repeated_property"
    bad_value = "bad_value"
    no_answer = "no_answer"
    """A REPLY whose PARTSTAT is none of accepted, declined, tentative."""
    floating_time = "floating_time"
    """A time of no zone, or a stamp that is not in UTC."""
    unknown_time_zone = "unknown_time_zone"
    absurd_date = "absurd_date"
    """A stamp from the future, or a proposed time that has gone or is years away."""
    other_meeting = "other_meeting"
    """The answer is about another meeting than the one that it is held against."""
    not_invited = "not_invited"
    superseded = "superseded"
    """The meeting has been changed since, or a later answer of the same person is there."""
    not_sent_yet = "not_sent_yet"
    """It answers a revision that the service has not sent."""
