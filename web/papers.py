"""The page with what people get after a conference: `/papers/<signed link>`, and nothing there without the code that was given another way.

As with the reason for a conference: no cookie, no session; the words stand in the answer to the code alone, which no browser keeps.
"""

from collections.abc import Callable
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import Response

from correspondence.papers import compose
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.outlines import Tried
from schemas.papers import PapersRead, PapersSeen
from web.answering import Papers
from web.forms import read_fields
from web.links import PAPERS, Links, of_meeting
from web.outline import CODE_FORM, LOOK, STATUS, code_in
from web.rendering import papers_page
from web.visits import through


class PapersVisit(NamedTuple):
    """Somebody with a good link to papers that can be read."""

    invitee: Identifier
    seen: PapersSeen
    language: Language
    path: str
    thresholds: str
    """Their path, counted for this invitee."""
    now: Instant


def add_papers(application: FastAPI, papers: Papers, links: Links, now: Callable[[], Instant]) -> None:
    """The page, beside those of answers."""
    pages = PaperPages(papers, links, now)
    application.add_api_route("/papers/{token}", pages.look, methods=LOOK, name="papers_asked")
    application.add_api_route("/papers/{token}", pages.read, methods=["POST"], name="papers_tried")


class PaperPages:
    """The form for the code, and what it opens."""

    def __init__(self, papers: Papers, links: Links, now: Callable[[], Instant]) -> None:
        self._papers, self._links, self._now = papers, links.for_(PAPERS), now

    async def look(self, request: Request) -> Response:
        """The empty form."""
        return _asked(await self._visit(request))

    async def read(self, request: Request) -> Response:
        """What the code opens. What cannot be a code is not tried."""
        visit = await self._visit(request)
        code = code_in(await read_fields(request, CODE_FORM, 5))
        if code is None:
            return _asked(visit, no_code_typed=True)
        found = await self._papers.read(visit.invitee, code, visit.language, visit.now)
        if found.tried is Tried.opened:
            return papers_page("papers_read", visit, sheets=compose(found.papers, visit.language))
        return _asked(visit, found)

    async def _visit(self, request: Request) -> PapersVisit:
        now = self._now()
        token, invitee, seen, language = await through(request, self._links, now, self._papers.look, ended="papers")
        thresholds = self._links.on_to_thresholds(token, of_meeting(seen.meeting, invitee))
        return PapersVisit(invitee, seen, language, f"/papers/{token}", thresholds, now)


def _asked(visit: PapersVisit, found: PapersRead | None = None, *, no_code_typed: bool = False) -> Response:
    status = 200 if found is None else STATUS[found.tried]
    tried = None if found is None else found.tried.value
    left = 0 if found is None else found.left
    return papers_page("papers", visit, status=422 if no_code_typed else status, tried=tried, left=left, no_code_typed=no_code_typed)
