"""An agency's report on one child to a meeting: its sections, with whom each may be shared, and where the report stands."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import FreeTextMarker, Identifier, Instant, Model
from schemas.commands.base import ThresholdElement


class Section(StrEnum):
    """What a report tells of one child. None of them asks for a view on registration: each practitioner gives that at the conference."""

    work = "work"
    chronology = "chronology"
    harm = "harm"
    impact = "impact"
    change = "change"
    known_how = "known_how"
    strengths = "strengths"
    voice = "voice"
    gaps = "gaps"


SECTION_LIMIT = 20_000
"""The longest section, in characters."""

SectionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SECTION_LIMIT), FreeTextMarker()]
"""A section as it is given."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=SECTION_LIMIT)]


class Kept(Model):
    """A section that one person of the family is not to read."""

    section: Section
    person: Identifier
    """The invitee's id at the meeting."""


class ReportWords(Model):
    """What an agency wrote about one child. Kept sealed under that child's key, and nowhere else."""

    sections: dict[Section, Words] = {}
    threshold: ThresholdElement | None = None
    """The element of the threshold that the author finds met."""
    kept: tuple[Kept, ...] = ()
    """Sections not to be shared with somebody; everything else may be."""

    def words(self, section: Section) -> str:
        """What was written there; nothing where it was left out."""
        return self.sections.get(section, "")

    def for_(self, person: Identifier) -> "ReportWords":
        """What that person of the family may read."""
        hidden = {each.section for each in self.kept if each.person == person}
        return ReportWords(sections={each: words for each, words in self.sections.items() if each not in hidden}, threshold=self.threshold)


class ReportGiven(Model):
    """The report that counts: the latest that was given."""

    at: Instant
    by: Identifier
    words: str
    """A reference to the words in the record."""
    late: bool = False
    """After it was due."""
    thin: tuple[Section, ...] = ()
    """Sections left empty or very short: said to the author before it was sent."""


class ReportReturned(Model):
    """The chair asked for more."""

    at: Instant
    missing: tuple[Section, ...]


class ReportAsked(Model):
    """One agency's report on one child."""

    invitee: Identifier
    """Who owes it, by the id at the meeting."""
    child: Identifier
    due: Instant
    asked_at: Instant
    to: Identifier
    """The person who was written to: in school holidays the agency's holiday contact."""
    reminded: bool = False
    chased: int = 0
    given: ReportGiven | None = None
    returned: ReportReturned | None = None
    """Until it is given again."""
    returns: int = Field(default=0, ge=0)
    """How many times the chair returned it."""

    @property
    def outstanding(self) -> bool:
        """True while the author owes something: nothing was given, or what was given came back."""
        return self.given is None or self.returned is not None


class ReportsShown(Model):
    """The parents of a child, or one of them, have the reports."""

    child: Identifier
    at: Instant
    invitee: Identifier | None = None
    """The one who has them; without it the parents, as somebody recorded."""
