"""The record by the custodian's login, and the rules that say how long it is kept."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from console.running import Running
from procedures.in_force import rules_in_force
from procedures.rules import Rules
from record import versions
from record.pool import Connection, Pool, open_pool, transaction
from record.roles import Role, dsn


@asynccontextmanager
async def custodian_pool(here: Running) -> AsyncGenerator[Pool]:
    """Sessions that append to the log of holds and destructions, and see no words of anybody."""
    address = dsn(here.endpoints.postgres_superuser_dsn, Role.custodian, here.keys.directory)
    async with await open_pool(address, "siwrnai audit", most=1) as pool:
        yield pool


@asynccontextmanager
async def as_custodian(here: Running) -> AsyncGenerator[Connection]:
    """A transaction by that login."""
    async with custodian_pool(here) as pool, transaction(pool, here.authority) as connection:
        yield connection


async def rules_now(connection: Connection) -> Rules:
    """The rules in force, with the authority's settings."""
    current = await versions.current(connection)
    return rules_in_force().with_stored(await versions.get(connection, "settings", current.settings))
