"""What the page for reports needs of whoever keeps them: the port that an implementation joins to the record."""

from typing import Protocol

from schemas.answering import Gone, Refused, Taken
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.reporting import NotSaved, ReportsSeen, Saved, Whose
from schemas.reports import ReportWords


class Reports(Protocol):
    """Reports that are asked for, each of one invitee on one child to one meeting."""

    async def look(self, meeting: Identifier, invitee: Identifier) -> ReportsSeen | Gone | None:
        """What is asked for, and where it stands; none where nobody has that id. Changes nothing: mail scanners look as well."""
        ...

    async def draft(self, whose: Whose, code: str) -> ReportWords | None:
        """The draft that was saved; none where that is not its code, or too many were tried."""
        ...

    async def save(self, whose: Whose, words: ReportWords, code: str) -> Saved | NotSaved:
        """Keep a draft, and give the code that opens it: the one that was named where that is right, else one of its own beside any other."""
        ...

    async def give(self, whose: Whose, words: ReportWords, at: Instant, code: str = "") -> Taken | Refused:
        """Take the report, however late or thin; the draft with that code goes."""
        ...

    async def thresholds(self, meeting: Identifier, invitee: Identifier, language: Language | None, *, counted: bool) -> str | None:
        """Where the thresholds are read in that language, else in the invitee's; counted or not. None where nobody has that id."""
        ...
