"""A command of a script as the door takes it: keys of people become ids, written dates become instants, shorthands are spelt out."""

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from console.language import say
from rehearsal import moments
from rehearsal.script import Act
from rehearsal.source import Place, Problem
from schemas.base import Identifier
from schemas.commands import COMMANDS, Command
from schemas.commands.base import AgencyKind, Attendance

IDENTIFIER: StringConstraints = get_args(Identifier)[1]

KINDS = {"agency": "agencies", "to_authority": "authorities", "from_authority": "authorities", "meeting": "meetings"}
"""What a field of that name refers to; all others refer to people."""

SAID_BY_STEP = {"actor": "by", "happened_at": "at"}

IdOf = Callable[[str, str], str]
"""The id, in this run, of a kind of thing and its key. Raises ValueError where the script has none, with those it has."""

Made = TypeVar("Made", bound=BaseModel)


class Said(NamedTuple):
    """Who says a command, when, and what the keys in it refer to."""

    by: str
    at: dt.datetime
    id_of: IdOf
    kinds: Mapping[str, str] = KINDS


class Wrong(Exception):
    """A command of a script cannot be made."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(each.says for each in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """What would be right, for a word that is not known."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return say("script.near", near=near[0])
    return say("script.known", known=", ".join(words)) if words else say("script.none_known")


SAID = {
    "literal_error": "choice",
    "enum": "choice",
    "int_parsing": "not_number",
    "int_type": "not_number",
    "greater_than_equal": "too_small",
    "bool_parsing": "not_yes",
    "bool_type": "not_yes",
    "too_short": "needs_one",
    "string_type": "is_text",
    "string_too_short": "is_text",
    "string_pattern_mismatch": "not_id",
}
"""By pydantic's type of error, what is said of a value."""


def value_problem(error: ErrorDetails, where: str) -> str:
    """What is wrong with one value, in the reader's language."""
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    given, context = f"'{str(error['input'])[:40]}'", error.get("ctx", {})
    facts = {
        "where": where,
        "given": given,
        "right": context.get("expected", "").replace(" or ", ", "),
        "least": context.get("ge"),
        "says": error["msg"],
    }
    return say(f"script.{SAID.get(error['type'], 'wrong')}", **facts)


def command_of(act: Act, child: str, actor: str, at: dt.datetime, id_of: IdOf) -> Command:
    """The command for that child.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    if act.command not in COMMANDS or COMMANDS[act.command].service:
        people_do = [name for name, model in COMMANDS.items() if not model.service]
        raise Wrong([Problem(act.place, say("script.no_command", command=act.command, near=nearest(act.command, people_do)))])
    return made_of(COMMANDS[act.command], act, act.fields_for(child), Said(actor, at, id_of))


def made_of(model: type[Made], act: Act, fields: Mapping[str, Any], said: Said) -> Made:
    """A command of that model, or something else that somebody does, with those fields.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    problems = [
        Problem((*act.place, name), say("script.said_by_step", name=name, right=SAID_BY_STEP[name]))
        for name in fields
        if name in SAID_BY_STEP
    ]
    reading = _Reading(said.id_of, said.kinds)
    body = reading.fields(model, {name: value for name, value in fields.items() if name not in SAID_BY_STEP}, act.place)
    problems += reading.problems
    known = {"actor": said.by if problems else said.id_of("people", said.by), "happened_at": said.at}
    try:
        made = model.model_validate({**body, **{name: value for name, value in known.items() if name in model.model_fields}})
    except ValidationError as error:
        # What could not be read has been told of, and is not missing.
        problems += [
            _problem(each, model, act)
            for each in error.errors()
            if each["loc"][:1] not in {(name,) for name in fields.keys() - body.keys()}
        ]
        raise Wrong(problems) from error
    if problems:
        raise Wrong(problems)
    return made


def _problem(error: ErrorDetails, model: type[BaseModel], act: Act) -> Problem:
    where = "".join(f" {item}" for item in error["loc"])
    if error["type"] == "extra_forbidden" and error["input"] is None:
        says = say("script.comma", command=act.command, key=error["loc"][-1])
    elif error["type"] == "extra_forbidden":
        near = nearest(str(error["loc"][-1]), set(model.model_fields) - set(SAID_BY_STEP))
        says = say("script.no_detail", command=act.command, key=error["loc"][-1], near=near)
    elif error["type"] == "missing":
        says = say("script.needs", command=act.command, where=where)
    else:
        says = value_problem(error, act.command + where)
    return Problem((*act.place, *error["loc"]), says)


class _Reading:
    """Reads the values of a command by the types of its fields."""

    def __init__(self, id_of: IdOf, kinds: Mapping[str, str] = KINDS) -> None:
        self._id_of, self._kinds = id_of, kinds
        self.problems: list[Problem] = []
        """Every mistake of a command is told at once."""

    def fields(self, model: type[BaseModel], written: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """What could be read of the fields; the rest is among the problems."""
        hints = get_type_hints(model, include_extras=True)
        body: dict[str, Any] = {}
        for name, value in written.items():
            try:
                body[name] = self._value(hints.get(name, str), value, name, (*place, name))
            except Wrong as wrong:
                self.problems += wrong.problems
        return body

    def _value(self, hint: Any, value: Any, name: str, place: Place) -> Any:
        try:
            return self._read(hint, value, name, place)
        except ValueError as error:
            raise Wrong([Problem(place, str(error))]) from error

    def _read(self, hint: Any, value: Any, name: str, place: Place) -> Any:
        arms = list(_arms(hint))
        if isinstance(value, str):
            return self._scalar(arms, value, name)
        element = next((get_args(arm)[0] for arm, _ in arms if get_origin(arm) is tuple), None)
        if element is not None:
            return [self._value(element, each, name, (*place, number)) for number, each in enumerate(_items(element, value))]
        model = next((arm for arm, _ in arms if isinstance(arm, type) and issubclass(arm, BaseModel)), None)
        return self.fields(model, cast(Mapping[str, Any], value), place) if model is not None and isinstance(value, Mapping) else value

    def _scalar(self, arms: list[tuple[Any, tuple[Any, ...]]], value: str, name: str) -> Any:
        for arm, marks in arms:
            if IDENTIFIER in marks:
                return self._id_of(self._kinds.get(name, "people"), value)
            if arm is AwareDatetime:
                return moments.instant(value)
            if arm is dt.date:
                return moments.day_of(value)
            if arm is Attendance:
                return {"agency": _chosen(AgencyKind, value)}
            if get_origin(arm) is tuple:
                return [self._scalar(list(_arms(get_args(arm)[0])), each.strip(), name) for each in value.split(",")]
        return next((_chosen(arm, value) for arm, _ in arms if _choices(arm)), value)


def _choices(arm: Any) -> tuple[str, ...]:
    """The values there are, where they are named."""
    if get_origin(arm) is Literal:
        return tuple(str(each) for each in get_args(arm))
    return tuple(str(each.value) for each in arm) if isinstance(arm, type) and issubclass(arm, Enum) else ()


def _chosen(arm: Any, written: str) -> str:
    """The value as it is known; it may be written with spaces: `social worker`."""
    key = written.strip().lower().replace(" ", "_")
    return key if key in _choices(arm) else written


def _items(element: Any, value: Any) -> list[Any]:
    """Attendance may be written as `school: telephone`, or as a list of agencies that were present."""
    if element is Attendance and isinstance(value, Mapping):
        return [{"agency": _chosen(AgencyKind, agency), "by": how or "present"} for agency, how in cast(Mapping[str, Any], value).items()]
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _arms(hint: Any) -> Iterable[tuple[Any, tuple[Any, ...]]]:
    """The types that a hint allows, each with its annotations; None left out."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        yield from ((arm, (*marks, *own)) for arm, own in _arms(inner))
    elif type(None) in get_args(hint):
        for arm in get_args(hint):
            if arm is not type(None):
                yield from _arms(arm)
    else:
        yield hint, ()
