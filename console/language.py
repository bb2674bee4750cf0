"""The language in which the command speaks with a person, and what it says (`sentences.toml`), Welsh and English side by side."""

import os
import string
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from console.endings import Mistake
from procedures import vocabulary

SETTING = "SIWRNAI_LANGUAGE"
"""The environment variable; where it is missing, the locale is looked at."""

LOCALE = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

Language = Literal["cy", "en"]

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def choose(language: Language | None) -> None:
    """Speak this language; with None, what the environment says."""
    _chosen.set(language)


def checked(given: str | None, where: str) -> Language | None:
    """The language given there; none where nothing is given.

    Raises:
        Mistake: it is neither of the two. Said in both, since nobody knows which the reader reads.
    """
    if not given:
        return None
    if given not in get_args(Language):
        facts = {"option": where, "given": given[:40], "right": ", ".join(get_args(Language))}
        raise Mistake(*(sentences()["mistakes"]["unknown_choice"][each].format(**facts) for each in get_args(Language)))
    return cast(Language, given)


def spoken() -> Language:
    """The language chosen, else the environment's, else English."""
    return _chosen.get() or _of_environment(os.environ)


def _of_environment(environment: Mapping[str, str]) -> Language:
    said = next((environment[name] for name in (SETTING, *LOCALE) if environment.get(name)), "")
    return "cy" if said.lower().startswith("cy") else "en"


def say(key: str, /, **facts: Any) -> str:
    """A sentence in the language spoken, e.g. `say("mistakes.missing", option="--how")`. What is counted has the form that goes with its number:
    `{chains:chains}` is `1 chain`, or `2 chains`.

    Raises:
        KeyError: there is no such sentence.
    """
    table, _, name = key.partition(".")
    return _Counting().vformat(sentences()[table][name][spoken()], (), facts)


class _Counting(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        """A number of things, by their key in the amounts of the field's words; anything else as it is."""
        if format_spec in vocabulary.table("amounts"):
            # Only here: the words read the rules, and help is to be quick.
            from procedures.words import amount

            return amount(value, format_spec, spoken())
        return super().format_field(value, format_spec)


def knows(key: str) -> bool:
    """Whether there is such a sentence."""
    table, _, name = key.partition(".")
    return name in sentences().get(table, {})


@cache
def sentences() -> dict[str, dict[str, dict[str, str]]]:
    """Everything that is said, by table and key."""
    return tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
