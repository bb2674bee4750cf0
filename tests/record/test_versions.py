"""Versions of settings, calendar and rules are kept for ever."""

import asyncio

import pytest

from record import versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from record.versions import NoSuchVersion
from tests.record.conftest import new_database
from tests.record.examples import AUTHORITY


async def test_each_change_is_a_version_and_old_ones_stay(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await migrate(database, keys, Deployment(authority=AUTHORITY, virtual=True))
    async with await open_pool(dsn(database, Role.door, keys.directory), "tests") as pool:
        async with transaction(pool, AUTHORITY) as conn:
            with pytest.raises(NoSuchVersion):
                await versions.current(conn)

        async def put(number: int) -> int:
            async with transaction(pool, AUTHORITY) as conn:
                return await versions.put(conn, "calendar", {"closures": [number]}, "p-admin")

        assert sorted(await asyncio.gather(*(put(number) for number in range(5)))) == [1, 2, 3, 4, 5]
        async with transaction(pool, AUTHORITY) as conn:
            newest = await versions.get(conn, "calendar", 5)
            assert await versions.put(conn, "calendar", newest, "p-admin") == 5
            assert await versions.put(conn, "settings", {}, "p-admin") == 1
            old, new = [await versions.put_rules(conn, file, "p-admin") for file in (b"old", b"new")]
            assert await versions.rules(conn, old) == b"old"
            current = await versions.current(conn)
        assert (current.rules, current.calendar, current.settings) == (new, 5, 1)
