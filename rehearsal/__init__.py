"""Scripts of children's journeys, run in virtual time on the real engine, database and mail server (`docs/rehearsal.md`)."""

from rehearsal.reading import Play, read
from rehearsal.result import Result
from rehearsal.running import NoSuchCase, find, rehearse, run
from rehearsal.source import BadScript

__all__ = ["BadScript", "NoSuchCase", "Play", "Result", "find", "read", "rehearse", "run"]
