"""The templates of letters and of what is printed, and how they are filled."""

import textwrap
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

WIDTH = 72
"""Columns of the text part, so that it can be read and quoted in any mail program."""


def template(name: str) -> Template:
    """That template; whatever a HTML one is filled with is text and no markup."""
    return _templates().get_template(name)


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
