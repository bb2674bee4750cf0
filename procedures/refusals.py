"""A refusal in the field's words, in both languages. The sentences are data, in `refusals.toml`."""

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from procedures import vocabulary, words
from schemas.clocks import Language


def _each(word: Callable[[str, Language], str]) -> Callable[[Any, Language], str]:
    return lambda keys, language: ", ".join(dict.fromkeys(word(key, language) for key in keys))


def _stage(stage: str, language: Language) -> str:
    return words.word("enquiry" if stage in vocabulary.table("enquiry") else "registration", stage, language)


def _then(stages: Iterable[str], language: Language) -> str:
    return _each(_stage)(stages, language) or words.phrase("nowhere", language)


IN_WORDS: dict[str, Callable[[Any, Language], str]] = {
    "stage": _stage,
    "then": _then,
    "step": words.command,
    "concerns": _each(words.category),
    "lacking": _each(words.missing),
    "owed": _each(words.clock),
    "instances": lambda instances, language: ", ".join(instances) or words.phrase("no_timescale", language),
    "absent": _each(lambda key, language: words.word("invitees", key, language)),
}
"""Facts that are keys, or several, and how they are said in the reader's language."""


class Refused(Exception):
    """What stands down was refused for something missing, or a step is not possible. Nothing has changed.

    `code` is stable, for programs; `sentence(language)` is for people and says what would be right.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(self.sentence("en"))

    def sentence(self, language: Language) -> str:
        """What is missing or wrong and what would be right, in Welsh or English."""
        facts = {name: IN_WORDS[name](fact, language) if name in IN_WORDS else fact for name, fact in self.facts.items()}
        return sentences()[self.code][language].format(**facts)


@cache
def sentences() -> dict[str, dict[str, str]]:
    """Every refusal, by code and language."""
    return tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))
