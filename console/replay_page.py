"""A journey on one page: a slider over its moments, the two ways of looking, and every entry in a list. Needs no network.

What stood at each moment was worked out by the fold before the page was written; the page only shows it, line by line. Lines are kept
once, and of each moment only the parts that changed.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich.text import Text

from audit.moments import moments
from audit.replay import Way, corrections
from audit.standing import Journey
from console.language import say, spoken
from console.showing import moment, short
from console.standing_lines import Naming, Section, sections
from console.timeline import LATE, Told, what
from schemas.replay import Standing
from schemas.timeline import RecordedEntry

MOST = 8
"""So many of the latest letters and reads are named at each moment; the others are counted."""

BESIDE = "differing"
"""A part that the page has no need of: there the two ways stand beside each other."""


class _Entry(NamedTuple):
    number: int
    at: str
    lines: tuple[str, ...]
    by: str
    late: str
    corrected: tuple[int, ...]


class _Lines:
    """Every line once, by number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, line: str) -> int:
        """The number of a line, new or known."""
        return self.numbers.setdefault(line, len(self.numbers))


def page(journey: Journey, told: Told, naming: Naming, reader: str, now: dt.datetime) -> str:
    """The page as HTML."""
    lines = _Lines()
    shown = {str(way): list(_moments(journey, way, naming, lines, now)) for way in Way}
    data = {"lines": list(lines.numbers), **shown}
    return (
        _template()
        .get_template("replay.html.j2")
        .render(
            say=say,
            language=spoken(),
            title=say("replay.page_title", child=told.child),
            made=say("replay.page_made", reader=reader, at=moment(now), entries=len(journey.entries)),
            parts=[Section(key, ()) for key in (shown[Way.known][0][2] if journey.entries else ())],
            entries=list(_entries(journey, told, naming)),
            data=_data(data),
        )
    )


def _moments(journey: Journey, way: Way, naming: Naming, lines: _Lines, now: dt.datetime) -> Iterator[list[Any]]:
    """Of each moment: its instant, its entries, and of each part that changed the numbers of its lines."""
    before: dict[str, list[int]] = {}
    for at, entries, standing in moments(journey, way, MOST, now):
        parts = {each.key: [lines.number(line) for line in each.lines] for each in _sections(standing, naming)}
        changed = {key: numbers for key, numbers in parts.items() if before.get(key) != numbers}
        before = parts
        yield [moment(at), list(entries), changed]


def _sections(standing: Standing, naming: Naming) -> list[Section]:
    return [each for each in sections(standing, naming) if each.key != BESIDE]


def _entries(journey: Journey, told: Told, naming: Naming) -> Iterator[_Entry]:
    corrected = corrections(journey.entries)
    for entry in journey.entries:
        said = Text.from_markup(what(entry, told)).plain.strip().splitlines()
        by = tuple(each.seq for each in corrected.get(entry.seq, ()))
        yield _Entry(entry.seq, short(entry.happened_at), tuple(said), naming.name(entry.actor), _late(entry), by)


def _late(entry: RecordedEntry) -> str:
    return say("replay.page_late", at=short(entry.recorded_at)) if entry.recorded_at - entry.happened_at > LATE else ""


def _data(data: dict[str, Any]) -> Markup:
    """JSON that no text in it can end early."""
    return Markup(orjson.dumps(data).decode().replace("<", "\\u003c"))  # noqa: S704  (every < is escaped)


@cache
def _template() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
