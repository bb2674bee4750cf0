"""Answers to one meeting that are taken together: many people answer in the same minute, and the engine takes few updates at a time."""

from schemas.base import Identifier, Instant, Model
from schemas.commands.base import Envelope
from schemas.engine import Refusal
from schemas.meetings import MeetingAnswer, MeetingFlush, MeetingState

GATHERED = frozenset({"answered", "answer_waits", "undeliverable"})
"""The commands that come by the hundred, and of which no journey is told."""

MOST = 50
"""Commands that are taken together."""


class Gathered(Model):
    """What do these commands come to, one after the other?"""

    state: MeetingState
    now: Instant
    envelopes: tuple[Envelope, ...]


class CameTo(Model):
    """What one of them came to: an answer, or a refusal."""

    answer: MeetingAnswer | None = None
    refusal: Refusal | None = None


class GatheredFlush(Model):
    """What they came to, in their order, and what is to be recorded of it in one transaction."""

    flush: MeetingFlush
    answers: dict[Identifier, MeetingAnswer] = {}
    """Of those that had none before."""
    came_to: tuple[CameTo, ...]
