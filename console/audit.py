"""`siwrnai audit`: a verb for each thing that an auditor asks."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import ACTOR

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Reader = Annotated[
    str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged. Without it: the system's user.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")]


@app.command()
def verify(
    child: Annotated[str | None, typer.Argument(metavar="[CHILD]", help="The child's opaque id. Without it: every child.")] = None,
    anchor: Annotated[
        list[Path] | None,
        typer.Option("--anchor", metavar="FILE|FOLDER", help="Checkpoints kept outside, to compare with. May be given again and again."),
    ] = None,
    record_only: Annotated[bool, typer.Option("--record-only", help="Leave out the engine: of 60,000 children it takes hours.")] = False,
    actor: Reader = None,
    json: Json = False,
) -> int:
    """Was anything changed? Chain, signatures, checkpoints, the engine's state and history, letters. Exit code 1 where something is wrong."""
    from console.audit_report import verify as run

    return run(child, anchor or [], engine=not record_only, actor=actor, json=json)


@app.command()
def checkpoint(json: Json = False) -> int:
    """Make and anchor a checkpoint over all chains now. Exit code 1 where a chain is not what an earlier one said, or none took it yet."""
    from console.audit_checkpoint import checkpoint as make

    return make(json=json)
