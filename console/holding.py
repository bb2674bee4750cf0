"""`siwrnai meeting held`: what a meeting decided for each child, from a file and from flags; and the agencies that are followed up."""

import datetime as dt
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from console.endings import Code, Ended, Mistake
from console.language import say
from console.options import ACTOR, parameter, repeating, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.holding import Hold, Outcomes

File = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="YAML: attendance, and under children, by the child's id, the decision, category, rationale, plan and dissent of each.",
    ),
]

Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]


def enter(app: typer.Typer, meeting: Any, id: Any) -> None:
    """Both verbs, with the arguments that all verbs of meetings share."""
    ahead = [parameter("meeting", meeting), parameter("file", File, None), parameter("command_id", id, None)]
    help = f"{Hold.title}. {' '.join((Hold.__doc__ or '').split())}"
    app.command("held", help=help, short_help=Hold.title)(with_options(_held, Hold, ahead))
    app.command()(followups)


@does(Purpose.looks)
def followups(actor: Reader = None) -> None:
    """The agencies that were absent from a meeting without a contribution and are still to be followed up. The read is logged."""
    from console.holding_shown import print_followups
    from console.running import on_deployment

    on_deployment(lambda here: print_followups(here, actor))


@does(Purpose.goes_on)
def _held(meeting: str, file: Path | None = None, command_id: str | None = None, **given: Any) -> None:
    from console.holding_shown import hold
    from console.running import on_deployment

    said = {} if file is None else _said(file)
    try:
        outcomes = Outcomes.model_validate({"children": said.pop("children", {})})
    except ValidationError as error:
        where = ", ".join(str(part) for part in error.errors()[0]["loc"])
        raise Mistake(say("meeting.wrong_file", file=file, where=where)) from None
    if strange := sorted(said.keys() - Hold.model_fields.keys()):
        raise Mistake(say("meeting.wrong_file", file=file, where=", ".join(strange)))
    id = identifier(command_id, "--id") if command_id else secrets.token_hex(8)
    taken = {"happened_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), **said, **given}
    command = read(Hold, taken)
    print(say("answer.repeat", again=repeating(id, command.happened_at)), file=sys.stderr)
    on_deployment(lambda here: hold(here, identifier(meeting, "MEETING"), command, id, outcomes.children))


def _said(file: Path) -> dict[str, Any]:
    from rehearsal.source import BadScript, open_source

    try:
        said = open_source(file).data
    except BadScript as error:
        raise Ended(Code.mistake, str(error)) from None
    if not isinstance(said, dict):
        raise Mistake(say("meeting.wrong_file", file=file, where="1"))
    return said  # pyright: ignore[reportUnknownVariableType]
