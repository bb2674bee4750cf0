"""Pages from templates, with GOV.UK Frontend's components."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, select_autoescape
from starlette.responses import HTMLResponse

from correspondence.catalogue import LANGUAGES
from procedures import words
from schemas.answering import Contact
from schemas.clocks import Language
from web.forms import BUTTONS, Problem, Typed
from web.visits import Visit
from web.wording import say

STYLE = Path(__file__).with_name("style.css").read_bytes()

TEMPLATES = Path(__file__).with_name("templates")

STYLE_PATH = f"/style/{sha256(STYLE).hexdigest()[:16]}.css"
"""Named by its content, so that a browser may keep it for good."""


class _Undefined(ChainableUndefined):
    """The components leave out what is not in their parameters (a dict); any other name that is printed must be there."""

    def __str__(self) -> str:
        if not isinstance(self._undefined_obj, dict | ChainableUndefined):
            self._fail_with_undefined_error()
        return ""


def invitation_page(template: str, visit: Visit, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page about an invitation."""
    when = words.instant(visit.seen.begins, visit.language)
    return _page(template, visit.language, status, seen=visit.seen, path=visit.path, when=when, **facts)


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
