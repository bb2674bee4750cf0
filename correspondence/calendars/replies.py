"""What a calendar answered, read from a mail of unknown hands. What it comes to is for `procedures.replies` to say."""

import datetime as dt
import re
from collections.abc import Collection
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from icalendar.prop import vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import ValidationError

from correspondence.calendars.authentication import vouched_for
from correspondence.calendars.content import Properties, Property, read_content
from correspondence.calendars.mails import Mail, address, read_mail
from correspondence.calendars.refusals import ReplyRefused
from schemas.base import Instant
from schemas.calendars import CalendarReply, NotTaken, Partstat, Proposal

AHEAD = dt.timedelta(days=1)
"""How far ahead of ours another machine's clock may be. A stamp from the future would outrank every later answer."""

FURTHEST = dt.timedelta(days=2 * 366)
"""How far away a proposed time may be."""

LONGEST_COMMENT = 1_000

ANSWERS = frozenset({"REPLY", "COUNTER"})
NO_ANSWER = {
    "REFRESH": NotTaken.asks_again,
    **dict.fromkeys(("REQUEST", "CANCEL", "ADD", "PUBLISH", "DECLINECOUNTER"), NotTaken.of_an_organiser),
}
"""The other methods of iTIP (RFC 5546, 1.4): what an invited person may ask, and what only an organiser says."""

TIME = re.compile(r"\d{8}T\d{6}(Z?)", re.ASCII)
NUMBER = re.compile(r"\d{1,10}", re.ASCII)


def read_reply(mail: bytes, now: Instant, servers: Collection[str]) -> CalendarReply:
    """The calendar's answer in the mail.

    Args:
        mail: as it came, with all its headers.
        now: when it came.
        servers: the authserv-ids of the mail servers whose Authentication-Results are believed; see `authentication`.

    Raises:
        ReplyRefused: it is not taken, with the reason; nothing else is raised, whatever the bytes.
    """
    try:
        return _reply(read_mail(mail), now, servers)
    except ReplyRefused:
        raise
    except Exception:  # The bytes are anybody's, and the libraries' parsers promise nothing of what they raise.
        raise ReplyRefused(NotTaken.unreadable) from None


def _reply(mail: Mail, now: Instant, servers: Collection[str]) -> CalendarReply:
    said = read_content(mail.text)
    method = _one("METHOD", said).value.upper()
    if mail.method not in {None, method}:
        raise ReplyRefused(NotTaken.method_mismatch)
    if method not in ANSWERS:
        raise ReplyRefused(NO_ANSWER.get(method, NotTaken.wrong_method))
    attendee, partstat = _attendee(said)
    if partstat is None and method == "REPLY":
        raise ReplyRefused(NotTaken.no_answer)
    try:
        return CalendarReply(
            uid=_one("UID", said).value,
            sequence=_sequence(said),
            stamp=_stamp(said, now),
            attendee=attendee,
            partstat=partstat,
            comment=_comment(said),
            proposal=_proposal(said, now) if method == "COUNTER" else None,
            sender=mail.sender,
            authenticated=vouched_for(mail.authentication, servers, mail.sender.rpartition("@")[2]),
        )
    except (ValidationError, OverflowError):
        raise ReplyRefused(NotTaken.bad_value) from None


def _one(name: str, said: Properties) -> Property:
    found = _at_most_one(name, said)
    if found is None:
        raise ReplyRefused(NotTaken.missing_property)
    return found


def _at_most_one(name: str, said: Properties) -> Property | None:
    found = said.get(name, [])
    if len(found) > 1:
        raise ReplyRefused(NotTaken.repeated_property)
    return found[0] if found else None


def _attendee(said: Properties) -> tuple[str, Partstat | None]:
    attendees = said.get("ATTENDEE", [])
    if len(attendees) != 1:
        raise ReplyRefused(NotTaken.not_one_attendee)
    (attendee,) = attendees
    scheme, _, mailbox = attendee.value.partition(":")
    if scheme.lower() != "mailto":
        raise ReplyRefused(NotTaken.bad_value)
    try:
        person = address(unquote(mailbox))
    except ValueError:
        raise ReplyRefused(NotTaken.bad_value) from None
    answer = attendee.parameters.get("PARTSTAT", "").upper()
    return person, Partstat(answer) if answer in set(Partstat) else None


def _sequence(said: Properties) -> int:
    """Left out, it is 0 (RFC 5546, 2.1.4)."""
    found = _at_most_one("SEQUENCE", said)
    if found is None:
        return 0
    if not NUMBER.fullmatch(found.value):
        raise ReplyRefused(NotTaken.bad_value)
    return int(found.value)


def _stamp(said: Properties, now: Instant) -> dt.datetime:
    found = _one("DTSTAMP", said)
    stamp = _instant(found)
    if not found.value.endswith("Z"):
        raise ReplyRefused(NotTaken.floating_time)
    if stamp > now + AHEAD:
        raise ReplyRefused(NotTaken.absurd_date)
    return stamp


def _comment(said: Properties) -> str:
    text = "\n".join(comment.value for comment in said.get("COMMENT", []))
    return "".join(char for char in text if char.isprintable() or char == "\n")[:LONGEST_COMMENT].strip()


def _proposal(said: Properties, now: Instant) -> Proposal:
    start, end = _instant(_one("DTSTART", said)), _at_most_one("DTEND", said)
    until = _instant(end) if end else start + _duration(_one("DURATION", said))
    if not now - AHEAD <= start <= now + FURTHEST:
        raise ReplyRefused(NotTaken.absurd_date)
    return Proposal(start=start, end=until)


def _duration(said: Property) -> dt.timedelta:
    try:
        return vDuration.from_ical(said.value)
    except ValueError:
        raise ReplyRefused(NotTaken.bad_value) from None


def _instant(said: Property) -> dt.datetime:
    found = TIME.fullmatch(said.value)
    if not found:
        raise ReplyRefused(NotTaken.bad_value)
    try:
        wall = dt.datetime.strptime(said.value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone comes next.
    except ValueError:
        raise ReplyRefused(NotTaken.bad_value) from None
    zone = dt.UTC if found[1] else _zone(said.parameters.get("TZID"))
    try:
        return wall.replace(tzinfo=zone).astimezone(dt.UTC)
    except OverflowError:
        raise ReplyRefused(NotTaken.absurd_date) from None


def _zone(name: str | None) -> ZoneInfo:
    """The zone of that name as the world knows it, by Windows' names too; never by what the mail says of it."""
    if name is None:
        raise ReplyRefused(NotTaken.floating_time)
    known = WINDOWS_TO_OLSON.get(name, name)
    if known not in _zones():
        raise ReplyRefused(NotTaken.unknown_time_zone)
    return ZoneInfo(known)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
