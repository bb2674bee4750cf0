"""What an entry says was decided or done, in the words of the field, Welsh or English. The words are data, in `outcomes.toml`."""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from procedures import words
from procedures.times import local
from schemas.clocks import Language
from schemas.commands import COMMANDS

FIRST = ("conference", "decision", "outcome", "categories")
"""What a reader looks for first, before who was there and the rest in the order of the command's fields."""

ALONE_IF_SEEN = "alone"
"""What is said of being alone is said of a child that was seen."""


def outcomes(kind: str, body: Mapping[str, Any], language: Language, name: Callable[[str], str]) -> Iterator[str]:
    """What the body of an entry of that kind tells; words of people are not in it.

    `name` gives the name of a person by id, and anything else as it is.
    """
    if kind == "allocated" and "person" not in body:
        body = {**body, "person": None}
    for field in sorted(body, key=_order(kind).index):
        value = body[field]
        if field in table("unsaid") or (field == ALONE_IF_SEEN and not body.get("seen")):
            continue
        if said := _said(kind, field, value, language, name):
            yield said


@cache
def _order(kind: str) -> list[str]:
    """The fields in the order in which they are told; an entry in the record holds them by the alphabet."""
    own = COMMANDS[kind].model_fields
    return [*(each for each in FIRST if each in own), *(each for each in own if each not in FIRST)]


def _said(kind: str, field: str, value: Any, language: Language, name: Callable[[str], str]) -> str | None:
    if value is None:
        return table("nobody")[kind][language]
    if isinstance(value, str) and value.startswith("text:"):
        return None
    choices = choices_of(kind, field)
    if choices is not None:
        key = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return choices[key][language] if key in choices else None
    framed = table("is").get(field)
    if framed is None or value in ((), [], ""):
        return None
    values = cast("list[Any]", value) if isinstance(value, list | tuple) else [value]
    if field == "plan":
        values = [len(values)]
    return framed[language].format(value=", ".join(_one(each, framed.get("words"), language, name) for each in values))


def _one(value: Any, of: str | None, language: Language, name: Callable[[str], str]) -> str:
    if isinstance(value, Mapping):
        part = cast("Mapping[str, Any]", value)
        return _attended(part, language) if of == "agencies" else _one(part["concern"], of, language, name)
    if of is not None:
        return (table(of) if of in tables() else words.vocabulary.table(of))[value][language]
    return _when(str(value), language) or name(str(value))


def _attended(value: Mapping[str, Any], language: Language) -> str:
    """An agency that took part, and how where it was not in the room."""
    agency = table("agencies")[value["agency"]][language]
    how = table("attended")[value.get("by", "present")][language]
    return f"{agency} ({how})" if how else agency


def _when(value: str, language: Language) -> str | None:
    """A date, or an instant, in words; none where it is neither."""
    try:
        if len(value) == len("2027-01-08"):
            return words.date(dt.date.fromisoformat(value), language)
        instant = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return words.instant(local(instant), language) if instant.tzinfo is not None else None


def choices_of(kind: str, field: str) -> Mapping[str, Mapping[str, str]] | None:
    """The words for the choices of a field: those of the command's own, else those of the field; none where it has no such words."""
    own = tables().get(kind, {}).get(field)
    return own if own is not None else tables().get(field) if field not in table("is") else None


def table(name: str) -> Mapping[str, Any]:
    """One table of the words."""
    return tables()[name]


@cache
def tables() -> dict[str, dict[str, Any]]:
    """All the words, by table."""
    return tomllib.loads(Path(__file__).with_name("outcomes.toml").read_text(encoding="utf-8"))
