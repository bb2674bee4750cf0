"""Papers kept in memory, with one code: enough to see what the page itself does."""

import datetime as dt
from dataclasses import dataclass

from schemas.answering import Gone, InBoth
from schemas.base import Instant
from schemas.clocks import Language
from schemas.commands.base import Harm, PlanLine
from schemas.outlines import Tried
from schemas.papers import ChildPaper, Decided, Paper, PaperDate, PaperSection, PapersRead, PapersSeen
from tests.web.invitations import CONTACT
from tests.web.kept_outlines import ADDRESS

CODE = "12345678"
WELSH, ENGLISH, CLOSED = "reader-cy", "reader-en", "reader-gone"

DUE = dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


DECIDED = Decided(
    on=dt.date(2026, 12, 15),
    decision="register",
    categories=(Harm.emotional, Harm.neglect),
    dates=(PaperDate(clock="core_group_first", due=DUE),),
)


def child_paper(language: Language, **more: object) -> ChildPaper:
    """An outline plan, written in English alone."""
    made = {
        "label": InBoth(cy="E. P. (11 oed, c-1)", en="E. P. (aged 11, c-1)"),
        "paper": Paper.outline_plan,
        "decided": DECIDED,
        "sections": {PaperSection.reasons: f"Why.\n\n<b>Second</b> line.\n\n{ADDRESS}", PaperSection.contingency: "Mari calls the police."},
        "plan": (PlanLine(change_needed="Breakfast each day.", sign_of_change="He eats at home.", who_helps="Mari Lloyd", by_when=DUE),),
        "written_in": None if language == "en" else "en",
        **more,
    }  # fmt: skip
    return ChildPaper.model_validate(made)


@dataclass
class KeptPapers:
    """Opens with the code; five wrong ones lock it."""

    wrong: int = 0

    async def look(self, invitee: str) -> PapersSeen | Gone | None:
        """What is kept of that reader."""
        if invitee == CLOSED:
            return Gone(language="cy", why="withdrawn", contact=CONTACT)
        languages: dict[str, Language] = {WELSH: "cy", ENGLISH: "en"}
        return PapersSeen(meeting="m-1", language=languages[invitee], contact=CONTACT) if invitee in languages else None

    async def read(self, invitee: str, code: str, language: Language, now: Instant) -> PapersRead:
        """What the code opens."""
        if self.wrong >= 5:
            return PapersRead(tried=Tried.locked)
        if code == CODE:
            bare = child_paper(language, sections={}, plan=(), told_by_worker=True, written_in=None)
            return PapersRead(tried=Tried.opened, papers=(child_paper(language), bare))
        self.wrong += 1
        return PapersRead(tried=Tried.wrong if self.wrong < 5 else Tried.locked, left=5 - self.wrong)
