"""A part that is away, full or wrong delays and loses nothing: what was due is done once when it is back, and what is stamped is right."""

import ast
import asyncio
import datetime as dt
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import pytest
import structlog.testing

from activities.settlements import MOST_AHEAD
from commands import Door, EngineAway, RecordAway
from embedded.postgres import SYSTEM_USER
from embedded.stack import Endpoints
from engine.journeys import run_journey
from procedures.times import local
from record import operating, versions
from record.pool import transaction
from recovery import beginning
from rehearsal.forward import forward
from schemas.commands import Command
from schemas.engine import JOURNEYS
from schemas.timeline import RecordedEntry
from tests.live import REPORT, Live, live
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


async def test_an_engines_clock_that_is_ahead_makes_nothing_overdue_before_its_time_and_is_named(stack: Endpoints) -> None:
    async with live(stack, virtual=False) as here:
        child = await here.child()
        async with transaction(here.door_pool, here.authority) as connection:
            begin, now = await beginning(connection, child, here.keys), await versions.now(connection)
        told = f"{local(now):%Y-%m-%d %H:%M:%S}"
        # What a journey sees of an engine whose clock is three hours ahead.
        three = dt.timedelta(hours=3)
        await here.client.start_workflow("Journey", begin.model_copy(update={"ahead": three}), id=child, task_queue=JOURNEYS)
        try:
            await here.door.submit(child, here.command("report", told, **REPORT), "k-1")
            async with asyncio.timeout(60):
                # A worker notes it. On a slow machine it may note before that the record was slow to answer.
                while await held_by(here) != {child: "EngineClockAhead"}:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            # People go on; only what time alone would bring waits.
            await here.door.submit(child, here.command("police_told", told), "k-2")
            entries = await here.entries(child)
            assert [entry.kind for entry in entries if entry.kind != "clock"] == ["report", "police_told"]
            assert {entry.content["state"] for entry in entries if entry.kind == "clock"} == {"started", "met"}
            assert max(entry.decided_at for entry in entries) < now + MOST_AHEAD + dt.timedelta(minutes=1)
        finally:
            await here.client.get_workflow_handle(child).terminate("the test is over")


async def held_by(here: Live) -> dict[str, str]:
    """Each workflow that is held, with the failure that holds it."""
    async with transaction(here.door_pool, here.authority) as connection:
        return {each.held.workflow: each.held.failure for each in await operating.held(connection, 10)}


AWAY = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"

REFUSE = "ALTER DATABASE {database} ALLOW_CONNECTIONS false", AWAY

ALLOW = "ALTER DATABASE {database} ALLOW_CONNECTIONS true"


async def test_while_the_database_refuses_connections_nothing_is_lost_and_then_it_is_done_once(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        before = await here.entries(child)
        command = here.command("advocacy_offered", "2026-11-20 16:40")
        await from_outside(here, *REFUSE)
        with pytest.raises(RecordAway, match="under the same id"):
            await here.door.submit(child, command, "k-1")
        # Meanwhile the first timescale passes: the journey wakes, and can work out nothing.
        running = here.stage.journeys[child]
        to = at("2026-11-20 17:41").astimezone(dt.UTC) - running.sight.ahead
        with structlog.testing.capture_logs() as logged:
            moving = asyncio.ensure_future(forward(here.client, running.handle, to))
            async with asyncio.timeout(60):
                while not any(each["event"] == "activity_failed" for each in logged):  # noqa: ASYNC110 - nothing tells of it.
                    await asyncio.sleep(0.1)
        await from_outside(here, ALLOW)
        await moving
        entries = await until_recorded(here, child, before[-1].seq)
        told = Counter(str(entry.content["state"]) for entry in entries if entry.content.get("clock") == "immediate_safety")
        assert told["overdue"] == 1
        assert len({entry.cause for entry in entries}) == len(entries), "each thing once"
        here.stage.now = at("2026-11-20 17:41")
        await here.door.submit(child, command, "k-1")
        assert [entry.kind for entry in await here.entries(child)].count("advocacy_offered") == 1
        assert await here.whole(child)


MACHINE_CLOCKS = re.compile(r"\b(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time|time\.time_ns|time\.localtime)$")
"""Calls that read the clock of the machine that runs them."""

ROOMS = ("activities", "correspondence", "procedures", "record", "schemas", "workflows")


def clocks_read(path: Path) -> set[str]:
    """Each call in that file by which the machine's clock is read, with its line."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return {f"{path.name}:{call.lineno}: {ast.unparse(call.func)}" for call in calls if MACHINE_CLOCKS.search(ast.unparse(call.func))}


def test_a_workers_wrong_clock_stamps_nothing() -> None:
    """What is recorded is stamped by the database; when something is due, the engine says. So the clock of a machine of ours counts nowhere:
    it is read to be compared with the record's."""
    alone = ("commands.py", "recovery.py", "worker.py")
    files = [*(path for room in ROOMS for path in (ROOT / room).rglob("*.py")), *(ROOT / name for name in alone)]
    assert set[str]().union(*(clocks_read(path) for path in files)) == set()
    assert clocks_read(ROOT / "observing" / "clocks.py"), "the search finds none"


SIZE = 40 << 20
"""Bytes of the small disk."""

NO_ROOM = (
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$",
    "CREATE TRIGGER no_room BEFORE INSERT ON record.timeline EXECUTE FUNCTION no_room()",
)


class Disk(NamedTuple):
    """The disk that holds a test's database."""

    fill: Callable[[], Awaitable[None]]
    free: Callable[[], Awaitable[None]]


@asynccontextmanager
async def disk(here: Live) -> AsyncGenerator[Disk]:
    """A small disk of the test's own. Where nobody may make one, the database says that it is full, with the same code, when it is not."""
    with small_disk() as folder:
        if folder is None:
            yield Disk(lambda: said(here, *NO_ROOM), lambda: said(here, "DROP FUNCTION no_room CASCADE"))
            return
        move = f"CREATE TABLESPACE small LOCATION '{folder / 'space'}'", AWAY, "ALTER DATABASE {database} SET TABLESPACE small"
        await from_outside(here, *move)
        try:
            yield Disk(lambda: asyncio.to_thread(fill, folder), lambda: asyncio.to_thread((folder / FILLER).unlink))
        finally:
            await from_outside(here, AWAY, "ALTER DATABASE {database} SET TABLESPACE pg_default", "DROP TABLESPACE small")


@contextmanager
def small_disk() -> Generator[Path | None]:
    """A folder that is a disk of its own, with room in it for PostgreSQL; none where this machine lets us make none."""
    folder = Path(tempfile.mkdtemp(prefix="siwrnai-disk-"))
    mount = ("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0777", "tmpfs", str(folder))
    made = shutil.which("mount") is not None and subprocess.run(mount, check=False, capture_output=True).returncode == 0  # noqa: S603
    try:
        if made:
            (folder / "space").mkdir()
            shutil.chown(folder / "space", SYSTEM_USER)
        yield folder if made else None
    finally:
        if made:
            subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607, S603
        folder.rmdir()


async def said(here: Live, *statements: str) -> None:
    """Run these in the test's own database."""
    async with here.superuser_connection() as connection:
        for statement in statements:
            await connection.execute(statement)


async def from_outside(here: Live, *statements: str) -> None:
    """Run these in another database of the same server."""
    database = urlsplit(here.superuser).path.lstrip("/")
    connection = await asyncpg.connect(here.superuser.replace(f"/{database}", "/postgres"))
    try:
        for statement in statements:
            await connection.execute(statement.format(database=database))
    finally:
        await connection.close()


FILLER = "filler"


def fill(disk: Path) -> None:
    """Take all that is left."""
    with (disk / FILLER).open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


async def until_full(door: Door, child: str, said: Command, most: int = 100) -> int:
    """Send the command, each time under another id, until there is no room for it; gives how many were taken."""
    for number in range(most):
        try:
            await door.submit(child, said, f"k-{number}")
        except (RecordAway, EngineAway):
            return number
    raise AssertionError("the disk was never full")


async def test_a_full_disk_delays_and_loses_nothing(stack: Endpoints) -> None:
    async with (
        live(stack, worker=False) as here,
        disk(here) as its,
        journeys_worker(here.client, here.journey_pool, here.keys),
    ):
        child = await here.reported()
        before = await here.entries(child)
        await its.fill()
        long = here.command("voice_recorded", "2026-11-20 16:40", how="in_person", worries="That I must move. " * 5_000)
        taken = await until_full(replace(here.door, patience=3), child, long)
        await its.free()
        ids = [f"k-{number}" for number in range(taken + 1)]
        for id in ids:
            await here.door.submit(child, long, id)
        await here.stage.watch(here.door, child)
        entries = await here.entries(child)
        assert entries[: len(before)] == before
        assert [entry.command_id for entry in entries if entry.kind == "voice_recorded"] == ids
        assert await here.whole(child)
