"""What a person could type for a field, and what the command's field must then be."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from pydantic import AwareDatetime, BaseModel

from console.fields import Field, fields

WORDS = "Mae'r plentyn, meddai'r athrawes, yn dawel = iawn."
"""With a comma, an apostrophe and an equals sign in it."""


class Typed(NamedTuple):
    """Arguments, and the value they mean, as JSON."""

    arguments: list[str]
    means: Any


def typed(field: Field) -> Iterator[Typed]:
    """Every way of giving that field."""
    if field.is_flag:
        yield Typed([field.option], True)
        yield Typed([f"--no-{field.option[2:]}"], False)
        return
    for text, means in _values(field):
        yield Typed([field.option, text], [means] if field.many else means)
    if field.many:
        several = list(_values(field))[-2:]
        arguments = [argument for text, _ in several for argument in (field.option, text)]
        yield Typed(arguments, [means for _, means in several])


def _values(field: Field) -> Iterator[tuple[str, Any]]:
    if field.choices:
        yield from ((choice, choice) for choice in field.choices)
    elif field.model is not None:
        yield from _parted(field.model)
    elif field.base is AwareDatetime:
        yield "2026-11-22T09:30+01:00", "2026-11-22T09:30:00+01:00"
        yield "2026-11-22 09:30Z", "2026-11-22T09:30:00Z"
    elif field.base is dt.date:
        yield "2027-03-02", "2027-03-02"
    elif field.base is int:
        yield "2", 2
    else:
        text = WORDS if field.is_text else "x-1"
        yield text, text


def _parted(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """With each part, as key=value and as JSON; and the first part without its key, where nothing else is needed."""
    parts = fields(model)
    whole = {part.name: next(_values(part)) for part in parts}
    means = {name: value for name, (_, value) in whole.items()} | ({"by": "video"} if "by" in whole else {})
    written = {name: text for name, (text, _) in whole.items()} | ({"by": "video"} if "by" in whole else {})
    yield ",".join(f"{name}={text}" for name, text in written.items()), means
    yield orjson.dumps(means).decode(), means
    if not any(part.required for part in parts[1:]):
        first, value = whole[parts[0].name]
        defaults = {part.name: part.default for part in parts[1:] if part.default is not None}
        yield first, {parts[0].name: value, **defaults}


def needed(model: type[BaseModel], without: str = "") -> list[str]:
    """Arguments for all fields that a command needs, but one."""
    given = [next(typed(field)).arguments for field in fields(model) if field.required and field.name not in {without, "happened_at"}]
    return [argument for arguments in given for argument in arguments]
