"""A child's journey at any instant, two ways: as it was known then, and as things stood then by all that is known now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from audit.facets import HERE, Path, Step, Tree, apart, changes, grow, in_effect, planted, together
from procedures.fold import apply, fold
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry


class Way(StrEnum):
    """How an instant is looked at."""

    known = "known"
    """As it was known: the fold of what had been recorded by then."""
    stood = "stood"
    """As things stood: by when everything took effect, whenever it was recorded."""


class Differing(NamedTuple):
    """What was known otherwise than it stood, and the entries that say so, recorded since."""

    facet: Path
    known: object
    stood: object
    """None where there is none."""


def recorded_by(entries: Iterable[RecordedEntry], at: datetime) -> list[RecordedEntry]:
    """What was on record at that instant."""
    return list(takewhile(lambda each: each.recorded_at <= at, entries))


def recorded_since(entries: Iterable[RecordedEntry], at: datetime) -> list[RecordedEntry]:
    """What had taken effect by then and was on record only later."""
    return [each for each in entries if each.effective_from <= at < each.recorded_at]


def corrections(entries: Iterable[RecordedEntry]) -> dict[int, list[RecordedEntry]]:
    """By the number of an entry: what was recorded to correct it."""
    found: dict[int, list[RecordedEntry]] = {}
    for each in entries:
        corrected = each.content.get("body", {}).get("entry") if each.kind == "corrected" else None
        if corrected is not None:
            found.setdefault(int(corrected), []).append(each)
    return found


def as_known(begun: JourneyState, entries: Iterable[RecordedEntry], at: datetime) -> JourneyState:
    """The journey as it was known at that instant."""
    return fold(begun, recorded_by(entries, at))


def as_stood(begun: JourneyState, entries: Sequence[RecordedEntry], at: datetime) -> JourneyState:
    """The journey as it stood at that instant, by all that is on record now."""
    tree: Tree = planted(begun)
    for change in in_effect(changes(begun, steps(begun, entries))):
        if change.effective_from > at:
            break
        grow(tree, change)
    latest = max((each for each in entries if each.effective_from <= at), key=effect, default=None)
    there = together(begun, tree)
    return there if latest is None else there.model_copy(update={"seq": latest.seq, "versions": latest.versions})


def effect(entry: RecordedEntry) -> tuple[datetime, int]:
    """In which order entries took effect."""
    return entry.effective_from, entry.seq


def steps(begun: JourneyState, entries: Iterable[RecordedEntry]) -> Iterator[Step[JourneyState]]:
    """Each entry with the state that the fold came to, and from when that stood."""
    state, took_effect = begun, Effects()
    for entry in entries:
        state = apply(state, entry)
        yield Step(entry.seq, took_effect.of(entry), state)


class Effects:
    """From when what an entry says stood: from when it happened, but for what goes on after something that stands in the timeline."""

    def __init__(self) -> None:
        self._taken_over: tuple[str, datetime] | None = None
        self._stopped: dict[str, datetime] = {}
        self._ended: datetime | None = None

    def of(self, entry: RecordedEntry) -> datetime:
        """An ending that was recorded in error never stood, and what it had stopped went on; of a record that was taken over, from then."""
        content = entry.content
        if entry.kind == "ended":
            self._ended = entry.effective_from
        if entry.kind == "ended_in_error" and self._ended is not None:
            return self._ended
        if entry.kind == "taken_over" and entry.command_id is not None:
            self._taken_over = (entry.command_id, entry.effective_from)
        if content.get("state") == "stopped":
            self._stopped[content["instance"]] = entry.effective_from
        if content.get("state") == "started":
            if "resumes" in content:
                return self._stopped.get(content["resumes"], entry.effective_from)
            if self._taken_over is not None and entry.command_id == self._taken_over[0]:
                return self._taken_over[1]
        return entry.effective_from


def differing(known: JourneyState, stood: JourneyState) -> list[Differing]:
    """Where the two ways disagree: what was recorded late, or is known otherwise since."""
    was, is_ = apart(known), apart(stood)
    ways = [way for way in dict.fromkeys((*was, *is_)) if was.get(way) != is_.get(way)]
    # Of an element that is in one of them alone, that it is there says enough.
    whole = {way[:-1] for way in ways if way[-1] == HERE}
    return [Differing(way, was.get(way), is_.get(way)) for way in ways if way[-1] == HERE or way[:-1] not in whole]
