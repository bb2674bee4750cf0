"""A letter on paper: the same facts as plain text and as one accessible, printable HTML page."""

from collections.abc import Sequence
from typing import NamedTuple

from correspondence.family import letters as family
from correspondence.family.letters import FamilyLetter
from correspondence.letters import Letter, Page, compose, subject
from correspondence.templating import template
from schemas.clocks import Language

PRINT, LARGE_PRINT = 12, 18
"""Points of a printed letter to a family, and of one in large print."""


class Rendered(NamedTuple):
    """What the recipient reads."""

    subject: str
    text: str
    html: str
    languages: tuple[Language, ...]


def render(letter: Letter) -> Rendered:
    """The letter as text and HTML: from the letter alone, so the same letter renders the same."""
    to_family = letter.items[0].words.family if letter.items else None
    if to_family is not None:
        return render_family(to_family)
    return render_pages(compose(letter), subject(letter))


def render_pages(pages: Sequence[Page], line: str) -> Rendered:
    """The pages under their subject `line`, as text and HTML."""
    text, html = (template(f"letter.{form}.j2").render(pages=pages, subject=line) for form in ("txt", "html"))
    return Rendered(line, text, html, tuple(page.language for page in pages))


def render_family(letter: FamilyLetter) -> Rendered:
    """A family's letter as mail: the leaflets stand below it."""
    sheets, line = family.compose(letter), family.subject(letter)
    html = _family_page(letter, "", large=False)
    return Rendered(line, template("family.txt.j2").render(sheets=sheets), html, letter.languages)


def print_family(letter: FamilyLetter, to: str, *, large: bool) -> str:
    """A family's letter as one HTML page that prints on A4, its leaflets and its languages each on a page of their own.

    Args:
        letter: what it says.
        to: the lines above it: name and address, as far as they may stand on paper.
        large: in large print.
    """
    return _family_page(letter, to, large=large)


def _family_page(letter: FamilyLetter, to: str, *, large: bool) -> str:
    sheets = family.compose(letter)
    title = " / ".join(dict.fromkeys(sheet.heading for sheet in sheets))
    points = LARGE_PRINT if large else PRINT
    return template("family.html.j2").render(sheets=sheets, title=title, to=to, points=points)
