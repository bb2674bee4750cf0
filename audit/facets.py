"""A state taken apart into facets, what each entry changed of them, and a state put together again from those that had taken effect.

The fold alone says what an entry comes to. What was recorded late changes what stands from when it happened, and not what was decided
since: so of each facet the change that took effect last stands, and of two at one instant the later entry's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

from pydantic import BaseModel

from schemas.base import Model
from schemas.clocks import Clock
from schemas.meetings import Invitee, MeetingState
from schemas.state import Enquiry, JourneyState

Path = tuple[str, ...]
"""The way to a facet: a field, and within it the key of an element and its field."""

Tree = dict[str, Any]
"""Facets by field, and within it by element and its field."""

State = TypeVar("State", bound=Model)

HERE: Final = ""
"""Ends the way to whether an element is there at all."""


class Absent:
    """What a facet is where there is none."""


ABSENT = Absent()

TAKEN_APART: tuple[type[Model], ...] = (JourneyState, MeetingState, Enquiry, Clock, Invitee)
"""Models whose fields change one by one; any other is one facet."""

LEFT_OUT = frozenset({"seq", "done", "instances", "closed_clocks", "stopped_by_ending", "versions"})
"""What the fold keeps for itself: it says how a timeline goes on, not how things stood."""

IN_TURN = frozenset(
    {
        *("registration", "stage", "stood_down", "determination", "closed", "ended", "ended_from", "move", "hold_until"),
        *("child_missing", "looked_after", "unborn", "conference_record_open"),
    }
)
"""Facts that begin and end, and the stages of the state machines: each change rests on the one recorded before it, and none takes effect
sooner than that. An ending said to have been earlier than what it ends has ended it all the same, and not stood aside for it."""

KEYS: dict[type, Callable[[Any], str]] = {Enquiry: lambda each: str(each.number), Invitee: lambda each: each.id}
"""By what an element is known among its like; any other by all that it says."""


class Step(NamedTuple, Generic[State]):
    """An entry, and the state that the fold came to with it."""

    seq: int
    effective_from: datetime
    state: State


class Change(NamedTuple):
    """What one entry changed of one facet."""

    effective_from: datetime
    seq: int
    path: Path
    value: Any
    """What it is from then on; for a number by how much it grew, so that what is told late adds to what was counted since."""
    adds: bool = False


def changes(before: State, steps: Iterable[Step[State]]) -> Iterator[Change]:
    """What each entry changed, in the order in which they were recorded. Nothing of an element takes effect before it was there."""
    there: dict[Path, datetime] = {}
    before_it: dict[Path, datetime] = {}
    for step in steps:
        for change in _changed(before, step):
            fact = change.path[-1]
            element = change.path[:2] if len(change.path) > 1 else ()
            if element and change.path[2:] == (HERE,) and change.value is not ABSENT:
                there[element] = change.effective_from
            at = max(change.effective_from, there.get(element, change.effective_from))
            if fact in IN_TURN:
                at = before_it[change.path] = max(at, before_it.get(change.path, at))
            yield change._replace(effective_from=at)
        before = step.state


def in_effect(changed: Iterable[Change]) -> list[Change]:
    """In the order in which they took effect; of one instant in the order in which they were recorded."""
    return sorted(changed, key=lambda each: (each.effective_from, each.seq))


def planted(state: Model) -> Tree:
    """The facets of a state, to let changes take effect in."""
    tree: Tree = {}
    for path, value in _facets(state, ()):
        _put(tree, path, value)
    return tree


def grow(tree: Tree, change: Change) -> None:
    """Let one more change take effect."""
    field, *within = change.path
    if change.value is ABSENT:
        if within:
            tree.get(field, {}).pop(within[0], None)
        else:
            tree.pop(field, None)
    else:
        _put(tree, change.path, change.value, adds=change.adds)


def _put(tree: Tree, path: Path, value: Any, *, adds: bool = False) -> None:
    field, *within = path
    where, last = tree, field
    if within:
        where = tree.setdefault(field, {}).setdefault(within[0], {})
        last = within[1]
    where[last] = where.get(last, 0) + value if adds else value


def apart(state: Model) -> dict[Path, Any]:
    """The facets of a state."""
    return dict(_facets(state, ()))


def together(begun: State, tree: Tree) -> State:
    """The state that these facets make; what none of them says is as it was in the beginning."""
    made = {name: _rebuilt(begun, name, value) for name, value in tree.items()}
    return type(begun).model_validate({**_plain(begun), **made})


def _changed(before: State, step: Step[State]) -> Iterator[Change]:
    after = step.state
    for name in _fields(type(after)):
        old, new = getattr(before, name), getattr(after, name)
        if old is new:
            continue
        if name == "closed_clocks":
            yield from _ended_sooner(old, new, step)
        if name in LEFT_OUT or old == new:
            continue
        if isinstance(new, Mapping):
            # Of many elements few change: those that are the very same are not looked into.
            was_there, is_there = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new)
            old, new = _without_same(was_there, is_there), _without_same(is_there, was_there)
        was, now = dict(_facets_of_field(old, name)), dict(_facets_of_field(new, name))
        for path, value in now.items():
            yield from _change(was.get(path, ABSENT), value, path, step)
        gone = [path for path in was if path not in now and (len(path) == 1 or path[-1] == HERE)]
        yield from (Change(step.effective_from, step.seq, path, ABSENT) for path in gone)


def _without_same(these: Mapping[str, Any], those: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in these.items() if those.get(key) is not each}


def _change(old: Any, new: Any, path: Path, step: Step[Any]) -> Iterator[Change]:
    if old is not ABSENT and old == new:
        return
    if _is_number(new) and (old is ABSENT or _is_number(old)):
        yield Change(step.effective_from, step.seq, path, new - (0 if old is ABSENT else old), adds=True)
    else:
        yield Change(step.effective_from, step.seq, path, new)


def _ended_sooner(old: Mapping[str, Any], new: Mapping[str, Any], step: Step[Any]) -> Iterator[Change]:
    """A timescale that had ended is known now to have ended sooner."""
    for key, closed in new.items():
        before = old.get(key)
        if before is not None and before is not closed and before.instance == closed.instance and before.ended_at != closed.ended_at:
            yield Change(closed.ended_at, step.seq, ("clocks", closed.instance, HERE), ABSENT)


@cache
def _fields(model: type[Model]) -> tuple[str, ...]:
    return tuple(model.model_fields)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _facets(state: Model, path: Path) -> Iterator[tuple[Path, Any]]:
    for name in _fields(type(state)):
        if name not in LEFT_OUT or path:
            for way, value in _facets_of_field(getattr(state, name), name):
                yield (*path, *way), value


def _facets_of_field(value: Any, name: str) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        yield from _elements(name, value.items())  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, tuple):
        yield from _elements(name, ((_key(each), each) for each in value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    else:
        yield (name,), value


def _elements(name: str, elements: Iterable[tuple[str, Any]]) -> Iterator[tuple[Path, Any]]:
    for key, each in elements:
        if isinstance(each, TAKEN_APART):
            yield (name, key, HERE), True
            yield from (((name, key, field), getattr(each, field)) for field in _fields(type(each)))
        else:
            yield (name, key, HERE), each


def _key(element: Any) -> str:
    if not isinstance(element, BaseModel):
        return str(element)
    by = KEYS.get(type(element))
    return element.model_dump_json() if by is None else by(element)


def _rebuilt(begun: Model, name: str, value: Any) -> Any:
    if not isinstance(getattr(begun, name), Mapping | tuple):
        return value
    there = {key: _element(each) for key, each in value.items() if HERE in each}
    return there if isinstance(getattr(begun, name), Mapping) else tuple(there[key] for key in sorted(there, key=_in_order))


def _element(facets: Mapping[str, Any]) -> Any:
    own = {name: value for name, value in facets.items() if name != HERE}
    return own or facets[HERE]


def _in_order(key: str) -> tuple[int, int | str]:
    return (0, int(key)) if key.isdigit() else (1, key)


def _plain(state: Model) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _fields(type(state))}
