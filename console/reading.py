"""What a person typed, read into a model: texts from files, parts from `key=value`, and every mistake said in one sentence."""

import datetime as dt
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from console.endings import Mistake
from console.fields import Field, fields
from console.language import say
from console.mistakes import sentence
from schemas.base import TEXT_LIMIT, Identifier

LARGEST_TEXT = 4 * TEXT_LIMIT
"""Bytes of a file beyond which it is too long in any alphabet."""

DAY = r"\d{4}-\d{2}-\d{2}"
INSTANT = re.compile(rf"{DAY}[T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?\s?(Z|[+-]\d{{2}}:?\d{{2}})?", re.IGNORECASE)
EARLIEST, LATEST = 1900, 2200
"""Years between which an instant is taken for one."""

IDENTIFIERS: TypeAdapter[str] = TypeAdapter(Identifier)

Read = TypeVar("Read", bound=BaseModel)


def read(model: type[Read], given: Mapping[str, Any]) -> Read:
    """The model that was meant.

    Raises:
        Mistake: a sentence for each mistake.
    """
    described = {field.name: field for field in fields(model)}
    values = {name: _value(described[name], value) for name, value in given.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Mistake(*(sentence(each, described) for each in _mistakes(error))) from None


def identifier(value: str, what: str) -> str:
    """An opaque id given as an argument.

    Raises:
        Mistake: it cannot be one.
    """
    try:
        return IDENTIFIERS.validate_python(value)
    except ValidationError:
        raise Mistake(say("mistakes.not_id", option=what, given=value[:40])) from None


def _mistakes(error: ValidationError) -> list[ErrorDetails]:
    """Each once: where no value of several is right, it is not said as well that one is needed."""
    found = error.errors(include_url=False)
    inside = {each["loc"][0] for each in found if len(each["loc"]) > 1}
    return [each for each in found if not (each["type"] == "too_short" and each["loc"][0] in inside)]


def _value(field: Field, value: Any) -> Any:
    if field.many and isinstance(value, list | tuple):
        return [_one(field, each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return _one(field, value)


def _one(field: Field, value: Any, where: str = "") -> Any:
    """One value; `where` it stands, where that is not in an option of its own."""
    where = where or field.option
    if not isinstance(value, str):
        return value
    if field.model is not None:
        return _parts(field, field.model, value)
    if field.is_text:
        return _text(where, value)
    if field.base in {AwareDatetime, dt.datetime}:
        return _instant(where, value)
    if field.base is dt.date and not re.fullmatch(DAY, value.strip()):
        raise Mistake(say("mistakes.not_date", option=where, given=value[:40]))
    return value


def _instant(where: str, value: str) -> str:
    # A bare number would be taken for seconds since 1970.
    if not INSTANT.fullmatch(value.strip()) or not EARLIEST <= int(value.strip()[:4]) <= LATEST:
        raise Mistake(say("mistakes.not_instant", option=where, given=value[:40]))
    return value.strip()


def _parts(field: Field, model: type[BaseModel], value: str) -> dict[str, Any]:
    """`agency=police,by=telephone`, where the first part may be left without its key; or JSON."""
    described = {part.name: part for part in fields(model)}
    written = _json(field, value) if value.lstrip().startswith("{") else _pairs(value, list(described))
    return {name: _one(described[name], each, f"{field.option} {name}") if name in described else each for name, each in written.items()}


def _json(field: Field, value: str) -> dict[str, Any]:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Mistake(say("mistakes.not_json", option=field.option, right=field.example)) from None


def _pairs(value: str, names: list[str]) -> dict[str, Any]:
    """Only a comma before a known key, or before a word and `=`, parts: words may have commas of their own."""
    first, *rest = re.split(r",\s*(?=[a-z_]+=)", value)
    name, equals, said = first.partition("=")
    pairs = {name.strip(): said.strip()} if equals and re.fullmatch(r"[a-z_]+", name.strip()) else {names[0]: first.strip()}
    for each in rest:
        name, _, said = each.partition("=")
        pairs[name.strip()] = said.strip()
    return pairs


def _text(where: str, value: str) -> str:
    if value == "-":
        return sys.stdin.read(LARGEST_TEXT + 1)
    if value.startswith("@@"):
        return value[1:]
    return _file(where, Path(value[1:])) if value.startswith("@") else value


def _file(where: str, path: Path) -> str:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(LARGEST_TEXT + 1).decode("utf-8", errors="strict" if path.stat().st_size <= LARGEST_TEXT else "replace")
    except OSError as error:
        raise Mistake(say("mistakes.no_file", option=where, file=path, why=error.strerror)) from None
    except UnicodeDecodeError:
        raise Mistake(say("mistakes.not_utf8", option=where, file=path)) from None
