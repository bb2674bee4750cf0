"""A timescale as it runs for one child: what is due, by which rule, until when, who is told."""

import datetime as dt
from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Identifier, Instant, Model
from schemas.timeline import Versions

Language = Literal["cy", "en"]

WrittenIn = Literal["cy", "en", "both"]
"""In which language, or languages, a letter was written."""


ELSEWHERE = "elsewhere"
"""Where a conference was held that was no meeting of this service."""


class ClockState(StrEnum):
    """What an entry says of a timescale."""

    started = "started"
    reminded = "reminded"
    due_moved = "due_moved"
    replanned = "replanned"
    """Reminders or steps of the escalation moved with the calendar or a setting; the due date stays."""
    met = "met"
    met_recorded_late = "met_recorded_late"
    overdue = "overdue"
    escalated = "escalated"
    acknowledged = "acknowledged"
    stopped = "stopped"


class SkippedDay(Model):
    """A day that did not count, and why: `saturday`, `sunday`, or the key of a holiday."""

    day: dt.date
    why: str


class Explanation(Model):
    """How a due date came about, as data: the sentence in either language is made from it alone."""

    clock: str
    started_by: str
    """The event that started the timescale."""
    started_at: Instant
    day_one: dt.date | None = None
    """The first day counted; none where the limit is in hours or ends on the day itself."""
    limit: int
    unit: Literal["hours", "days", "working_days", "weeks", "months"]
    direction: Literal["after", "before"] = "after"
    counted_back_from: str | None = None
    """For `before`: the conference, the expected date of delivery … as the rules name it."""
    anchor: Instant | None = None
    """When that is."""
    skipped: tuple[SkippedDay, ...] = ()
    moved_earlier_from: dt.date | None = None
    """For a meeting whose limit ends on a day that is not a working day."""
    convention: str
    source: str
    kind: Literal["limit", "good_practice", "threshold"] = "limit"
    """What the source calls it."""
    trust: Literal["V", "V2", "M", "GAP"]
    local_setting: bool
    calendar_version: int
    not_known: bool = False
    """When it was last done is not known."""


class Rung(Model):
    """One step of an escalation: who is told, and when (an instant, office hours already considered)."""

    number: int
    role: str
    at: Instant


class ClockPlan(Model):
    """All instants of one timescale, computed once, in an activity, and kept."""

    due: Instant
    """End of day is 23:59:59 Europe/London."""
    reminders: tuple[Instant, ...]
    rungs: tuple[Rung, ...]
    explanation: Explanation


class ClockStart(Model):
    """What is asked of the calendar: plan this timescale from this event."""

    clock: str
    instance: str
    started_at: Instant
    started_by: str
    same_day: bool = False
    """True where the rule says the same day (alleged physical or sexual harm)."""
    anchor: Instant | None = None
    """For limits counted back from a date: the conference, the expected date of delivery, an expiry."""
    not_known: bool = False
    """A record that was taken over does not tell when it was last done: it is due on the day of taking over."""


class Acknowledgement(Model):
    """Somebody has seen it, says what is being done, and holds the ladder until an instant; only doing the thing ends it."""

    by: Identifier
    action: str
    until: Instant


class Clock(Model):
    """A timescale that runs."""

    clock: str
    instance: str
    """Unique for the child: `<clock>/<n>`."""
    scope: int | None
    """The number of the enquiry it belongs to; none for what belongs to the child or its registration."""
    owner: str
    """The role that owes it."""
    ladder: str
    pausable: bool = False
    """A hold puts off its reminders and rungs (never of visits, conferences and urgent timescales)."""
    watch: bool = False
    """It only watches: it is never overdue, a notice goes out when its instant passes."""
    started_at: Instant
    started_by: str
    same_day: bool = False
    anchor: Instant | None = None
    not_known: bool = False
    conference: Identifier | None = None
    """What is owed of one conference: the meeting of this service that held it, or `elsewhere`. None for everything else, and for what began
    before that was kept.
    """
    versions: Versions
    """What the plan was made with."""
    plan: ClockPlan
    reminded: int = 0
    """How many reminders are behind us (sent, or stale)."""
    overdue: bool = False
    climbed: int = 0
    """How many rungs have been told."""
    acknowledgement: Acknowledgement | None = None
    told: tuple[Identifier, ...] = ()
    """Who was written to about it: where it turns out to have been met in time, they get a correction."""

    @property
    def start(self) -> ClockStart:
        """What its plan was made from."""
        return ClockStart.model_validate({name: getattr(self, name) for name in ClockStart.model_fields})


class ClosedClock(Model):
    """The last instance that ended, kept so that an earlier event recorded late can still be judged."""

    instance: str
    scope: int | None
    started_at: Instant
    due: Instant
    ended_at: Instant
    state: ClockState
    late_seconds: int = Field(default=0, ge=0)
    conference: Identifier | None = None
    told: tuple[Identifier, ...] = ()
