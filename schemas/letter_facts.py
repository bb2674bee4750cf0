"""What a letter may say of its cause, beside what its order names: ids, instants and enumerations, never words of people."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.base import Identifier, Instant
from schemas.calendars import Method
from schemas.clocks import ClockPlan
from schemas.papers import CouldSend, Paper
from schemas.reports import Section

Ladder = Literal["urgent", "child", "work", "quiet", "none"]
"""From the fastest to none at all; a digest lists in this order."""

Known = Literal["met_in_time", "met_late", "due_moved", "stopped", "record_corrected"]
"""What a correction says is now known."""


class LetterFacts(BaseModel):
    """The `content` of a `LetterOrder`. Everything is optional, and what is not known here is left unsaid, never refused:
    a letter with less in it is better than none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    plan: ClockPlan | None = None
    """The timescale's own: how its due date came about, and who is told when it is not met."""
    ladder: Ladder | None = None
    owner: str | None = None
    """The role that owes it."""
    role: str | None = None
    """The role in which the recipient is told."""
    deputy_for: str | None = None
    """The role whose holder is away and whose deputy the recipient is."""
    rung: int | None = None
    """The number of the step of the escalation that this is."""
    held_until: Instant | None = None
    """Until when an acknowledgement holds the escalation."""
    because: str | None = None
    """Why a child was not seen: `no_access`, `child_out`, `refused`, `other`."""
    action: Identifier | None = None
    """Of an audit's action: which."""
    clock: str | None = None
    """Of a notice: the timescale that it is about."""
    instance: str | None = None
    """Of a letter that could not be delivered: the instance of the timescale that it was about."""
    due: Instant | None = None
    """Of a notice: the due time that it speaks of."""
    happened_at: Instant | None = None
    recorded_at: Instant | None = None
    met_at: Instant | None = None
    """Of a correction: when it was done."""
    letter_at: Instant | None = None
    """Of a correction: the instant of the letter that it corrects."""
    known: Known | None = None
    meeting: Identifier | None = None
    """Of what is about a meeting."""
    meeting_kind: str | None = None
    starts: Instant | None = None
    ends: Instant | None = None
    place: str | None = None
    """A reference to the words in the record."""
    invitee: Identifier | None = None
    """The recipient's id at the meeting; of a chaser to the agency's lead, the silent person's."""
    part: str | None = None
    """The part in which that person is invited."""
    silent: Identifier | None = None
    """Of a chaser to somebody else: the person who did not answer."""
    method: Method | None = None
    """Of an invitation: what the calendar object asks for."""
    sequence: int | None = None
    """Of an invitation: the number of the calendar object."""
    apart: bool = False
    """To one of the family: this person attends at a separate time."""
    reports: int | None = None
    """Of what is about reports: on how many children."""
    missing: tuple[Section, ...] = ()
    """Of a report that the chair returned: the sections of which more is asked."""
    could_send: tuple[CouldSend, ...] = ()
    """Of a notice that somebody may read now what they might not: each paper, and to whom it could be sent."""
    paper: Paper | None = None
    """Of what was circulated after a conference: which paper."""
    until: Instant | None = None
    """Of such a letter: when its page closes."""
