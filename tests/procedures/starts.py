"""Timescales started by hand, on the shipped rules and the plain calendar."""

from typing import Any

from procedures import due
from procedures.rules import Rules, load
from procedures.working_days import Calendar
from rehearsal.moments import instant
from schemas.clocks import ClockPlan, ClockStart

RULES = load()
CALENDAR = Calendar(version=1)
CLOCKS = sorted(RULES.clocks)


def start(clock: str, when: str, by: str | None = None, **more: Any) -> ClockStart:
    """The start of a timescale, written as a rehearsal writes it; by its first event where none is named."""
    event = by or RULES.clocks[clock].starts[0]
    return ClockStart(clock=clock, instance=f"{clock}/1", started_at=instant(when), started_by=event, **more)


def planned(beginning: ClockStart, rules: Rules = RULES, calendar: Calendar = CALENDAR) -> ClockPlan:
    """Its plan."""
    return due.plan(beginning, rules, calendar)
