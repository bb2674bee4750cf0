"""A validation error as one sentence for a person: where, what is wrong, what would be right. Words of people are never repeated."""

import datetime as dt
import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from console.fields import Field, fields
from console.language import say
from procedures.times import LONDON
from schemas.base import TEXT_LIMIT

Described = Mapping[str, Field]


def sentence(error: ErrorDetails, described: Described) -> str:
    """The sentence for one error of pydantic's."""
    field, where = _place(error, described)
    key, facts = SAID.get(error["type"], _other)(error, field)
    return say(f"mistakes.{key}", option=where, **facts)


def _place(error: ErrorDetails, described: Described) -> tuple[Field | None, str]:
    """The field, and how it is named to a person: `--attendance (2) agency`."""
    field: Field | None = None
    where: list[str] = []
    for step in error["loc"]:
        if isinstance(step, int):
            where.append(f"({step + 1})")
        else:
            field = described.get(step)
            where.append(field.option if field is not None and not where else str(step))
            described = {each.name: each for each in fields(field.model)} if field is not None and field.model else {}
    return field, " ".join(where) or "?"


def _given(error: ErrorDetails) -> str:
    return str(error["input"])[:40]


Facts = tuple[str, dict[str, Any]]


def _missing(error: ErrorDetails, field: Field | None) -> Facts:
    if field is not None and field.name == "actor":
        return "missing_actor", {}
    if field is not None and field.name == "instance":
        return "missing_instance", {"right": field.example}
    if field is not None and field.is_flag:
        return "missing", {"right": f"{field.option} / --no-{field.option[2:]}"}
    if field is not None and field.choices:
        return "missing", {"right": ", ".join(field.choices)}
    if field is not None and field.is_text:
        return "missing_words", {}
    return "missing", {"right": "…" if field is None else field.example}


def _choice(error: ErrorDetails, field: Field | None) -> Facts:
    choices = field.choices if field is not None else ()
    near = difflib.get_close_matches(_given(error), choices, n=1)
    return "unknown_choice", {"given": _given(error), "right": near[0] if near else ", ".join(choices)}


def _offset(error: ErrorDetails, field: Field | None) -> Facts:
    there = dt.datetime.fromisoformat(str(error["input"]).strip().upper()).replace(tzinfo=LONDON)
    return "needs_offset", {"given": _given(error), "right": there.isoformat(timespec="minutes")}


def _pattern(error: ErrorDetails, field: Field | None) -> Facts:
    pattern = str(error.get("ctx", {}).get("pattern", ""))
    if "@" in pattern:
        return "not_email", {"given": _given(error)}
    if "|" in pattern:
        return "unknown_choice", {"given": _given(error), "right": pattern.strip("^$()").replace("|", ", ")}
    return "not_key" if pattern.startswith("^[a-z]") else "not_id", {"given": _given(error)}


def _unknown_part(error: ErrorDetails, field: Field | None) -> Facts:
    return "unknown_part", {"part": error["loc"][-1]}


def _plain(key: str) -> Callable[[ErrorDetails, Field | None], Facts]:
    def said(error: ErrorDetails, field: Field | None) -> Facts:
        limit = error.get("ctx", {}).get("max_length", TEXT_LIMIT)
        return key, {"given": _given(error), "limit": limit, "least": error.get("ctx", {}).get("ge", 1)} | _example(field)

    return said


def _example(field: Field | None) -> dict[str, str]:
    return {"right": "…" if field is None else field.example}


def _other(error: ErrorDetails, field: Field | None) -> Facts:
    return "other", {"says": error["msg"].removeprefix("Value error, ")}


SAID: Mapping[str, Callable[[ErrorDetails, Field | None], Facts]] = {
    "missing": _missing,
    "literal_error": _choice,
    "enum": _choice,
    "timezone_aware": _offset,
    "string_pattern_mismatch": _pattern,
    "extra_forbidden": _unknown_part,
    "string_too_long": _plain("too_long"),
    "string_too_short": _plain("empty"),
    "too_short": _plain("needs_one"),
    "greater_than_equal": _plain("too_small"),
    "int_parsing": _plain("not_number"),
    "int_type": _plain("not_number"),
    "bool_parsing": _plain("not_yes_or_no"),
    "datetime_parsing": _plain("not_instant"),
    "datetime_from_date_parsing": _plain("not_instant"),
    "date_parsing": _plain("not_date"),
    "date_from_datetime_parsing": _plain("not_date"),
}
"""By pydantic's type of error."""
