"""Instants as people see them here, read again. They are shown to the minute, on the clock on the wall in Wales: so a minute means its end."""

import datetime as dt
import re

from console.endings import Mistake
from console.language import say
from console.reading import EARLIEST, LATEST
from procedures.times import LONDON, end_of_day, is_twice

AS_SHOWN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})([T ](?P<time>\d{2}:\d{2})((?P<second>:\d{2})(?P<part>\.\d{1,6})?)?\s?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)

AN_INSTANT = dt.timedelta(microseconds=1)


def through(option: str, given: str) -> dt.datetime:
    """The last instant that is meant, in UTC: the end of that day, minute or second, so that what happened in it is in it. Without an
    offset Europe/London.

    Raises:
        Mistake: that is no instant; without an offset it never was, or was twice.
    """
    found = AS_SHOWN.fullmatch(given.strip())
    if found is None or not EARLIEST <= int(given.strip()[:4]) <= LATEST:
        raise Mistake(say("mistakes.not_instant_shown", option=option, given=given[:40]))
    try:
        return (_last(found, option) - AN_INSTANT).astimezone(dt.UTC)
    except ValueError:
        raise Mistake(say("mistakes.not_instant_shown", option=option, given=given[:40])) from None


def _last(found: re.Match[str], option: str) -> dt.datetime:
    """The first instant that is not meant any more."""
    if found["time"] is None:
        return end_of_day(dt.date.fromisoformat(found["day"])) + dt.timedelta(seconds=1)
    written = f"{found['day']}T{found['time']}{found['second'] or ''}{(found['part'] or '').ljust(7, '0') if found['part'] else ''}"
    there = dt.datetime.fromisoformat(f"{written}{found['offset'] or ''}".upper().replace("Z", "+00:00"))
    at = there if there.tzinfo is not None else _on_the_wall(there, option)
    if found["part"]:
        return at + AN_INSTANT
    return at.astimezone(dt.UTC) + (dt.timedelta(seconds=1) if found["second"] else dt.timedelta(minutes=1))


def _on_the_wall(there: dt.datetime, option: str) -> dt.datetime:
    """In October an hour comes twice; in March one does not come."""
    at = there.replace(tzinfo=LONDON)
    if at.astimezone(dt.UTC).astimezone(LONDON).replace(tzinfo=None) != there:
        raise Mistake(say("mistakes.never_was", option=option, given=f"{there:%Y-%m-%d %H:%M}"))
    if is_twice(at):
        raise Mistake(say("mistakes.was_twice", option=option, given=f"{there:%Y-%m-%d %H:%M}"))
    return at
