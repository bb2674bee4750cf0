"""What a database is for."""

from datetime import datetime

from record.pool import Connection
from schemas.base import Identifier, Model


class Deployment(Model):
    """One authority; in a rehearsal with virtual time. Said when the database is made, and never changed."""

    authority: Identifier
    virtual: bool = False


async def deployment(conn: Connection) -> Deployment:
    """What this database is for: a process asks before it does anything, so that a rehearsal never touches a live one."""
    row = await conn.fetchrow("SELECT authority, virtual FROM deployment")
    if row is None:
        raise LookupError("this database was never made ready: migrate it first")
    return Deployment.model_validate(dict(row))


async def clock(conn: Connection) -> datetime | None:
    """The record's clock, which no machine's can gainsay; none in a rehearsal, where time is virtual."""
    return await conn.fetchval("SELECT clock_timestamp() FROM deployment WHERE NOT virtual")
