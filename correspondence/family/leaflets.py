"""Leaflets: what a family may want to know beside its letter. Each is a file of its own in each language, in plain words."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

from schemas.clocks import Language

FOLDER = Path(__file__).parents[1] / "leaflets"

FOR_ADULTS: dict[str, tuple[str, ...]] = {
    "icpc": ("conference", "advocacy", "complaints"),
    "pre_birth": ("conference", "advocacy", "complaints"),
    "transfer_in": ("conference", "advocacy", "complaints"),
    "rcpc": ("conference", "advocacy", "complaints"),
    "core_group": ("core_group", "complaints"),
    "family_network": ("family_network", "advocacy"),
}
"""The leaflets of a parent's or carer's invitation, by kind of meeting; of any other kind there are none."""

UNDERLINES = {"#": "=", "##": "-"}
"""With what a heading of each level is underlined."""

FOR_CHILDREN = ("advocacy_child",)
"""The leaflets of a child's."""


class Leaflet(NamedTuple):
    """One leaflet in one language."""

    name: str
    language: Language
    title: str
    text: str
    """As it is written."""
    html: str
    """Its headings begin at the second level below the page's own: they stand inside a letter."""

    @property
    def plain(self) -> str:
        """For a mail's text part: its headings are underlined, as the letter's own are."""
        return "\n".join(_underlined(line) for line in self.text.splitlines())


def leaflets_for(kind: str | None, of_child: bool, language: Language) -> tuple[Leaflet, ...]:
    """What goes with an invitation to that kind of meeting."""
    names = FOR_CHILDREN if of_child else FOR_ADULTS.get(kind or "", ())
    return tuple(leaflet(name, language) for name in names)


@cache
def leaflet(name: str, language: Language) -> Leaflet:
    """That leaflet.

    Raises:
        FileNotFoundError: it is not there in that language.
    """
    text = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8").strip()
    title, _, rest = text.partition("\n")
    # A leaflet stands below the letter's own headings.
    lowered = "\n".join(f"#{line}" if line.startswith("#") else line for line in rest.splitlines())
    return Leaflet(name, language, title.removeprefix("# ").strip(), text, MarkdownIt("commonmark").render(lowered))


def _underlined(line: str) -> str:
    mark, _, heading = line.partition(" ")
    return f"{heading}\n{UNDERLINES[mark] * len(heading)}" if mark in UNDERLINES else line
