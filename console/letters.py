"""`siwrnai letters`: the outbox, and what became of each letter; a caught letter can be read."""

from typing import Annotated

import typer

from console.options import ACTOR
from console.purpose import Purpose, does
from console.reading import identifier

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]


@app.command("list")
@does(Purpose.looks)
def list_letters(
    child: Annotated[str | None, typer.Option("--child", metavar="ID", help="Letters about this child alone.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many at most, the newest first.")] = 50,
) -> None:
    """Letters and their delivery, the newest first."""
    from console.post import print_outbox
    from console.running import on_deployment

    known = None if child is None else identifier(child, "--child")
    on_deployment(lambda here: print_outbox(here, known, most))


@app.command()
@does(Purpose.looks)
def show(letter: Annotated[str, typer.Argument(metavar="LETTER", help="The letter's id.")], actor: Reader = None) -> None:
    """One letter, as the mail catcher keeps it. The read is logged."""
    from console.post import print_letter
    from console.running import on_deployment

    known = identifier(letter, "LETTER")
    on_deployment(lambda here: print_letter(here, known, actor))
