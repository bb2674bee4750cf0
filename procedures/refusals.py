"""A refusal in the field's words, in both languages. The sentences are data, in `refusals.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from schemas.clocks import Language


class Refused(Exception):
    """What stands down was refused for something missing, or a step is not possible. Nothing has changed.

    `code` is stable, for programs; `sentence(language)` is for people and says what would be right.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(self.sentence("en"))

    def sentence(self, language: Language) -> str:
        """What is missing or wrong and what would be right, in Welsh or English."""
        return sentences()[self.code][language].format(**self.facts)


@cache
def sentences() -> dict[str, dict[str, str]]:
    """Every refusal, by code and language."""
    return tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))
