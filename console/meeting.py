"""`siwrnai meeting`: a date proposed, a verb for each command to a meeting, and showing how it stands."""

import datetime as dt
import secrets
import sys
from typing import Annotated, Any

import typer

from console import family, holding, papers, reports
from console.language import say
from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.commands import Command
from schemas.holding import Hold
from schemas.meeting_commands import MEETING_COMMANDS, Arrange
from schemas.meetings import MeetingKind

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="The meeting's opaque id.")]
Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]
Confirmer = Annotated[str, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who made sure: the id of a person in the directory.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The answer's number, as held-answers has it.")]
Id = Annotated[str | None, typer.Option("--id", metavar="ID", help="The command's own id, to repeat it. Without it: a new one.")]


@app.command()
@does(Purpose.looks)
def propose(
    kind: Annotated[MeetingKind, typer.Argument(metavar="KIND", help="The kind of meeting.")],
    children: Annotated[list[str], typer.Argument(metavar="CHILD", help="Whom it is about: siblings are one meeting.")],
) -> None:
    """A date inside the timescale, and whom the procedures want there. Nothing is sent."""
    from console.meetings_shown import print_proposal
    from console.running import on_deployment

    known = [identifier(child, "CHILD") for child in children]
    on_deployment(lambda here: print_proposal(here, kind, known))


@app.command()
@does(Purpose.looks)
def show(meeting: MeetingId, actor: Reader = None) -> None:
    """Who is invited, what they answered, and whether there will be enough. The read is logged."""
    from console.meetings_shown import print_meeting
    from console.running import on_deployment

    known = identifier(meeting, "MEETING")
    on_deployment(lambda here: print_meeting(here, known, actor))


@app.command()
@does(Purpose.looks)
def preview(meeting: MeetingId, actor: Reader = None) -> None:
    """What each of those invited would be sent as things stand: by which way, in which language. Nothing is sent. The read is logged."""
    from console.previewing import print_preview
    from console.running import on_deployment

    known = identifier(meeting, "MEETING")
    on_deployment(lambda here: print_preview(here, known, actor))


@app.command("list")
@does(Purpose.looks)
def list_meetings(child: Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")], actor: Reader = None) -> None:
    """The meetings about a child, the next one first. The read is logged."""
    from console.meetings_shown import print_meetings
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    on_deployment(lambda here: print_meetings(here, known, actor))


@app.command("held-answers")
@does(Purpose.looks)
def held_answers(
    meeting: Annotated[str | None, typer.Argument(metavar="[MEETING]", help="The meeting's opaque id. Without it: all meetings.")] = None,
    actor: Reader = None,
) -> None:
    """Answers by mail that count only once a person has confirmed them, and what there is to be sure of. The read is logged."""
    from console.held_answers import print_held
    from console.running import on_deployment

    known = None if meeting is None else identifier(meeting, "MEETING")
    on_deployment(lambda here: print_held(here, known, actor))


@app.command("confirm-answer")
@does(Purpose.goes_on)
def confirm_answer(
    number: Number,
    actor: Confirmer,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, in the person's own words.")] = None,
) -> None:
    """An answer by mail counts: somebody has made sure that it is that person's."""
    from console.held_answers import confirm
    from console.running import on_deployment

    known = identifier(actor, "--actor")
    on_deployment(lambda here: confirm(here, number, known, reason))


@app.command("discard-answer")
@does(Purpose.goes_on)
def discard_answer(number: Number, actor: Confirmer) -> None:
    """An answer by mail does not count: it is not that person's."""
    from console.held_answers import discard
    from console.running import on_deployment

    known = identifier(actor, "--actor")
    on_deployment(lambda here: discard(here, number, known))


def record(name: str, meeting: str, command_id: str | None, given: dict[str, Any]) -> None:
    """Take a command to a meeting and print what came of it."""
    from console.meetings_shown import submit
    from console.running import on_deployment

    id = identifier(command_id, "--id") if command_id else secrets.token_hex(8)
    given.setdefault("happened_at", dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    command = read(MEETING_COMMANDS[name], given)
    print(say("answer.repeat", again=f"--id {id} --happened-at {command.happened_at.isoformat()}"), file=sys.stderr)
    on_deployment(lambda here: submit(here, identifier(meeting, "MEETING"), command, id))


def _verb(name: str, model: type[Command]) -> None:
    @does(Purpose.goes_on)
    def verb(meeting: str | None = None, command_id: str | None = None, **given: Any) -> None:
        from meetings import MeetingDoor

        # A meeting that is arranged again under its id is the same meeting.
        record(name, meeting or MeetingDoor.new_id(), command_id, given)

    new = model is Arrange
    which = (
        Annotated[str | None, typer.Option("--meeting", metavar="MEETING", help="The meeting's id, to repeat it. Without it: a new one.")]
        if new
        else MeetingId
    )
    ahead = [parameter("meeting", which, None) if new else parameter("meeting", which), parameter("command_id", Id, None)]
    help = f"{model.title}. {' '.join((model.__doc__ or '').split())}"
    app.command(name.replace("_", "-"), help=help, short_help=model.title)(with_options(verb, model, ahead))


reports.enter(app)
family.enter(app)
papers.enter(app)

for _name, _model in MEETING_COMMANDS.items():
    if not _model.service and _model is not Hold:
        _verb(_name, _model)
holding.enter(app, MeetingId, Id)
