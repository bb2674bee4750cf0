"""The rules of bundles to take away (`bundles.toml`): for whom, made by whom, what goes in, what is withheld and why."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Model
from schemas.clocks import Language
from schemas.commands import COMMANDS
from schemas.entitlement import Fact
from schemas.meetings import MeetingKind


class For(StrEnum):
    """For whom a bundle is made."""

    inspection = "inspection"
    court = "court"
    subject_access = "subject-access"


class InBoth(Model):
    """Words in both languages."""

    en: str = Field(min_length=1)
    cy: str = Field(min_length=1)

    def said(self, language: Language) -> str:
        """The words in that language."""
        return self.cy if language == "cy" else self.en


class Withholds(Model):
    """What is withheld of entries of these kinds."""

    entries: tuple[str, ...] = ()
    timescales: tuple[str, ...] = ()
    """Timescales that such entries alone start: what is recorded of them is withheld too."""
    whole: bool = False
    """The header too: hash and signature alone stay."""
    parts: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    """Of which parts a copy stands in their place, which the signature of the bundle alone vouches for."""
    but: tuple[str, ...] = ()
    """The fields that such a copy does not have."""
    words: bool = False
    """The words of people to which the entry refers, too."""
    why: str


class Kind(Model):
    """The rules for one kind of bundle."""

    title: InBoth
    purpose: InBoth
    made_by: tuple[str, ...]
    """Posts, and roles on the child's own journey, whose holders may make it."""
    names: tuple[Literal["child", "family", "professional"], ...]
    """Who stands under their own name; everybody else under an opaque id or, where names are replaced, a number."""
    letters: Literal["all", "own"]
    """All, or those alone that were written to whoever the bundle is for."""
    meetings: Literal["all", "own"]
    """All, with their logs; or of those alone to which whoever the bundle is for was invited, and of them only that."""
    closed_meetings: tuple[MeetingKind, ...] = ()
    """Kinds of which nothing is told."""
    replaces_names: bool = False
    """In the words of people the names of all others are replaced."""
    withholds: tuple[Withholds, ...] = ()


class Tells(Model):
    """What each section tells, or lets its reader work out."""

    words: tuple[Fact, ...]
    documents: tuple[Fact, ...]
    letters: tuple[Fact, ...]


class Bundles(Model):
    """All rules."""

    why: dict[str, InBoth]
    kinds: dict[For, Kind]
    tells: Tells

    @model_validator(mode="after")
    def _known(self) -> Self:
        if missing := set(For) - set(self.kinds):
            raise ValueError(f"there are no rules for {', '.join(sorted(missing))}: give a table for each")
        for each in (rule for kind in self.kinds.values() for rule in kind.withholds):
            if each.why not in self.why:
                raise ValueError(f"why = {each.why!r} has no words: give them under [why], cy and en")
            if unknown := set(each.entries) - COMMANDS.keys():
                raise ValueError(f"entries: no command is called {', '.join(sorted(unknown))}: see docs/commands.md")
            if set(each.copies) - set(each.parts):
                raise ValueError("copies: a copy stands in the place of a part that is withheld: name it in parts too")
        return self


@cache
def bundles() -> Bundles:
    """The rules as shipped."""
    return Bundles.model_validate(tomllib.loads(Path(__file__).with_name("bundles.toml").read_text(encoding="utf-8")))
