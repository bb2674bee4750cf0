"""What an invitee typed becomes an answer, or a list of what is wrong with it."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from pydantic import ConfigDict
from starlette.requests import Request

from procedures.times import LONDON, local
from schemas.answering import REASON_LIMIT, Answer, InvitationSeen, Reply
from schemas.base import Instant, Model
from schemas.clocks import Language
from web.wording import as_typed, number

BODY_LIMIT = 256 * 1024
"""Bytes: the longest reason, percent-encoded, twice over; so that one somewhat too long is still given back to be shortened."""

FIELD_LIMIT = 20

NUMBER = re.compile("[0-9]{1,4}")

AHEAD = dt.timedelta(days=365)
"""How far ahead a proposed time may be: what is further is a slip of the keys."""

BUTTONS = (Reply.accepted, Reply.declined, Reply.tentative)
"""The three answers to the time that is set, in the order of the page."""


class Unreadable(ValueError):
    """What came is no form of ours."""


class Typed(Model):
    """The fields of both forms as they were typed. Other fields are left alone: programs of the reader's add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answer: str = ""
    version: str = ""
    reason: str = ""
    day: str = ""
    month: str = ""
    year: str = ""
    hour: str = ""
    minute: str = ""


class Problem(NamedTuple):
    """One thing that is wrong."""

    at: str
    """The id of the element to go to."""
    about: str
    """The field or group of fields that shows it."""
    phrase: str
    """Its words, under `wrong` in words.toml."""


async def read_form(request: Request) -> Typed:
    """The form of an answer that was sent.

    Raises:
        Unreadable: it is too long, has too many fields, or is not text.
    """
    return Typed.model_validate(await read_fields(request, BODY_LIMIT, FIELD_LIMIT))


async def read_fields(request: Request, longest: int, most: int) -> dict[str, str]:
    """The fields of a form of so many bytes and fields at most.

    Raises:
        Unreadable: it is too long, has too many fields, or is not text.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise Unreadable("longer than a form of ours can be")
    try:
        fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most))
    except ValueError as error:
        raise Unreadable("not the fields of a form") from error
    if any("\0" in value for value in fields.values()):
        raise Unreadable("text cannot hold a zero byte")
    return {name: value.replace("\r\n", "\n").strip() for name, value in fields.items()}


def answered(typed: Typed, seen: InvitationSeen, now: Instant) -> Answer | list[Problem]:
    """The answer by one of the three buttons."""
    if typed.version != str(seen.version):
        return [CHANGED]
    problems = _wrong_reason(typed)
    if typed.answer not in BUTTONS:
        problems.append(Problem(Reply.accepted, "answer", "answer"))
    elif typed.answer == Reply.declined and seen.reason_needed_to_decline and not typed.reason:
        problems.append(REASON_NEEDED)
    return problems or Answer(reply=Reply(typed.answer), at=now, version=seen.version, reason=typed.reason or None)


def proposed(typed: Typed, seen: InvitationSeen, now: Instant) -> Answer | list[Problem]:
    """The answer that proposes another time."""
    if typed.version != str(seen.version):
        return [CHANGED]
    day, time = _day(typed), _time(typed)
    problems = [each for each in (day, time) if isinstance(each, Problem)]
    if isinstance(day, dt.date) and isinstance(time, dt.time):
        instant = _instant(day, time, now)
        if not isinstance(instant, Problem) and not (problems := _wrong_reason(typed)):
            return Answer(reply=Reply.another_time, at=now, version=seen.version, reason=typed.reason or None, proposed=instant)
        problems = [instant] if isinstance(instant, Problem) else []
    return problems + _wrong_reason(typed)


CHANGED = Problem("invitation", "invitation", "changed")
REASON_NEEDED = Problem("reason", "reason", "reason_needed")


def values(typed: Typed, now: Instant, language: Language) -> Mapping[str, str]:
    """What the words of problems and hints say beside themselves."""
    return {
        "limit": number(REASON_LIMIT, language),
        "length": number(len(typed.reason), language),
        "example": as_typed((local(now) + dt.timedelta(days=14)).date()),
    }


def _wrong_reason(typed: Typed) -> list[Problem]:
    return [Problem("reason", "reason", "reason_long")] if len(typed.reason) > REASON_LIMIT else []


def _day(typed: Typed) -> dt.date | Problem:
    parts = (typed.year, typed.month, typed.day)
    try:
        year, month, day = _numbers(parts)
        return dt.date(year, month, day)
    except ValueError:
        return Problem("date-day", "date", "date_unreal" if any(parts) else "date_missing")


def _time(typed: Typed) -> dt.time | Problem:
    parts = (typed.hour, typed.minute)
    try:
        hour, minute = _numbers(parts)
        return dt.time(hour, minute)
    except ValueError:
        return Problem("time-hour", "time", "time_unreal" if any(parts) else "time_missing")


def _numbers(parts: Iterable[str]) -> list[int]:
    if not all(NUMBER.fullmatch(part) for part in parts):
        raise ValueError("not numbers")
    return [int(part) for part in parts]


def _instant(day: dt.date, time: dt.time, now: Instant) -> Instant | Problem:
    instant = dt.datetime.combine(day, time, LONDON)
    if local(instant.astimezone(dt.UTC)).time() != time:  # In spring an hour is left out.
        return Problem("time-hour", "time", "time_unreal")
    if instant <= now:
        return Problem("date-day", "date", "date_past")
    return instant if instant <= now + AHEAD else Problem("date-day", "date", "date_far")
