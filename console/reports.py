"""`siwrnai meeting report` and what belongs to it: an agency's report given by hand, how reports stand, the chair's pack."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field

from console.language import checked, say
from console.options import ACTOR, parameter, repeating, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.base import Identifier, Instant, Model, PersonId
from schemas.commands.base import ThresholdElement
from schemas.report_commands import GiveReport
from schemas.reports import Kept, ReportWords, Section, SectionText

MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="The meeting's opaque id.")]
Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]
Entitled = Annotated[
    str | None,
    typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: the chair, the minute-taker or the arranger. Needed."),
]
Id = Annotated[str | None, typer.Option("--id", metavar="ID", help="The report's own id, to repeat it. Without it: by its words.")]
Check = Annotated[bool, typer.Option("--check", help="Only say what is missing. Nothing is given.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, HTML to read or print.")]
Spoken = Annotated[
    str | None, typer.Option("--language", metavar="cy|en", help="Of the page. Without it: the one you speak with the command.")
]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="INVITEE", help="A member of the family, by the id at the meeting: only what that person may read."),
]


class AgencyReport(Model):
    """An agency's report on one child, as it is given by hand."""

    invitee: Identifier = Field(description="Whose report it is: the id at the meeting.")
    child: Identifier = Field(description="The child that it is about.")
    actor: PersonId = Field(description="Who gives it: the id of a person in the directory.")
    happened_at: Instant = Field(description="When it was given, with offset, e.g. 2026-11-23T10:05+00:00. It may be told late.")
    work: SectionText | None = Field(default=None, description="The agency's work with child and family.")
    chronology: SectionText | None = Field(default=None, description="Of a social worker: dated chronology.")
    harm: SectionText | None = Field(default=None, description="Risk of significant harm.")
    impact: SectionText | None = Field(default=None, description="Impact on this child.")
    change: SectionText | None = Field(default=None, description="What has changed since last time.")
    known_how: SectionText | None = Field(default=None, description="How that is known.")
    strengths: SectionText | None = Field(default=None, description="Strengths.")
    voice: SectionText | None = Field(default=None, description="The child's own words.")
    gaps: SectionText | None = Field(default=None, description="Of a social worker: what is not known.")
    threshold: ThresholdElement | None = Field(default=None, description="The element of the threshold that the author finds met.")
    keep: tuple[Kept, ...] = Field(default=(), description="A section that one invitee of the family is not to read.")

    def words(self) -> ReportWords:
        """What is kept of it under the child's key."""
        sections = {section: words for section in Section if (words := getattr(self, section)) is not None}
        return ReportWords(sections=sections, threshold=self.threshold, kept=self.keep)


@does(Purpose.goes_on)
def report(meeting: MeetingId, command_id: Id = None, check: Check = False, **given: Any) -> None:
    """Give one. What is missing is said; however late or short, it is taken."""
    from console.reports_shown import give
    from console.running import on_deployment

    given.setdefault("happened_at", dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    said = read(AgencyReport, given)
    id = identifier(command_id, "--id") if command_id else None
    if id is not None:
        print(say("answer.repeat", again=repeating(id, said.happened_at)), file=sys.stderr)
    on_deployment(lambda here: give(here, identifier(meeting, "MEETING"), said, id, check=check))


@does(Purpose.looks)
def reports(meeting: MeetingId, actor: Reader = None) -> None:
    """Who was asked for a report on whom, by when, and how each stands; how often the thresholds were opened. The read is logged."""
    from console.reports_shown import print_reports
    from console.running import on_deployment

    on_deployment(lambda here: print_reports(here, identifier(meeting, "MEETING"), actor))


@does(Purpose.looks)
def pack(meeting: MeetingId, out: Out, for_: For = None, actor: Entitled = None) -> None:
    """The chair's pack: gaps first, then each child's reports, as a page to print. With --for what a parent may read. The read is logged."""
    from console.report_pack import write_pack
    from console.running import on_deployment

    reader = None if for_ is None else identifier(for_, "--for")
    on_deployment(lambda here: write_pack(here, identifier(meeting, "MEETING"), out, reader, actor))


@does(Purpose.looks)
def agenda(meeting: MeetingId, out: Out, language: Spoken = None, actor: Entitled = None) -> None:
    """The order of the day, as a page to print: what is missing, who is invited, each item and who is in the room. The read is logged."""
    from console.agenda import write_agenda
    from console.running import on_deployment

    chosen = checked(language, "--language")
    on_deployment(lambda here: write_agenda(here, identifier(meeting, "MEETING"), out, chosen, actor))


@does(Purpose.looks)
def by_agency(actor: Reader = None) -> None:
    """Reports by agency over all meetings: asked for, given, late, thin, and how often a chair returned one."""
    from console.reports_shown import print_by_agency
    from console.running import on_deployment

    on_deployment(lambda here: print_by_agency(here, actor))


def enter(app: typer.Typer) -> None:
    """Put the verbs into the room of meetings."""
    ahead = [parameter("meeting", MeetingId), parameter("command_id", Id, None), parameter("check", Check, False)]
    app.command("report", help=f"{GiveReport.title}. {report.__doc__}", short_help=GiveReport.title)(
        with_options(report, AgencyReport, ahead)
    )
    app.command("reports")(reports)
    app.command("pack")(pack)
    app.command("agenda")(agenda)
    app.command("reports-by-agency")(by_agency)
