"""The page that says why a conference is held: `/answer/<signed link>/why`, and nothing there without the code that was given another way.

No cookie, no session: the words stand in the answer to the code, which no browser keeps. A link alone opens nothing, since links are
forwarded and mailboxes are shared.
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from schemas.outlines import OutlineRead, Tried
from web.answering import Outlines
from web.forms import read_fields
from web.rendering import invitation_page
from web.visits import Visit, Visits

LOOK = ["GET", "HEAD"]

CODE_FORM = 2048
"""Bytes of the form."""

DIGITS = 8

STATUS = {Tried.wrong: 422, Tried.locked: 403, Tried.no_code: 403}


def add_outlines(application: FastAPI, outlines: Outlines, visits: Visits) -> None:
    """The page, beside those of answers."""
    pages = OutlinePages(outlines, visits)
    path = "/answer/{token}/why"
    application.add_api_route(path, pages.look, methods=LOOK, name="outline_asked")
    application.add_api_route(path, pages.read, methods=["POST"], name="outline_tried")


class OutlinePages:
    """The form for the code, and what it opens."""

    def __init__(self, outlines: Outlines, visits: Visits) -> None:
        self._outlines, self._visits = outlines, visits

    async def look(self, request: Request) -> Response:
        """The empty form."""
        return _asked(await self._visit(request))

    async def read(self, request: Request) -> Response:
        """What the code opens. What cannot be a code is not tried."""
        visit = await self._visit(request)
        code = code_in(await read_fields(request, CODE_FORM, 5))
        if code is None:
            return _asked(visit, no_code_typed=True)
        found = await self._outlines.read(visit.invitee, code, visit.now)
        if found.tried is Tried.opened:
            return invitation_page("outline_read", visit, children=found.children)
        return _asked(visit, found)

    async def _visit(self, request: Request) -> Visit:
        visit = await self._visits.of(request)
        if not visit.seen.outline:
            raise HTTPException(404)
        return visit


def code_in(fields: Mapping[str, str]) -> str | None:
    """The code that was typed; none where it cannot be one."""
    code = "".join(each for each in fields.get("code", "") if each not in " -")
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else None


def _asked(visit: Visit, found: OutlineRead | None = None, *, no_code_typed: bool = False) -> Response:
    status = 200 if found is None else STATUS[found.tried]
    tried = None if found is None else found.tried.value
    left = 0 if found is None else found.left
    return invitation_page("outline", visit, status=422 if no_code_typed else status, tried=tried, left=left, no_code_typed=no_code_typed)
