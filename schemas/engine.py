"""What crosses between a journey, its activities and the door: ids, dates and enumerations, never words or names of people."""

from datetime import timedelta

from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language
from schemas.commands import Envelope
from schemas.state import JourneyState
from schemas.timeline import Answer

JOURNEYS = "journeys"
"""The task queue of journeys and their activities."""

REFUSED = "Refused"
"""The type of a refusal as the engine carries it; its details are the code and the sentence in each language."""


class Begin(Model):
    """How a journey begins, or goes on after continue-as-new."""

    state: JourneyState
    ahead: timedelta = timedelta()
    """In a rehearsal: how far the journey's clock is ahead of the engine's (or behind it). Nothing in life."""


class CommandQuestion(Model):
    """What does this command come to?"""

    state: JourneyState
    envelope: Envelope
    now: Instant


class TimeQuestion(Model):
    """What does the passing of time come to?"""

    state: JourneyState
    now: Instant


class Recorded(Model):
    """What the record says after an append."""

    head: int
    answer: Answer | None = None
    """The first answer, where the command had been recorded earlier and nothing was written now."""


class Refusal(Model):
    """A refusal, for programs and for people."""

    code: str
    sentences: dict[Language, str]


class Sight(Model):
    """What a query shows of a journey as it stands in the engine."""

    state: JourneyState
    now: Instant
    ahead: timedelta
    next_wake: Instant | None


class DigestRequest(Model):
    """Write the digests of this morning."""

    authority: Identifier
    as_of: Instant | None = None
    """None where the schedule starts it: then the engine's clock counts."""


class Told(Model):
    """A meeting's decision for one child, to be told to its journey."""

    child: Identifier
    envelope: Envelope


class Heard(Model):
    """What a journey said to a meeting's decision: taken, or refused and why."""

    refusal: Refusal | None = None


class MeetingHeld(Model):
    """What a meeting decided, for each child separately."""

    meeting: Identifier
    outcomes: tuple[Told, ...]
    own: Envelope | None = None
    """What the meeting records of the day itself; none of a meeting that was arranged elsewhere."""


class MeetingOutcome(Model):
    """Which journeys were told, and which child's journey refused and why: then the meeting stays open."""

    meeting: Identifier
    told: tuple[Identifier, ...] = ()
    refused: dict[Identifier, Refusal] = {}


class SweepRequest(Model):
    """Tell all open journeys of an authority that the calendar or the settings changed."""

    authority: Identifier
    pause: timedelta = timedelta(seconds=10)
    """Between two passes: what was being worked out with the old version has been recorded by then."""
    page: int = 500
    per_second: float = 40
    """Journeys told a second at most: people's commands go first."""


class SweepPage(Model):
    """Look through so many open journeys after that child."""

    authority: Identifier
    after: str = ""
    size: int
    per_second: float


class SweptPage(Model):
    """What one page came to."""

    last: Identifier | None
    """The last child looked at; none at the end."""
    looked_at: int
    moved: int
    failed: tuple[Identifier, ...] = ()
    """Children whose journey could not be told."""


class SweepProgress(Model):
    """How far a sweep has come."""

    passes: int = 0
    looked_at: int = 0
    moved: int = 0
    """Journeys in which something moved."""
    failed: tuple[Identifier, ...] = ()
    """Of the pass under way, or the last."""
