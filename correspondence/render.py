"""A letter on paper: the same facts as plain text and as one accessible, printable HTML page."""

import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from correspondence.letters import Letter, Page, compose, subject
from schemas.clocks import Language

WIDTH = 72
"""Columns of the text part, so that it can be read and quoted in any mail program."""


class Rendered(NamedTuple):
    """What the recipient reads."""

    subject: str
    text: str
    html: str
    languages: tuple[Language, ...]


def render(letter: Letter) -> Rendered:
    """The letter as text and HTML: from the letter alone, so the same letter renders the same."""
    return render_pages(compose(letter), subject(letter))


def render_pages(pages: Sequence[Page], line: str) -> Rendered:
    """The pages under their subject `line`, as text and HTML."""
    text, html = (_templates().get_template(f"letter.{form}.j2").render(pages=pages, subject=line) for form in ("txt", "html"))
    return Rendered(line, text, html, tuple(page.language for page in pages))


def fill(text: str, hanging: int = 0, indent: int = 0) -> str:
    """The text wrapped, its first line indented by `indent` columns and the others by `hanging`."""
    return textwrap.fill(
        text,
        width=WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["fill"] = fill
    return templates
