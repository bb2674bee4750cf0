"""The database is made and brought up to date, alone or by two at once."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from console.audit_verify import Verifying
from record import meetings, timeline
from record.deployment import Deployment, deployment
from record.keys import KeyRing
from record.migrate import NotThisDatabase, migrate
from record.pool import Pool, open_pool, transaction
from record.roles import OWNER, Role, dsn
from tests.procedures.meetings.table import Table
from tests.record.conftest import AUTHORITY, new_database
from tests.record.examples import flush, new_child
from tests.record.meeting_logs import MEETING, append, flushed, held_by

LIVE = Deployment(authority=AUTHORITY)


async def tables(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'record' ORDER BY 1")]
    finally:
        await connection.close()


async def test_from_nothing_and_again(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await migrate(database, keys, LIVE)
    first = await tables(database)
    await migrate(database, keys, LIVE)
    assert "timeline" in first
    assert await tables(database) == first


async def test_two_at_once(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await asyncio.gather(*(migrate(database, keys, LIVE) for _ in range(2)))
    assert "timeline" in await tables(database)


async def test_a_database_that_a_newer_version_has_changed_is_refused_and_left_alone(server: str, keys: KeyRing) -> None:
    database = new_database(server)
    await migrate(database, keys, LIVE)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("UPDATE record.alembic_version SET version_num = '9999'")
        with pytest.raises(NotThisDatabase, match="a newer version of Siwrnai has brought this database up to date"):
            await migrate(database, keys, LIVE)
        assert await connection.fetchval("SELECT version_num FROM record.alembic_version") == "9999"
    finally:
        await connection.close()


class Objects(Exception):
    """Whoever is asked first wants the database left as it is."""


async def test_before_a_database_that_is_there_is_changed_somebody_is_asked_and_a_new_one_is_nobodys(server: str, keys: KeyRing) -> None:
    database, asked = new_database(server), list[str]()

    async def objects() -> None:
        asked.append(await version(database))
        raise Objects

    await migrate(database, keys, LIVE, objects)
    assert asked == [], "of a new database nobody is asked"
    former = await version(database)
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr("record.migrate.command.upgrade", None)  # Called, it would fail otherwise.
        with pytest.raises(Objects):
            await migrate(database, keys, LIVE, objects)
    assert asked == [former]
    with pytest.raises(NotThisDatabase, match="real time"):
        await migrate(database, keys, Deployment(authority="sir-arall"), objects)
    assert asked == [former], "of another's database there is nothing to ask"


async def version(database: str) -> str:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval("SELECT version_num FROM record.alembic_version")
    finally:
        await connection.close()


@pytest.mark.parametrize("other", [Deployment(authority=AUTHORITY, virtual=True), Deployment(authority="sir-arall")])
async def test_a_live_database_is_not_used_for_another_deployment(live: str, keys: KeyRing, other: Deployment) -> None:
    with pytest.raises(NotThisDatabase, match=f"{AUTHORITY} and real time"):
        await migrate(live, keys, other)


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


BEFORE_CHAINS = "0031"

OLD_APPEND = "SELECT append_to_meeting($1, $2, $3)"


@pytest.fixture
async def before(server: str, keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> str:
    """The superuser's DSN of a database of before meetings' logs were chained, with nothing in it."""
    address, upgrade = new_database(server), command.upgrade

    def earlier(config: Config, _: str) -> None:
        upgrade(config, BEFORE_CHAINS)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("record.migrate.command.upgrade", earlier)
        await migrate(address, keys, LIVE)
    return address


async def log_of_before(address: str, keys: KeyRing, table: Table) -> None:
    """A meeting's first four entries, as that version wrote them."""
    state, said = flushed(table, 0, 4).state, [entry.model_dump(mode="json", exclude={"seq"}) for entry in table.entries[:4]]
    async with await open_pool(address, "tests") as pool, transaction(pool, AUTHORITY) as connection:
        await meetings.begin(connection, MEETING, "t-north", table.children, keys)
        await connection.execute(OLD_APPEND, MEETING, 0, said)
        await connection.execute(
            "UPDATE meetings SET state = $2, stage = 'arranged' WHERE meeting = $1", MEETING, state.model_dump(mode="json")
        )
        # The clock had been put back between two of them.
        await connection.execute("UPDATE meeting_log SET recorded_at = recorded_at - interval '1 hour' WHERE seq = 3")


async def test_what_an_earlier_version_wrote_of_a_meeting_is_signed_as_it_stands_and_goes_on(before: str, keys: KeyRing) -> None:
    address, table = before, held_by("c-1")
    assert keys.signing_key
    await log_of_before(address, keys, table)
    await migrate(address, keys, LIVE)
    await migrate(address, keys, LIVE)
    async with (
        await open_pool(dsn(address, Role.journey, keys.directory), "tests") as journey,
        await open_pool(dsn(address, Role.door, keys.directory), "tests") as door,
    ):
        await append(journey, flushed(table, 4), keys)
        verifying = Verifying(door, AUTHORITY, keys, reader="p-arolygydd", purpose="audit verify")
        await verifying.of_all()
        verified = await verifying.against_checkpoints()
        assert (verified.findings, verified.meetings, verified.entries, verified.taken_over) == ((), 1, 6, 4)
        async with transaction(door, AUTHORITY) as connection:
            assert await meetings.read(connection, MEETING) == table.entries
    connection = await asyncpg.connect(address)
    try:
        assert not await connection.fetchval("SELECT has_table_privilege('siwrnai_owner', 'record.meeting_log', 'UPDATE')")
    finally:
        await connection.close()


@pytest.mark.parametrize(("key", "timelines"), [("another", True), ("none", True), ("none", False)])
async def test_the_past_is_signed_with_no_key_but_the_one_that_signed_the_timelines(
    before: str, keys: KeyRing, tmp_path: Path, key: str, *, timelines: bool
) -> None:
    """A folder of keys that is not this deployment's: it is told so, and nothing is signed, nor a key made."""
    await log_of_before(before, keys, held_by("c-1"))
    if timelines:
        async with (
            await open_pool(dsn(before, Role.journey, keys.directory), "tests") as journey,
            await open_pool(dsn(before, Role.door, keys.directory), "tests") as door,
        ):
            await timeline.append(journey, flush(await new_child(door, keys), 0, 2), keys)
    other = KeyRing(tmp_path / "keys")
    if key == "another":
        assert other.signing_key
    with pytest.raises(NotThisDatabase, match="put this deployment's own keys there"):
        await migrate(before, other, LIVE)
    assert other.has_signing_key is (key == "another")
    # Nor were passwords changed: whoever works on the server's databases still logs in.
    await (await asyncpg.connect(dsn(before, Role.door, keys.directory))).close()
    connection = await asyncpg.connect(before)
    try:
        assert await connection.fetchval("SELECT version_num FROM record.alembic_version") == BEFORE_CHAINS
    finally:
        await connection.close()


async def test_one_changed_signature_keeps_no_service_from_starting(before: str, keys: KeyRing) -> None:
    async with (
        await open_pool(dsn(before, Role.journey, keys.directory), "tests") as journey,
        await open_pool(dsn(before, Role.door, keys.directory), "tests") as door,
    ):
        for _ in range(2):
            await timeline.append(journey, flush(await new_child(door, keys), 0, 2), keys)
    connection = await asyncpg.connect(before)
    try:
        newest = "(SELECT child FROM record.heads ORDER BY recorded_at DESC LIMIT 1)"
        await connection.execute(f"UPDATE record.timeline SET signature = sha256(signature) WHERE child = {newest}")  # noqa: S608
    finally:
        await connection.close()
    await migrate(before, keys, LIVE)


async def test_each_process_can_ask_what_the_database_is_for(door: Pool) -> None:
    async with door.acquire() as conn:
        assert await deployment(conn) == LIVE
