"""What people do with the papers of a conference that was held."""

from pydantic import Field

from schemas.base import Identifier, Model, PersonId
from schemas.clocks import Language
from schemas.commands.base import Command, PlanLine
from schemas.meeting_commands import meeting_command
from schemas.papers import Closed, Paper, PaperSection
from schemas.reports import SectionText


class WrittenPaper(Model):
    """One paper about one child in one language, as it is written by hand."""

    paper: Paper = Field(description="Which paper.")
    child: Identifier = Field(description="The child that it is about.")
    language: Language = Field(description="In which it is written; the other is written beside it.")
    actor: PersonId = Field(description="Who writes it: the chair, the minute-taker, the arranger, the child's social worker or manager.")
    reasons: SectionText | None = Field(default=None, description="Reasons for the decision.")
    facts: SectionText | None = Field(default=None, description="What was heard, and from whom.")
    strengths: SectionText | None = Field(default=None, description="Strengths.")
    risks: SectionText | None = Field(default=None, description="Risks.")
    voice: SectionText | None = Field(
        default=None, description="The child's voice; read by those alone who may read it as it was recorded."
    )
    views: SectionText | None = Field(default=None, description="The parents' views.")
    outcomes: SectionText | None = Field(default=None, description="What is hoped for, soon and in the longer term.")
    monitoring: SectionText | None = Field(default=None, description="How it is followed.")
    contingency: SectionText | None = Field(default=None, description="If it does not work: trigger, who acts, by when.")
    dissent: SectionText | None = Field(default=None, description="Who disagreed, and why.")
    own_why: SectionText | None = Field(default=None, description="For the child itself, in plain words: why this was decided.")
    own_said: SectionText | None = Field(default=None, description="For the child itself: what the child said.")
    own_changed: SectionText | None = Field(default=None, description="For the child itself: what changed because of what it said.")
    plan: tuple[PlanLine, ...] = Field(default=(), description="A line of the plan.")
    close: tuple[Closed, ...] = Field(
        default=(), description="A part that one invitee of the family is not to read; only the chair takes that back."
    )

    def sections(self) -> dict[PaperSection, str]:
        """What was written."""
        return {section: words for section in PaperSection if (words := getattr(self, section)) is not None}


@meeting_command("circulated", "Paper of a conference circulated")
class Circulate(Command):
    """The decision summary with the outline plan, the record, or the outcome of a review goes to each reader: invited people, there or not,
    by mail that only says that something waits; the family by its safe way, once released. Each child's journey is told. Circulated again
    after a correction it goes to everybody again.
    """

    paper: Paper
    to: tuple[Identifier, ...] = Field(
        default=(), description="To these of those invited alone, by the id at the meeting, what went out before; without it to everybody."
    )
    children: tuple[Identifier, ...] = Field(default=(), description="Of which children; without it of all for whom it is written.")


@meeting_command("part_opened", "A closed part of a paper was opened")
class PartOpened(Command):
    """The chair opened to one of the family what was closed to them: who sends papers is told, and nothing goes by itself."""

    service = True
    paper: Paper
    child: Identifier
    invitee: Identifier
