"""Typer options from a model's fields: what is taken is a string or a flag, what it means is for `console.reading`."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Collection
from functools import update_wrapper
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from console.fields import Field, fields

ACTOR = "SIWRNAI_ACTOR"
"""The environment variable that says who acts, where `--actor` does not."""

MOST_SHOWN = 24
"""Characters of choices shown in place of the value; longer lists stand in the option's help."""

BY_ITSELF = {"happened_at": "Without it: now."}


def with_options(
    verb: Callable[..., Any], model: type[BaseModel], ahead: Collection[inspect.Parameter] = (), leave_out: Collection[str] = ()
) -> Callable[..., Any]:
    """The verb as a function that Typer understands: its parameters are `ahead`, then an option for each field of the model."""
    parameters = [*ahead, *(_parameter(field) for field in fields(model) if field.name not in leave_out)]

    def taken(**given: Any) -> Any:
        return verb(**{name: value for name, value in given.items() if value is not None})

    update_wrapper(taken, verb, assigned=("__doc__",))
    taken.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    taken.__annotations__ = {each.name: each.annotation for each in parameters}
    return taken


def repeating(command_id: str, happened_at: dt.datetime) -> str:
    """The options that make the same line the same command: without them it would be another one, that happens now."""
    return f"--id {command_id} --happened-at {happened_at.isoformat()}"


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """One parameter of a verb."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _parameter(field: Field) -> inspect.Parameter:
    taken: Any = bool if field.is_flag else list[str] if field.many else str
    declared = f"{field.option}/--no-{field.option[2:]}" if field.is_flag else field.option
    option = typer.Option(
        declared,
        help=_help(field),
        metavar=None if field.is_flag else _metavar(field),
        envvar=ACTOR if field.name == "actor" else None,
        show_envvar=True,
        autocompletion=_completion(field.choices),
    )
    return parameter(field.name, Annotated[taken | None, option], None)


def _metavar(field: Field) -> str:
    if field.model is not None:
        return "KEY=VALUE,…"
    return "CHOICE" if _long(field) else field.shape


def _long(field: Field) -> bool:
    return bool(field.choices) and len(field.shape) > MOST_SHOWN


def _help(field: Field) -> str:
    parts = [field.meaning]
    if field.model is not None:
        parts.append(f"Written {field.shape} or as JSON.")
    elif _long(field):
        parts.append(f"One of {', '.join(field.choices)}.")
    elif field.is_text:
        parts.append("The words, @FILE, or - for standard input.")
    if field.many:
        parts.append("May be given again and again.")
    if field.name in BY_ITSELF:
        parts.append(BY_ITSELF[field.name])
    elif field.required:
        parts.append("Needed.")
    elif field.default not in (None, (), {}):
        parts.append(f"Without it: {said(field.default)}.")
    return " ".join(part for part in parts if part)


def said(default: Any) -> str:
    """A default as a person reads it."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    return ", ".join(default) if isinstance(default, tuple) else str(default)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _completion(choices: tuple[str, ...]) -> Callable[[str], list[str]] | None:
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        return [each for each in choices if each.startswith(incomplete)]

    return complete
