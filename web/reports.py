"""The pages by which an agency gives its reports: `/report/<signed link>`, and the redirect to the thresholds that counts its opening.

Looking changes nothing. The words of a report are never shown to whoever only holds the link: links are forwarded, and mailboxes are
shared. A draft opens with the code that was shown when it was saved.
"""

from collections.abc import Callable
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from schemas.answering import Refused
from schemas.base import Instant
from schemas.clocks import Language
from schemas.reporting import ChildAsked, NotSaved, ReportsSeen, Whose
from schemas.reports import ReportWords
from web import report_forms
from web.forms import read_fields
from web.links import REPORT, THRESHOLDS, Expired, Forged, Links, meeting_and_invitee
from web.rendering import report_page
from web.report_forms import Draft, missing, shown, too_long
from web.reporting import Reports
from web.visits import chosen, real_time, through

LOOK = ["GET", "HEAD"]

CODE_FORM = 2048
"""Bytes of the form that opens a draft."""


class Visit(NamedTuple):
    """Somebody with a good link to reports that can be given."""

    meeting: str
    invitee: str
    seen: ReportsSeen
    language: Language
    path: str
    thresholds: str
    now: Instant


def add_reports(application: FastAPI, reports: Reports, links: Links, now: Callable[[], Instant] = real_time) -> None:
    """The pages of reports, beside those of answers."""
    pages = ReportPages(reports, links, now)
    one = "/report/{token}/{which}"
    application.add_api_route("/report/{token}", pages.all, methods=LOOK, name="reports_seen")
    application.add_api_route(one, pages.form, methods=LOOK, name="report_seen")
    application.add_api_route(one, pages.sent, methods=["POST"], name="report_sent")
    application.add_api_route(f"{one}/draft", pages.opened, methods=["POST"], name="draft_opened")
    application.add_api_route(f"{one}/given", pages.given, methods=LOOK, name="report_given")
    application.add_api_route("/thresholds/{token}", pages.thresholds, methods=LOOK, name="thresholds")


class ReportPages:
    """The pages of one invitee's reports."""

    def __init__(self, reports: Reports, links: Links, now: Callable[[], Instant]) -> None:
        self._reports, self._now = reports, now
        self._links, self._thresholds = links.for_(REPORT), links.for_(THRESHOLDS)

    async def all(self, request: Request) -> Response:
        """Every child on whom a report is asked for, and where it stands."""
        return report_page("reports", await self._visit(request))

    async def form(self, request: Request) -> Response:
        """The empty form, and a way to a saved draft."""
        visit = await self._visit(request)
        return _form(visit, _child(request, visit), shown(ReportWords()))

    async def opened(self, request: Request) -> Response:
        """The form with the draft in it, for whoever has its code."""
        visit = await self._visit(request)
        asked = _child(request, visit)
        code = "".join((await read_fields(request, CODE_FORM, 5)).get("code", "").split()).lower()
        words = await self._reports.draft(_whose(visit, asked), code)
        if words is None:
            return _form(visit, asked, shown(ReportWords()), wrong_code=True)
        return _form(visit, asked, shown(words, code))

    async def sent(self, request: Request) -> Response:
        """Save a draft; or say what is missing; or take the report as it is."""
        visit = await self._visit(request)
        asked = _child(request, visit)
        draft = await report_forms.read_report(request, asked, visit.seen)
        if draft.long:
            return _form(visit, asked, draft)
        whose = _whose(visit, asked)
        if draft.do == "draft":
            kept = await self._reports.save(whose, draft.words, draft.code)
            if isinstance(kept, NotSaved):
                return _form(visit, asked, draft, not_saved=kept.why)
            return report_page("report_saved", visit, asked=asked, code=kept.code, beside=kept.beside)
        if draft.do != "send_as_it_is" and missing(draft, asked):
            return _form(visit, asked, draft, missing=missing(draft, asked))
        answer = await self._reports.give(whose, draft.words, visit.now, draft.code)
        if isinstance(answer, Refused):
            await self._visit(request)
            if answer.why == "left":
                return _form(visit, asked, draft, not_given=True)
            raise HTTPException(404)
        return RedirectResponse(f"{visit.path}/{asked.which}/given?lang={visit.language}", 303)

    async def given(self, request: Request) -> Response:
        """The confirmation of the report that stands."""
        visit = await self._visit(request)
        asked = _child(request, visit)
        if asked.given_at is None:
            return RedirectResponse(f"{visit.path}/{asked.which}?lang={visit.language}", 303)
        return report_page("report_given", visit, asked=asked)

    async def thresholds(self, request: Request) -> Response:
        """On to the thresholds. Counted where a browser says that a person went there: mail scanners open links too."""
        try:
            id = self._thresholds.read(str(request.path_params["token"]), self._now())
        except (Forged, Expired):
            raise HTTPException(404) from None
        meeting, invitee = meeting_and_invitee(id)
        by_a_person = request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
        language = chosen(request, None)
        address = await self._reports.thresholds(meeting, invitee, language, counted=by_a_person)
        if address is None:
            raise HTTPException(404)
        return RedirectResponse(address, 303)

    async def _visit(self, request: Request) -> Visit:
        now = self._now()
        token, id, seen, language = await through(request, self._links, now, lambda id: self._reports.look(*meeting_and_invitee(id)))
        return Visit(*meeting_and_invitee(id), seen, language, f"/report/{token}", self._links.on_to_thresholds(token, id), now)


def _form(visit: Visit, asked: ChildAsked, draft: Draft, **facts: object) -> Response:
    problems = too_long(draft)
    said = {"missing": (), "wrong_code": False, "not_saved": "", "not_given": False, **facts}
    status = 409 if said["not_saved"] or said["not_given"] else 422 if problems or said["wrong_code"] else 200
    values = report_forms.values(visit.language)
    return report_page("report", visit, status=status, problems=problems, values=values, asked=asked, draft=draft, **said)


def _child(request: Request, visit: Visit) -> ChildAsked:
    """By what names this child alone: a list that changed since the form was opened files nothing on another child."""
    which = str(request.path_params["which"])
    for asked in visit.seen.children:
        if asked.which == which:
            return asked
    raise HTTPException(404)


def _whose(visit: Visit, asked: ChildAsked) -> Whose:
    return Whose(visit.meeting, visit.invitee, asked.child)
