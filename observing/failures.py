"""What may be said of a failure where operators read it: its type, where it was raised, and of its message only what holds no data.

Messages of libraries repeat what was given to them: pydantic names the input, PostgreSQL the row. So a message is told only where we
know how it was made.
"""

import os
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

IDS_ONLY = "ids_only"
"""An exception class of ours says with this attribute that its messages hold ids, numbers and codes alone."""

PLACE = re.compile(r"[a-z0-9_]{1,60}")

LONGEST = 300
"""Characters of a message."""

FRAMES = 12
"""The innermost calls that are named."""

ROOT = Path(__file__).parents[1]


class Said(NamedTuple):
    """One failure, without data."""

    type: str
    message: str
    where: tuple[str, ...] = ()
    """`module.py:line in function`, the innermost last."""


def chain(error: BaseException) -> list[Said]:
    """The failure and what caused it, the outermost first."""
    return [Said(kind_of(each), message_of(each), tuple(_frames(each))) for each in _causes(error)]


def root(error: BaseException) -> Said:
    """What it came from in the end: the last cause, without frames."""
    last = list(_causes(error))[-1]
    return Said(kind_of(last), message_of(last))


def kind_of(error: BaseException) -> str:
    """The type's name; of a failure that crossed the engine the name of what was raised."""
    kind = error.type if isinstance(error, ApplicationError) else None
    return kind or type(error).__name__


def message_of(error: BaseException) -> str:
    """What of the message holds no data; often nothing."""
    match error:
        case ValidationError():
            return "; ".join(f"{_place(each['loc'])}: {each['type']}" for each in error.errors(include_input=False, include_context=False))[
                :LONGEST
            ]
        case asyncpg.PostgresError():
            return " ".join(filter(None, (error.sqlstate, _named(error, "table_name"), _named(error, "constraint_name"))))
        case RPCError():
            return error.status.name
        case OSError() if error.errno is not None:
            return os.strerror(error.errno)
        case _:
            return str(error)[:LONGEST] if getattr(error, IDS_ONLY, False) else ""


def _named(error: asyncpg.PostgresError, name: str) -> str | None:
    return getattr(error, name, None)


def _place(loc: tuple[int | str, ...]) -> str:
    # A key of what was given stands here too, and may be anything.
    return ".".join(str(each) if PLACE.fullmatch(str(each)) else "…" for each in loc)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _frames(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]:
        path = Path(frame.filename)
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) and "site-packages" not in path.parts else path.name
        yield f"{name}:{frame.lineno} in {frame.name}"
