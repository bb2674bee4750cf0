"""What a bundle's pages say (`words.toml`), in Welsh or English; times are Europe/London."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, cast

from procedures import words
from procedures.times import END_OF_DAY, local
from schemas.clocks import Language
from schemas.commands import COMMANDS
from schemas.timeline import Stages


def say(key: str, language: Language, /, **values: Any) -> str:
    """The phrase with its place-holders filled.

    Raises:
        KeyError: there is no such phrase.
    """
    return catalogue()[key][language].format_map(values)


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """All phrases, by key."""
    found: dict[str, dict[Language, str]] = {}
    _gather(tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8")), "", found)
    return found


def _gather(table: dict[str, Any], path: str, found: dict[str, dict[Language, str]]) -> None:
    for name, value in table.items():
        if set(value) == {"en", "cy"}:
            found[path + name] = cast("dict[Language, str]", value)
        else:
            _gather(value, f"{path}{name}.", found)


def moment(written: str, language: Language) -> str:
    """An instant as a record writes it, in words; the date alone where it is the end of that day."""
    instant = dt.datetime.fromisoformat(written)
    there = local(instant)
    return words.date(there.date(), language) if there.time() == END_OF_DAY else words.instant(instant, language)


def command(kind: str, language: Language) -> str:
    """What a command is called; its key where it is not known any more."""
    return words.command(kind, language) if kind in COMMANDS else kind.replace("_", " ")


def clock(key: str | None, language: Language) -> str:
    """What a timescale is called; its key where the rules in force no longer know it."""
    try:
        return words.clock(key or "", language)
    except KeyError:
        return (key or "").replace("_", " ")


def moved(before: Stages, after: Stages, language: Language) -> list[str]:
    """Which stages changed, in words."""
    found: list[str] = []
    if after.registration != before.registration:
        found.append(words.stage("registration", after.registration, language))
    stood = dict(before.enquiries)
    for number, stage in after.enquiries:
        if stood.get(number) != stage:
            found.append(say("entry.enquiry", language, number=number, stage=words.stage("enquiry", stage, language)))
    return found
