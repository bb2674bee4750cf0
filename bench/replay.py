"""A journey at an instant, known and as it stood, against a plain read of the same rows."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import orjson

from audit.replay import as_known, as_stood
from bench.place import AUTHORITY, Place, place
from bench.registered import on_record, opaque
from bench.rows import Row, Size
from record import timeline
from record.pool import transaction
from schemas.flush import Flush, JourneySummary
from schemas.state import JourneyState
from schemas.timeline import Entry
from tests.procedures.child import THERE, Child, registered

A_FLUSH = 200
"""Entries written in one transaction."""

PLAINLY = "SELECT canonical, sealed, hash, signature FROM timeline WHERE child = $1 ORDER BY seq"


async def measure(size: Size) -> list[Row]:
    """Ours and plain in turn, at instants spread over the journey; the fastest of each counts."""
    entries = lived(size.replayed).entries[: size.replayed]
    async with place(virtual=True) as here:
        child = opaque()
        await on_record(here, [child])
        begun = Child().state.model_copy(update={"child": child, "family": f"f-{child}", "authority": AUTHORITY})
        await written(here, begun, entries)
        instants = [entries[number * (len(entries) - 1) // 4].decided_at for number in range(5)]

        async def read_plainly() -> None:
            async with transaction(here.pool, AUTHORITY) as connection:
                for row in await connection.fetch(PLAINLY, child):
                    orjson.loads(row["canonical"])

        async def replay(way: Callable[..., JourneyState], number: int) -> None:
            async with transaction(here.pool, AUTHORITY) as connection:
                read = await timeline.read(connection, child, here.keys)
            way(begun, read, instants[number])

        bare = min([await _timed(read_plainly) for _ in instants])
        rows: list[Row] = []
        for name, way in (("as it was known", as_known), ("as it stood", as_stood)):
            took = [await _timed(lambda number=number, way=way: replay(way, number)) for number in range(len(instants))]
            notes = f"{len(entries)} entries; slowest of {len(instants)} instants {max(took):.2f} s"
            rows.append(Row(name=f"replay {name}", unit="s", ours=min(took), bare=bare, notes=notes))
        return rows


def lived(entries: int) -> Child:
    """A child on the register, visited every week, with core groups and reviews, until there are so many entries."""
    child = registered()
    day, week = child.now, 0
    while len(child.entries) < entries:
        day, week = day + timedelta(days=7), week + 1
        when = f"{day:%Y-%m-%d} 10:00"
        child.does("visit", when, seen=True, alone="alone", place="home", bedroom_seen=True)
        if week % 5 == 0:
            child.does("core_group_held", when, attendance=THERE)
        if week % 12 == 0:
            child.does("review_held", when, chair="p-nia", attendance=THERE, decision="stay", rationale="Why.")
    return child


async def written(here: Place, begun: JourneyState, entries: Sequence[Entry]) -> None:
    """Write them down, some at a time."""
    for first in range(0, len(entries), A_FLUSH):
        await timeline.append(here.pool, flush_of(begun, first, entries[first : first + A_FLUSH]), here.keys)


def flush_of(begun: JourneyState, head: int, entries: Sequence[Entry]) -> Flush:
    """These entries, to be written after so many others of that child."""
    return Flush(
        child=begun.child,
        family=begun.family,
        authority=begun.authority,
        team=begun.team,
        expected_head=head,
        entries=tuple(entries),
        summary=JourneySummary(registration="registered"),
    )


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
