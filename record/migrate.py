"""Makes the database, its roles and its tables, and brings them up to date. May be repeated, and run twice at once."""

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from record.deployment import Deployment
from record.keys import KeyRing
from record.pool import Connection as PostgresConnection
from record.roles import OWNER, Role, passwords
from record.verification import signed

OLDEST_SERVER = 15
"""From this version on nobody but its owner may create in the schema `public`."""

LOCK = 0x5157524E4149
"""One migration at a time on a server: roles belong to all its databases."""

MIGRATIONS = Path(__file__).parent / "migrations"


THERE = "SELECT version_num, authority, virtual FROM record.alembic_version, record.deployment"


UNSIGNED = """
SELECT (EXISTS (SELECT FROM record.timeline) OR EXISTS (SELECT FROM record.meeting_log)) AND NOT EXISTS (
    SELECT FROM information_schema.columns WHERE table_schema = 'record' AND table_name = 'meeting_log' AND column_name = 'signature'
)
"""
"""Whether there is something that an earlier version wrote without a signature, or beside it."""

NEWEST = """
SELECT t.hash, t.signature FROM record.heads h JOIN record.timeline t ON t.child = h.child AND t.seq = h.seq
ORDER BY h.recorded_at DESC LIMIT 100
"""


class NotThisDatabase(RuntimeError):
    """The database cannot be used for this deployment; says why."""


Asked = Callable[[], Awaitable[None]]
"""Raises where a database that is there is to be left as it is."""


async def migrate(superuser_dsn: str, keys: KeyRing, deployment: Deployment, first: Asked | None = None) -> None:
    """Bring the database that the DSN names up to date. It is created where it is not there; where it is, `first` is asked before anything
    in it is changed. What an earlier version wrote without a signature is signed as it stands.

    Raises:
        NotThisDatabase: the server is too old, the database is a newer version's, or it belongs to another authority or kind of time,
            or there is something to sign and the keys are not those with which its entries are signed.
    """
    database = _database(superuser_dsn)
    connection = await asyncpg.connect(_with_database(superuser_dsn, "postgres"))
    try:
        if connection.get_server_version().major < OLDEST_SERVER:
            raise NotThisDatabase(f"PostgreSQL {OLDEST_SERVER} or later is needed")
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        # Passwords are changed for all who log in: not before it is certain that this is the database, and these its keys.
        is_made = await _is_there(connection, database) and await _is_made(_with_database(superuser_dsn, database), deployment, keys)
        await _make_roles(connection, passwords(keys.directory))
        await _make_database(connection, database)
        if is_made and first is not None:
            await first()
        await _upgrade(superuser_dsn, database, deployment, keys)
    finally:
        await connection.close()


async def make_empty(superuser_dsn: str, keys: KeyRing) -> None:
    """Make the roles, and the database that the DSN names with nothing in it, for a backup to be brought back into."""
    connection = await asyncpg.connect(_with_database(superuser_dsn, "postgres"))
    try:
        await _make_roles(connection, passwords(keys.directory))
        await _make_database(connection, _database(superuser_dsn))
    finally:
        await connection.close()


def _database(dsn: str) -> str:
    return unquote(urlsplit(dsn).path.lstrip("/")) or "postgres"


def _with_database(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def _run(connection: PostgresConnection, template: str, *names: str) -> None:
    """A statement with names (%I) and literals (%L) quoted by the server, since such statements take no parameters."""
    await connection.execute(await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, list(names)))


async def _make_roles(connection: PostgresConnection, words: Mapping[Role, str]) -> None:
    there = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for name in (OWNER, *Role):
        if name not in there:
            await _run(connection, "CREATE ROLE %I NOLOGIN", name)
    for role in Role:
        await _run(
            connection,
            "ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L",
            role,
            words[role],
        )


async def _is_there(connection: PostgresConnection, database: str) -> bool:
    return await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database)


async def _make_database(connection: PostgresConnection, database: str) -> None:
    if not await _is_there(connection, database):
        await _run(connection, "CREATE DATABASE %I ENCODING 'UTF8' TEMPLATE template0", database)
    await _run(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
    for role in Role:
        await _run(connection, "GRANT CONNECT ON DATABASE %I TO %I", database, role)
    await _run(connection, "ALTER DATABASE %I SET search_path = record", database)


async def _is_made(dsn: str, deployment: Deployment, keys: KeyRing) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('record.alembic_version')") is None:
            return False
        version, authority, virtual = await connection.fetchrow(THERE) or ("", "", False)
        with _refusing_newer():
            ScriptDirectory(str(MIGRATIONS)).get_revision(version)
        _check_is_of(deployment, authority, virtual)
        if await connection.fetchval("SELECT to_regclass('record.meeting_log')") is not None and await connection.fetchval(UNSIGNED):
            _check_key([(row["hash"], row["signature"]) for row in await connection.fetch(NEWEST)], keys)
        return True
    finally:
        await connection.close()


def _check_key(newest: Sequence[tuple[bytes, bytes]], keys: KeyRing) -> None:
    """Where what was written before is to be signed, the key has to be the one that signed the timelines: with another folder of keys all of it
    would be signed, for good, by a key that nobody knows.

    Of the newest entries one that it signed is enough: a signature that somebody changed keeps no service from starting.
    """
    if not keys.has_signing_key:
        raise NotThisDatabase(
            f"the key that signs this database's entries (signing.key) is not in {keys.directory}: put this deployment's own keys there"
        )
    if newest and not any(signed(keys.public_key, signature, digest) for digest, signature in newest):
        raise NotThisDatabase(
            f"signing.key in {keys.directory} is not the key that signed this database's entries: put this deployment's own keys there"
        )


async def _upgrade(superuser_dsn: str, database: str, deployment: Deployment, keys: KeyRing) -> None:
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(_with_database(superuser_dsn, database))

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS record AUTHORIZATION {OWNER}"))
            await connection.execute(text(f"GRANT USAGE ON SCHEMA record TO {', '.join(Role)}"))
            await connection.execute(text(f"SET LOCAL ROLE {OWNER}"))
            await connection.run_sync(_to_head, keys)
            await connection.run_sync(_claim, deployment)
    finally:
        await engine.dispose()


def _to_head(connection: Connection, keys: KeyRing) -> None:
    config = Config(attributes={"connection": connection, "keys": keys})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with _refusing_newer():
        command.upgrade(config, "head")


@contextmanager
def _refusing_newer() -> Generator[None]:
    try:
        yield
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise NotThisDatabase(
                "a newer version of Siwrnai has brought this database up to date: use that version, or a newer one"
            ) from None
        raise


def _claim(connection: Connection, deployment: Deployment) -> None:
    connection.execute(
        text("INSERT INTO deployment (authority, virtual) VALUES (:authority, :virtual) ON CONFLICT DO NOTHING"),
        deployment.model_dump(),
    )
    _check_is_of(deployment, *connection.execute(text("SELECT authority, virtual FROM deployment")).one())


def _check_is_of(deployment: Deployment, authority: str, virtual: bool) -> None:
    if (authority, virtual) != (deployment.authority, deployment.virtual):
        kind = "virtual time" if virtual else "real time"
        raise NotThisDatabase(f"this database is of authority {authority} and {kind}: use another")
