"""What a changed calendar or setting does to a timescale that runs. One function: the preview shows with it what the change then does.

Only the calendar and the settings move an open date, with a reason; the rules stay those that the timescale was planned under. What is
overdue stays so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from procedures import due
from procedures.rules import Rules
from procedures.times import local
from procedures.working_days import Calendar
from schemas.base import Model
from schemas.clocks import ClockPlan, ClockStart


@dataclass(frozen=True)
class Made:
    """What a plan is made with: the rules with settings laid over them, and a calendar."""

    rules: Rules
    calendar: Calendar


class Change(Model):
    """Another plan for a timescale, and what of the calendar or the settings makes it so."""

    plan: ClockPlan
    days: tuple[date, ...] = ()
    """Days that are holidays now and were not, or the other way round."""
    settings: tuple[str, ...] = ()
    """The settings that differ, by dotted key."""


def change(old: ClockPlan, start: ClockStart, before: Made, now: Made) -> Change | None:
    """The plan as it would be made now; none where nothing of it differs."""
    days, settings = _days(before.calendar, now.calendar), _settings(start.clock, before.rules, now.rules)
    if not settings and not any(_reaches(old, start, day) for day in days):
        return None
    new = due.plan(start, now.rules, now.calendar)
    if _instants(new) == _instants(old):
        return None
    return Change(plan=new, days=days, settings=settings)


def _reaches(plan: ClockPlan, start: ClockStart, day: date) -> bool:
    """Whether anything of the plan lies on that day, or was counted across it."""
    instants = [start.started_at, plan.due, *plan.reminders, *(rung.at for rung in plan.rungs)]
    days = [local(each).date() for each in (*instants, *([start.anchor] if start.anchor is not None else []))]
    return min(days) <= day <= max(days)


def _instants(plan: ClockPlan) -> tuple[Any, ...]:
    return plan.due, plan.reminders, tuple((rung.role, rung.at) for rung in plan.rungs)


def _days(before: Calendar, now: Calendar) -> tuple[date, ...]:
    touched = {*before.added, *before.removed, *now.added, *now.removed}
    return tuple(sorted(day for day in touched if before.why_not(day) != now.why_not(day)))


def _settings(clock: str, before: Rules, now: Rules) -> tuple[str, ...]:
    """Those that this timescale turns on: its own, its ladder's, how days are counted, office hours."""
    if before is now:
        return ()
    rule = now.clocks[clock]
    own = (f"clocks.{clock}.", f"ladders.{rule.ladder}.", "office.", "convention")
    earlier = {each.key: each.value for each in before.settings_table}
    return tuple(each.key for each in now.settings_table if each.key.startswith(own) and earlier.get(each.key) != each.value)
