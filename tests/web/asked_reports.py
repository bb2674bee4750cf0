"""Reports kept in memory: enough to see what the pages themselves do."""

import datetime as dt
from dataclasses import dataclass, field

from schemas.answering import Gone, InBoth, Refused, Taken
from schemas.reporting import ChildAsked, NotSaved, Reader, ReportsSeen, Saved, Whose
from schemas.reports import ReportWords, Section
from tests.web.invitations import BEGINS, CHAIR, CONTACT, ENGLISH, WELSH

MEETING = "m-1"
CODE = "23456789ab"
AGENCY = (Section.work, Section.harm, Section.impact, Section.change, Section.known_how, Section.strengths, Section.voice)
ELA, TOMOS = "c-ela", "c-tomos"
MOTHER, FATHER = "i-mother", "i-father"
THRESHOLDS = {"cy": "https://trothwyon.enghraifft.example/", "en": "https://thresholds.enghraifft.example/"}


def asked(child: str, initials: str, **known: object) -> ChildAsked:
    """A report that is asked for."""
    label = InBoth(cy=f"{initials} (12 oed, {child})", en=f"{initials} (aged 12, {child})")
    due = dt.datetime(2027, 1, 5, 23, 59, 59, tzinfo=dt.UTC)
    return ChildAsked.model_validate({"child": child, "label": label, "due": due, "sections": AGENCY, "fewest_words": 4, **known})


def reports(language: str) -> ReportsSeen:
    """Two children, of whose parents one may be kept from reading a section."""
    readers = (
        Reader(id=MOTHER, label=InBoth(cy="rhiant (S. P.)", en="parent (S. P.)")),
        Reader(id=FATHER, label=InBoth(cy="rhiant (D. P.)", en="parent (D. P.)")),
    )
    return ReportsSeen.model_validate(
        {
            "language": language, "begins": BEGINS, "asked_by": CHAIR, "contact": CONTACT, "readers": readers,
            "children": (asked(ELA, "E. P."), asked(TOMOS, "T. P.")),
        }
    )  # fmt: skip


@dataclass
class KeptReports:
    """What is asked for by invitee, every report that was given, and the drafts."""

    seen: dict[str, ReportsSeen | Gone] = field(default_factory=lambda: {WELSH: reports("cy"), ENGLISH: reports("en")})
    given: list[tuple[Whose, ReportWords]] = field(default_factory=lambda: [])
    drafts: dict[tuple[Whose, str], ReportWords] = field(default_factory=lambda: {})
    """By their codes."""
    opened: list[str] = field(default_factory=lambda: [])
    refuse: bool = False
    left: bool = False
    """Whoever was written to is not in the directory any more."""

    async def look(self, meeting: str, invitee: str) -> ReportsSeen | Gone | None:
        """What is kept of that invitee."""
        return self.seen.get(invitee) if meeting == MEETING else None

    async def draft(self, whose: Whose, code: str) -> ReportWords | None:
        """With its code alone."""
        return self.drafts.get((whose, code))

    async def save(self, whose: Whose, words: ReportWords, code: str) -> Saved | NotSaved:
        """Keep it, beside another whose code is not given."""
        if self.refuse:
            return NotSaved(why="full")
        there = sum(each == whose for each, _ in self.drafts)
        same = (whose, code) in self.drafts
        code = code if same else f"{CODE}{there or ''}"
        self.drafts[whose, code] = words
        self._change(whose, has_draft=True)
        return Saved(code, beside=not same and there > 0)

    async def give(self, whose: Whose, words: ReportWords, at: dt.datetime, code: str = "") -> Taken | Refused:
        """Keep it."""
        if self.refuse or self.left:
            return Refused(why="left" if self.left else "gone")
        self.given.append((whose, words))
        self.drafts.pop((whose, code), None)
        thin = tuple(each for each in AGENCY if len(words.words(each).split()) < 4)
        self._change(whose, given_at=at, thin=thin, has_draft=any(each == whose for each, _ in self.drafts), returned=())
        return Taken()

    async def thresholds(self, meeting: str, invitee: str, language: str | None, *, counted: bool) -> str | None:
        """Counted by invitee."""
        if meeting != MEETING or invitee not in self.seen:
            return None
        if counted:
            self.opened.append(invitee)
        seen = self.seen[invitee]
        return THRESHOLDS[language or seen.language]

    def change(self, invitee: str, child: str, **known: object) -> None:
        """As something is now."""
        self._change(Whose(MEETING, invitee, child), **known)

    def _change(self, whose: Whose, **known: object) -> None:
        seen = self.seen[whose.invitee]
        assert isinstance(seen, ReportsSeen)
        children = tuple(each.model_copy(update=known) if each.child == whose.child else each for each in seen.children)
        self.seen[whose.invitee] = seen.model_copy(update={"children": children})


def which(child: str) -> str:
    """What names that child in addresses."""
    return asked(child, "").which
