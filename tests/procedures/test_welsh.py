"""Welsh as it is written wherever people read it: a date begins with `dydd`, which softens after a preposition."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import procedures

ROOT = Path(procedures.__file__).parents[1]

BEFORE_A_DATE = re.compile(r"\b(?:ar|o|am|at|hyd|i|gan|neu|heb|dan|tan) \{(?:at|day|date|due|first|last|on|since|until|when)\}")
"""A preposition that softens, and a place-holder by whose name a date stands there. `ar d{at}` gives `ar ddydd Mawrth`."""

IN_FIGURES = {
    *("console/sentences.toml directory.replaces", "console/sentences.toml directory.booked"),
    *("console/sentences.toml meeting.follow_up_done", "console/sentences.toml sampling.action_done"),
    *("procedures/refusals.toml in_the_future", "procedures/refusals.toml before_birth", "procedures/refusals.toml long_ago"),
}
"""Say a date as it is typed, `2027-01-08`: there is nothing to soften."""


def phrases(words: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each Welsh phrase under its key."""
    if isinstance(words, dict):
        for name, each in words.items():  # pyright: ignore[reportUnknownVariableType]
            if name == "cy" and isinstance(each, str):
                yield key, each
            else:
                yield from phrases(each, f"{key}.{name}".removeprefix("."))


def test_a_date_softens_after_a_preposition() -> None:
    found = {
        f"{file.relative_to(ROOT)} {key}"
        for room in ("audit", "console", "correspondence", "procedures", "web")
        for file in (ROOT / room).rglob("*.toml")
        for key, said in phrases(tomllib.loads(file.read_text(encoding="utf-8")))
        if BEFORE_A_DATE.search(said)
    }
    assert found == IN_FIGURES
