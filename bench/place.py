"""Where a row is measured: parts of its own in a folder that is thrown away, one authority, the door, and the plain schema beside it."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from temporalio.client import Client, WorkflowHistory

from bench.bare_worker import SCHEMA
from commands import Door
from embedded.stack import Endpoints, Stack
from engine.connect import connect
from procedures.rules import SHIPPED
from record import directory, versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from schemas.timeline import SERVICE
from tests.live import EARLY
from tests.procedures.child import POSTS

NAMESPACE = "bench"

AUTHORITY = "bench"


@dataclass(frozen=True)
class Place:
    """One authority with its staff, on parts of its own."""

    endpoints: Endpoints
    client: Client
    """With the codec."""
    plain: Client
    """Without."""
    door_pool: Pool
    pool: Pool
    """As journeys write."""
    keys: KeyRing

    @property
    def door(self) -> Door:
        """In real time."""
        return Door(self.client, self.door_pool, AUTHORITY, self.keys)


@asynccontextmanager
async def place(*, virtual: bool) -> AsyncGenerator[Place]:
    """Everything made anew; with virtual time as a rehearsal's is, else as in life."""
    with tempfile.TemporaryDirectory(prefix="siwrnai-bench-", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder) / "stack", NAMESPACE, time_skipping=virtual, durable=not virtual)
        async with stack.running(lambda _: None) as endpoints, AsyncExitStack() as leaving:
            keys = KeyRing(endpoints.keys)
            superuser = endpoints.postgres_superuser_dsn
            # Journeys' clocks are moved, with or without time skipping: by the record's clock none of it would be now.
            await migrate(superuser, keys, Deployment(authority=AUTHORITY, virtual=True))
            await _plain_schema(superuser)
            pools: list[Pool] = []
            for role in (Role.door, Role.journey):
                pools.append(await leaving.enter_async_context(await open_pool(dsn(superuser, role, endpoints.keys), "bench")))
            await _staff(pools[0])
            client = await connect(endpoints.temporal_address, NAMESPACE, keys)
            plain = await Client.connect(endpoints.temporal_address, namespace=NAMESPACE)
            yield Place(endpoints, client, plain, pools[0], pools[1], keys)


async def _plain_schema(superuser: str) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(SCHEMA)
    finally:
        await connection.close()


async def _staff(pool: Pool) -> None:
    async with transaction(pool, AUTHORITY) as connection:
        await versions.begin(connection, await asyncio.to_thread(SHIPPED.read_bytes), SERVICE)
        for person in (*POSTS.values(), "p-mari"):
            row = directory.Person(person=person, name=person, email=f"{person}@enghraifft.example", language="cy", valid_from=EARLY)
            await directory.put_person(connection, row, SERVICE)
        for role, person in POSTS.items():
            await directory.put_post(connection, directory.Post(role=role, person=person, valid_from=EARLY), SERVICE)


async def runs_of(client: Client, workflow: str) -> list[WorkflowHistory]:
    """The history of each run of a workflow, the first run first."""
    newest = await client.get_workflow_handle(workflow).fetch_history()
    run = newest.events[0].workflow_execution_started_event_attributes.first_execution_run_id
    runs: list[WorkflowHistory] = []
    while run:
        runs.append(await client.get_workflow_handle(workflow, run_id=run).fetch_history())
        run = runs[-1].events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return runs
