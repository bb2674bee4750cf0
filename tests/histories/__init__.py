"""Finished journeys of each release: what the engine and the record held of them. No real child is in them.

A folder a release: the key under which the engine's histories are encrypted, and a packed file a journey.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas.meetings import MeetingEntry
from schemas.timeline import RecordedEntry

RELEASES = Path(__file__).parent


class Kept(BaseModel):
    """One journey, as it was when it was recorded."""

    child: str
    family: str
    authority: str
    team: str
    runs: list[dict[str, Any]]
    """The engine's history of each run, the first one first."""
    entries: list[RecordedEntry]
    next_wake: datetime | None
    """When the journey would have woken next."""


class KeptMeeting(BaseModel):
    """One meeting, as it was when it was recorded."""

    meeting: str
    authority: str
    run: dict[str, Any]
    """The engine's history of its present run."""
    log: list[MeetingEntry]


def kept() -> list[Path]:
    """The files of all releases."""
    return sorted(RELEASES.glob("*/*.json.gz"))


def kept_meetings() -> list[Path]:
    """The files of meetings, in a folder of their release; under the same key."""
    return sorted(RELEASES.glob("*/meetings/*.json.gz"))
