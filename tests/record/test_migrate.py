"""The database is made and brought up to date, alone or by two at once."""

import asyncio

import asyncpg
import pytest

from record.deployment import Deployment, deployment
from record.keys import KeyRing
from record.migrate import NotThisDatabase, migrate
from record.pool import Pool
from record.roles import OWNER, Role, passwords
from tests.record.conftest import AUTHORITY, new_database

LIVE = Deployment(authority=AUTHORITY)


async def tables(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'record' ORDER BY 1")]
    finally:
        await connection.close()


async def test_from_nothing_and_again(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await migrate(database, passwords(keys.directory), LIVE)
    first = await tables(database)
    await migrate(database, passwords(keys.directory), LIVE)
    assert "timeline" in first
    assert await tables(database) == first


async def test_two_at_once(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await asyncio.gather(*(migrate(database, passwords(keys.directory), LIVE) for _ in range(2)))
    assert "timeline" in await tables(database)


async def test_a_database_that_a_newer_version_has_changed_is_refused_and_left_alone(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await migrate(database, passwords(keys.directory), LIVE)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("UPDATE record.alembic_version SET version_num = '9999'")
        with pytest.raises(NotThisDatabase, match="a newer version of Siwrnai has brought this database up to date"):
            await migrate(database, passwords(keys.directory), LIVE)
        assert await connection.fetchval("SELECT version_num FROM record.alembic_version") == "9999"
    finally:
        await connection.close()


@pytest.mark.parametrize("other", [Deployment(authority=AUTHORITY, virtual=True), Deployment(authority="sir-arall")])
async def test_a_live_database_is_not_used_for_another_deployment(live: str, keys: KeyRing, other: Deployment) -> None:
    with pytest.raises(NotThisDatabase, match=f"{AUTHORITY} and real time"):
        await migrate(live, passwords(keys.directory), other)


async def test_login_roles_own_nothing_and_bypass_nothing(live: str) -> None:
    connection = await asyncpg.connect(live)
    try:
        for role in Role:
            row = await connection.fetchrow(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS mighty, rolcanlogin,"
                " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns,"
                " EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS member FROM pg_roles r WHERE rolname = $1",
                role,
            )
            assert row is not None
            assert (row["mighty"], row["rolcanlogin"], row["owns"], row["member"]) == (False, True, False, False)
        owner = await connection.fetchrow("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = $1", OWNER)
        assert owner is not None
        assert tuple(owner) == (False, False)
        unprotected = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'record'::regnamespace AND relkind = 'r'"
            " AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1"
        )
        assert [row[0] for row in unprotected] == ["alembic_version", "deployment"]
    finally:
        await connection.close()


async def test_each_process_can_ask_what_the_database_is_for(door: Pool) -> None:
    async with door.acquire() as conn:
        assert await deployment(conn) == LIVE
