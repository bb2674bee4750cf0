"""`siwrnai settings`: what an authority may set of the rules, what it has set, and whom a change affects."""

import difflib
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from console.endings import Mistake
from console.holidays import Actor, Apply
from console.language import say
from console.purpose import Purpose, does

if TYPE_CHECKING:
    from changing import Amend
    from console.running import Running
    from procedures.rules import Setting

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Key = Annotated[str, typer.Argument(metavar="KEY", help="As `siwrnai settings list` has it, e.g. clocks.strategy.amount.")]


@app.command("list")
@does(Purpose.looks)
def list_settings(find: Annotated[str | None, typer.Argument(metavar="[PART]", help="Keys with this in them alone.")] = None) -> None:
    """What may be set, with the value in force, the one shipped where another was set, source and trust label; and what is stored and counts for
    nothing.
    """
    from console.rules import rules_of_this_deployment
    from console.running import on_deployment
    from console.showing import screen, table

    stored = on_deployment(_stored)
    counting = rules_of_this_deployment().counting(stored)
    made = table("setting", "value", "shipped", "source")
    for setting in _table().values():
        if find is None or find in setting.key:
            own = setting.key in counting
            value = counting[setting.key] if own else setting.value
            made.add_row(setting.key, _written(value), _written(setting.value) if own else "", f"{setting.source} ({setting.trust})")
    screen().print(made)
    for key in sorted(set(stored) - set(counting)):
        print(say("change.counts_for_nothing", key=key, value=_written(stored[key])))


@app.command("set")
@does(Purpose.goes_on)
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number, a word, or JSON.")],
    actor: Actor = None,
    apply: Apply = False,
) -> int:
    """Set something: what begins from now on, and what runs, is planned with it."""
    _known(key, _table())

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, key: _value(value)}

    return _change(actor, apply, key, amend)


@app.command()
@does(Purpose.goes_on)
def withdraw(key: Key, actor: Actor = None, apply: Apply = False) -> int:
    """Take a setting back: the value shipped counts again. Whatever is stored can be, also what is no setting any more."""

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        if key not in body:
            _known(key, {*_table(), *body})
            raise Mistake(say("change.not_set", key=key))
        return {each: value for each, value in body.items() if each != key}

    return _change(actor, apply, key, amend)


def _change(actor: str | None, apply: bool, key: str, amend: "Amend") -> int:
    from console.changes import Wanted, change
    from console.holidays import acting
    from console.running import on_deployment
    from procedures.in_force import rules_in_force
    from procedures.rules import BadRules

    who = acting(actor)

    def checked(body: dict[str, Any]) -> dict[str, Any]:
        """What is entered now must fit; what is stored and counts for nothing stands in nobody's way."""
        wanted, rules = amend(body), rules_in_force()
        counting = rules.counting(body)
        try:
            rules.with_settings({each: value for each, value in wanted.items() if each == key or each in counting})
        except BadRules as error:
            raise Mistake(str(error)) from None
        return wanted

    return on_deployment(lambda here: change(here, Wanted("settings", checked, who, apply)))


def _known(key: str, known: Collection[str]) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=3, cutoff=0.4)
        raise Mistake(say("change.no_setting", key=key[:80], right=", ".join(near) or "siwrnai settings list"))


def _table() -> "Mapping[str, Setting]":
    from console.rules import rules_of_this_deployment

    return {setting.key: setting for setting in rules_of_this_deployment().settings_table}


async def _stored(here: "Running") -> Mapping[str, Any]:
    from changing import Changing

    return (await Changing(here.pool, here.authority).settings()).settings


def _value(written: str) -> Any:
    try:
        return orjson.loads(written)
    except orjson.JSONDecodeError:
        return written


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
