"""What the worker, the sender and the reader of answers do alike: read their settings, tell of themselves, run until told to stop, and leave."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import structlog

from embedded.settings import BadSettings, Common, read
from engine.leaving import settle
from observing import logs, metrics, traces
from procedures.rules import BadRules

log = structlog.get_logger()

GRACE = 10
"""Seconds that what is in hand may take when the process is told to stop; after that it is done again, the same, at the next start."""

Settings = TypeVar("Settings", bound=Common)


def main(
    name: str, kind: type[Settings], metrics_at: Callable[[Settings], str | None], run: Callable[[Settings], Coroutine[Any, Any, None]]
) -> int:
    """Run it; 2 where its configuration or the procedures file is wrong, said in one sentence each."""
    try:
        settings = read(kind)
        logs.configure(name, settings.log_level)
        metrics.start(metrics_at(settings))
        traces.start(name)
        asyncio.run(run(settings))
    except (BadSettings, BadRules) as error:
        print(error, file=sys.stderr)
        return 2
    settle()
    return 0


def told_to_stop() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


def tell_ready(file: Path | None) -> None:
    """To whoever started it, by the file that they named."""
    if file is not None:
        file.touch()


async def finished(serving: Awaitable[Any]) -> None:
    """Wait for what is in hand, for as long as it may take."""
    try:
        await asyncio.wait_for(serving, GRACE)
    except TimeoutError:
        log.warning("left_in_hand", seconds=GRACE)
