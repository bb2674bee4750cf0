"""What `siwrnai status` says of checkpoints that a place outside has not taken."""

import asyncpg

from console.endings import Code
from record import checkpoints
from record.keys import KeyRing
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk

FOLDER, ADDRESS = "folder:1f", "address:2a"


async def make(desk: Desk, pool: Pool) -> int:
    """A checkpoint over the chains as they are."""
    async with transaction(pool, desk.authority) as connection:
        return (await checkpoints.make(connection, desk.authority, KeyRing(desk.endpoints.keys))).number


async def older(desk: Desk, number: int, minutes: int) -> None:
    """As if it had been made so much sooner."""
    superuser = await asyncpg.connect(desk.endpoints.postgres_superuser_dsn)
    try:
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute(
            "UPDATE record.checkpoints SET made_at = made_at - make_interval(mins => $1) WHERE number = $2", minutes, number
        )
    finally:
        await superuser.close()


async def test_what_waits_at_a_place_is_told_since_when_and_ends_with_1_after_an_hour(desk: Desk) -> None:
    journey = dsn(desk.endpoints.postgres_superuser_dsn, Role.journey, desk.endpoints.keys)
    async with await open_pool(journey, "tests", most=1) as pool:

        async def tried(number: int, place: str, failure: str | None = None) -> None:
            async with transaction(pool, desk.authority) as connection:
                await checkpoints.note(connection, number, place, failure)

        first = await make(desk, pool)
        await older(desk, first, 180)
        for place in (FOLDER, ADDRESS):
            await tried(first, place)
        second = await make(desk, pool)
        await older(desk, second, 58)
        await tried(second, FOLDER)
        await tried(second, ADDRESS, "NotTaken")
        soon = await desk.runs("status")
        assert (soon.code, f"Not kept at {ADDRESS} (NotTaken, " in soon.out, "Late:" in soon.out) == (Code.done, True, False)

        third = await make(desk, pool)
        await tried(third, FOLDER)
        await tried(third, ADDRESS, "TimeoutError")
        await older(desk, second, 3)
        late = await desk.runs("status")
        (line,) = (each for each in late.out.splitlines() if ADDRESS in each)
        assert late.code == Code.found_wrong
        assert "2 wait" in line
        assert "Late: the first of them is 01:01:" in line, "the first that waits, not the first that there is"
        (kept,) = (each for each in late.out.splitlines() if FOLDER in each)
        assert "Kept at" in kept and "0 not kept there" in kept and "Late" not in kept

        for number in (second, third):
            await tried(number, ADDRESS)
        assert (await desk.runs("status")).code == Code.done
