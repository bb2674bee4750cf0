"""A model's fields as a person gives them on the command line: one description for options, reading and documentation."""

import datetime as dt
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel

from schemas.base import DoorMarker, FreeTextMarker, Identifier

IDENTIFIER = get_args(Identifier)[1]

INSTANT_EXAMPLE = "2026-11-23T10:05+00:00"
DATE_EXAMPLE = "2027-03-02"


@dataclass(frozen=True)
class Field:
    """One field of a model."""

    name: str
    base: Any
    """The type of one value."""
    marks: tuple[Any, ...]
    """The annotations of that type."""
    many: bool
    required: bool
    default: Any
    meaning: str
    given_example: str = ""
    """As the model gives it, where the kind of value does not say enough."""

    @property
    def option(self) -> str:
        """`--happened-at`."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_flag(self) -> bool:
        """Given as `--seen` or `--no-seen`."""
        return self.base is bool

    @property
    def is_text(self) -> bool:
        """Words of people: also from a file."""
        return any(isinstance(mark, FreeTextMarker) for mark in self.marks)

    @property
    def model(self) -> type[BaseModel] | None:
        """The model of one value, where it has parts."""
        return self.base if isinstance(self.base, type) and issubclass(self.base, BaseModel) else None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values there are, where they are named."""
        if get_origin(self.base) is Literal:
            return tuple(str(each) for each in get_args(self.base))
        if isinstance(self.base, type) and issubclass(self.base, Enum):
            return tuple(str(each.value) for each in self.base)
        return ()

    @property
    def shape(self) -> str:
        """How one value is written, in short."""
        if self.choices:
            return "|".join(self.choices)
        if self.model is not None:
            return ",".join(f"{part.name}=…" for part in fields(self.model))
        kinds = {AwareDatetime: "DATE-TIME", dt.datetime: "DATE-TIME", dt.date: "DATE", int: "NUMBER", dict: "JSON"}
        if self.base in kinds:
            return kinds[self.base]
        return "TEXT" if IDENTIFIER not in self.marks else "ID"

    @property
    def example(self) -> str:
        """One value that would be right."""
        if self.given_example:
            return self.given_example
        if self.choices:
            return self.choices[0]
        if self.model is not None:
            needed = [part for part in fields(self.model) if part.required] or fields(self.model)[:1]
            return ",".join(f"{part.name}={part.example}" for part in needed)
        examples = {"DATE-TIME": INSTANT_EXAMPLE, "DATE": DATE_EXAMPLE, "NUMBER": "1", "TEXT": "…", "ID": "p-1", "JSON": "{}"}
        return examples[self.shape]


def fields(model: type[BaseModel]) -> list[Field]:
    """The fields of a model, in its order."""
    hints = get_type_hints(model, include_extras=True)
    return [
        _field(model, name, hints[name])
        for name, info in model.model_fields.items()
        if not any(isinstance(each, DoorMarker) for each in info.metadata)
    ]


def _field(model: type[BaseModel], name: str, hint: Any) -> Field:
    info = model.model_fields[name]
    base, marks = next(arms(hint))
    many = get_origin(base) is tuple
    if many:
        base, marks = next(arms(get_args(base)[0]))
    return Field(
        name=name,
        base=base,
        marks=marks,
        many=many,
        required=info.is_required(),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        meaning=" ".join((info.description or "").split()),
        given_example=str((info.examples or ("",))[0]),
    )


def arms(hint: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The types that a hint allows, each with its annotations; None left out."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        yield from ((arm, (*marks, *own)) for arm, own in arms(inner))
    elif get_origin(hint) in {Union, types.UnionType}:
        for arm in get_args(hint):
            if arm is not type(None):
                yield from arms(arm)
    else:
        yield hint, ()
