"""What a journey asks the post to send. The post renders, sends, tries again and reports back."""

from enum import StrEnum
from typing import Any

from schemas.base import Identifier, Instant, Model


class LetterKind(StrEnum):
    """The kinds of letter of the service itself, all to professionals."""

    reminder = "reminder"
    alert = "alert"
    """Overdue and escalated timescales: one a family, recipient and day; the rest goes into the digest."""
    notice = "notice"
    """At once, whatever the hour: a child not seen, a safety plan missing, a child missing, nobody allocated."""
    digest = "digest"
    correction = "correction"
    """Follows a letter that said something no longer so."""
    invitation = "invitation"
    """To a meeting, with a calendar object: the date, another date, or that it is off."""
    chaser = "chaser"
    """An invitation that was not answered."""
    day_before = "day_before"
    """A meeting on the next working day."""
    report_request = "report_request"
    """An agency's report on each of these children is asked for, or is due on another day."""
    report_chaser = "report_chaser"
    """It will be due on the next working day, or was due."""
    report_returned = "report_returned"
    """The chair asks for more."""
    paper = "paper"
    """Something waits to be read after a conference: that it does, and nothing of it."""


class LetterOrder(Model):
    """One reason to write to one person about one child. The post gathers orders of a family, recipient and day."""

    cause: str
    """Unique for the child: the cause of the entry that asks for it, with the recipient's id."""
    kind: LetterKind
    recipient: Identifier
    at: Instant
    """When the journey asked for it (virtual in a rehearsal): the letter's date, and the day of 'one alert a day'."""
    urgent: bool = False
    """Urgent letters go day and night, each on its own, and are never put off to the digest."""
    about: str
    """The clock's id, or the key of a notice (`tried_not_seen`, `safety_plan_missing` …)."""
    instance: str | None = None
    due: Instant | None = None
    content: dict[str, Any] = {}
    """Further ids, dates and enumerations for the words of the letter: no names."""


class DeliveryState(StrEnum):
    """What became of a letter."""

    waiting = "waiting"
    in_digest = "in_digest"
    sent = "sent"
    deferred = "deferred"
    """The mail server said 4xx or was not there: tried again."""
    refused = "refused"
    """5xx: final. Shown on the journey, and the next rung is told."""
    stale = "stale"
    """Its cause was gone before it could be sent."""
