"""What an operator asks of the record: the outbox, late journeys, overdue timescales, workflows that are held. Ids, codes and numbers."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from observing import clocks
from record import versions
from record.deployment import deployment
from record.pool import Connection, Pool, transaction
from schemas.held import Held

LATE_AFTER = dt.timedelta(minutes=1)
"""How long something may be due before its journey counts as late: a journey that does what is due takes a second."""


class OutboxNumbers(NamedTuple):
    """Letters that are not done with."""

    waiting: int
    deferred: int
    """Tried, to be tried again."""
    refused: int
    """For good; their journeys are told."""
    oldest: dt.datetime | None
    """When the oldest that is not sent yet was ordered."""


class JourneyNumbers(NamedTuple):
    """Journeys, and those that did not act on what is due."""

    open: int
    closed: int
    late: int
    latest: dt.datetime | None
    """The instant that has been missed for longest."""


class LateJourney(NamedTuple):
    """A journey that did not act on what is due."""

    child: str
    due: dt.datetime


class HeldWorkflow(NamedTuple):
    """A workflow that a failing activity holds, and for how long."""

    held: Held
    since: dt.datetime
    last_at: dt.datetime
    """Of the last try."""


OUTBOX = """
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'deferred'),
    count(*) FILTER (WHERE state = 'refused'), min(created_at) FILTER (WHERE state IN ('waiting', 'deferred'))
FROM letters WHERE state IN ('waiting', 'deferred', 'refused')
"""

JOURNEYS = """
SELECT count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE NOT is_open),
    count(*) FILTER (WHERE next_wake < $1), min(next_wake) FILTER (WHERE next_wake < $1)
FROM (SELECT NOT closed AND ended IS NULL AS is_open, next_wake FROM journeys) AS each
"""

LATE = "SELECT child, next_wake FROM journeys WHERE next_wake < $1 ORDER BY next_wake, child LIMIT $2"

HELD = "SELECT workflow, kind, activity, attempt, failure, message, since, last_at FROM held ORDER BY since, workflow LIMIT $1"

NOTE = """
INSERT INTO held (workflow, authority, kind, activity, attempt, failure, message)
VALUES ($1, current_setting('siwrnai.authority'), $2, $3, $4, $5, $6)
ON CONFLICT (workflow) DO UPDATE SET activity = excluded.activity, attempt = excluded.attempt, last_at = excluded.last_at,
    failure = CASE WHEN excluded.failure = $7 THEN held.failure ELSE excluded.failure END,
    message = CASE WHEN excluded.failure = $7 THEN held.message ELSE excluded.message END
"""

NO_ANSWER = "NoAnswer"
"""The failure of a try of which nobody knows yet how it ends; it tells less than one that is known."""


@asynccontextmanager
async def measuring(pool: Pool, authority: str) -> AsyncGenerator[tuple[Connection, dt.datetime]]:
    """The record and its clock, for metrics; that clock is compared with this machine's."""
    async with transaction(pool, authority) as connection:
        now = await versions.now(connection)
        await clocks.compare(partial(versions.now, connection))
        yield connection, now


async def outbox(conn: Connection) -> OutboxNumbers:
    """How many letters wait, and since when."""
    row = await conn.fetchrow(OUTBOX)
    return OutboxNumbers(*(row or ()))


async def journeys(conn: Connection, now: dt.datetime) -> JourneyNumbers:
    """How many there are, and how many are late."""
    row = await conn.fetchrow(JOURNEYS, now - LATE_AFTER)
    return JourneyNumbers(*(row or ()))


async def late(conn: Connection, now: dt.datetime, most: int) -> list[LateJourney]:
    """Those that are late, the latest first."""
    return [LateJourney(*row) for row in await conn.fetch(LATE, now - LATE_AFTER, most)]


async def overdue(conn: Connection, now: dt.datetime) -> dict[str, int]:
    """How many running timescales are past their due date, by kind."""
    rows = await conn.fetch("SELECT clock, count(*) AS many FROM clocks WHERE running AND due < $1 GROUP BY clock", now)
    return {row["clock"]: row["many"] for row in rows}


async def held(conn: Connection, most: int) -> list[HeldWorkflow]:
    """Workflows that are held, the longest first."""
    rows = [dict(row) for row in await conn.fetch(HELD, most)]
    return [HeldWorkflow(since=row.pop("since"), last_at=row.pop("last_at"), held=Held.model_validate(row)) for row in rows]


async def held_by_failure(conn: Connection) -> dict[str, int]:
    """How many workflows are held, by the type of the failure."""
    rows = await conn.fetch("SELECT failure, count(*) AS many FROM held GROUP BY failure")
    return {row["failure"]: row["many"] for row in rows}


@dataclass
class HeldWorkflows:
    """Notes which workflows are held, each in a transaction of its own. A journey that records again is released by the database."""

    pool: Pool
    _authority: str | None = field(default=None, init=False)

    async def note(self, held: Held) -> None:
        """That workflow does not get on."""
        values = (held.workflow, held.kind, held.activity, held.attempt, held.failure, held.message)
        async with transaction(self.pool, await self._whose()) as connection:
            await connection.execute(NOTE, *values, NO_ANSWER)

    async def release(self, workflow: str) -> None:
        """It does again."""
        async with transaction(self.pool, await self._whose()) as connection:
            await connection.execute("DELETE FROM held WHERE workflow = $1", workflow)

    async def _whose(self) -> str:
        if self._authority is None:
            async with self.pool.acquire() as connection:
                self._authority = (await deployment(connection)).authority
        return self._authority
