"""The words of the letters, in pairs: a key says the same in Welsh and in English, or the service does not start."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from babel import Locale

from schemas.clocks import Language

LANGUAGES: tuple[Language, ...] = ("cy", "en")
"""Welsh first: where a recipient's language is not known, a letter says both in this order."""

FILES = {
    "": "words.toml",
    "notice.": "notices.toml",
    "correction.": "corrections.toml",
    "calendar.": "calendars/words.toml",
    "pack.": "packs.toml",
    "paper.": "papers.toml",
    "family.": "family/words.toml",
    "agenda.": "agendas.toml",
}
"""Each file's keys, by the prefix under which they are said."""

Phrase = str | dict[str, str]
"""A phrase, or one a plural form (CLDR's names: `one`, `two`, `other` …)."""

Catalogue = Mapping[str, Mapping[str, Phrase]]
"""Phrases by key and language."""


class CatalogueError(Exception):
    """The words are not fit to be printed; says in which file, at which key, what is wrong and what would be right."""


def say(key: str, language: Language, **values: Any) -> str:
    """The phrase with its place-holders filled. Where it has plural forms, `n` chooses.

    Raises:
        KeyError: the key, or a value that the phrase needs, is not there.
    """
    return fill(catalogue()[key][language], language, **values)


def fill(phrase: Phrase, language: Language, **values: Any) -> str:
    """The phrase with its place-holders filled, in the plural form of `n` where it has several."""
    if isinstance(phrase, dict):
        phrase = phrase.get(Locale(language).plural_form(values["n"]), phrase["other"])
    return phrase.format_map(values)


def knows(key: str) -> bool:
    """True where the catalogue has the key."""
    return key in catalogue()


@cache
def catalogue() -> Catalogue:
    """All keys of all files of the letters.

    Raises:
        CatalogueError: a phrase is missing in one language, or the place-holders of the two differ.
    """
    here = Path(__file__).parent
    return {prefix + key: pair for prefix, name in FILES.items() for key, pair in load(here / name).items()}


def load(path: Path) -> Catalogue:
    """The keys of one file.

    Raises:
        CatalogueError: a phrase is missing in one language, or the place-holders of the two differ.
    """
    found = dict(_pairs(tomllib.loads(path.read_text(encoding="utf-8"))))
    if wrong := problems(found):
        raise CatalogueError(f"{path.name}: " + "; ".join(wrong))
    return found


def problems(entries: Catalogue) -> list[str]:
    """What is wrong with these phrases, in sentences; nothing where all is well."""
    return [problem for key, pair in entries.items() for problem in _wrong_with(key, pair)]


def placeholders(phrase: Phrase) -> set[str]:
    """The names that the phrase wants filled, over all its plural forms."""
    forms = [phrase] if isinstance(phrase, str) else list(phrase.values())
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def _wrong_with(key: str, pair: Mapping[str, Phrase]) -> Iterator[str]:
    missing = [language for language in LANGUAGES if not pair.get(language)]
    if missing:
        yield f"{key} has no words in {', '.join(missing)}: give both cy and en"
        return
    for language in LANGUAGES:
        phrase = pair[language]
        if isinstance(phrase, dict) and "other" not in phrase:
            yield f"{key} has no form `other` in {language}: every plural needs one"
    here, there = (placeholders(pair[language]) for language in LANGUAGES)
    if here != there:
        yield f"{key} differs in its place-holders ({', '.join(sorted(here ^ there))}): use the same in cy and en"


def _pairs(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Phrase]]]:
    for name, value in table.items():
        inner = _table(f"{path}{name}", value)
        if set(inner) & set(LANGUAGES):
            yield f"{path}{name}", inner
        else:
            yield from _pairs(inner, f"{path}{name}.")


def _table(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise CatalogueError(f"{key}: expected words as {{ cy = …, en = … }}, found {value!r}")
    return cast("dict[str, Any]", value)
