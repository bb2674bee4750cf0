"""From an order of the post, or an invitee, to a family's letter: who reads it, and what it tells. Pure."""

import datetime as dt
from typing import NamedTuple

from correspondence.family.letters import News, Reader, reader_of_child
from procedures.times import local
from schemas.base import Instant
from schemas.calendars import Method
from schemas.letter_facts import LetterFacts
from schemas.letters import LetterKind

CHILDREN = frozenset({"child_where_appropriate", "child_or_advocate"})
"""Parts in which a child is invited."""

TOLD = frozenset({LetterKind.invitation, LetterKind.day_before, LetterKind.paper})
"""What a family is sent. It is never chased."""


class Age(NamedTuple):
    """What says how old a child is on the day of the meeting, and from which age its letter is the longer one."""

    born_on: dt.date | None
    """None where it is not known: then the simpler one."""
    starts: Instant
    from_age: int


def reader(part: str, child: Age | None = None) -> Reader:
    """For whom it is worded. A child who is written to by mail, whose age the post does not know, has a mailbox of its own: the longer letter.

    Args:
        part: in which this person is invited.
        child: where that person is the child, and its age counts.
    """
    if part == "supporter":
        return Reader.supporter
    if part not in CHILDREN:
        return Reader.adult
    return Reader.older if child is None else reader_of_child(child.born_on, local(child.starts).date(), child.from_age)


def news(kind: LetterKind, facts: LetterFacts) -> News:
    """What the order tells of the meeting."""
    if kind is LetterKind.day_before:
        return News.tomorrow
    if kind is LetterKind.paper:
        return News.paper
    if facts.method is Method.cancel:
        return News.cancelled
    return News.changed if facts.sequence else News.invited
