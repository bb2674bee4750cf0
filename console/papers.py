"""`siwrnai meeting paper`, `papers-preview`, `papers-for`: what people get after a conference, written, looked at, and printed for the family."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field

from console.options import ACTOR, parameter, with_options
from console.reading import identifier, read
from schemas.base import Identifier, Model, PersonId
from schemas.clocks import Language
from schemas.commands.base import PlanLine
from schemas.paper_commands import Circulate
from schemas.papers import Closed, Paper, PaperSection
from schemas.reports import SectionText

MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="The meeting's opaque id.")]
InviteeId = Annotated[str, typer.Argument(metavar="INVITEE", help="The member of the family, by the id at the meeting.")]
Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who looks: logged.")]
Hands = Annotated[
    str | None,
    typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who prints it: the arranger, the child's social worker or manager. Needed."),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, HTML to print.")]
Large = Annotated[bool, typer.Option("--large-print", help="In large print (18 point). Without it where the need is on record.")]
Which = Annotated[Paper, typer.Argument(metavar="PAPER", help="Which paper.")]


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
    plan: tuple[PlanLine, ...] = Field(default=(), description="A line of the plan.")
    close: tuple[Closed, ...] = Field(
        default=(), description="A part that one invitee of the family is not to read; only the chair takes that back."
    )

    def sections(self) -> dict[PaperSection, str]:
        """What was written."""
        return {section: words for section in PaperSection if (words := getattr(self, section)) is not None}


def paper(meeting: MeetingId, **given: Any) -> None:
    """Write one paper about one child, in one language. Nothing is sent. Written again it replaces what was."""
    from console.papers_written import write_paper
    from console.running import on_deployment

    said = read(WrittenPaper, given)
    on_deployment(lambda here: write_paper(here, identifier(meeting, "MEETING"), said))


def papers_preview(meeting: MeetingId, which: Which, actor: Reader = None) -> None:
    """What each reader would get of a paper: by which way, in which language, with which words. Nothing is sent. The read is logged."""
    from console.papers_shown import print_papers_preview
    from console.running import on_deployment

    on_deployment(lambda here: print_papers_preview(here, identifier(meeting, "MEETING"), which, actor))


def papers_for(meeting: MeetingId, invitee: InviteeId, out: Out, large_print: Large = False, actor: Hands = None) -> None:
    """The papers that went out, printed for one of the family, for the hands that pass them on. The read is logged."""
    from console.family_letter import Asked
    from console.papers_shown import write_papers
    from console.running import on_deployment

    asked = Asked(identifier(meeting, "MEETING"), identifier(invitee, "INVITEE"), actor)
    on_deployment(lambda here: write_papers(here, asked, out, large=large_print))


def enter(app: typer.Typer) -> None:
    """Put the verbs into the room of meetings."""
    app.command("paper", help=paper.__doc__)(with_options(paper, WrittenPaper, [parameter("meeting", MeetingId)]))
    app.command("papers-preview", help=f"Before: {Circulate.title}. {papers_preview.__doc__}")(papers_preview)
    app.command("papers-for")(papers_for)
