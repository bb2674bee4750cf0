"""`siwrnai meeting paper`, `papers-preview`, `papers-for`: what people get after a conference, written, looked at, and printed for the family."""

from pathlib import Path
from typing import Annotated, Any

import typer

from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.paper_commands import Circulate, WrittenPaper
from schemas.papers import Paper

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


@does(Purpose.goes_on)
def paper(meeting: MeetingId, **given: Any) -> None:
    """Write one paper about one child, in one language. Nothing is sent. Written again it replaces what was."""
    from console.papers_written import write_paper
    from console.running import on_deployment

    said = read(WrittenPaper, given)
    on_deployment(lambda here: write_paper(here, identifier(meeting, "MEETING"), said))


@does(Purpose.looks)
def papers_preview(meeting: MeetingId, which: Which, actor: Reader = None) -> None:
    """What each reader would get of a paper: by which way, in which language, with which words. Nothing is sent. The read is logged."""
    from console.papers_shown import print_papers_preview
    from console.running import on_deployment

    on_deployment(lambda here: print_papers_preview(here, identifier(meeting, "MEETING"), which, actor))


@does(Purpose.looks)
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
