"""The pages of a bundle: on screen, one file that stands by itself, without scripts; on paper, tagged PDF. Pure: given what is told."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path

import orjson
import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit.told import SECTIONS, Heading, Teller, Told
from audit.wording import say
from schemas.clocks import Language

SCREEN: dict[Language, str] = {"en": "english.html", "cy": "cymraeg.html"}
PAPER: dict[Language, str] = {"en": "english-{:02}.pdf", "cy": "cymraeg-{:02}.pdf"}

ON_PAPER = 400
"""Headings and items in one PDF: what is set is in memory whole, so that a longer record makes several."""

TEMPLATES = Path(__file__).parent / "templates"


def on_screen(teller: Teller, told: Iterable[Told]) -> Iterator[str]:
    """The page as HTML, piece by piece."""
    language = teller.language
    other: Language = "cy" if language == "en" else "en"
    return (
        _templates()
        .get_template("page.html.j2")
        .generate(
            language=language,
            title=teller.front.kind.title.said(language),
            opening=teller.opening(),
            other=other,
            other_file=SCREEN[other],
            sections=SECTIONS,
            told=told,
            says=partial(_says, language),
        )
    )


def on_paper(teller: Teller, told: Iterable[Told], made_at: datetime) -> Iterator[bytes]:
    """The same as PDF/UA-1, one after the other. The same input gives the same bytes."""
    rest = iter(told)
    first = True
    while part := list(islice(rest, ON_PAPER)):
        said = {
            "title": teller.front.kind.title.said(teller.language),
            "language": teller.language,
            "opening": teller.opening(),
            "first": first,
            "told": [{"text": each.text} if isinstance(each, Heading) else each._asdict() for each in part],
        }
        first = False
        yield _set(orjson.dumps(said).decode(), made_at)


def _set(said: str, made_at: datetime) -> bytes:
    page = (TEMPLATES / "page.typ").read_bytes()
    at = int(made_at.timestamp())
    return typst.compile(page, sys_inputs={"said": said}, pdf_standards="ua-1", timestamp=at, ignore_system_fonts=True)


def _says(language: Language, key: str) -> str:
    return say(key, language)


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
