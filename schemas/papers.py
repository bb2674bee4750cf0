"""What people get after a conference: the decision summary with the outline plan, the record, the outcome of a review; one child's words apart."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.answering import Contact, InBoth
from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language
from schemas.commands.base import Harm, PlanLine
from schemas.outlines import Tried
from schemas.reports import Words


class Paper(StrEnum):
    """The papers; each has timescales of its own, which its circulation meets."""

    outline_plan = "outline_plan"
    """Decision summary and outline plan."""
    conference_record = "conference_record"
    review_outcome = "review_outcome"


class PaperSection(StrEnum):
    """What a paper tells of one child, beside the decision and the lines of the plan."""

    reasons = "reasons"
    facts = "facts"
    strengths = "strengths"
    risks = "risks"
    voice = "voice"
    views = "views"
    """Of the parents."""
    outcomes = "outcomes"
    """Short and long."""
    monitoring = "monitoring"
    contingency = "contingency"
    dissent = "dissent"
    own_why = "own_why"
    """For the child, in plain words."""
    own_said = "own_said"
    """What the child said, as it is told to the child."""
    own_changed = "own_changed"
    """What changed because of it."""


PaperPart = Literal["reasons", "facts", "strengths", "risks", "voice", "views", "outcomes", "monitoring", "contingency", "dissent", "plan"]
"""What can be closed to somebody: a section, or the lines of the plan."""

VoiceReader = Literal["chair", "conference", "school", "parents"]

Decision = Literal["register", "not_register", "stay", "change_category", "deregister"]


class Closed(Model):
    """A part that one person of the family does not read until the chair releases it."""

    section: PaperPart
    person: Identifier
    """The invitee's id at the meeting."""


class PaperDate(Model):
    """What is due next for the child."""

    clock: str
    due: Instant


class Decided(Model):
    """What the child's journey has of this conference."""

    decision: Decision
    on: dt.date
    """When it was held (Europe/London)."""
    categories: tuple[Harm, ...] = ()
    """From then on."""
    dates: tuple[PaperDate, ...] = ()
    voice_for: tuple[VoiceReader, ...] = ()
    """Who may read the child's voice, as it was recorded."""


class PaperWords(Model):
    """One paper about one child in one language. Kept sealed under that child's key."""

    decided: Decided
    sections: dict[PaperSection, Words] = {}
    plan: tuple[PlanLine, ...] = ()
    closed: tuple[Closed, ...] = ()


Versions = Mapping[Language, PaperWords]
"""One paper about one child, by the language in which it is written."""


class Circulated(Model):
    """That a paper went out."""

    paper: Paper
    at: Instant
    by: Identifier
    children: tuple[Identifier, ...]
    until: Instant
    """How long its page stays open."""
    sent: tuple[Identifier, ...] = ()
    """Invitees to whom it went, by mail or on paper."""
    last_sent: dict[Identifier, Instant] = {}
    """By invitee: when it went last, where no part of it was opened to them since; not known of what went out before this was kept."""


class CouldSend(Model):
    """A paper that went out, and that somebody may read now who might not before."""

    meeting: Identifier
    invitee: Identifier
    paper: Paper


class Attended(Model):
    """How somebody who was invited took part on the day."""

    name: str | None = None
    """None of the family on the page, which does not know their names, nor in print for another of the family: their part says it."""
    part: str
    """In which they were invited."""
    agency: InBoth | None = None
    how: Literal["there", "telephone", "video", "sent_somebody", "written", "apologies", "absent"]


class KeptApart(Model):
    """Who attended separately, or was not invited: for those alone who handle the record."""

    part: str
    name: str | None = None
    """None where nobody was invited in that part, and of the family on the page."""
    why: str | None = None
    """Where that person was not invited."""


class ChildPaper(Model):
    """What one reader is shown of one child."""

    label: InBoth
    paper: Paper
    decided: Decided
    sections: dict[PaperSection, Words] = {}
    plan: tuple[PlanLine, ...] = ()
    told_by_worker: bool = False
    """The words are gone through with the social worker: nothing of them is shown."""
    own: bool = False
    """The child's own, in plain words."""
    advocate: str | None = None
    """Of the child's own: the name of its advocate, where one is invited."""
    attendance: tuple[Attended, ...] = ()
    separately: tuple[KeptApart, ...] = ()
    not_invited: tuple[KeptApart, ...] = ()
    written_in: Language | None = None
    """Where it is not written in the language of the reader: the one that it is in."""


class PapersSeen(Model):
    """What whoever holds the link may see: that something waits, and whom to call."""

    meeting: Identifier
    language: Language
    contact: Contact


class PapersRead(Model):
    """The answer to a code."""

    tried: Tried
    left: int = Field(default=0, ge=0)
    papers: tuple[ChildPaper, ...] = ()
