"""`siwrnai audit`: a journey replayed, checked and taken away."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import ACTOR
from console.reading import identifier

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Child = Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")]
Reader = Annotated[
    str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged. Without it: the system's user.")
]
Words = Annotated[bool, typer.Option("--words", help="Also the words of people, but those of the child that the reader may not read.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")]


@app.command()
def show(  # noqa: PLR0913, PLR0917
    child: Child,
    at: Annotated[str | None, typer.Option("--at", metavar="INSTANT", help="The instant, with offset. Without it: now.")] = None,
    as_stood: Annotated[
        bool, typer.Option("--as-stood", help="As things stood then by all that is on record now, not as it was known then.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write every instant into one page that needs no network; a new file.")
    ] = None,
    actor: Reader = None,
    words: Words = False,
    json: Json = False,
) -> None:
    """How a child's journey was known at an instant, or how it stood. The read is logged."""
    from console.audit_show import print_standing, write_page
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    if html is not None:
        on_deployment(lambda here: write_page(here, known, html, actor, with_words=words))
    else:
        on_deployment(lambda here: print_standing(here, known, at, actor, as_stood=as_stood, with_words=words, json=json))
