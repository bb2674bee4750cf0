"""Who comes through a link, and to what."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

from correspondence.catalogue import LANGUAGES
from schemas.answering import Contact, Gone, InvitationSeen
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from web.answering import Invitations
from web.links import Expired, Forged, Links, of_meeting

_CHOICES: Mapping[str, Language] = {language: language for language in LANGUAGES}


def real_time() -> Instant:
    """Now."""
    return dt.datetime.now(dt.UTC)


Otherwise = TypeVar("Otherwise", Language, None)


def chosen(request: Request, otherwise: Otherwise) -> Language | Otherwise:
    """The language that the reader chose on a page, else the other."""
    return _CHOICES.get(request.query_params.get("lang", ""), otherwise)


class Visit(NamedTuple):
    """Somebody with a good link to an invitation that can be answered."""

    invitee: Identifier
    seen: InvitationSeen
    language: Language
    path: str
    """Of the invitation's page."""
    thresholds: str
    """Their path, counted for this invitee."""
    now: Instant


class Ended(Exception):
    """The link is good, or was, and there is nothing to answer through it any more."""

    def __init__(self, key: str, contact: Contact, language: Language) -> None:
        super().__init__(key)
        self.key = key
        """`expired`, or why the invitation is gone."""
        self.contact = contact
        self.language: Language = language


class Shown(Protocol):
    """What a page shows of somebody, which says in which language and whom they can call."""

    @property
    def language(self) -> Language: ...

    @property
    def contact(self) -> Contact: ...


Seen = TypeVar("Seen", bound=Shown)


class Through(NamedTuple, Generic[Seen]):
    """What a good link leads to."""

    token: str
    id: Identifier
    """That the link holds."""
    seen: Seen
    language: Language
    """That the reader chose on a page, else the invitee's."""


async def through(
    request: Request, links: Links, now: Instant, look: Callable[[Identifier], Awaitable[Seen | Gone | None]], ended: str | None = None
) -> Through[Seen]:
    """Read the link of a request, and look up what it leads to.

    Args:
        request: whose path holds the token.
        links: of that purpose.
        now: at which it must be good.
        look: finds what it leads to, by the id in it; none where nobody has that id.
        ended: what is said where it leads nowhere any more; without it why the invitation is gone, or that the link has expired.

    Raises:
        HTTPException: 404, where the link is forged or nobody has that id.
        Ended: the link has expired, or what it led to is gone.
    """
    token = str(request.path_params["token"])
    try:
        id, expired = links.read(token, now), False
    except Expired as error:
        id, expired = error.invitee, True
    except Forged:
        raise HTTPException(404) from None
    seen = await look(id)
    if seen is None:
        raise HTTPException(404)
    language = chosen(request, seen.language)
    if isinstance(seen, Gone):
        raise Ended(ended or seen.why, seen.contact, language)
    if expired:
        raise Ended(ended or "expired", seen.contact, language)
    return Through(token, id, seen, language)


class Visits:
    """Reads links and looks invitations up."""

    def __init__(self, invitations: Invitations, links: Links, now: Callable[[], Instant]) -> None:
        self._invitations = invitations
        self._links = links
        self._now = now

    async def of(self, request: Request) -> Visit:
        """Whose link this is.

        Raises:
            HTTPException: 404, where the link is forged or nobody has that id.
            Ended: the link has expired, or the invitation is gone.
        """
        now = self._now()
        token, invitee, seen, language = await through(request, self._links, now, self._invitations.look)
        thresholds = self._links.on_to_thresholds(token, of_meeting(seen.meeting, invitee))
        return Visit(invitee, seen, language, f"/answer/{token}", thresholds, now)
