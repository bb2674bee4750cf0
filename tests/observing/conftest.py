"""A deployment whose worker and sender are processes, with everything that an operator can switch on."""

import asyncio
import datetime as dt
import os
import secrets
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import asyncpg
import pytest

from embedded.engine import open_namespace
from embedded.ports import HOST, free_ports
from embedded.stack import Endpoints
from engine.connect import connect
from engine.version import make_current, this_version
from procedures.rules import SHIPPED
from record import versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from tests.observing.collector import Collector, collecting
from tests.observing.wrong_clock import WRONG, wrong

ROOT = Path(__file__).parents[2]

WITHIN = 60.0
"""Seconds that anything may take to be seen."""


class Ran(NamedTuple):
    """What a run of the command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Watched:
    """The deployment, and where what it tells can be read."""

    authority: str
    endpoints: Endpoints
    superuser: str
    door: Pool
    environment: dict[str, str]
    folder: Path
    worker_metrics: str
    sender_metrics: str
    collector: Collector

    async def runs(self, *arguments: str, module: str = "cli", **more: str) -> Ran:
        """Run `siwrnai` as a process of its own."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment | more,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())

    async def gets(self, *arguments: str) -> str:
        """Run `siwrnai`, which must succeed, and give what it printed."""
        ran = await self.runs(*arguments)
        assert ran.code == 0, ran.err
        return ran.out.strip()

    def as_role(self, role: Role) -> dict[str, str]:
        """The environment of a process that logs in as that role."""
        return self.environment | {"DATABASE_URL": dsn(self.superuser, role, self.endpoints.keys)}

    def log(self) -> str:
        """All that the processes have logged."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))

    async def breaks(self, statement: str) -> None:
        """Do something to the record that only its owner can."""
        connection = await asyncpg.connect(self.superuser)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def watched(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """In real time, on the session's stack, with worker and sender at work."""
    async with deployed(stack, tmp_path_factory.mktemp("watched")) as here, working(here):
        yield here


@asynccontextmanager
async def working(here: Watched, by: dt.timedelta = dt.timedelta()) -> AsyncGenerator[None]:
    """Worker and sender as processes, whose machine's clock may be wrong by so much; the worker's version gets the tasks."""
    async with AsyncExitStack() as leaving:
        for module, role in (("worker", Role.journey), ("correspondence.sender", Role.post)):
            environment = here.as_role(role) | wrong(module, by)
            await leaving.enter_async_context(process(WRONG if by else module, here.folder, environment, name=module))
        client = await connect(here.endpoints.temporal_address, here.endpoints.namespace, KeyRing(here.endpoints.keys))
        await make_current(client, this_version().build_id)
        yield


@asynccontextmanager
async def deployed(stack: Endpoints, folder: Path) -> AsyncGenerator[Watched]:
    """All that worker and sender need, neither of which runs yet; in a namespace of its own, since other tests' workers have no version."""
    authority = f"a-{secrets.token_hex(6)}"
    stack = stack.model_copy(update={"namespace": f"watched-{authority}"})
    await open_namespace(stack.temporal_address, stack.namespace)
    superuser = urlunsplit(urlsplit(stack.postgres_superuser_dsn)._replace(path=f"/{authority.replace('-', '_')}"))
    await migrate(superuser, KeyRing(stack.keys), Deployment(authority=authority))
    worker_metrics, sender_metrics = (f"{HOST}:{port}" for port in free_ports(2))
    async with AsyncExitStack() as leaving:
        collector = leaving.enter_context(collecting())
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SIWRNAI_LANGUAGE": "en",
            "SIWRNAI_HOME": str(stack.directory),
            "SIWRNAI_KEYS": str(stack.keys),
            "SIWRNAI_AUTHORITY": authority,
            "SIWRNAI_LOG_LEVEL": "debug",
            "SIWRNAI_MAIL_SETTLE": "0",
            "SIWRNAI_WORKER_METRICS": worker_metrics,
            "SIWRNAI_SENDER_METRICS": sender_metrics,
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            "DATABASE_URL": superuser,
            "SMTP_URL": stack.smtp_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        door = await leaving.enter_async_context(await open_pool(dsn(superuser, Role.door, stack.keys), "tests", most=2))
        async with transaction(door, authority) as connection:
            await versions.begin(connection, SHIPPED.read_bytes(), "p-admin")
        yield Watched(authority, stack, superuser, door, environment, folder, worker_metrics, sender_metrics, collector)
        client = await connect(stack.temporal_address, stack.namespace, KeyRing(stack.keys))
        async with transaction(door, authority) as connection:
            begun = await connection.fetch("SELECT child FROM journeys")
        await asyncio.gather(*(client.get_workflow_handle(row["child"]).terminate("the tests are over") for row in begun))


@asynccontextmanager
async def process(module: str, folder: Path, environment: dict[str, str], name: str = "") -> AsyncGenerator[None]:
    """One of ours, from when it is at work; it must end well."""
    name = name or module
    ready = folder / f"{name}.ready"
    with (folder / f"{name}.log").open("ab") as log:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module), env=environment | {"SIWRNAI_READY_FILE": str(ready)}, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(WITHIN):
            while not ready.exists():
                assert running.returncode is None, (folder / f"{name}.log").read_text(encoding="utf-8")
                await asyncio.sleep(0.05)
        yield
    finally:
        running.terminate()
        assert await running.wait() == 0


async def scraped(address: str) -> str:
    """What Prometheus would get."""

    def get() -> str:
        with urlopen(f"http://{address}/metrics", timeout=5) as answer:
            return answer.read().decode()

    return await asyncio.to_thread(get)
