"""`siwrnai settings` where something is stored that is no setting any more."""

from record import versions
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk

RETIRED = "retention.registered.birthday"
"""A local setting once; since then it is the law's."""


async def stored(desk: Desk) -> dict[str, object]:
    async with await open_pool(desk.environment["DATABASE_URL"], "tests", most=1) as pool, transaction(pool, desk.authority) as connection:
        return await versions.get(connection, "settings", (await versions.current(connection)).settings)


async def test_what_was_stored_and_is_no_setting_any_more_is_said_and_can_be_taken_back(desk: Desk, huw: str, child: str) -> None:
    door = dsn(desk.environment["DATABASE_URL"], Role.door, desk.endpoints.keys)
    async with await open_pool(door, "tests", most=1) as pool, transaction(pool, desk.authority) as connection:
        await versions.put(connection, "settings", {RETIRED: 75}, huw)
    listed = await desk.gets("settings", "list", "strategy")
    assert f"{RETIRED} = 75 is stored and counts for nothing" in listed
    told = await desk.runs("status")
    assert (told.code, f"value does not fit them: {RETIRED}. siwrnai settings list" in told.out) == (0, True)
    # It stands in nobody's way: journeys go on, and another setting is made.
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
    await desk.gets("settings", "set", "clocks.strategy.amount", "2", "--actor", huw, "--apply")
    assert await stored(desk) == {RETIRED: 75, "clocks.strategy.amount": 2}
    refused = await desk.runs("settings", "set", RETIRED, "80", "--actor", huw)
    assert refused.code == 2 and "is no setting" in refused.err
    for key in (RETIRED, "clocks.strategy.amount"):
        await desk.gets("settings", "withdraw", key, "--actor", huw, "--apply")
    assert await stored(desk) == {}
    again = await desk.runs("settings", "withdraw", RETIRED, "--actor", huw)
    assert again.code == 2 and "is no setting" in again.err
    assert "counts for nothing" not in await desk.gets("settings", "list", "strategy")
    assert "count for nothing" not in await desk.gets("status")
