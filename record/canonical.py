"""One way of writing a value as bytes, so that what is hashed is always the same: JSON, sorted keys, times in UTC with microseconds."""

import datetime as dt
from typing import Any

import orjson

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical(value: Any) -> bytes:
    """The value's canonical bytes.

    Raises:
        TypeError: it holds a naive time, or what JSON cannot hold.
    """
    return orjson.dumps(value, default=_plain, option=OPTIONS)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}: expected JSON, and times with their offset")
