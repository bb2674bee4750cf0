"""The read model that a flush keeps up: where each journey stands, and each of its timescales. Rebuilt from timelines at need."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from record.pool import Connection
from schemas.base import Identifier, Model
from schemas.clocks import ClockPlan, ClockStart
from schemas.commands.base import Harm
from schemas.flush import ClockRow, JourneySummary
from schemas.timeline import Versions

JOURNEY = """
INSERT INTO journeys (
    child, family, authority, team, seq, registration, enquiries, categories, roles, registered_at, unborn, closed, ended, hold_until,
    shut_out, restrictions, next_wake
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (child) DO UPDATE SET
    family = excluded.family, team = excluded.team, seq = excluded.seq, registration = excluded.registration,
    enquiries = excluded.enquiries, categories = excluded.categories, roles = excluded.roles,
    registered_at = excluded.registered_at, unborn = excluded.unborn, closed = excluded.closed, ended = excluded.ended,
    hold_until = excluded.hold_until, shut_out = excluded.shut_out, restrictions = excluded.restrictions, next_wake = excluded.next_wake
"""

CLOCKS = """
INSERT INTO clocks (
    child, family, authority, team, instance, clock, scope, state, running, started_at, due, ended_at,
    owner_role, owner, escalated_to, rung, content
) SELECT $1, $2, $3, $4, row.* FROM jsonb_to_recordset($5) AS row (
    instance text, clock text, scope integer, state text, running boolean, started_at timestamptz, due timestamptz,
    ended_at timestamptz, owner_role text, owner text, escalated_to text, rung integer, content jsonb
)
ON CONFLICT (child, instance) DO UPDATE SET
    team = excluded.team, state = excluded.state, running = excluded.running, due = excluded.due, ended_at = excluded.ended_at,
    owner_role = excluded.owner_role, owner = excluded.owner, escalated_to = excluded.escalated_to, rung = excluded.rung,
    content = excluded.content
"""


OPEN_JOURNEYS = """
SELECT child FROM journeys WHERE child > $1 AND NOT closed AND ended IS NULL ORDER BY child LIMIT $2
"""

OPEN_CLOCKS = """
SELECT child, instance, clock, content FROM clocks
WHERE child = ANY ($1) AND running AND rung = 0 AND state <> 'overdue'
AND (content -> 'versions' ->> 'calendar', content -> 'versions' ->> 'settings') IS DISTINCT FROM ($2::integer::text, $3::integer::text)
ORDER BY child, instance
"""


class Whose(Model):
    """Whose rows they are."""

    child: Identifier
    family: Identifier
    authority: Identifier
    team: Identifier


class JourneyFacts(NamedTuple):
    """Who holds which role, who is told nothing, and whether the child is born."""

    roles: dict[str, Identifier]
    shut_out: tuple[Identifier, ...]
    unborn: bool


class Running(NamedTuple):
    """A timescale that runs, overdue or not."""

    child: str
    clock: str
    due: datetime


class OpenClock(NamedTuple):
    """A timescale that runs and is not overdue, with what its plan was made from."""

    child: str
    instance: str
    clock: str
    plan: ClockPlan
    start: ClockStart
    versions: Versions


async def open_journeys(conn: Connection, after: str, most: int) -> list[str]:
    """The children after that id whose journey is open, in order."""
    return [row["child"] for row in await conn.fetch(OPEN_JOURNEYS, after, most)]


async def open_clocks(conn: Connection, children: Sequence[str], current: Versions | None = None) -> list[OpenClock]:
    """What runs for these children and is not overdue; where versions are given, what was planned with another calendar or other settings."""
    calendar, settings = (None, None) if current is None else (current.calendar, current.settings)
    return [
        OpenClock(
            child=row["child"],
            instance=row["instance"],
            clock=row["clock"],
            plan=ClockPlan.model_validate(row["content"]["plan"]),
            start=ClockStart.model_validate(row["content"]["start"]),
            versions=Versions.model_validate(row["content"]["versions"]),
        )
        for row in await conn.fetch(OPEN_CLOCKS, children, calendar, settings)
    ]


async def running(conn: Connection, children: Sequence[str]) -> list[Running]:
    """What runs for these children, overdue or not; the earliest due first."""
    rows = await conn.fetch(
        "SELECT child, clock, due FROM clocks WHERE child = ANY ($1) AND running ORDER BY due, instance", list(children)
    )
    return [Running(*row) for row in rows]


async def facts(conn: Connection, child: str) -> JourneyFacts:
    """What of the child's journey decides who is invited to its meetings; nothing of a journey that has not begun."""
    row = await conn.fetchrow("SELECT roles, shut_out, unborn FROM journeys WHERE child = $1", child)
    return JourneyFacts({}, (), unborn=False) if row is None else JourneyFacts(row["roles"], tuple(row["shut_out"]), row["unborn"])


async def categories(conn: Connection, child: str) -> tuple[Harm, ...]:
    """Under which categories the child's name is on the register; none where it is not."""
    found: list[str] | None = await conn.fetchval("SELECT categories FROM journeys WHERE child = $1", child)
    return tuple(Harm(each) for each in found or ())


async def put_journey(conn: Connection, whose: Whose, seq: int, summary: JourneySummary) -> None:
    """Where the journey stands after that entry."""
    await conn.execute(
        JOURNEY,
        *(whose.child, whose.family, whose.authority, whose.team, seq),
        *(summary.registration, summary.enquiries, list(summary.categories), summary.roles, summary.registered_at),
        *(summary.unborn, summary.closed, summary.ended, summary.hold_until, list(summary.shut_out)),
        *([each.model_dump(mode="json") for each in summary.restrictions], summary.next_wake),
    )


async def put_clocks(conn: Connection, whose: Whose, clocks: tuple[ClockRow, ...]) -> None:
    """These instances as they now stand."""
    if clocks:
        rows = [clock.model_dump(mode="json") for clock in clocks]
        await conn.execute(CLOCKS, whose.child, whose.family, whose.authority, whose.team, rows)
