"""Memory of a cached journey: what a worker's process grows by for each, against a plain workflow's."""

from dataclasses import dataclass

import psutil

from bench.bare import BARE
from bench.place import NAMESPACE, Place, place
from bench.registered import begun, clock, opaque, registered_state, until_begun
from bench.rows import Row, Size
from embedded.program import Program, environment, python
from embedded.supervisor import PidFile, Supervisor
from record.roles import Role, dsn
from schemas.state import JourneyState

WARM = 20
"""Workflows that are there before the first look, so that what is loaded once is not counted."""

LATER = "2100-01-01T00:00:00+00:00"
"""Until then the plain workflow sleeps."""


@dataclass
class Probe:
    """A worker as a process of its own, whose memory is looked at."""

    supervisor: Supervisor
    place: Place

    async def started(self, name: str, module: str) -> psutil.Process:
        """Start it."""
        endpoints = self.place.endpoints
        variables = {
            "TEMPORAL_ADDRESS": endpoints.temporal_address,
            "TEMPORAL_NAMESPACE": NAMESPACE,
            "DATABASE_URL": dsn(endpoints.postgres_superuser_dsn, Role.journey, endpoints.keys),
            "SIWRNAI_KEYS": str(endpoints.keys),
        }
        await self.supervisor.start(Program(name=name, argv=python("-m", module), environment=environment(variables)))
        noted = endpoints.directory / "probe" / "pids" / f"{name}.json"
        return psutil.Process(PidFile.model_validate_json(noted.read_bytes()).pid)


async def measure(size: Size) -> list[Row]:
    """Kilobytes each."""
    template = registered_state()
    async with place(virtual=False) as here, Supervisor(here.endpoints.directory / "probe", lambda _: None) as supervisor:
        probe = Probe(supervisor, here)
        ours = await _ours(probe, template, size.cached)
        bare = await _bare(probe, size.cached)
    notes = f"{size.cached} cached; a journey's state as JSON has {len(template.model_dump_json()) / 1000:.0f} kB"
    return [Row(name="memory of a cached journey", unit="kB", ours=ours, bare=bare, notes=notes)]


async def _ours(probe: Probe, template: JourneyState, number: int) -> float:
    process, ahead = await probe.started("ours", "worker"), clock().ahead

    async def add(more: int) -> list[str]:
        ids = [opaque() for _ in range(more)]
        await begun(probe.place, ids, template, ahead)
        return ids

    await until_begun(probe.place, await add(WARM))
    before = process.memory_info().rss
    await until_begun(probe.place, await add(number))
    return (process.memory_info().rss - before) / number / 1000


async def _bare(probe: Probe, number: int) -> float:
    process = await probe.started("bare", "bench.bare_worker")

    async def add(more: int) -> list[str]:
        ids = [opaque() for _ in range(more)]
        for id in ids:
            await probe.place.plain.start_workflow("BareAlert", args=[id, LATER], id=id, task_queue=BARE)
        return ids

    await until_begun(probe.place, await add(WARM))
    before = process.memory_info().rss
    await until_begun(probe.place, await add(number))
    return (process.memory_info().rss - before) / number / 1000
