"""The words of the field as data (`words.toml`), by table and key, in Welsh and English."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, dict[str, Any]]:
    """One table of words: its keys, and for each the words in `cy` and `en` (a string, or forms by number).

    Raises:
        KeyError: there is no such table.
    """
    return _tables()[name]


@cache
def _tables() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@cache
def holidays() -> dict[str, dict[str, str]]:
    """The days that are not working days, by key: names in `cy` and `en`, and the name by which the library knows it."""
    return tomllib.loads(Path(__file__).with_name("holidays.toml").read_text(encoding="utf-8"))


@cache
def command_names() -> dict[str, str]:
    """The names of the commands in Welsh."""
    return tomllib.loads(Path(__file__).with_name("command_names.toml").read_text(encoding="utf-8"))
