"""What stands under a heading of a bundle's pages."""

from typing import NamedTuple


class Item(NamedTuple):
    """Something under a heading: without a title one of many short lines."""

    lines: tuple[str, ...]
    title: str = ""
    quotes: tuple[str, ...] = ()
    """Words of people, as they wrote them."""
    notes: tuple[str, ...] = ()
    """What is withheld, and why."""
    small: tuple[str, ...] = ()
