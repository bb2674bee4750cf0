"""Kills processes by the pid files that their supervisors keep, as they come in a schedule."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import ValidationError

from embedded.supervisor import PidFile
from tests.chaos.schedule import Kill, Victim

SAME = 2.0
"""Seconds by which two readings of one process's start may differ."""

COMES_UP_WITHIN = 60.0


def process_of(folders: tuple[Path, ...], name: str) -> psutil.Process | None:
    """The process of that name, where it runs now."""
    for folder in folders:
        try:
            noted = PidFile.model_validate_json((folder / "pids" / f"{name}.json").read_bytes())
            process = psutil.Process(noted.pid)
            if abs(process.create_time() - noted.created) < SAME and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except (FileNotFoundError, ValidationError, psutil.NoSuchProcess):
            continue
    return None


@dataclass
class Killer:
    """Kills as the schedule has it, until so many are done."""

    kills: Iterator[Kill]
    most: int
    told: Callable[[], None]
    """Called after each kill."""
    each_of: AbstractSet[Victim] = frozenset()
    """And until each of these was killed: a command line lives for moments, and may end before its kill."""
    done: Counter[Victim] = field(default_factory=Counter[Victim])
    for_command_lines: list[float] = field(default_factory=lambda: [])
    """Seconds after which the next command lines are killed."""

    @property
    def over(self) -> bool:
        """Whether all kills are done."""
        return self.done.total() >= self.most and self.each_of <= self.done.keys()

    async def kill(self, folders: tuple[Path, ...]) -> None:
        """Kill among the processes of these folders, until all kills are done or until cancelled."""
        while not self.over:
            kill = next(self.kills)
            await asyncio.sleep(kill.after)
            if kill.victim == "command line":
                self.for_command_lines.append(kill.moment)
            else:
                (await _running(folders, kill.victim)).kill()
                self.count(kill.victim)

    def count(self, victim: Victim) -> None:
        """One more is killed."""
        self.done[victim] += 1
        self.told()


async def _running(folders: tuple[Path, ...], name: str) -> psutil.Process:
    async with asyncio.timeout(COMES_UP_WITHIN):
        while (process := process_of(folders, name)) is None:  # noqa: ASYNC110 - nothing tells of it.
            await asyncio.sleep(0.02)
        return process
