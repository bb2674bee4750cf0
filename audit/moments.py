"""All moments of a journey one after another: at each something was recorded, or took effect."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from audit.facets import Change, changes, grow, in_effect, planted, together
from audit.replay import Way, effect, steps
from audit.standing import Instant, Journey, Reached, history, seen
from procedures.fold import apply
from schemas.replay import Standing
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry


class Moment(NamedTuple):
    """An instant at which something changed."""

    at: datetime
    entries: tuple[int, ...]
    """The numbers of the entries that were recorded, or took effect."""
    standing: Standing


def moments(journey: Journey, way: Way, most: int, now: datetime) -> Iterator[Moment]:
    """Every moment in order, and last of all now, when letters have gone and answers have come since; so many of the latest letters and
    reads are named at each.
    """
    last: tuple[datetime, JourneyState] | None = None
    reached = Reached()
    histories = [history(log, way) for log in journey.beside.meetings]
    since = _Since(journey.entries)
    for at, entries, state in _known(journey) if way is Way.known else _stood(journey):
        last = at, state
        for entry in entries:
            reached.add(entry)
        standing = seen(state, reached, journey.beside, histories, Instant(way, at, most))
        yield Moment(at, tuple(each.seq for each in entries), standing.model_copy(update={"recorded_since": since.at(at)}))
    if last is not None and last[0] < now:
        yield Moment(now, (), seen(last[1], reached, journey.beside, histories, Instant(way, now, most)))


Come = Iterator[tuple[datetime, list[RecordedEntry], JourneyState]]
"""Instants, with what came at each, and the state after it."""


def _known(journey: Journey) -> Come:
    state = journey.begun
    for at, grouped in groupby(journey.entries, key=lambda each: each.recorded_at):
        entries = list(grouped)
        for entry in entries:
            state = apply(state, entry)
        yield at, entries, state


def _stood(journey: Journey) -> Come:
    """Entries may change what stood at another instant than their own: a timescale that is known now to have ended sooner."""
    entries = {at: list(those) for at, those in groupby(sorted(journey.entries, key=effect), key=lambda each: each.effective_from)}
    in_order = in_effect(changes(journey.begun, steps(journey.begun, journey.entries)))
    changed: dict[datetime, list[Change]] = {at: list(those) for at, those in groupby(in_order, key=lambda each: each.effective_from)}
    tree = planted(journey.begun)
    for at in sorted({*entries, *changed}):
        for change in changed.get(at, ()):
            grow(tree, change)
        yield at, entries.get(at, []), together(journey.begun, tree)


class _Since:
    """What had taken effect and was on record only later, from one instant to a later one."""

    def __init__(self, entries: Sequence[RecordedEntry]) -> None:
        late = (each for each in entries if each.effective_from < each.recorded_at)
        self._to_come = sorted(late, key=effect, reverse=True)
        self._unknown: list[RecordedEntry] = []

    def at(self, at: datetime) -> tuple[int, ...]:
        """Their numbers."""
        while self._to_come and self._to_come[-1].effective_from <= at:
            self._unknown.append(self._to_come.pop())
        self._unknown = [each for each in self._unknown if each.recorded_at > at]
        return tuple(sorted(each.seq for each in self._unknown))
