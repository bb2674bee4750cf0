"""The pages by which an invitee answers: `/answer/<signed link>`. Looking changes nothing, since mail scanners open links; answers are posted.

No cookie, no session: the link in the path is all that says who answers. A page of somebody else's cannot post in the reader's name,
since it does not know the link, and the browser adds nothing by itself.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from schemas.answering import Answer, InvitationSeen, Refused
from schemas.base import Instant
from web import forms
from web.answering import Invitations, Outlines, Papers
from web.forms import CHANGED, REASON_NEEDED, Problem, Typed, Unreadable
from web.guard import Guard
from web.links import Links
from web.outline import add_outlines
from web.papers import add_papers
from web.rendering import STYLE, STYLE_PATH, ended_page, form_page, invitation_page, plain_page
from web.reporting import Reports
from web.reports import add_reports
from web.visits import Ended, Visit, Visits, real_time

LOOK = ["GET", "HEAD"]

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own would put paths into spans, and a path holds a link."""


class Form(NamedTuple):
    """One of the two forms."""

    name: str
    """Of its template."""
    path: str
    """After the invitation's."""
    answer: Callable[[Typed, InvitationSeen, Instant], Answer | list[Problem]]


FORMS = (Form("invitation", "", forms.answered), Form("another_time", "/another-time", forms.proposed))


def pages(  # noqa: PLR0913  (the ports that the pages are joined to)
    invitations: Invitations,
    links: Links,
    *,
    tls: bool,
    reports: Reports | None = None,
    outlines: Outlines | None = None,
    papers: Papers | None = None,
    now: Callable[[], Instant] = real_time,
) -> ASGIApp:
    """The application. `tls` says that people reach it over https."""
    application = FastAPI(openapi_url=None, telemetry=NO_TELEMETRY)
    visits = Visits(invitations, links, now)
    answering = Answering(invitations, visits)
    for form in FORMS:
        path = f"/answer/{{token}}{form.path}"
        application.add_api_route(path, partial(answering.look, form), methods=LOOK, name=f"{form.name}_seen")
        application.add_api_route(path, partial(answering.answer, form), methods=["POST"], name=f"{form.name}_answered")
    if reports is not None:
        add_reports(application, reports, links, now)
    if outlines is not None:
        add_outlines(application, outlines, visits)
    if papers is not None:
        add_papers(application, papers, links, now)
    application.add_api_route("/answer/{token}/answered", answering.answered, methods=LOOK, name="answer_seen")
    application.add_api_route("/", home, methods=LOOK, name="home")
    application.add_api_route(STYLE_PATH, style, methods=LOOK, name="style")
    application.add_api_route("/health", health, methods=LOOK, name="health")
    for error, page in ((Ended, _ended), (HTTPException, _refused), (Unreadable, _unreadable), (Exception, _failed)):
        application.add_exception_handler(error, page)
    return Guard(application, tls=tls)


class Answering:
    """The pages of an invitation."""

    def __init__(self, invitations: Invitations, visits: Visits) -> None:
        self._invitations = invitations
        self._visits = visits

    async def look(self, form: Form, request: Request) -> Response:
        """The empty form."""
        return _asked(form, await self._visits.of(request), Typed(), ())

    async def answer(self, form: Form, request: Request) -> Response:
        """Take what was typed, and go on to its confirmation; or show it again with what is wrong, and nothing has changed."""
        visit, typed = await self._visits.of(request), await forms.read_form(request)
        answer = form.answer(typed, visit.seen, visit.now)
        if isinstance(answer, list):
            return _asked(form, visit, typed, answer)
        outcome = await self._invitations.answer(visit.invitee, answer)
        if isinstance(outcome, Refused):
            return _asked(form, await self._visits.of(request), typed, [REASON_NEEDED if outcome.why == "reason_needed" else CHANGED])
        return RedirectResponse(f"{visit.path}/answered?lang={visit.language}", 303)

    async def answered(self, request: Request) -> Response:
        """The confirmation of the answer that stands."""
        visit = await self._visits.of(request)
        if visit.seen.answered is None:
            return RedirectResponse(f"{visit.path}?lang={visit.language}", 303)
        return invitation_page("answered", visit)


def _asked(form: Form, visit: Visit, typed: Typed, problems: Sequence[Problem]) -> Response:
    return form_page(form.name, visit, typed, problems, forms.values(typed, visit.now, visit.language))


async def style() -> Response:
    """The style sheet. Its name changes with its content."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def home() -> Response:
    """What this is, for somebody who comes without a link; nothing can be done here."""
    return plain_page("home", 200)


async def health() -> Response:
    """That this process answers; for whoever watches it."""
    return PlainTextResponse("ok\n")


async def _ended(_: Request, error: Exception) -> Response:
    assert isinstance(error, Ended)  # noqa: S101 - for the type: it is the handler of this alone.
    return ended_page(error.key, error.contact, error.language)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above.
    response = plain_page("unknown" if error.status_code == 404 else "unreadable", error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _unreadable(_: Request, __: Exception) -> Response:
    return plain_page("unreadable", 400)


async def _failed(_: Request, __: Exception) -> Response:
    return plain_page("failed", 500)
