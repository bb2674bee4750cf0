"""Entries appended a second, against plain inserts of the same rows."""

import time
from collections.abc import Sequence

from bench.bare_worker import Step, insert
from bench.place import Place, place
from bench.recorded import steps_of
from bench.registered import on_record, one_registered, opaque, registered_state, state_of, visit
from bench.rows import Row, Size
from record import timeline
from schemas.flush import Flush
from worker import journeys_worker

FLUSHES = 25
"""Of each child: visits of one who is registered."""


async def measure(size: Size) -> list[Row]:
    """Child by child, ours and plain in turn, on one connection each."""
    ours = bare = entries = 0.0
    async with place(virtual=False) as here:
        steps = await _visits(here)
        each = sum(len(step.rows) for step in steps)
        for _ in range(size.timelines):
            ours += await _appended(here, steps)
            bare += await _inserted(here, steps)
            entries += each
    return [
        Row(
            name="entries appended a second",
            unit="entries/s",
            ours=entries / ours,
            bare=entries / bare,
            notes=f"{FLUSHES} flushes, {each} entries a child; chained, sealed, signed, with row-level security",
        )
    ]


async def _visits(here: Place) -> list[Step]:
    async with journeys_worker(here.client, here.pool, here.keys):
        child, door = await one_registered(here)
        for _ in range(FLUSHES):
            await door.submit(child, await visit(door), opaque())
    return await steps_of(here.client, here.pool, child, state_of(child, registered_state()))


async def _appended(here: Place, steps: Sequence[Step]) -> float:
    child, copies = opaque(), list[Flush]()
    for step in steps:
        copies.append(Flush.model_validate(step.flush).model_copy(update={"child": child, "family": f"f-{child}", "texts": ()}))
    await on_record(here, [child])
    began = time.perf_counter()
    for flush in copies:
        await timeline.append(here.pool, flush, here.keys)
    return time.perf_counter() - began


async def _inserted(here: Place, steps: Sequence[Step]) -> float:
    child = opaque()
    began = time.perf_counter()
    for step in steps:
        async with here.pool.acquire() as connection:
            await insert(connection, child, step)
    return time.perf_counter() - began
