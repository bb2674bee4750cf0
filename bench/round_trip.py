"""A command's way there and back, against a plain update that does one local and one regular activity with the same rows."""

import time

from bench.bare import BARE
from bench.bare_worker import Activities, bare_worker
from bench.place import Place, place
from bench.recorded import steps_of
from bench.registered import one_registered, opaque, registered_state, state_of, visit
from bench.rows import Row, Size, quantile
from worker import journeys_worker

FAR = "2100-01-01T00:00:00+00:00"
"""When the plain workflow's timer is due."""

WARM = 3


async def measure(size: Size) -> list[Row]:
    """The half of interleaved pairs that is quicker than this."""
    async with place(virtual=False) as here:
        activities = Activities(here.plain, here.pool)
        async with journeys_worker(here.client, here.pool, here.keys), bare_worker(activities):
            ours, bare = await _pairs(here, activities, size.pairs)
    return [
        Row(
            name="command, there and back (p50)",
            unit="ms",
            ours=1000 * quantile(ours, 0.5),
            bare=1000 * quantile(bare, 0.5),
            aim="at most 1.5 times",
            at_most=1.5,
            notes=f"a visit; p95 {1000 * quantile(ours, 0.95):.0f} and {1000 * quantile(bare, 0.95):.0f} ms",
        )
    ]


async def _pairs(here: Place, activities: Activities, pairs: int) -> tuple[list[float], list[float]]:
    child, door = await one_registered(here)
    for _ in range(WARM):
        await door.submit(child, await visit(door), opaque())
    activities.steps = {"command": (await steps_of(here.client, here.pool, child, state_of(child, registered_state())))[-1:]}
    plain = await here.plain.start_workflow("BareAlert", args=["b-1", FAR], id="b-1", task_queue=BARE)
    for _ in range(WARM):
        await plain.execute_update("command", {"name": "visit"})
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(pairs):
        said, id = await visit(door), opaque()
        began = time.perf_counter()
        await door.submit(child, said, id)
        between = time.perf_counter()
        await plain.execute_update("command", {"name": "visit", "id": id, "body": said.model_dump(mode="json")})
        ours.append(between - began)
        bare.append(time.perf_counter() - between)
    return ours, bare
