"""The date that is proposed for a meeting, inside the timescale that it meets (WSP sections 3 and 4; how far inside is a local setting)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from procedures.rule_models import Arranging
from procedures.times import LONDON, local
from procedures.working_days import Calendar


def proposed(rule: Arranging, due: datetime | None, now: datetime, calendar: Calendar) -> datetime:
    """When the meeting should begin (Europe/London): a working day that leaves notice, and room for a move before the due day.

    Where the due day leaves no such room, the last working day up to it; where that has passed too, the next working day: late, and
    shown as such. Without a due date the notice alone counts.
    """
    today = local(now).date()
    noticed, _ = calendar.add(today, max(rule.notice, 1))
    if due is None:
        return _at(rule, noticed)
    last = calendar.latest(local(due).date())
    with_room, _ = calendar.subtract(last, rule.before_due)
    tomorrow, _ = calendar.add(today, 1)
    return _at(rule, max(tomorrow, min(last, max(with_room, noticed))))


def is_late(starts: datetime, due: datetime | None) -> bool:
    """True where the meeting would begin after its formal due date: it takes a reason, and the manager is told."""
    return due is not None and starts > due


class Late(NamedTuple):
    """What a date comes too late for."""

    clock: str | None
    """The timescale; none where it runs no more, and the date alone is known by which the meeting was to be."""
    due: datetime
    days: int
    """From the due day to the day of the meeting, in days of the calendar; at least one."""


def lateness(starts: datetime, due: Iterable[tuple[str | None, datetime]]) -> Late | None:
    """Against the earliest of these due dates, each with its timescale; none where the meeting is in time."""
    clock, first = min(due, key=lambda each: each[1], default=(None, None))
    if first is None or not is_late(starts, first):
        return None
    return Late(clock, first, max(1, (local(starts).date() - local(first).date()).days))


def is_short_notice(rule: Arranging, starts: datetime, now: datetime, calendar: Calendar) -> bool:
    """True where there are fewer working days between now and the meeting than the notice that is wanted."""
    return calendar.working_days_between(local(now).date(), local(starts).date()) < rule.notice


def _at(rule: Arranging, day: date) -> datetime:
    return datetime.combine(day, rule.hour, LONDON)
