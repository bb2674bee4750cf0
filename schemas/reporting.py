"""What the page for giving reports sees. It names nobody: a child stands there by initials, age and reference, to be told from its siblings."""

from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import Field

from schemas.answering import Contact, InBoth
from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language
from schemas.reports import Section


class Whose(NamedTuple):
    """Whose report it is, on whom, to which meeting."""

    meeting: Identifier
    invitee: Identifier
    child: Identifier


class Saved(NamedTuple):
    """A draft that was kept."""

    code: str
    """Opens it."""
    beside: bool = False
    """An earlier draft was there whose code was not given: it stays as it was, and this one lies beside it."""


class NotSaved(Model):
    """A draft that was not kept."""

    why: Literal["gone", "full"]
    """Nothing can be given any more; or as many drafts as there may be are kept."""


class Reader(Model):
    """Somebody of the family, or who stands by it, from whom a section may be kept."""

    id: Identifier
    """The invitee's at the meeting."""
    label: InBoth
    """The part, with initials."""


class ChildAsked(Model):
    """One child on whom a report is asked for."""

    child: Identifier
    label: InBoth
    due: Instant
    sections: tuple[Section, ...]
    fewest_words: int
    given_at: Instant | None = None
    late: bool = False
    thin: tuple[Section, ...] = ()
    returned: tuple[Section, ...] = ()
    """Of which the chair asks for more; empty unless the report was returned."""
    has_draft: bool = False

    @property
    def which(self) -> str:
        """Names this child in addresses, and is no id of it."""
        return sha256(self.child.encode()).hexdigest()[:16]


class ReportsSeen(Model):
    """What the page may show to whoever holds the link: never the words of a report."""

    language: Language
    """The invitee's."""
    begins: Instant
    asked_by: InBoth
    contact: Contact
    children: tuple[ChildAsked, ...] = Field(min_length=1)
    readers: tuple[Reader, ...] = ()

    def asked(self, child: Identifier) -> ChildAsked | None:
        """On that child; none where no report on it is asked for."""
        return next((each for each in self.children if each.child == child), None)
