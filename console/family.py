"""`siwrnai meeting letter`, `outline`, `code`: what a family is given on paper, and why a conference is held, behind a code."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field

from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.base import Identifier, Model, PersonId
from schemas.outlines import OutlineWords

MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="The meeting's opaque id.")]
InviteeId = Annotated[str, typer.Argument(metavar="INVITEE", help="The member of the family, by the id at the meeting.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, HTML to print.")]
Large = Annotated[bool, typer.Option("--large-print", help="In large print (18 point). Without it where the need is on record.")]
Hands = Annotated[
    str | None,
    typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who writes it: the arranger, the child's social worker or manager. Needed."),
]


AnyInvitee = Annotated[str, typer.Argument(metavar="INVITEE", help="The person, by the id at the meeting.")]


class Written(OutlineWords, Model):
    """The outline of one child, as it is written by hand."""

    child: Identifier = Field(description="The child that it is about.")
    actor: PersonId = Field(description="Who writes it: the child's social worker or manager, or the chair.")


@does(Purpose.looks)
def letter(meeting: MeetingId, invitee: InviteeId, out: Out, large_print: Large = False, actor: Hands = None) -> None:
    """A family member's letter on paper, with its leaflets, as a page to print: it is sent to nobody. The read is logged."""
    from console.family_letter import Asked, write_letter
    from console.running import on_deployment

    asked = Asked(identifier(meeting, "MEETING"), identifier(invitee, "INVITEE"), actor)
    on_deployment(lambda here: write_letter(here, asked, out, large=large_print))


@does(Purpose.goes_on)
def outline(meeting: MeetingId, **given: Any) -> None:
    """Why the conference is held, of one child: never in a mail; read on a signed page with a code. Given again it replaces what was."""
    from console.outline import write_outline
    from console.running import on_deployment

    said = read(Written, given)
    words = OutlineWords(reason=said.reason, conclusion=said.conclusion)
    on_deployment(lambda here: write_outline(here, identifier(meeting, "MEETING"), said.child, words, said.actor))


@does(Purpose.goes_on)
def code(meeting: MeetingId, invitee: AnyInvitee, actor: Hands = None) -> None:
    """The code with which one person reads why the conference is held and, after it, its papers. Shown once: tell it by telephone or on paper."""
    from console.family_letter import Asked
    from console.outline import give_code
    from console.running import on_deployment

    asked = Asked(identifier(meeting, "MEETING"), identifier(invitee, "INVITEE"), actor)
    on_deployment(lambda here: give_code(here, asked))


def enter(app: typer.Typer) -> None:
    """Put the verbs into the room of meetings."""
    app.command("letter")(letter)
    app.command("outline", help=outline.__doc__)(with_options(outline, Written, [parameter("meeting", MeetingId)]))
    app.command("code")(code)
