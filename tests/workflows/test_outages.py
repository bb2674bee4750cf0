"""A part that is away, full or wrong delays and loses nothing: what was due is done once when it is back, and what is stamped is right."""

import ast
import asyncio
import datetime as dt
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from commands import Door, EngineAway, RecordAway
from embedded.postgres import SYSTEM_USER
from embedded.stack import Endpoints
from engine.journeys import run_journey
from record.pool import transaction
from recovery import beginning
from rehearsal.forward import forward
from schemas.commands import Command
from schemas.timeline import RecordedEntry
from tests.live import Live, live
from tests.procedures.child import at
from worker import journeys_worker

ROOT = Path(__file__).parents[2]


def happened(entries: list[RecordedEntry]) -> Counter[tuple[str, ...]]:
    """What happened to which timescale, and how often; but reminders, of which none is sent once what they remind of is overdue."""
    return Counter(
        (str(entry.content["instance"]), str(entry.content["state"]), str(entry.content.get("rung", "")), str(entry.content.get("to", "")))
        for entry in entries
        if entry.kind == "clock" and entry.content["state"] != "reminded"
    )


async def letters(here: Live, child: str) -> Counter[str]:
    """The causes of what was ordered, but reminders."""
    async with transaction(here.door_pool, here.authority) as connection:
        rows = await connection.fetch("SELECT cause FROM letter_orders WHERE child = $1 AND kind <> 'reminder'", child)
    return Counter(row["cause"] for row in rows)


async def until_recorded(here: Live, child: str, after: int) -> list[RecordedEntry]:
    """The timeline, once there is more than that."""
    async with asyncio.timeout(60):
        while (entries := await here.entries(child))[-1].seq <= after:  # noqa: ASYNC110 - a worker records it.
            await asyncio.sleep(0.05)
    return entries


async def test_a_worker_away_over_every_due_time_of_a_week_does_all_of_it_once(stack: Endpoints) -> None:
    async with live(stack) as here:
        watched, unwatched = await here.reported(), await here.reported()
        await here.stage.move_to(at("2026-11-20 16:41"), here.door)
        was = len(await here.entries(unwatched))
        del here.stage.journeys[unwatched]
        await here.stage.move_to(at("2026-11-27 16:41"), here.door)
        # For this journey nothing ran all week: its first turn comes when it is over.
        async with transaction(here.door_pool, here.authority) as connection:
            begin = await beginning(connection, unwatched, here.keys, here.stage.clock)
        await run_journey(here.client, unwatched, begin, replace=True)
        entries = await until_recorded(here, unwatched, was)
        await here.stage.watch(here.door, unwatched)
        assert happened(entries) == happened(await here.entries(watched))
        assert await letters(here, unwatched) == await letters(here, watched)
        assert sum(happened(entries).values()) > was, "something was due"
        assert await here.whole(unwatched)


async def refuse_connections(here: Live, *, refuse: bool) -> None:
    """The database refuses everybody, or nobody any more."""
    database = urlsplit(here.superuser).path.lstrip("/")
    connection = await asyncpg.connect(here.superuser.replace(f"/{database}", "/postgres"))
    await connection.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {not refuse}")
    if refuse:
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)
    await connection.close()


async def test_while_the_database_refuses_connections_nothing_is_lost_and_then_it_is_done_once(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        before = await here.entries(child)
        await refuse_connections(here, refuse=True)
        command = here.command("advocacy_offered", "2026-11-20 16:40")
        with pytest.raises(RecordAway, match="under the same id"):
            await here.door.submit(child, command, "k-1")
        running = here.stage.journeys[child]
        to = at("2026-11-20 17:41").astimezone(dt.UTC) - running.sight.ahead
        moving = asyncio.ensure_future(forward(here.client, running.handle, to))
        await asyncio.sleep(2)
        await refuse_connections(here, refuse=False)
        await moving
        entries = await until_recorded(here, child, before[-1].seq)
        told = Counter(str(entry.content.get("state")) for entry in entries if entry.content.get("clock") == "immediate_safety")
        assert (told["overdue"], max(told.values())) == (1, told["escalated"])
        here.stage.now = at("2026-11-20 17:41")
        await here.door.submit(child, command, "k-1")
        assert [entry.kind for entry in await here.entries(child)].count("advocacy_offered") == 1
        assert await here.whole(child)


MACHINE_CLOCKS = re.compile(r"\b(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time|time\.time_ns|time\.localtime)$")
"""Calls that read the clock of the machine that runs them."""

ROOMS = ("activities", "procedures", "record", "schemas", "workflows")


def clocks_read(path: Path) -> set[str]:
    """Each call in that file by which the machine's clock is read, with its line."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return {f"{path.name}:{call.lineno}: {ast.unparse(call.func)}" for call in calls if MACHINE_CLOCKS.search(ast.unparse(call.func))}


def test_a_workers_wrong_clock_stamps_nothing() -> None:
    """What is recorded is stamped by the database; when something is due, the engine says. So the clock of a worker's machine counts nowhere."""
    files = [*(path for room in ROOMS for path in (ROOT / room).rglob("*.py")), *(ROOT / name for name in ("commands.py", "recovery.py"))]
    assert set[str]().union(*(clocks_read(path) for path in files)) == set()
    assert clocks_read(ROOT / "correspondence" / "sender.py"), (
        "the search finds none: whether a reminder comes too late is asked of the machine"
    )


SIZE = 40 << 20
"""Bytes of the small disk."""


@contextmanager
def small_disk() -> Generator[Path]:
    """A disk of its own on which PostgreSQL keeps what a test puts there. Only the system's administrator can make one."""
    folder = Path(tempfile.mkdtemp(prefix="siwrnai-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0777", "tmpfs", folder], check=True)  # noqa: S607, S603
    try:
        (folder / "space").mkdir()
        shutil.chown(folder / "space", SYSTEM_USER)
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607, S603
        folder.rmdir()


async def as_superuser(here: Live, *statements: str) -> None:
    """Run these in another database of the same server."""
    database = urlsplit(here.superuser).path.lstrip("/")
    connection = await asyncpg.connect(here.superuser.replace(f"/{database}", "/postgres"))
    try:
        for statement in statements:
            await connection.execute(statement.format(database=database))
    finally:
        await connection.close()


def fill(disk: Path) -> Path:
    """A file that takes all that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


async def until_full(door: Door, child: str, said: Command, most: int = 100) -> int:
    """Send the command, each time under another id, until there is no room for it; gives how many were taken."""
    for number in range(most):
        try:
            await door.submit(child, said, f"k-{number}")
        except (RecordAway, EngineAway):
            return number
    raise AssertionError("the disk was never full")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a disk that is full")
async def test_a_full_disk_delays_and_loses_nothing(stack: Endpoints) -> None:
    with small_disk() as disk:
        async with live(stack, worker=False) as here:
            for pool in (here.door_pool, here.journey_pool):
                await pool.expire_connections()
            away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            await as_superuser(
                here, f"CREATE TABLESPACE small LOCATION '{disk / 'space'}'", away, "ALTER DATABASE {database} SET TABLESPACE small"
            )
            try:
                async with journeys_worker(here.client, here.journey_pool, here.keys):
                    child = await here.reported()
                    before = await here.entries(child)
                    filler = fill(disk)
                    long = here.command("voice_recorded", "2026-11-20 16:40", how="in_person", worries="That I must move. " * 5_000)
                    taken = await until_full(replace(here.door, patience=3), child, long)
                    filler.unlink()
                    ids = [f"k-{number}" for number in range(taken + 1)]
                    for id in ids:
                        await here.door.submit(child, long, id)
                    await here.stage.watch(here.door, child)
                    entries = await here.entries(child)
                    assert entries[: len(before)] == before
                    assert [entry.command_id for entry in entries if entry.kind == "voice_recorded"] == ids
                    assert await here.whole(child)
            finally:
                await as_superuser(here, away, "ALTER DATABASE {database} SET TABLESPACE pg_default", "DROP TABLESPACE small")
