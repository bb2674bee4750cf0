"""Cases drawn for audit, what auditors found in them, and what is done about it."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Identifier, Instant, Model, PersonMarker

AuditorId = Annotated[
    Identifier,
    PersonMarker("auditor", "reviewing_service", "reviewing_service_head", "senior_safeguarding_manager", "head_of_service", "director"),
]
"""Somebody who holds a post from which cases are audited."""

Seed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
"""With the same seed the same record, as of the same instant, gives the same children."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


AUDIT, AUDIT_ACTION = "audit:", "audit_action"
"""How the cause of a letter begins that an audit's action has, and what such a letter is about."""


class Sign(StrEnum):
    """What draws a case sooner into a sample by risk."""

    late = "late"
    """A timescale became overdue lately."""
    long_on_register = "long_on_register"
    """The child's name has been on the register for long."""
    registered_again = "registered_again"
    """It was on the register before."""
    no_voice = "no_voice"
    """Enquiries were begun or a conference was held, and the child's voice was never recorded."""


class Moved(Model):
    """A child's place on the register changed."""

    at: Instant
    before: str
    after: str


class Case(Model):
    """What of a child's timeline decides whether it is drawn, as it was known at an instant. Kinds and dates, no words."""

    child: Identifier
    kinds: frozenset[str]
    """The kinds of its entries; `enquiries_started` too where a strategy discussion or a taking over began them."""
    late: int
    """How many timescales became overdue within the time that counts."""
    moved: tuple[Moved, ...]
    """Its places on the register, in order."""


class Criteria(Model):
    """All that a draw depends on, besides the record."""

    seed: Seed
    size: int = Field(ge=1, le=1000)
    as_of: Instant
    """Entries recorded later do not count."""
    theme: Key | None = None
    """From the cases in which it arises."""
    risk: bool = False
    """From the cases with a sign of risk, those with the most first."""
    late_within_days: int
    long_on_register_days: int


class Drawn(Model):
    """One case of a draw."""

    child: Identifier
    signs: tuple[Sign, ...]


class Draw(Model):
    """A draw, so that it can be drawn again and compared."""

    draw: Identifier
    actor: Identifier
    drawn_at: Instant
    criteria: Criteria
    frame_size: int
    """From how many cases it was drawn."""
    frame_digest: str
    """SHA-256 of the children in the frame (hexadecimal): whether the record still gives the same one."""
    cases: tuple[Drawn, ...]


class Answered(Model):
    """The last answer to one question of one case."""

    draw: Identifier
    child: Identifier
    question: Key
    grade: Key
    finding: str | None = None
    """The auditor's words; none where none were given, or the child's record is destroyed."""
    actor: Identifier
    at: Instant


class Action(Model):
    """What is to be put right, by whom, by when."""

    action: Identifier
    draw: Identifier
    child: Identifier
    question: Key
    owner: Identifier
    due: dt.date
    words: str | None = None
    """None where the child's record is destroyed."""
    done_on: dt.date | None = None
    done_by: Identifier | None = None
    journey_ended: bool = False
    """The child has died, or was not born."""

    def is_open(self) -> bool:
        """Whether it is still to be done: of a child who has died, or whose record is destroyed, nothing can be put right."""
        return self.done_on is None and self.words is not None and not self.journey_ended

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it should have been done by now."""
        return self.is_open() and self.due < today


class ThemeResult(Model):
    """What audits found of one theme."""

    theme: Key
    answers: int
    grades: dict[Key, int]
    """How often each grade was given."""
    cases: int
    actions: int
    open: int
    overdue: int
