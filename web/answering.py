"""What the page of an invitation needs of whoever keeps the meetings: the port that an implementation joins to the record."""

from typing import Protocol

from schemas.answering import Answer, Gone, InvitationSeen, Refused, Taken
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.outlines import OutlineRead
from schemas.papers import PapersRead, PapersSeen


class Invitations(Protocol):
    """Invitations, each of one person to one meeting, by the opaque id of the invitee at that meeting."""

    async def look(self, invitee: Identifier) -> InvitationSeen | Gone | None:
        """What the invitee may see now; none where nobody has that id. Changes nothing: mail scanners look as well."""
        ...

    async def answer(self, invitee: Identifier, answer: Answer) -> Taken | Refused:
        """Keep the answer in place of any earlier one, in one step with the check that the invitation is still of that version."""
        ...


class Outlines(Protocol):
    """Why a conference is held, for whoever is entitled to read it and has the code."""

    async def read(self, invitee: Identifier, code: str, now: Instant) -> OutlineRead:
        """What the code opens; a wrong one counts, and the page is locked after a few."""
        ...


class Papers(Protocol):
    """What people get after a conference, for whoever is entitled to read it and has the code."""

    async def look(self, invitee: Identifier) -> PapersSeen | Gone | None:
        """That something waits for that person; none where nobody has that id. Changes nothing: mail scanners look as well."""
        ...

    async def read(self, invitee: Identifier, code: str, language: Language, now: Instant) -> PapersRead:
        """What the code opens; a wrong one counts, and the page is locked after a few."""
        ...
