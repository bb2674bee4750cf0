"""A live deployment of these tests' own, and the command as a person runs it: it finds the deployment by its environment."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pytest
from typer.testing import CliRunner

from cli import app
from console.language import LOCALE, SETTING
from console.options import ACTOR
from embedded.stack import Endpoints
from engine.connect import connect
from procedures.rules import SHIPPED
from record import meetings, versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from worker import journeys_worker

ROOT = Path(__file__).parents[2]


class Ran(NamedTuple):
    """What a run of the command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """A person's desk: the command, and the environment in which it runs."""

    authority: str
    endpoints: Endpoints
    environment: dict[str, str]

    async def runs(self, *arguments: str, **environment: str) -> Ran:
        """Run `siwrnai` with these arguments, in a thread of its own."""
        ran = await asyncio.to_thread(CliRunner(env=self.environment | environment).invoke, app, arguments)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    async def starts(self, *arguments: str) -> Ran:
        """Run `siwrnai` as a process."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "cli", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**self.environment, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())

    async def gets(self, *arguments: str, **environment: str) -> str:
        """Run `siwrnai`, which must succeed, and give what it printed."""
        ran = await self.runs(*arguments, **environment)
        assert ran.code == 0, ran.err
        return ran.out.strip()


@pytest.fixture(scope="module")
async def desk(stack: Endpoints) -> AsyncIterator[Desk]:
    """A deployment in real time, with its worker, on the session's stack; for one module, since other tests' workers ask the same queue."""
    authority = f"a-{secrets.token_hex(6)}"
    superuser = urlunsplit(urlsplit(stack.postgres_superuser_dsn)._replace(path=f"/{authority.replace('-', '_')}"))
    await migrate(superuser, KeyRing(stack.keys), Deployment(authority=authority))
    own = stack.model_copy(update={"postgres_superuser_dsn": superuser})
    environment = {
        **dict.fromkeys((SETTING, *LOCALE, ACTOR), ""),
        "TEMPORAL_ADDRESS": own.temporal_address,
        "TEMPORAL_NAMESPACE": own.namespace,
        "DATABASE_URL": superuser,
        "SMTP_URL": own.smtp_url,
        "SIWRNAI_HOME": str(own.directory),
        "SIWRNAI_KEYS": str(own.keys),
        "SIWRNAI_AUTHORITY": authority,
    }
    keys = KeyRing(own.keys)
    async with (
        await open_pool(dsn(superuser, Role.door, own.keys), "tests", most=2) as door,
        await open_pool(dsn(superuser, Role.journey, own.keys), "tests", most=5) as journey,
    ):
        async with transaction(door, authority) as connection:
            await versions.begin(connection, SHIPPED.read_bytes(), "p-admin")
        client = await connect(own.temporal_address, own.namespace, keys)
        async with journeys_worker(client, journey, keys):
            yield Desk(authority, own, environment)
        async with transaction(door, authority) as connection:
            begun = [row["child"] for row in await connection.fetch("SELECT child FROM journeys")]
            # Of another deployment's meetings that go on in the same engine the gate knows nothing.
            begun += [f"meeting:{each}" for each in await meetings.arranged(connection)]
        ending = (client.get_workflow_handle(each).terminate("the tests are over") for each in begun)
        await asyncio.gather(*ending, return_exceptions=True)  # What is over by itself cannot be ended.


@pytest.fixture(scope="module")
async def huw(desk: Desk) -> str:
    """Huw Bevan, who runs the team and is on duty."""
    return await desk.gets(
        *("directory", "add-person", "--name", "Huw Bevan", "--language", "en", "--email", "huw@enghraifft.example"),
        *("--role", "team manager", "--role", "duty_manager"),
    )


@pytest.fixture
async def child(desk: Desk, huw: str) -> str:
    """A child on record."""
    return await desk.gets("child", "register", "--actor", huw, "--name", "Ela Prys", "--born", "2019-03-12", "--language", "cy")
