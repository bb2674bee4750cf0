"""When a journey goes on in a new run: a run's history is replayed whole whenever a worker takes the journey up, so it is kept short.

The journey asks at every turn; what is asked here is fixed once the history holds it, so the answer must never depend on anything else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_COMMANDS = 1_500
"""Well before the engine's 2,000 updates a run."""

LONGEST_RUN = timedelta(days=365)
"""A quiet journey would otherwise keep one run for years, and need the code of years ago to replay it."""


@dataclass
class Run:
    """One run of a journey in the engine."""

    began: datetime
    """By the engine's clock."""
    version: str | None
    """The worker's version that began it; none where workers have none."""
    commands: int = 0
    """Taken or refused in this run."""

    def is_over(self, now: datetime, version: str | None, *, suggested: bool) -> bool:
        """Whether it is time for a new run: it is long, old, the engine suggests it, or another version of the worker has taken it up."""
        return suggested or self.commands >= MOST_COMMANDS or self.left(now) <= timedelta() or version != self.version

    def left(self, now: datetime) -> timedelta:
        """How long it may last from now on."""
        return LONGEST_RUN - (now - self.began)
