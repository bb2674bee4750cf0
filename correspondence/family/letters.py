"""A letter to one of the family, in plain words: what it says, of whom and to whom. Pure: all that it says is passed in.

A family's letter names no child, nobody else who is invited, and no reason for the meeting: mail and paper are seen by others.
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from correspondence import wording
from correspondence.catalogue import LANGUAGES, knows, say
from correspondence.family.leaflets import Leaflet, leaflets_for
from procedures import words
from procedures.times import age
from schemas.answering import InBoth
from schemas.base import Instant, Model
from schemas.clocks import Language

CONFERENCES = frozenset({"icpc", "pre_birth", "transfer_in", "rcpc"})
"""The kinds of meeting that decide about the register, and before which the family reads the reports."""


class Reader(StrEnum):
    """For whom a letter is worded."""

    adult = "adult"
    """A parent, or whoever cares for a child."""
    supporter = "supporter"
    older = "older"
    """A child of the age from which its letter is the longer one, on the day of the meeting, or more."""
    younger = "younger"

    @property
    def is_child(self) -> bool:
        """True for either age."""
        return self in {Reader.older, Reader.younger}


class News(StrEnum):
    """What is told of the meeting."""

    invited = "invited"
    changed = "changed"
    cancelled = "cancelled"
    tomorrow = "tomorrow"
    """It is on the next working day."""
    paper = "paper"
    """After it was held something waits to be read."""


class FamilyLetter(Model):
    """All that one letter is made of."""

    reader: Reader
    news: News
    kind: str | None
    """Of meeting."""
    starts: Instant
    ends: Instant | None = None
    place: str | None = None
    """None where it may not be written: the social worker tells it."""
    language: Language | None = None
    """None where it is not known: both, Welsh first."""
    apart: bool = False
    """True where this person attends at a separate time."""
    asked_by: str | None = None
    """Who arranges the meeting."""
    telephone: str | None = None
    """Of whoever arranges it."""
    link: InBoth | None = None
    """This person's own page, opening in each language; none on paper."""
    thresholds: InBoth | None = None
    """Where the thresholds are read, in each language; by mail through a link of this person's, so that its opening is counted."""
    writes: InBoth | None = None
    """Who writes, by the name that people know, in each language."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """In which it is written."""
        return (self.language,) if self.language else LANGUAGES


class Section(NamedTuple):
    """A question and its answer."""

    title: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()
    """What to open: its label and its address."""


class Sheet(NamedTuple):
    """The whole letter in one language."""

    language: Language
    heading: str
    intro: str
    rows: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    leaflets_title: str
    leaflets: tuple[Leaflet, ...]


SECTIONS: dict[tuple[Reader, News], tuple[str, ...]] = {
    (Reader.adult, News.invited): ("what", "happens", "why", "agreed", "with", "apart", "reports", "help", "answer", "ask"),
    (Reader.adult, News.changed): ("with", "apart", "agreed", "help", "answer", "ask"),
    (Reader.adult, News.cancelled): ("ask",),
    (Reader.adult, News.tomorrow): ("with", "apart", "agreed", "help", "ask"),
    (Reader.adult, News.paper): ("read", "ask"),
    (Reader.supporter, News.invited): ("role", "apart", "help", "answer", "ask"),
    (Reader.supporter, News.changed): ("apart", "help", "answer", "ask"),
    (Reader.supporter, News.cancelled): ("ask",),
    (Reader.supporter, News.tomorrow): ("apart", "ask"),
    (Reader.supporter, News.paper): ("read", "ask"),
    (Reader.older, News.invited): ("what", "happens", "say", "with", "apart", "help", "answer", "ask"),
    (Reader.older, News.changed): ("say", "apart", "help", "answer", "ask"),
    (Reader.older, News.cancelled): ("ask",),
    (Reader.older, News.tomorrow): ("say", "apart", "ask"),
    (Reader.older, News.paper): ("read", "ask"),
    (Reader.younger, News.invited): ("what", "say", "with", "apart", "help", "answer", "ask"),
    (Reader.younger, News.changed): ("say", "apart", "answer", "ask"),
    (Reader.younger, News.cancelled): ("ask",),
    (Reader.younger, News.tomorrow): ("say", "apart", "ask"),
    (Reader.younger, News.paper): ("read", "ask"),
}
"""What a letter answers, in its order.

The thresholds (`agreed`) are linked where the letter says what the meeting is, so to adults of the family: a supporter's and that of
a paper say it nowhere, since a mailbox is shared; they are written for adults, and a child is told the same by a leaflet.
"""


OVER = frozenset({News.cancelled, News.paper})
"""News of a meeting that nobody is arranging any more."""

SUBJECTS = {News.tomorrow: "subject.day_before", News.paper: "subject.paper"}
"""Of those without a calendar object."""


def reader_of_child(born_on: dt.date | None, day: dt.date, from_age: int) -> Reader:
    """Which of the two letters a child of that age gets on that day; the simpler one where the age is not known."""
    if born_on is None:
        return Reader.younger
    return Reader.older if age(born_on, day) >= from_age else Reader.younger


def subject(letter: FamilyLetter) -> str:
    """As neutral as every subject."""
    key = SUBJECTS.get(letter.news, f"calendar.subject.{letter.news}")
    return "Siwrnai: " + " / ".join(say(key, each) for each in letter.languages)


def compose(letter: FamilyLetter) -> tuple[Sheet, ...]:
    """The letter in its language, or in both with Welsh first."""
    return tuple(_sheet(letter, each) for each in letter.languages)


def _sheet(letter: FamilyLetter, language: Language) -> Sheet:
    told = SECTIONS[letter.reader, letter.news]
    return Sheet(
        language=language,
        heading=say(f"family.heading.{letter.reader}.{letter.news}", language),
        intro=say(f"family.intro.{letter.reader}.{letter.news}", language),
        rows=tuple(_rows(letter, language)),
        sections=tuple(_section(name, letter, language) for name in told if _is_told(name, letter)),
        leaflets_title=say("family.label.leaflets", language),
        leaflets=leaflets_for(letter.kind, letter.reader.is_child, language) if _has_leaflets(letter) else (),
    )


def _rows(letter: FamilyLetter, language: Language) -> Iterator[tuple[str, str]]:
    if letter.news is News.paper:  # A mailbox is shared: neither which meeting it was nor when.
        return
    # A supporter is told by whom they support; a young child needs no name for it.
    if letter.kind is not None and letter.reader in {Reader.adult, Reader.older}:
        if letter.writes is not None:
            yield say("family.label.writes", language), letter.writes.in_(language)
        yield say("family.label.meeting", language), wording.meeting(letter.kind, language)
    yield say("family.label.starts", language), words.instant(letter.starts, language)
    if letter.news is News.cancelled:
        return
    if letter.ends is not None:
        yield say("family.label.ends", language), words.instant(letter.ends, language)
    yield say("family.label.place", language), letter.place or say(f"family.place_told.{letter.reader}", language)


def _is_told(name: str, letter: FamilyLetter) -> bool:
    if name == "reports":
        return letter.kind in CONFERENCES
    if name == "agreed":
        return letter.thresholds is not None
    return name != "apart" or letter.apart


def _has_leaflets(letter: FamilyLetter) -> bool:
    return letter.news is News.invited and letter.reader is not Reader.supporter


def _section(name: str, letter: FamilyLetter, language: Language) -> Section:
    title = _first(f"family.title.{letter.reader}.{name}", f"family.title.any.{name}")
    links: tuple[tuple[str, str], ...] = ()
    if name == "read" and letter.link is not None:
        links = ((say("family.link.read", language), letter.link.in_(language)),)
    if name == "answer" and letter.link is not None:
        links = ((say("family.link.child" if letter.reader.is_child else "family.link.any", language), letter.link.in_(language)),)
    if name == "agreed" and letter.thresholds is not None:
        links = ((say("family.link.agreed", language), letter.thresholds.in_(language)),)
    said = say(_key(name, letter), language, who=letter.asked_by)
    if name == "ask" and letter.telephone is not None:
        said += "\n\n" + say("family.ring.any", language, telephone=letter.telephone)
    return Section(say(title, language), tuple(each.strip() for each in said.strip().split("\n\n")), links)


def _key(name: str, letter: FamilyLetter) -> str:
    """Which words: of this kind of meeting, of conferences, or of any."""
    if name == "answer":
        name = "answer_paper" if letter.link is None else "answer_page"
    if name == "why" and letter.link is not None and letter.kind in CONFERENCES:
        name = "why_page"
    if name == "ask" and letter.asked_by is None:
        name = "ask_nobody"
    if name == "ask" and letter.news in OVER:
        name = "ask_after"
    here = f"family.{name}.{letter.reader}"
    conference = [f"{here}.conference"] if letter.kind in CONFERENCES else []
    return _first(f"{here}.{letter.kind}", *conference, f"{here}.any", here)


def _first(*keys: str) -> str:
    """The first key that has words.

    Raises:
        KeyError: none has.
    """
    for key in keys:
        if knows(key):
            return key
    raise KeyError(keys)
