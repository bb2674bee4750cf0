"""A few kills, on the short case: `make chaos` does it at length. And what is lost with the engine's whole store comes back from the record."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest

from embedded import supervisor
from embedded.engine import STORE, VISIBILITY, open_namespace
from embedded.stack import Endpoints, Stack
from recovery import Recovery, Standing
from rehearsal import Play, Result, find, read, run, stage
from rehearsal.reading import Turn
from tests.chaos.killing import Killer, process_of
from tests.chaos.patient import PatientRunner
from tests.chaos.running import disturbed, impatient_supervisor
from tests.chaos.schedule import VICTIMS, Kill, schedule

KILLS, SEED = 8, 101

LOST_AFTER = 9
"""Steps, the first report's reminders and letters among them; as many again are to come."""

# Virtual time is a matter of milliseconds, and this keeps the machine busy.
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("chaos")]


class Undisturbed(NamedTuple):
    """A run that nothing disturbs, and where it was made."""

    endpoints: Endpoints
    play: Play
    result: Result


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    before = supervisor.FIRST_WAIT, supervisor.LONGEST_WAIT, stage.PATIENCE, stage.DRIFT
    impatient_supervisor()
    yield
    supervisor.FIRST_WAIT, supervisor.LONGEST_WAIT, stage.PATIENCE, stage.DRIFT = before


@pytest.fixture(scope="module")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Undisturbed]:
    """On a stack whose processes these tests alone may kill."""
    home, play = tmp_path_factory.mktemp("chaos") / "stack", read(find("not-accepted"))
    async with Stack(home, "rehearsal", time_skipping=True, durable=True).running(print) as endpoints:
        yield Undisturbed(endpoints, play, await run(play, endpoints))


async def test_killed_at_random_moments_timelines_and_letters_are_those_of_an_undisturbed_run(undisturbed: Undisturbed) -> None:
    killer = Killer(schedule(SEED), KILLS, lambda: None, frozenset(VICTIMS))
    while not killer.over:
        outcome = await disturbed(undisturbed.play, undisturbed.endpoints, undisturbed.result, killer)
        assert outcome.differences == []
        assert outcome.letters > 0
    assert killer.done.total() >= KILLS
    assert set(killer.done) == set(VICTIMS)


async def test_the_engines_whole_store_lost_between_two_steps_is_made_anew_from_the_record(undisturbed: Undisturbed) -> None:
    steps, lost = 0, 0

    async def lose(runner: PatientRunner, _: Turn) -> None:
        nonlocal steps, lost
        steps += 1
        if steps == LOST_AFTER:
            await lose_the_engine(undisturbed.endpoints)
            recovery = Recovery(runner.client, runner.pool, runner.cast.authority, runner.keys, now=runner.stage.clock)
            async for before, after in recovery.recover_all(replace=False):
                assert (before.standing, after.standing) == (Standing.lost, Standing.agrees)
                await runner.stage.watch(runner.door, after.child)
                lost += 1

    outcome = await disturbed(undisturbed.play, undisturbed.endpoints, undisturbed.result, None, lose)
    assert outcome.differences == []
    assert (lost, outcome.repeats) == (1, 0), "no letter was repeated"


async def lose_the_engine(endpoints: Endpoints) -> None:
    """Its process is killed and its store is gone; it comes up again and knows nothing."""
    process = process_of((endpoints.directory,), "engine")
    assert process is not None
    process.kill()
    for name in (STORE, VISIBILITY):
        for path in (endpoints.directory / "engine").glob(f"{name}*"):
            path.unlink()
    async with asyncio.timeout(60):
        while (comes := process_of((endpoints.directory,), "engine")) is None or comes == process:  # noqa: ASYNC110 - nothing tells of it.
            await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        await _opened(endpoints)


async def _opened(endpoints: Endpoints) -> None:
    while True:
        try:
            return await open_namespace(endpoints.temporal_address, endpoints.namespace)
        except supervisor.CannotStart:
            await asyncio.sleep(0.2)


def test_a_seed_repeats_its_schedule_and_another_has_another() -> None:
    def first(seed: int) -> list[Kill]:
        kills = schedule(seed)
        return [next(kills) for _ in range(200)]

    assert first(1) == first(1)
    assert first(1) != first(2)
    assert {kill.victim for kill in first(1)} == set(VICTIMS)
