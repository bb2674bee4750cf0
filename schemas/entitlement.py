"""Who may be told what of a child: what is hidden from whom, and the kinds of fact that an output can tell."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from schemas.base import Identifier, Instant, Model


class Hidden(StrEnum):
    """What is hidden from somebody."""

    everything = "everything"
    """That person is told nothing about this child."""
    address = "address"
    """Where the child lives, and all that would betray it."""


class Because(StrEnum):
    """Why it is hidden."""

    source_of_harm = "source_of_harm"
    """The alleged source of harm."""
    bail = "bail"
    injunction = "injunction"
    police_embargo = "police_embargo"
    conflict_of_interest = "conflict_of_interest"
    """A professional who is family, or close to it."""
    not_yet = "not_yet"
    """To be told later, as of a pregnancy."""
    other = "other"


class Fact(StrEnum):
    """What an output tells of a child, or lets its reader work out."""

    case = "case"
    """That there is a journey or a meeting at all."""
    venue = "venue"
    """Where a meeting is held."""
    invitees = "invitees"
    """Who else is invited, or works with the child."""
    address = "address"
    agencies = "agencies"
    """School, nursery, practice."""
    report = "report"
    """What an agency says of the child."""
    outline = "outline"
    """The reason for conference and the conclusion of the section 47 enquiries."""
    decision = "decision"
    plan = "plan"


class Restriction(Model):
    """One person from whom something of one child is hidden."""

    person: Identifier
    hidden: Hidden
    because: Because
    since: Instant


class Rights(NamedTuple):
    """What one child's journey says of who may be told."""

    told_nothing: frozenset[Identifier] = frozenset()
    """Allegations against professionals, and restrictions of everything."""
    hidden: Mapping[Identifier, frozenset[Hidden]] = {}
    """By person: of this child, and what brothers and sisters share with it (an address)."""

    @property
    def anybody(self) -> bool:
        """True where anything is hidden from anybody."""
        return bool(self.told_nothing or self.hidden)
