"""This machine's clock beside the record's. The record stamps what is recorded; a machine whose clock differs is named, since it is
a machine that nobody sets, and its logs, and what a person types there, carry its time.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from observing import metrics

FAR = timedelta(seconds=5)
"""From this difference on, either way, a clock counts as set wrong."""

log = structlog.get_logger()


def machine() -> datetime:
    """The clock of the machine that runs this process. No worker and no sender reads it anywhere else."""
    return datetime.now(UTC)


async def ahead(record: Callable[[], Awaitable[datetime]]) -> timedelta:
    """How far this machine's clock is ahead of the record's (behind where it is less than nothing), right to half the time that asking takes."""
    before = machine()
    there = await record()
    return before + (machine() - before) / 2 - there


def is_wrong(ahead: timedelta) -> bool:
    """Whether so much is more than two well-kept clocks ever differ by."""
    return abs(ahead) > FAR


async def compare(record: Callable[[], Awaitable[datetime]]) -> None:
    """Show the difference as a metric, and where it is wrong say so in the log."""
    difference = await ahead(record)
    metrics.show(metrics.CLOCK_DIFFERENCE, {(): abs(difference.total_seconds())})
    if is_wrong(difference):
        log.error("clock_wrong", ahead_seconds=round(difference.total_seconds(), 3))
