"""A changed calendar with many open journeys: how quick people's commands stay while a sweep tells them, and that it misses none."""

import asyncio
import datetime as dt
import time
from typing import Any

import asyncpg

from activities.changes import Proposal
from bench.many import FEW, never, opened, timed
from bench.place import AUTHORITY, Place, place
from bench.registered import command, on_record, opaque
from bench.rows import Row, Size, quantile
from changing import Changing
from procedures.times import local
from procedures.working_days import Calendar
from schemas.engine import SweepProgress
from worker import journeys_worker

FROM_NOW = 3
"""Working days until the holiday that is proclaimed: the feedback to the reporter moves, what is due within hours does not."""

COPIES = (
    "INSERT INTO record.children (child, family, authority, team) "
    "SELECT 'x-' || g, 'f-x-' || g, authority, team FROM record.children, generate_series(1, $2) g WHERE child = $1",
    "INSERT INTO record.journeys SELECT r.* FROM record.journeys j, generate_series(1, $2) g, "
    "LATERAL jsonb_populate_record(j, jsonb_build_object('child', 'x-' || g, 'family', 'f-x-' || g)) r WHERE j.child = $1",
    "INSERT INTO record.clocks SELECT r.* FROM record.clocks c, generate_series(1, $2) g, "
    "LATERAL jsonb_populate_record(c, jsonb_build_object('child', 'x-' || g, 'family', 'f-x-' || g)) r "
    "WHERE c.child = $1 AND c.clock = 'immediate_safety'",
)
"""Journeys that the sweep looks at and leaves alone: their rows, as a journey wrote them, are all that it reads."""


class Missed(Exception):
    """Not every journey was told."""


async def measure(size: Size) -> list[Row]:
    """Of people's commands, with a sweep beside them and without."""
    async with place(virtual=False) as here, journeys_worker(here.client, here.pool, here.keys):
        few = await opened(here, FEW, never)
        without = await timed(here.door, few, size.commands)
        moving = [await _reported(here) for _ in range(size.moved)]
        await _copied(here, moving[0], size.swept)
        changing = Changing(here.door_pool, AUTHORITY)
        began = time.perf_counter()
        affected = await _affected(changing, await changing.calendar(_with_holiday))
        previewed = time.perf_counter() - began
        await changing.put_in_force("calendar", _with_holiday, "p-mari")
        swept = asyncio.create_task(_swept(here, changing))
        beside = await timed(here.door, few, size.commands)
        told, seconds = await swept
        if left := await _affected(changing, await changing.calendar()):
            raise Missed(f"{len(left)} journeys were missed")
        await asyncio.gather(*(here.client.get_workflow_handle(child).terminate("measured") for child in (*few, *moving)))
    name = f"commands with a sweep, {size.swept + size.moved:,} open"
    notes = f"previewed in {previewed:.0f} s; {told.looked_at:,} looks, {told.moved} of {len(affected)} moved, in {seconds:.0f} s"
    return [
        Row(name=f"{name} (p{100 * q:.0f})", unit="ms", ours=1000 * quantile(beside, q), bare=1000 * quantile(without, q), notes=notes)
        for q in (0.5, 0.95, 0.99)
    ]


def _with_holiday(body: dict[str, Any]) -> dict[str, Any]:
    calendar = Calendar.of(0, body)
    today = local(dt.datetime.now(dt.UTC)).date()
    return calendar.with_holiday(calendar.add(today, FROM_NOW)[0]).body


async def _reported(here: Place) -> str:
    child = opaque()
    await on_record(here, [child])
    said = await command(here.door, "report", how="telephone", words="A bruise.", alleged=["neglect"])
    await here.door.submit(child, said, opaque())
    return child


async def _copied(here: Place, child: str, many: int) -> None:
    connection = await asyncpg.connect(here.endpoints.postgres_superuser_dsn)
    try:
        for statement in COPIES:
            await connection.execute(statement, child, many)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _swept(here: Place, changing: Changing) -> tuple[SweepProgress, float]:
    """How far it came, and seconds."""
    began = time.perf_counter()
    told = await (await changing.sweep(here.client, dt.timedelta(seconds=1))).result()
    return told, time.perf_counter() - began


async def _affected(changing: Changing, proposal: Proposal) -> set[str]:
    return {each.child async for page in changing.preview(proposal) for each in page.affected}
