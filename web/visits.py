"""Who comes through a link, and to what."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

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


class Visits:
    """Reads links and looks invitations up."""

    def __init__(self, invitations: Invitations, links: Links, now: Callable[[], Instant]) -> None:
        self._invitations = invitations
        self._links = links
        self._now = now

    async def of(self, request: Request) -> Visit:
        """Whose link this is, in the language that the reader chose on a page, else the invitee's.

        Raises:
            HTTPException: 404, where the link is forged or nobody has that id.
            Ended: the link has expired, or the invitation is gone.
        """
        token, now = str(request.path_params["token"]), self._now()
        try:
            invitee, expired = self._links.read(token, now), False
        except Expired as error:
            invitee, expired = error.invitee, True
        except Forged:
            raise HTTPException(404) from None
        seen = await self._invitations.look(invitee)
        if seen is None:
            raise HTTPException(404)
        language = chosen(request, seen.language)
        if isinstance(seen, Gone):
            raise Ended(seen.why, seen.contact, language)
        if expired:
            raise Ended("expired", seen.contact, language)
        thresholds = self._links.on_to_thresholds(token, of_meeting(seen.meeting, invitee))
        return Visit(invitee, seen, language, f"/answer/{token}", thresholds, now)
