"""Whose data a verb is about, where `--data` names them."""

import os
from contextvars import ContextVar
from pathlib import Path

_named: ContextVar[bool] = ContextVar("named", default=False)


def choose(folder: Path | None) -> None:
    """Speak of that folder's data; with None, of what the environment says."""
    _named.set(folder is not None)
    if folder is not None:
        os.environ["SIWRNAI_HOME"] = str(folder)


def is_named() -> bool:
    """Whether it was named in the line itself: then nothing else can be meant."""
    return _named.get()
