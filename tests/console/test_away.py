"""What a person reads where Siwrnai is killed in the middle of a command: a sentence, and never a traceback."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from console.endings import Code
from record.pool import Connection
from tests.console.conftest import Desk, Ran
from tests.faults import Wire

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass"


@asynccontextmanager
async def held(desk: Desk, table: str) -> AsyncGenerator[Connection]:
    """Nobody gets at that table."""
    connection = await asyncpg.connect(desk.endpoints.postgres_superuser_dsn)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE record.{table} IN ACCESS EXCLUSIVE MODE")
            yield connection
    finally:
        await connection.close()


async def somebody_waits(connection: Connection, table: str) -> None:
    async with asyncio.timeout(60):
        while not await connection.fetchval(WAITING, f"record.{table}"):
            pass


async def killed_at(desk: Desk, table: str, *arguments: str) -> Ran:
    """Run the command as a process, and take record and engine away while it waits for that table."""
    there = urlsplit(desk.endpoints.postgres_superuser_dsn)
    engine, record = Wire(desk.endpoints.temporal_address), Wire(f"{there.hostname}:{there.port}")
    async with held(desk, table) as connection:
        async with engine.laid(), record.laid():
            through = urlunsplit(there._replace(netloc=f"{there.username}:{there.password}@{record.address}"))
            environment = {**desk.environment, "TEMPORAL_ADDRESS": engine.address, "DATABASE_URL": through}
            running = asyncio.ensure_future(Desk(desk.authority, desk.endpoints, environment).starts(*arguments))
            await somebody_waits(connection, table)
        return await running


@pytest.mark.parametrize(
    ("table", "says"), [("commands", "The record cannot be reached: "), ("heads", "The engine or its worker did not answer. ")]
)
async def test_killed_in_the_middle_of_a_command_says_how_to_send_it_again(desk: Desk, huw: str, child: str, table: str, says: str) -> None:
    told = ("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "Something.")
    repeat = ("--id", f"k-{table}", "--happened-at", "2026-01-01T10:00:00+00:00")
    ran = await killed_at(desk, table, *told, *repeat)
    assert (ran.code, ran.out) == (Code.away, "")
    said_before, sentence = ran.err.splitlines()
    assert said_before == f"To repeat it: {' '.join(repeat)}"
    assert sentence.startswith(says)
    assert f"Nothing is lost: send the same command again with {' '.join(repeat)}; it is taken once." in sentence
    assert sentence.endswith("If Siwrnai no longer runs here, first start it with `make run`.")
    assert "entries 1–5" in await desk.gets(*told, *repeat)


async def test_killed_in_the_middle_of_another_verb_says_that_it_is_done_whole_or_not_at_all(desk: Desk, huw: str) -> None:
    ran = await killed_at(desk, "journeys", "journey", "list", "--actor", huw)
    assert (ran.code, ran.out) == (Code.away, "")
    (sentence,) = ran.err.splitlines()
    assert sentence.startswith("The record went away meanwhile: ")
