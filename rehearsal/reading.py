"""From a file to the turns of a rehearsal: every step in order, checked against the procedures before anything runs."""

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from console.language import say
from procedures.in_force import rules_in_force
from procedures.lifecycle import MACHINES
from procedures.recipients import NEXT_ABOVE
from procedures.refusals import sentences
from procedures.rules import BadRules
from procedures.working_days import Calendar
from rehearsal import moments
from rehearsal.acts import Said, Wrong, command_of, nearest, value_problem
from rehearsal.meeting_acts import meeting_problems, people_in
from rehearsal.script import Act, Earlier, Expect, Holidays, Part, Relative, Routine, Script, Step
from rehearsal.source import Place, Problem, Source, open_source
from schemas.family import Need, Relation, Way
from schemas.meetings import MeetingKind

ROLES = frozenset(NEXT_ABOVE) | frozenset(NEXT_ABOVE.values())
MOST_TURNS = 5_000

PartModel = TypeVar("PartModel", bound=Part)


@dataclass(frozen=True)
class Turn:
    """One step, ready to run: of a routine each time is one."""

    line: int
    place: Place
    at: dt.datetime
    when: dt.datetime
    """When it is recorded."""
    what: str
    by: str | None
    children: tuple[str, ...]
    acts: tuple[Act, ...]
    expect: Expect
    holidays: Holidays | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: {})
    meeting: str | None = None
    """The meeting to which its commands go."""

    @property
    def name(self) -> str:
        """The step as a sentence names it."""
        return f"line {self.line} ({moments.written(self.when.date())} {self.when:%H:%M})"


@dataclass(frozen=True)
class Play:
    """A script with its turns in the order in which they are recorded."""

    file: str
    script: Script
    turns: tuple[Turn, ...]


def read(path: Path) -> Play:
    """Read and check a script.

    Raises:
        BadScript: with every problem found, its line and what would be right.
    """
    return play_of(open_source(path))


def play_of(source: Source) -> Play:
    """Check what was read.

    Raises:
        BadScript: with every problem found, its line and what would be right.
    """
    try:
        script, wrong = _mended(Script, source.data, (), _mend_script)
    except Beyond as beyond:
        raise source.bad(beyond.problems) from None
    checking = _Checking(script, source)
    turns = list(checking.turns())
    problems = [*wrong, *checking.cast_problems(), *checking.problems]
    if problems:
        raise source.bad(problems)
    return Play(source.file, script, tuple(sorted(turns, key=lambda turn: turn.when)))


def _mended(
    model: type[PartModel], written: Any, place: Place, mend: Callable[[dict[str, Any], Place], None]
) -> tuple[PartModel, list[Problem]]:
    """The part with its problems; what is wrong in it is mended, so that what stands beside it is still checked.

    Raises:
        Beyond: it cannot be mended.
    """
    try:
        return model.model_validate(written), []
    except ValidationError as error:
        problems = [_problem(each, model, place) for each in error.errors()]
        if not isinstance(written, dict):
            raise Beyond(problems) from error
        mended = copy.deepcopy(cast("dict[str, Any]", written))
        for each in error.errors():
            mend(mended, tuple(each["loc"]))
        try:
            return model.model_validate(mended), problems
        except ValidationError:
            raise Beyond(problems) from error


STAND_INS: Mapping[str, Mapping[str, Any]] = {
    "people": {"name": "?"},
    "children": {"name": "?", "born": "2020-01-01"},
    "agencies": {"name": "?", "kind": "other"},
    "relatives": {"name": "?", "relation": "parent"},
}
"""What stands for a person, child or agency in whom something is wrong, so that those who name them are not wrong too."""

A_STEP = {"at": "2000-01-01 00:00", "do": ()}
A_ROUTINE = {"every": "1 day", "from": "2000-01-01 00:00", "until": "2000-01-01", "do": ()}


def _mend_script(data: dict[str, Any], loc: Place) -> None:
    kind = str(loc[0])
    if kind in STAND_INS and len(loc) > 1:
        part = data[kind][loc[1]]
        if len(loc) == 2 or not isinstance(part, dict):
            data[kind][loc[1]] = dict(STAND_INS[kind])
            return
        key = str(loc[2]).replace("expected", "born")
        cast("dict[str | int, Any]", part).pop(loc[2], None)
        if key in STAND_INS[kind]:
            part[key] = STAND_INS[kind][key]
    elif kind in {"title", "authority"}:
        data[kind] = "?"
    elif kind in {"people", "children"}:
        data[kind] = {}
    else:
        data.pop(kind, None)


def _mend_step(data: dict[str, Any], loc: Place) -> None:
    needed = A_ROUTINE if "routine" in data else A_STEP
    key = str(loc[0]).replace("first", "from")
    data.pop(key, None)
    if key in needed:
        data[key] = needed[key]


def _problem(error: ErrorDetails, model: type[Part], place: Place) -> Problem:
    loc = tuple(error["loc"])
    key = loc[-1] if loc else ""
    match error["type"]:
        case "extra_forbidden":
            says = say("script.unknown_key", key=key, near=nearest(str(key), _known(model, loc[:-1])))
        case "missing":
            says = say("script.missing", key=key)
        case "model_type" | "dict_type":
            says = say("script.has_details", key=key)
        case "tuple_type":
            says = say("script.is_list", key=key)
        case _:
            says = value_problem(error, str(key))
    return Problem((*place, *loc), says)


def _known(model: type[BaseModel], loc: Place) -> set[str]:
    """The words known at a place within a model."""
    found: Any = model
    for item in loc:
        if isinstance(found, type) and issubclass(found, BaseModel):
            hints = get_type_hints(found)
            found = next((hints[name] for name, field in found.model_fields.items() if item in {name, field.alias}), found)
        elif get_origin(found) in {tuple, dict}:
            found = [arg for arg in get_args(found) if arg is not Ellipsis][-1]
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        return set()
    return {field.alias or name for name, field in found.model_fields.items()}


class Beyond(Exception):
    """A part in which nothing more can be checked."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class _Checking:
    def __init__(self, script: Script, source: Source) -> None:
        self.script, self.source = script, source
        self.problems: list[Problem] = []
        """What is wrong with the steps."""
        self._calendar = Calendar(version=0)
        self._meetings: dict[str, MeetingKind] = {}
        """The meetings arranged so far, by key."""
        self._clocks = set(rules_in_force().clocks)
        self._stages = {name: {str(state.value) for state in machine.states} for name, machine in MACHINES.items()}

    def key_of(self, kind: str, key: str) -> str:
        """The key itself, where the script has it (there are no ids yet)."""
        if kind == "meetings":
            return key
        known = self.script.keys_of(kind)
        if key not in known:
            raise ValueError(say("script.not_among", key=key, kind=kind, near=nearest(key, known)))
        return key

    def cast_problems(self) -> Iterator[Problem]:
        """What is wrong with people and children."""
        for key, person in self.script.people.items():
            place: Place = ("people", key)
            for post in person.post:
                if post not in ROLES:
                    yield Problem((*place, "post"), say("script.no_post", post=post, near=nearest(post, ROLES)))
            yield from self._unknown((*place, "agency"), "agencies", [person.agency] if person.agency else [])
            for number, away in enumerate(person.away):
                yield from self._unknown((*place, "away", number, "deputy"), "people", [away.deputy] if away.deputy else [])
                if away.last < away.first:
                    yield Problem((*place, "away", number), say("script.away_ends_first", first=moments.written(away.first)))
        for key, child in self.script.children.items():
            yield from self._unknown(("children", key, "agencies"), "agencies", child.agencies.values())
            if (child.born is None) == (child.expected is None):
                yield Problem(("children", key), say("script.born_or_expected"))
        for key, relative in self.script.relatives.items():
            place = ("relatives", key)
            if key in self.script.people:
                yield Problem(place, say("script.in_people", key=key))
            yield from self._unknown((*place, "of"), "children", () if relative.of == ("all",) else relative.of)
            yield from _reachable(relative, place)

    def turns(self) -> Iterator[Turn]:
        """Each step's turn, each routine's turns."""
        latest: dt.datetime | None = None
        for number, written in enumerate(self.script.steps):
            place: Place = ("steps", number)
            try:
                wrong, turns = self._turns_of(written, place)
            except Beyond as beyond:
                self.problems += beyond.problems
                continue
            self.problems += wrong
            if not turns:
                self.problems.append(Problem((*place, "until"), say("script.never")))
                continue
            dated = not any(each.place[2:3] in {("at",), ("told_at",), ("from",), ("first",)} for each in wrong)
            if dated and latest is not None and turns[0].when < latest:
                before = f"{moments.written(latest.date())} {latest:%H:%M}"
                self.problems.append(Problem((*place, "at"), say("script.order", before=before)))
            latest = turns[0].when if dated else latest
            twice = turns[: 2 * len({turn.place for turn in turns})]
            self.problems += itertools.chain.from_iterable(self._turn_problems(turn) for turn in twice)
            yield from turns

    def _turns_of(self, written: dict[str, Any], place: Place) -> tuple[list[Problem], list[Turn]]:
        if "routine" in written:
            routine, wrong = _mended(Routine, written, place, _mend_step)
            return wrong, list(self._routine(routine, place))
        step, wrong = _mended(Step, written, place, _mend_step)
        return wrong, [self._turn(step, place)]

    def _turn(self, step: Step, place: Place) -> Turn:
        return Turn(
            line=self.source.line(place),
            place=place,
            at=step.at,
            when=step.when,
            what=step.what,
            by=step.by,
            children=self._children(step.for_),
            acts=step.do,
            expect=step.expect,
            holidays=step.holidays,
            settings=step.settings,
            meeting=step.meeting,
        )

    def _routine(self, routine: Routine, place: Place) -> Iterator[Turn]:
        if routine.every < dt.timedelta(days=1):
            raise Beyond([Problem((*place, "every"), say("script.every"))])
        for number in range(MOST_TURNS):
            day = (routine.first + routine.every * number).date()
            if day > routine.until:
                return
            if day in routine.without:
                continue
            at = routine.first.replace(year=day.year, month=day.month, day=day.day)
            at -= day - self._calendar.latest(day)
            acts = [_other(act, routine.every_other_time) for act in routine.do] if number % 2 else routine.do
            base = Turn(
                line=self.source.line(place),
                place=place,
                at=at,
                when=at,
                what=routine.what or routine.routine,
                by=routine.by,
                children=self._children(routine.for_),
                acts=tuple(acts),
                expect=routine.expect,
                meeting=None if routine.meeting is None else f"{routine.meeting}_{number + 1}",
            )
            yield from (self._ahead(base, each, (*place, "before", which)) for which, each in enumerate(routine.before))
            yield base

    def _ahead(self, base: Turn, earlier: Earlier, place: Place) -> Turn:
        """What is done ahead of that time; what is arranged then begins at that time."""
        day = self._calendar.latest((base.at - earlier.earlier).date())
        at = dt.datetime.combine(day, earlier.at or base.at.time(), base.at.tzinfo)
        return replace(
            base,
            line=self.source.line(place),
            place=place,
            at=at,
            when=at,
            what=earlier.what or base.what,
            by=earlier.by or base.by,
            acts=tuple(_arranged_for(act, base.at) for act in earlier.do),
            expect=earlier.expect,
        )

    def _children(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.script.children) if tuple(keys) == ("all",) else tuple(keys)

    # What is wrong with a turn.

    def _turn_problems(self, turn: Turn) -> Iterator[Problem]:
        yield from self._unknown((*turn.place, "for"), "children", turn.children)
        yield from self._expect_problems(turn.expect, (*turn.place, "expect"))
        if turn.when < turn.at:
            yield Problem((*turn.place, "told_at"), say("script.told_before", at=f"{moments.written(turn.at.date())} {turn.at:%H:%M}"))
        yield from self._setting_problems(turn)
        if not turn.acts:
            return
        if turn.by is None:
            yield Problem(turn.place, say("script.by_whom"))
        else:
            yield from self._unknown((*turn.place, "by"), "people", [turn.by])
        somebody = next(iter(self.script.people), None)
        # Whoever does it, the rest is checked as well.
        if somebody is not None:
            for act in turn.acts:
                yield from self._act_problems(act, turn, turn.by if turn.by in self.script.people else somebody)

    def _setting_problems(self, turn: Turn) -> Iterator[Problem]:
        known = {each.key for each in rules_in_force().settings_table}
        unknown = [key for key in turn.settings if key not in known]
        yield from (Problem((*turn.place, "settings", key), say("script.no_setting", key=key, near=nearest(key, known))) for key in unknown)
        if not unknown:
            try:
                rules_in_force().with_settings({key: value for key, value in turn.settings.items() if value is not None})
            except BadRules as error:
                yield Problem((*turn.place, "settings"), str(error))

    def _act_problems(self, act: Act, turn: Turn, by: str) -> Iterator[Problem]:
        place = (*turn.place, "do")
        yield from self._unknown((*place, *act.place, "each"), "children", act.each)
        found: set[Problem] = set()
        if turn.meeting is not None:
            found.update(meeting_problems(act, turn.meeting, self._meetings, turn.children, Said(by, turn.at, self.key_of)))
            yield from (Problem((*place, *problem.place), problem.says) for problem in found)
            return
        for child in turn.children or ("",):
            try:
                command_of(act, child, by, turn.at, self.key_of)
            except Wrong as wrong:
                found.update(wrong.problems)
        yield from (Problem((*place, *problem.place), problem.says) for problem in found)

    def _unknown(self, place: Place, kind: str, keys: Iterable[str]) -> Iterator[Problem]:
        for key in keys:
            try:
                self.key_of(kind, key)
            except ValueError as error:
                yield Problem(place, str(error))

    def _expect_problems(self, expect: Expect, place: Place) -> Iterator[Problem]:
        for name in ("due", "met", "met_late", "met_recorded_late", "reminded", "overdue", "stopped", "not_running"):
            yield from self._not_in(self._clocks, "timescale", cast(Iterable[str], getattr(expect, name)), (*place, name))
        for number, each in enumerate(expect.escalated):
            yield from self._not_in(self._clocks, "timescale", [each.timescale], (*place, "escalated", number))
            yield from self._unknown((*place, "escalated", number, "to"), "people", [each.to])
        yield from self._not_in(self._clocks, "timescale", (*expect.ladders, *expect.moved), place)
        for clock, rungs in expect.ladders.items():
            named = [each for rung in rungs for each in (rung.to, rung.deputy_for) if each not in {None, "nobody"}]
            yield from self._unknown((*place, "ladders", clock), "people", cast("list[str]", named))
        for number, letter in enumerate(expect.letters):
            yield from self._unknown((*place, "letters", number, "to"), "people", [letter.to])
        yield from self._not_in(set(sentences()), "refusal", [expect.refused] if expect.refused else [], (*place, "refused"))
        for machine in ("registration", "enquiry"):
            stage = getattr(expect, machine)
            yield from self._not_in(self._stages[machine], "stage", [stage] if stage else [], (*place, machine))
        if expect.meeting is not None:
            yield from self._unknown((*place, "meeting"), "people", people_in(expect.meeting))
            yield from self._unknown((*place, "meeting", "participation"), "children", expect.meeting.participation)
        for key, own in expect.each.items():
            yield from self._unknown((*place, "each"), "children", [key])
            yield from self._expect_problems(own, (*place, "each", key))

    def _not_in(self, known: set[str], what: str, words: Iterable[str], place: Place) -> Iterator[Problem]:
        for word in words:
            if word not in known:
                yield Problem((*place, word), say(f"script.no_{what}", word=word, near=nearest(word, known)))


def _arranged_for(act: Act, starts: dt.datetime) -> Act:
    return act.model_copy(update={"fields": {"starts": starts, **act.fields}}) if act.command == "arranged" else act


def _reachable(relative: Relative, place: Place) -> Iterator[Problem]:
    """What the record would refuse of that relative."""
    for each in relative.need:
        if each not in set(Need):
            yield Problem((*place, "need"), say("script.not_among", key=each, kind="needs", near=nearest(each, Need)))
    if relative.way is Way.post and relative.relation is Relation.child:
        yield Problem((*place, "way"), say("script.child_by_post"))
    elif relative.way is Way.post and relative.address is None:
        yield Problem((*place, "way"), say("script.post_needs_address"))


def _other(act: Act, every_other_time: Mapping[str, Mapping[str, Any]]) -> Act:
    differs = dict(every_other_time.get(act.command, {}))
    each = {**act.each, **differs.pop("each", {})}
    return act.model_copy(update={"fields": {**act.fields, **differs}, "each": each})
