"""`siwrnai settings`: what an authority may set of the rules, what it has set, and whom a change affects."""

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from console.endings import Mistake
from console.holidays import Actor, Apply
from console.language import say

if TYPE_CHECKING:
    from changing import Amend
    from console.running import Running
    from procedures.rules import Setting

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Key = Annotated[str, typer.Argument(metavar="KEY", help="As `siwrnai settings list` has it, e.g. clocks.strategy.amount.")]


@app.command("list")
def list_settings(find: Annotated[str | None, typer.Argument(metavar="[PART]", help="Keys with this in them alone.")] = None) -> None:
    """What may be set, with the value in force, the one shipped where another was set, source and trust label."""
    from console.running import on_deployment
    from console.showing import screen, table

    of_authority = on_deployment(_in_force)
    made = table("setting", "value", "shipped", "source")
    for setting in _table().values():
        if find is None or find in setting.key:
            own = setting.key in of_authority
            value = of_authority[setting.key] if own else setting.value
            made.add_row(setting.key, _written(value), _written(setting.value) if own else "", f"{setting.source} ({setting.trust})")
    screen().print(made)


@app.command("set")
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number, a word, or JSON.")],
    actor: Actor = None,
    apply: Apply = False,
) -> int:
    """Set something: what begins from now on, and what runs, is planned with it."""
    known = _known(key)

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, known: _value(value)}

    return _change(actor, apply, amend)


@app.command()
def withdraw(key: Key, actor: Actor = None, apply: Apply = False) -> int:
    """Take a setting back: the value shipped counts again."""
    known = _known(key)

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        if known not in body:
            raise Mistake(say("change.not_set", key=known))
        return {each: value for each, value in body.items() if each != known}

    return _change(actor, apply, amend)


def _change(actor: str | None, apply: bool, amend: "Amend") -> int:
    from console.changes import Wanted, change
    from console.holidays import acting
    from console.running import on_deployment
    from procedures.in_force import rules_in_force
    from procedures.rules import BadRules

    who = acting(actor)

    def checked(body: dict[str, Any]) -> dict[str, Any]:
        wanted = amend(body)
        try:
            rules_in_force().with_settings(wanted)
        except BadRules as error:
            raise Mistake(str(error)) from None
        return wanted

    return on_deployment(lambda here: change(here, Wanted("settings", checked, who, apply)))


def _known(key: str) -> str:
    known = _table()
    if key not in known:
        near = difflib.get_close_matches(key, known, n=3, cutoff=0.4)
        raise Mistake(say("change.no_setting", key=key[:80], right=", ".join(near) or "siwrnai settings list"))
    return key


def _table() -> "Mapping[str, Setting]":
    from console.rules import rules_of_this_deployment

    return {setting.key: setting for setting in rules_of_this_deployment().settings_table}


async def _in_force(here: "Running") -> Mapping[str, Any]:
    from changing import Changing

    return (await Changing(here.pool, here.authority).settings()).settings


def _value(written: str) -> Any:
    try:
        return orjson.loads(written)
    except orjson.JSONDecodeError:
        return written


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
