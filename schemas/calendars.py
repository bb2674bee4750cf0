"""What a calendar is told of a meeting, and what comes back from one."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AnyUrl, Field, StringConstraints, UrlConstraints, model_validator

from schemas.base import Instant, Model
from schemas.clocks import Language

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
    language: Language | None = None
    """The recipient's; none where it is not known: then the mail says all in both, Welsh first."""
    organizer: Mailbox
    """The mailbox that is read: answers of calendars come to it. It may hold a token of this one person."""
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


class CalendarAnswer(Model):
    """What an invited person answered to which revision, by a calendar or in another way."""

    sequence: Sequence
    """The revision that was answered."""
    stamp: Stamp
    """When it was answered, by the clock of whoever made the answer."""
    partstat: Partstat | None
    """None only where another time is proposed without an answer to this one."""
    proposal: Proposal | None = None
    """Set where another time is proposed (COUNTER)."""


class CalendarReply(CalendarAnswer):
    """What a mail says that a calendar answered for one invited person. `procedures.replies` says what it comes to."""

    uid: Uid
    attendee: Mailbox
    """Whose answer it says it is."""
    comment: Annotated[str, StringConstraints(max_length=1_000)] = ""
    """The person's words, as text: they may look like HTML, and whoever shows them escapes them."""
    sender: Mailbox
    """Who the mail says it is from."""
    authenticated: bool
    """True where the own mail server found that the mail comes from the sender's domain."""


class Sent(Model):
    """What one invited person was last sent of a meeting, and what that person has answered."""

    uid: Uid
    sequence: Sequence
    since: Sequence | None = None
    """The number under which the time that stands was sent first; none where it is this one. What came between changed no time."""
    stamp: Stamp
    attendee: Mailbox
    method: Method = Method.request
    last: CalendarAnswer | None = None
    """The last answer that counted, however it came: one by a page or by telephone has the instant at which it was given as its stamp."""


class Verdict(StrEnum):
    """What an answer comes to. A closed list."""

    taken = "taken"
    """It counts, in place of any earlier one."""
    to_be_confirmed = "to_be_confirmed"
    """It counts once a person has confirmed it; the doubts say what there is to ask."""
    doubled = "doubled"
    """The same answer is there: nothing to do."""
    stale = "stale"
    """The meeting has been changed or cancelled since, or a later answer of the same person is there."""
    stranger = "stranger"
    """The answer of somebody else than the person who was sent the invitation: it may have been passed on."""
    unknown_meeting = "unknown_meeting"
    """About a meeting that the person was sent nothing of."""


class Doubt(StrEnum):
    """What a person has to make sure of before an answer counts. A closed list."""

    not_authenticated = "not_authenticated"
    """Nothing shows that the mail comes from its sender's domain."""
    another_sender = "another_sender"
    """Somebody else sent the invited person's answer: an assistant, for instance."""
    another_address = "another_address"
    """The invited person's mailbox sent it, and it names another address: an alias, for instance."""
    mailbox_not_known = "mailbox_not_known"
    """One of the family: that mailbox is sealed with the child, and whoever reads answers cannot know it."""
    revision_not_sent = "revision_not_sent"
    """It answers a revision that the service has not sent."""
    before_it_was_sent = "before_it_was_sent"
    """It was made long before what it answers."""
    contradicts_the_last = "contradicts_the_last"
    """It says something else than the last answer and has the same stamp: which of them came first cannot be told."""


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
    asks_again = "asks_again"
    """REFRESH: asks for the invitation once more."""
    of_an_organiser = "of_an_organiser"
    """REQUEST, CANCEL, ADD, PUBLISH or DECLINECOUNTER: what only an organiser says."""
    wrong_method = "wrong_method"
    """No method of the standard."""
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
