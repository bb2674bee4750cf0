"""`siwrnai procedures`: the rules as people read them, and the check of a file of rules."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.endings import Mistake
from console.language import say
from console.purpose import Purpose, does

if TYPE_CHECKING:
    from procedures.rules import Rules

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
@does(Purpose.apart)
def show(clock: Annotated[str | None, typer.Argument(metavar="[TIMESCALE]", help="One timescale, e.g. core_group_first.")] = None) -> None:
    """Timescales with limit, owner, source, trust label, and whether an authority may set them."""
    from console.rule_pages import print_clock, print_clocks

    rules = rules_of_this_deployment()
    if clock is None:
        print_clocks(rules)
        return
    key = clock.replace("-", "_")
    if key not in rules.clocks:
        near = difflib.get_close_matches(key, rules.clocks, n=3, cutoff=0.3)
        raise Mistake(say("mistakes.unknown_clock", given=clock[:40], right=", ".join(near or rules.clocks)))
    print_clock(rules, rules.clocks[key])


@app.command()
@does(Purpose.apart)
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of rules, as procedures/wales.toml.")]) -> None:
    """Check a file of rules: each wrong key, what is wrong with it, what would be right."""
    rules = _load(file)
    print(say("rules.good", file=file.name, clocks=len(rules.clocks), hash=rules.hash))


def rules_of_this_deployment() -> "Rules":
    """The rules that this deployment is configured with, in force in this process.

    Raises:
        Mistake: the file is wrong.
    """
    from console.running import settings
    from procedures.in_force import put_in_force, rules_in_force

    put_in_force(_load(settings().procedures))
    return rules_in_force()


def _load(file: Path) -> "Rules":
    from procedures.rules import BadRules, load

    if not file.is_file():
        raise Mistake(say("rules.no_file", file=file, shipped="procedures/wales.toml"))
    try:
        return load(file)
    except BadRules as error:
        raise Mistake(str(error)) from None
