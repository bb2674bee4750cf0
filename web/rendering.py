"""Pages from templates, with GOV.UK Frontend's components."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, select_autoescape
from starlette.responses import HTMLResponse

from correspondence.catalogue import LANGUAGES
from procedures import words
from procedures.times import local
from schemas.answering import Contact
from schemas.base import Instant
from schemas.clocks import Language
from schemas.commands.base import ThresholdElement
from schemas.papers import PapersSeen
from schemas.reporting import ReportsSeen
from web.forms import BUTTONS, Problem, Typed
from web.visits import Visit
from web.wording import say

STYLE = Path(__file__).with_name("style.css").read_bytes()

TEMPLATES = Path(__file__).with_name("templates")

STYLE_PATH = f"/style/{sha256(STYLE).hexdigest()[:16]}.css"
"""Named by its content, so that a browser may keep it for good."""


class ReportVisit(Protocol):
    """Whom a page about reports is for."""

    @property
    def seen(self) -> ReportsSeen: ...
    @property
    def language(self) -> Language: ...
    @property
    def path(self) -> str: ...
    @property
    def thresholds(self) -> str: ...


class PapersVisit(Protocol):
    """Whom a page with papers is for."""

    @property
    def seen(self) -> PapersSeen: ...
    @property
    def language(self) -> Language: ...
    @property
    def path(self) -> str: ...
    @property
    def thresholds(self) -> str: ...


class _Undefined(ChainableUndefined):
    """The components leave out what is not in their parameters (a dict); any other name that is printed must be there."""

    def __str__(self) -> str:
        if not isinstance(self._undefined_obj, dict | ChainableUndefined):
            self._fail_with_undefined_error()
        return ""


def invitation_page(template: str, visit: Visit, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page about an invitation."""
    when = words.instant(visit.seen.begins, visit.language)
    return _page(template, visit.language, status, seen=visit.seen, path=visit.path, thresholds=visit.thresholds, when=when, **facts)


def form_page(template: str, visit: Visit, typed: Typed, problems: Sequence[Problem], values: Mapping[str, str]) -> HTMLResponse:
    """A page with a form, with what was typed and what is wrong with it. The values fill the words of problems and hints."""
    told = [(problem, say(f"wrong.{problem.phrase}", visit.language, **values)) for problem in problems]
    facts = {
        "errors": {problem.about: words for problem, words in told},
        "summary": [{"text": words, "href": f"#{problem.at}"} for problem, words in told],
        "typed": typed,
        "values": values,
        "buttons": BUTTONS,
    }
    return invitation_page(template, visit, status=422 if problems else 200, **facts)


def report_page(
    template: str,
    visit: ReportVisit,
    *,
    status: int = 200,
    problems: Sequence[Problem] = (),
    values: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """A page about an agency's reports, with what is wrong with what was typed."""
    language = visit.language
    told = [
        (problem, say(f"wrong.{problem.phrase}", language, section=section(problem.about, language), **(values or {})))
        for problem in problems
    ]
    said = {
        "errors": {problem.about: sentence for problem, sentence in told},
        "summary": [{"text": sentence, "href": f"#{problem.at}"} for problem, sentence in told],
        "values": values,
        "section": partial(section, language=language),
        "element": partial(_element, language=language),
        "elements": list(ThresholdElement),
        "day": partial(_day, language=language),
    }
    when = words.instant(visit.seen.begins, language)
    return _page(template, language, status, seen=visit.seen, path=visit.path, thresholds=visit.thresholds, when=when, **said, **facts)


def papers_page(template: str, visit: PapersVisit, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page with what somebody gets after a conference."""
    return _page(template, visit.language, status, seen=visit.seen, path=visit.path, thresholds=visit.thresholds, **facts)


def section(key: str, language: Language) -> str:
    """The name of a section of a report."""
    return words.word("report_sections", key, language)


def _element(key: str, language: Language) -> str:
    """To stand by itself."""
    said = words.word("threshold_elements", key, language)
    return said[:1].upper() + said[1:]


def _day(instant: Instant, language: Language) -> str:
    return words.date(local(instant).date(), language)


def ended_page(key: str, contact: Contact, language: Language) -> HTMLResponse:
    """There is nothing to answer here any more: why, and whom to call."""
    return _page("ended", language, 410, key=key, contact=contact)


def plain_page(key: str, status: int) -> HTMLResponse:
    """A page for somebody of whom nothing is known, not even the language: in both."""
    return _page("plain", LANGUAGES[0], status, key=key, languages=LANGUAGES)


def _page(template: str, language: Language, status: int, **facts: Any) -> HTMLResponse:
    (other,) = set(LANGUAGES) - {language}
    rendered = _templates().get_template(f"{template}.html.j2")
    content = rendered.render(
        language=language, other=other, say=partial(say, language=language), say_in=say, moment=words.instant, style=STYLE_PATH, **facts
    )
    return HTMLResponse(content, status, headers={"Content-Language": language})


@cache
def _templates() -> Environment:
    return Environment(
        loader=ChoiceLoader([PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}), FileSystemLoader(TEMPLATES)]),
        undefined=_Undefined,
        autoescape=select_autoescape(["html", "html.j2"]),
    )
