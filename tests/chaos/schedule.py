"""Which process is killed when. A seed repeats the schedule; what exactly a process was doing in that instant is left to chance."""

import random
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

Victim = Literal["worker", "engine", "postgres", "sender", "mail-catcher", "command line"]

VICTIMS: tuple[Victim, ...] = get_args(Victim)

WEIGHTS = (4, 2, 2, 2, 1, 2)

SHORTEST, LONGEST = 0.2, 3.0
"""Seconds between two kills: shorter than it takes to come up again, now and then."""


class Kill(NamedTuple):
    """One kill -9."""

    after: float
    """Seconds since the one before."""
    victim: Victim
    moment: float
    """For the command line, which lives for one command: seconds since its start."""


def schedule(seed: int) -> Iterator[Kill]:
    """Kills without end, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret.
    while True:
        (victim,) = chance.choices(VICTIMS, WEIGHTS)
        yield Kill(round(chance.uniform(SHORTEST, LONGEST), 3), victim, round(chance.uniform(0.3, 2.5), 3))
