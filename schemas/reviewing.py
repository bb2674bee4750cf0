"""What an audit says of a journey: why a thing came about, and what should have been."""

import datetime as dt

from schemas.base import Identifier, Instant, Model
from schemas.replay import LetterThen, RefusedThen
from schemas.timeline import Stages


class Link(Model):
    """One step from an effect back to its cause: an entry of the timeline, or of a meeting's own log."""

    meeting: Identifier | None = None
    """Of whose log it is; none for the child's timeline."""
    entry: int
    kind: str
    happened_at: Instant
    actor: str
    command_id: str | None
    rule: str | None = None
    """The timescale's id in the procedures file."""
    source: str | None = None
    """Where the rule stands."""
    trust: str | None = None
    """How far the rule can be trusted: a key of `trust` in the words."""
    local_setting: bool = False
    words: dict[str, tuple[tuple[str, ...], ...]] = {}
    """Rationale, reason, evidence, dissent: of each part what was said, one after another, and of each its parts (of a dissent: the agency
    and its reason). Words of people by reference; nothing where the command asks for it and none was given."""


class Written(Model):
    """A letter: to whom and in what capacity, and what became of it."""

    letter: LetterThen
    about: tuple[tuple[str, str], ...]
    """Kind and matter of each order about this child that was gathered in it; of a brother or sister it may tell more."""
    roles: tuple[str, ...]
    """That the recipient held when it was ordered, as it was known then."""
    deputy_for: tuple[str, ...]
    """Roles of somebody who was away, for whom the recipient stood in."""
    parts: tuple[str, ...]
    """In which the recipient was invited to the meeting that it is about."""


class Because(Model):
    """Why something came about: the entry that caused it first, the person behind it last."""

    of: str
    """`letter`, `timescale`, `entry` or `refusal`."""
    id: str
    links: tuple[Link, ...]
    written: Written | None = None
    """Of a letter."""
    refused: RefusedThen | None = None
    stages: Stages | None = None
    """Of a refusal: where the child stood then."""


class Kept(Model):
    """One timescale from its start to its end, beside what it should have been."""

    instance: str
    clock: str
    enquiry: int | None
    started_at: Instant
    due: Instant
    """As it stood last."""
    moved_from: tuple[Instant, ...] = ()
    """Due dates that it had before."""
    ended_at: Instant | None
    state: str
    """What the timeline says last of it."""
    stopped_because: str | None = None
    late_seconds: int
    """0 where it was met in time; of one that runs, by how much it was overdue at the instant of the review."""
    recorded_late: bool
    """Met in time and recorded after it was due."""
    should_be_due: Instant | None
    """What the rules, calendar and settings that it was planned with give today; none where they are not kept any more."""
    other_convention_due: Instant | None
    """The same with the day of the event counted as day 1."""
    in_time: bool | None
    """None while it runs, or where it was stopped."""
    in_time_by_other_convention: bool | None
    reasons: tuple[str, ...] = ()
    """References to what was said of it: actions of whoever acknowledged it, reasons of a postponement."""


class Departure(Model):
    """Something that was not done as the procedures ask."""

    what: str
    """A key of the words of a review."""
    about: str
    """A timescale's id, a thing that was missing, a command."""
    entry: int
    at: Instant
    late_seconds: int = 0
    reasons: tuple[str, ...] = ()
    """References to the reasons given; none: none recorded."""


class Drift(Model):
    """What compliance with each timescale would hide."""

    what: str
    """A key of the words of a review."""
    entries: tuple[int, ...] = ()
    number: int
    """How many: working days, meetings, core groups, visits or days, as `what` says."""
    about: str = ""
    since: dt.date | None = None


class Review(Model):
    """A journey beside the procedures."""

    child: Identifier
    at: Instant
    timescales: tuple[Kept, ...]
    departures: tuple[Departure, ...]
    drift: tuple[Drift, ...]
