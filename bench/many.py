"""Many open journeys, in real time: how late alerts are, and how quick commands stay, against plain timers and an empty engine."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Sequence

from bench.bare import BARE
from bench.bare_worker import Activities, bare_worker
from bench.place import Place, place
from bench.registered import begun, command, in_force, on_record, opaque, until_begun
from bench.rows import Row, Size, quantile
from commands import Door
from record.pool import transaction
from schemas.clocks import Clock, Rung
from schemas.state import JourneyState
from tests.procedures.child import reported
from worker import journeys_worker

A_SECOND = 10
"""Commands."""

MOST_DUE = 1_000
"""Of all that are open; the others are due in a year."""

AT_ONCE = 500
"""Journeys that are opened before the worker is given time to begin them."""

IN_A_YEAR = dt.timedelta(days=365)

FEW = 20
"""Journeys of the empty engine."""

OPENING = 60
"""Milliseconds, generously, that one takes to be opened: so long before anything is due."""


def waiting(due: dt.datetime) -> JourneyState:
    """A journey of which one timescale runs, and one person is told when it is overdue."""
    state = in_force(reported().state)
    runs = state.clocks["screening/1"]
    plan = runs.plan.model_copy(update={"due": due, "reminders": (), "rungs": (Rung(number=1, role="duty_manager", at=due),)})
    return state.model_copy(update={"clocks": {"screening/1": Clock.model_validate({**dict(runs), "plan": plan})}})


async def measure(size: Size) -> list[Row]:
    """The rows of each number of open journeys."""
    rows: list[Row] = []
    for number in size.open:
        async with (
            place(virtual=False) as here,
            bare_worker(Activities(here.plain, here.pool)),
            journeys_worker(here.client, here.pool, here.keys),
        ):
            rows += await _with_open(here, number, size)
    return rows


async def _with_open(here: Place, number: int, size: Size) -> list[Row]:
    few = await opened(here, FEW, never)
    door = here.door
    empty = await timed(door, few, size.commands)
    ours = await _ours(here, number, size)
    full = await timed(door, [*ours.far, *ours.due][:FEW], size.commands)
    late = await ours.late()
    await _end(here, ours.all)
    bare = await _bare(here, number, size)
    rows = [_row(f"lateness of alerts, {number:,} open (p{100 * q:.0f})", late, bare, q) for q in (0.5, 0.95, 0.99)]
    return rows + [_row(f"commands, {number:,} open against none (p{100 * q:.0f})", full, empty, q) for q in (0.5, 0.95, 0.99)]


def _row(name: str, ours: Sequence[float], bare: Sequence[float], q: float) -> Row:
    return Row(name=name, unit="ms", ours=1000 * quantile(ours, q), bare=1000 * quantile(bare, q), notes=f"{len(ours)} of {len(bare)}")


def never(_: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + IN_A_YEAR


async def opened(here: Place, number: int, due: Callable[[int], dt.datetime], recorded: int | None = None) -> list[str]:
    """So many journeys; as many as can be told something are on record."""
    ids = [opaque() for _ in range(number)]
    await on_record(here, ids[:recorded])
    gate = asyncio.Semaphore(50)

    async def begin(place_in_row: int, id: str) -> None:
        async with gate:
            await begun(here, [id], waiting(due(place_in_row)), dt.timedelta())

    for first in range(0, number, AT_ONCE):
        some = ids[first : first + AT_ONCE]
        await asyncio.gather(*(begin(first + place_in_row, id) for place_in_row, id in enumerate(some)))
        # Else their first tasks would still queue up when something is measured.
        await until_begun(here, some)
    return ids


def _starts(many: int, size: Size) -> dt.datetime:
    """When the first is due: by then all are open, and the commands are through."""
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5 + many * OPENING / 1000 + 2 * size.commands / A_SECOND)


class Opened:
    """Our journeys, with the instants at which they are due."""

    def __init__(self, here: Place, due: dict[str, dt.datetime], far: list[str], until: dt.datetime) -> None:
        self.here, self.due, self.far, self.until = here, due, far, until

    @property
    def all(self) -> list[str]:
        """Every one."""
        return [*self.due, *self.far]

    async def late(self) -> list[float]:
        """Seconds between due and recorded, by the database's clock."""
        sql = "SELECT child, min(recorded_at) AS acted FROM timeline WHERE kind = 'clock' AND child = ANY ($1) GROUP BY child"

        async def look() -> dict[str, dt.datetime]:
            async with transaction(self.here.pool, "bench") as connection:
                return {row["child"]: row["acted"] for row in await connection.fetch(sql, list(self.due))}

        return await _lateness(self.due, self.until, look)


async def _ours(here: Place, number: int, size: Size) -> Opened:
    many = min(number, MOST_DUE)
    far = await opened(here, number - many, never, FEW)
    starts = _starts(many, size)
    due = [starts + dt.timedelta(seconds=size.window * place_in_row / many) for place_in_row in range(many)]
    ids = await opened(here, many, lambda place_in_row: due[place_in_row])
    return Opened(here, dict(zip(ids, due, strict=True)), far, due[-1])


async def _bare(here: Place, number: int, size: Size) -> list[float]:
    many = min(number, MOST_DUE)
    gate = asyncio.Semaphore(50)

    async def begin(id: str, due: dt.datetime) -> None:
        async with gate:
            await here.plain.start_workflow("BareAlert", args=[id, due.isoformat()], id=id, task_queue=BARE)

    for first in range(0, number - many, AT_ONCE):
        some = [opaque() for _ in range(min(AT_ONCE, number - many - first))]
        await asyncio.gather(*(begin(id, never(0)) for id in some))
        await until_begun(here, some)
    starts = _starts(many, size)
    due = {opaque(): starts + dt.timedelta(seconds=size.window * place_in_row / many) for place_in_row in range(many)}
    await asyncio.gather(*(begin(id, at) for id, at in due.items()))

    async def look() -> dict[str, dt.datetime]:
        rows = await here.pool.fetch("SELECT child, acted FROM bare.alerts WHERE child = ANY ($1)", list(due))
        return {row["child"]: row["acted"] for row in rows}

    return await _lateness(due, max(due.values()), look)


async def _lateness(due: dict[str, dt.datetime], until: dt.datetime, look: Callable[[], Awaitable[dict[str, dt.datetime]]]) -> list[float]:
    """Waits until all have acted."""
    await asyncio.sleep((until - dt.datetime.now(dt.UTC)).total_seconds())
    while len(acted := await look()) < len(due):  # noqa: ASYNC110 - the database tells no one.
        await asyncio.sleep(0.5)
    return [(acted[child] - at).total_seconds() for child, at in due.items()]


async def timed(door: Door, children: Sequence[str], number: int) -> list[float]:
    """Seconds that each takes, begun ten a second whatever the others take."""

    async def one(child: str) -> float:
        said = await command(door, "advocacy_offered")
        began = time.perf_counter()
        await door.submit(child, said, opaque())
        return time.perf_counter() - began

    under_way: list[asyncio.Task[float]] = []
    began = time.perf_counter()
    for place_in_row in range(number):
        await asyncio.sleep(began + place_in_row / A_SECOND - time.perf_counter())
        under_way.append(asyncio.create_task(one(children[place_in_row % len(children)])))
    return list(await asyncio.gather(*under_way))


async def _end(here: Place, ids: Sequence[str]) -> None:
    gate = asyncio.Semaphore(50)

    async def end(id: str) -> None:
        async with gate:
            await here.client.get_workflow_handle(id).terminate("measured")

    await asyncio.gather(*(end(id) for id in ids))
