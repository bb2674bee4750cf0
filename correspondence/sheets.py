"""A paper of a conference as its reader sees it: headings, and what stands under them."""

from typing import NamedTuple

from schemas.clocks import Language


class Section(NamedTuple):
    """A heading, and what stands under it."""

    title: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Of the plan: each line as labels with what they say."""
    language: Language | None = None
    """Of words of people that are in another language than the page."""


class Sheet(NamedTuple):
    """One paper about one child."""

    label: str
    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def heading(self) -> str:
        """Of which child, and which paper; the child knows whose its own is."""
        return f"{self.label}: {self.title}" if self.label else self.title
