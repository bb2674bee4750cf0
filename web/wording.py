"""The words of the pages, Welsh and English."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal

from correspondence import catalogue
from schemas.clocks import Language


@cache
def phrases() -> catalogue.Catalogue:
    """All of them.

    Raises:
        CatalogueError: a phrase is missing in one language, or the place-holders of the two differ.
    """
    return catalogue.load(Path(__file__).with_name("words.toml"))


def say(key: str, language: Language, **values: Any) -> str:
    """The phrase with its place-holders filled.

    Raises:
        KeyError: the key, or a value that the phrase needs, is not there.
    """
    return catalogue.fill(phrases()[key][language], language, **values)


def number(value: int, language: Language) -> str:
    """`10,000`."""
    return format_decimal(value, locale=language)


def as_typed(day: dt.date) -> str:
    """A date as it is typed into the three fields: `27 3 2027`."""
    return f"{day.day} {day.month} {day.year}"
