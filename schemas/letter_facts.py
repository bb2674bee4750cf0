"""What a letter may say of its cause, beside what its order names: ids, instants and enumerations, never words of people."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.base import Instant
from schemas.clocks import Explanation, Rung

Ladder = Literal["urgent", "child", "work", "quiet", "none"]
"""From the fastest to none at all; a digest lists in this order."""

Known = Literal["met_in_time", "met_late", "due_moved", "stopped", "record_corrected"]
"""What a correction says is now known."""


class LetterFacts(BaseModel):
    """The `content` of a `LetterOrder`. Everything is optional, and what is not known here is left unsaid, never refused:
    a letter with less in it is better than none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    explanation: Explanation | None = None
    """How the due date came about: the letter prints it as one sentence."""
    ladder: Ladder | None = None
    owner: str | None = None
    """The role that owes it."""
    role: str | None = None
    """The role in which the recipient is told; of a bounced letter, the role that it was meant for."""
    absent: str | None = None
    """The role whose holder is away and whose deputy the recipient is."""
    told: tuple[str, ...] = ()
    """The other roles that have been told."""
    next: Rung | None = None
    """Who is told next, and when, if it is not done."""
    last: bool = False
    """True at the last step of the escalation: it stays on the head of service's board."""
    held_until: Instant | None = None
    """Until when an acknowledgement holds the escalation."""
    happened_at: Instant | None = None
    """When it happened; of a correction, when it was done."""
    recorded_at: Instant | None = None
    letter_at: Instant | None = None
    """Of a correction: the instant of the letter that it corrects."""
    known: Known | None = None
