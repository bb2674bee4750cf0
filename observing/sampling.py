"""Gauges, taken every few seconds by the process that serves them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

EVERY = 15.0
"""Seconds between two samples."""

log = structlog.get_logger()


@asynccontextmanager
async def sampling(address: str | None, sample: Callable[[], Awaitable[None]]) -> AsyncGenerator[None]:
    """Samples while within; nothing where no address for metrics was given."""
    if address is None:
        yield
        return
    task = asyncio.create_task(_keep(sample))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(sample: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await sample()
        except Exception as error:  # The record is away; what was shown last stays.
            log.error("not_sampled", error=type(error).__name__, exc_info=error)
        await asyncio.sleep(EVERY)
