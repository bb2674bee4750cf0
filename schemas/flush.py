"""What a journey has to record at one time: entries, letters, the answer, and the rows of the read model."""

from typing import Any

from schemas.base import Identifier, Instant, Model
from schemas.entitlement import Restriction
from schemas.letters import LetterOrder
from schemas.timeline import Answer, Entry


class JourneySummary(Model):
    """Where a journey stands, for lists and measures."""

    registration: str
    enquiries: tuple[tuple[int, str], ...] = ()
    categories: tuple[str, ...] = ()
    roles: dict[str, Identifier] = {}
    """Role → person."""
    registered_at: Instant | None = None
    unborn: bool = False
    closed: bool = False
    ended: str | None = None
    hold_until: Instant | None = None
    shut_out: tuple[Identifier, ...] = ()
    """People who are told nothing about this child; no letter to them stands."""
    restrictions: tuple[Restriction, ...] = ()
    """What is hidden from whom."""
    next_wake: Instant | None = None
    """When the journey acts next by itself: past that instant it is late."""


class ClockRow(Model):
    """One instance of a timescale, as boards and digests see it."""

    instance: str
    clock: str
    scope: int | None = None
    state: str
    """The last thing said of it: a `ClockState`."""
    running: bool
    started_at: Instant
    due: Instant
    ended_at: Instant | None = None
    owner_role: str
    owner: Identifier | None = None
    """The person who owed it when it was last written."""
    escalated_to: Identifier | None = None
    """The last person it was escalated to."""
    rung: int = 0
    content: dict[str, Any] = {}
    """What a letter says of it (`schemas.letter_facts`): ids, instants, enumerations."""


class Flush(Model):
    """What a journey has to record at one time."""

    child: Identifier
    family: Identifier
    authority: Identifier
    team: Identifier
    expected_head: int
    """The sequence number after which the entries stand."""
    entries: tuple[Entry, ...]
    letters: tuple[LetterOrder, ...] = ()
    command_id: Identifier | None = None
    answer: Answer | None = None
    summary: JourneySummary
    clocks: tuple[ClockRow, ...] = ()
    texts: tuple[str, ...] = ()
    """Ids of the texts that the entries refer to."""
