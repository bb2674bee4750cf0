"""One pool of connections a process, and the one way into a transaction: with the authority whose rows it may see
and the trace that it is part of."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from observing import traces

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What is raised while the database is away: stopped, starting, refusing connections, out of space. Asked again later it may answer."""

BEGIN = "SELECT set_config('siwrnai.authority', $1, true), set_config('siwrnai.trace', $2, true)"

JSONB_VERSION = b"\x01"
"""First byte of jsonb on the wire."""


async def open_pool(dsn: str, application: str, most: int = 10) -> Pool:
    """A pool for this process, of at most so many connections; `application` names it in the server's list of sessions."""
    return await asyncpg.create_pool(
        dsn, min_size=1, max_size=most, connect=_connect, init=_prepare, server_settings={"application_name": application, "jit": "off"}
    )


async def _connect(*args: Any, **options: Any) -> Any:
    """A connection; every error of the network is one of those that are called away, and no error of a file is."""
    try:
        return await asyncpg.connect(*args, **options)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise ConnectionError(str(error)) from error


@asynccontextmanager
async def transaction(pool: Pool, authority: str, *, still: bool = False) -> AsyncGenerator[Connection]:
    """A transaction that sees and writes rows of this authority alone; where it is to be still, all that it reads is of one moment."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read" if still else None):
        await connection.execute(BEGIN, authority, traces.current())
        yield connection


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", format="binary", encoder=_jsonb, decoder=_from_jsonb)


def _jsonb(value: Any) -> bytes:
    return JSONB_VERSION + orjson.dumps(value)


def _from_jsonb(value: bytes) -> Any:
    return orjson.loads(memoryview(value)[1:])
