"""A stack whose engine suggests a new run after a few dozen events, so that journeys go on in new runs all the time."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from temporalio.client import Client

from embedded import engine
from embedded.stack import Endpoints, Stack

SUGGESTED_AFTER = 60
"""Events in a run; a command is about nine."""


@asynccontextmanager
async def short_runs(home: Path) -> AsyncGenerator[Endpoints]:
    """The stack, with the engine's own setting far lower than the 4,096 events it ships with."""
    tuned = {**engine.TUNED, "limit.historyCount.suggestContinueAsNew": SUGGESTED_AFTER}
    with mock.patch.object(engine, "TUNED", tuned):
        async with Stack(home / "stack", "rehearsal", time_skipping=True, durable=False).running(print) as endpoints:
            yield endpoints


async def runs_of(client: Client, child: str) -> list[str]:
    """The runs of a child's journey, the present one first."""
    return [run for run, _ in await chain_of(client, child)]


async def chain_of(client: Client, child: str) -> list[tuple[str, datetime]]:
    """The same, each with the instant in which it began."""
    runs: list[tuple[str, datetime]] = []
    run: str | None = None
    while run is None or run:
        history = await client.get_workflow_handle(child, run_id=run).fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        runs.append((started.original_execution_run_id, history.events[0].event_time.ToDatetime(UTC)))
        run = started.continued_execution_run_id
    return runs
