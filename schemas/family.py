"""The family of a child, as the record keeps it sealed: who they are, how they may safely be reached, and what they need."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from schemas.base import FreeText, Identifier, Model
from schemas.calendars import Line, Mailbox
from schemas.clocks import Language


class Relation(StrEnum):
    """Who somebody is to the child."""

    child = "child"
    """The child itself."""
    parent = "parent"
    carer = "carer"
    supporter = "supporter"
    """Somebody whom a parent brings along."""


class Way(StrEnum):
    """The way in which somebody may safely be written to. A letter that the wrong person opens can cost more than one that comes late."""

    email = "email"
    post = "post"
    by_hand = "by_hand"
    """The social worker hands the letter over."""
    none = "none"
    """No way is safe: the social worker tells."""


class Need(StrEnum):
    """What is booked with the date, so that somebody can take part."""

    interpreter = "interpreter"
    bsl = "bsl"
    """British Sign Language."""
    easy_read = "easy_read"
    large_print = "large_print"
    other = "other"


class FamilyFacts(Model):
    """What is on record of one person of a child's family, or who stands by it."""

    relation: Relation = Field(description="To this child.")
    name: Line = Field(description="The person's name.")
    language: Language | None = Field(default=None, description="Welsh or English; without it both.")
    way: Way = Field(description="The safe way to reach them: email, post, by_hand (the social worker hands it over), none.")
    email: Mailbox | None = Field(default=None, description="Where mail may go.")
    address: FreeText | None = Field(default=None, description="Where post may go.")
    need: tuple[Need, ...] = Field(default=(), description="What they need to take part; may be given several times.")
    need_detail: Line | None = Field(default=None, description="More about that: the interpreter's language, for instance.")
    apart: bool = Field(default=False, description="Attends at a separate time.")
    gone: bool = Field(default=False, description="Is not to be invited any more.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.way is Way.email and self.email is None:
            raise ValueError("whoever is reached by email needs an address: give --email, or another way")
        if self.way is Way.post and self.address is None:
            raise ValueError("whoever is reached by post needs an address: give --address, or another way")
        if self.relation is Relation.child and self.way is Way.post:
            raise ValueError("a child's letter is handed over, never posted home: way by_hand")
        return self


class FamilyMember(FamilyFacts):
    """That, with who it is."""

    person: Identifier
    """Opaque: the same for each child of the family."""


CAREFUL = (Way.email, Way.post, Way.by_hand, Way.none)
"""From the way that most people could come across to the one that nobody can."""


def together(entries: Sequence[FamilyMember]) -> FamilyMember:
    """What is known of one person of whom the records of several siblings tell, the latest entry last.

    Where they differ the most careful way counts, and all that any of them says is needed.
    """
    last = max(range(len(entries)), key=lambda at: (CAREFUL.index(entries[at].way), at))
    need = tuple(dict.fromkeys(need for each in entries for need in each.need))
    return entries[last].model_copy(update={"need": need, "apart": any(each.apart for each in entries)})


class Reach(NamedTuple):
    """What a meeting needs to know of somebody of the family: no name, no address."""

    way: Way
    needs: bool = False
    apart: bool = False
