"""`siwrnai journey`: a verb for each command, made from its model; and showing, checking and listing journeys."""

import datetime as dt
import secrets
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer

from console.endings import Code, Ended
from console.language import say
from console.options import ACTOR, parameter, repeating, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.commands import COMMANDS, Command

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Child = Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")]
Reader = Annotated[
    str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged. Without it: the system's user.")
]


@app.command("list")
@does(Purpose.looks)
def list_journeys(actor: Reader = None) -> None:
    """Open journeys, the one with the next due date first."""
    from console.journey_list import print_open_journeys
    from console.running import on_deployment

    on_deployment(lambda here: print_open_journeys(here, actor))


@app.command()
@does(Purpose.looks)
def show(
    child: Child,
    actor: Reader = None,
    words: Annotated[
        bool, typer.Option("--words", help="Also the words of people, but those of the child that the reader may not read.")
    ] = False,
) -> None:
    """A child's timeline, what is due and why, and its letters. The read is logged."""
    from console import timeline
    from console.running import on_deployment
    from console.showing import screen
    from console.viewing import view

    known = identifier(child, "CHILD")
    timeline.show(on_deployment(lambda here: view(here, known, actor, "journey show", with_words=words)), screen())


@app.command()
@does(Purpose.looks)
def verify(child: Child) -> int:
    """Check the chain and signatures of a timeline, and that its fold is the engine's state. Exit code 1 where something is wrong.

    Of a record that was destroyed chain and signatures are left to check, and no more is said of it.
    """
    from console.audit_report import Reading, sentence, verified
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    looked = on_deployment(lambda here: verified(here, known, Reading(None, "journey verify")))
    found = [sentence(each) for each in looked.findings if each.child == known]
    whole = "verify.sealed" if known in looked.keys_destroyed else "verify.whole"
    print("\n".join(found) if found else say(whole, child=known, entries=looked.entries - looked.logged))
    return Code.found_wrong if found else Code.done


def record(name: str, child: str, command_id: str | None, given: dict[str, Any]) -> None:
    """Take a command to a child's journey and print its answer."""
    known = identifier(child, "CHILD")
    id = identifier(command_id, "--id") if command_id else secrets.token_hex(8)
    given.setdefault("happened_at", dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    command = read(COMMANDS[name], given)
    # Said before it is sent: whatever happens then, it can be repeated.
    print(say("answer.repeat", again=repeating(id, command.happened_at)), file=sys.stderr)
    take(known, command, id)


def take(child: str, command: Command, id: str) -> None:
    """Take a checked command through the door, and print the answer."""
    from console.answers import print_answer
    from console.engine_door import door, sight, submit
    from console.running import Running, on_deployment
    from schemas.state import JourneyState
    from schemas.timeline import Answer

    async def send(here: Running) -> tuple[Answer, JourneyState | None]:
        async with door(here) as way_in:
            answer = await submit(way_in, child, command, id)
            seen = None
            with suppress(Ended):  # It is taken: where the engine goes away now, only what is due next stays unsaid.
                seen = await sight(way_in, child)
            return answer, None if seen is None else seen.state

    print_answer(command.name, *on_deployment(send))


def _verb(name: str, model: type[Command]) -> None:
    @does(Purpose.goes_on)
    def verb(child: str, command_id: str | None = None, **given: Any) -> None:
        record(name, child, command_id, given)

    help = f"{model.title}. {' '.join((model.__doc__ or '').split())}"
    ahead = [
        parameter("child", Child),
        parameter(
            "command_id",
            Annotated[str | None, typer.Option("--id", metavar="ID", help="The command's own id, to repeat it. Without it: a new one.")],
            None,
        ),
    ]
    app.command(name.replace("_", "-"), help=help, short_help=model.title)(with_options(verb, model, ahead))


for _name, _model in COMMANDS.items():
    if not _model.service:
        _verb(_name, _model)
