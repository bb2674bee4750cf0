"""The plain workflows' activities: plain inserts of the rows that a recorded journey wrote. As a process: `python -m bench.bare_worker`."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import BARE, Bare, BareAlert, BareMeeting
from engine.leaving import settle
from record.pool import Connection, Pool

SCHEMA = """
CREATE SCHEMA bare;
CREATE TABLE bare.timeline (LIKE record.timeline INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE bare.letters (child text, cause text, content jsonb, PRIMARY KEY (child, cause));
CREATE TABLE bare.clocks (child text, instance text, content jsonb, PRIMARY KEY (child, instance));
CREATE TABLE bare.journeys (child text PRIMARY KEY, content jsonb, steps integer DEFAULT 1);
CREATE TABLE bare.commands (child text, id text, content jsonb, PRIMARY KEY (child, id));
CREATE TABLE bare.alerts (child text PRIMARY KEY, acted timestamptz DEFAULT clock_timestamp());
GRANT USAGE ON SCHEMA bare TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA bare TO PUBLIC;
"""

COLUMNS = 15
TIMELINE = f"INSERT INTO bare.timeline VALUES ({', '.join(f'${n}' for n in range(1, COLUMNS + 1))})"  # noqa: S608 - only numbers.
UPSERT = "ON CONFLICT ({key}) DO UPDATE SET content = excluded.content"


class Step(NamedTuple):
    """One flush of a recorded journey, and the rows of the timeline that it wrote."""

    flush: dict[str, Any]
    rows: Sequence[tuple[Any, ...]]
    """As `record.timeline` holds them: child first, then seq."""
    next_wake: str | None


async def insert(connection: Connection, child: str, step: Step) -> None:
    """Plain inserts, in one transaction, of what a flush wrote."""
    flush = step.flush
    async with connection.transaction():
        await connection.executemany(TIMELINE, [(child, *row[1:]) for row in step.rows])
        await connection.executemany(
            "INSERT INTO bare.letters VALUES ($1, $2, $3)", [(child, each["cause"], each) for each in flush["letters"]]
        )
        await connection.executemany(
            f"INSERT INTO bare.clocks VALUES ($1, $2, $3) {UPSERT.format(key='child, instance')}",  # noqa: S608 - constant.
            [(child, each["instance"], each) for each in flush["clocks"]],
        )
        await connection.execute(
            f"INSERT INTO bare.journeys VALUES ($1, $2) {UPSERT.format(key='child')}, steps = journeys.steps + 1",  # noqa: S608 - constant.
            *(child, flush["summary"]),
        )
        if flush["answer"]:
            await connection.execute(
                f"INSERT INTO bare.commands VALUES ($1, $2, $3) {UPSERT.format(key='child, id')}",  # noqa: S608 - constant.
                *(child, flush["command_id"], flush["answer"]),
            )


@dataclass
class Activities:
    """They know the steps by child; a child's workflow asks for them by number."""

    client: Client
    pool: Pool
    steps: Mapping[str, Sequence[Step]] = field(default_factory=dict[str, Sequence[Step]])

    @activity.defn(name="bare_rows")
    async def rows(self, child: str, number: int) -> dict[str, Any]:
        """What the step comes to."""
        step = self.steps[child][number]
        return {"child": child, "number": number, "flush": step.flush, "next_wake": step.next_wake}

    @activity.defn(name="bare_insert")
    async def insert(self, rows: dict[str, Any]) -> None:
        """Write them."""
        child, number = str(rows["child"]), int(rows["number"])
        async with self.pool.acquire() as connection:
            await insert(connection, child, self.steps[child][number])

    @activity.defn(name="bare_repeat")
    async def repeat(self, rows: dict[str, Any], times: int) -> dict[str, Any]:
        """Write the rows of one command once more, for the workflow that asks."""
        child, step = activity.info().workflow_id or "", self.steps[str(rows["child"])][int(rows["number"])]
        moved = [(row[0], times * COLUMNS + n, *row[2:9], f"{times}:{n}", *row[10:]) for n, row in enumerate(step.rows)]
        letters = [{**each, "cause": f"{times}:{each['cause']}"} for each in step.flush["letters"]]
        flush = {**step.flush, "letters": letters, "command_id": f"{times}"}
        async with self.pool.acquire() as connection:
            await insert(connection, child, Step(flush, moved, None))
        return step.flush["answer"] or {}

    @activity.defn(name="bare_alert")
    async def alert(self, child: str) -> None:
        """One row, stamped by the database's clock."""
        await self.pool.execute("INSERT INTO bare.alerts (child) VALUES ($1)", child)

    @activity.defn(name="bare_ask")
    async def ask(self, outcomes: dict[str, Any]) -> list[str]:
        """Look at each; which refuse is in the envelope."""
        for child in outcomes:
            await self.client.get_workflow_handle(child).query("sight")
        return [child for child, envelope in outcomes.items() if envelope.get("refused")]

    @activity.defn(name="bare_tell")
    async def tell(self, child: str, envelope: dict[str, Any]) -> None:
        """Tell one."""
        await self.client.get_workflow_handle(child).execute_update("command", envelope)


def bare_worker(activities: Activities) -> Worker:
    """Set as the worker of journeys is."""
    return Worker(
        activities.client,
        task_queue=BARE,
        workflows=[Bare, BareMeeting, BareAlert],
        activities=[
            *(activities.rows, activities.insert, activities.repeat, activities.alert),
            *(activities.ask, activities.tell),
        ],
        max_concurrent_workflow_tasks=20,
    )


async def _run() -> None:
    from record.pool import open_pool

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], namespace=os.environ["TEMPORAL_NAMESPACE"])
    pool = await open_pool(os.environ["DATABASE_URL"], "bare worker")
    async with pool, bare_worker(Activities(client, pool)):
        Path(os.environ["SIWRNAI_READY_FILE"]).touch()  # noqa: ASYNC240 - once.
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_run())
    settle()
