"""What a changed calendar or setting moves: the preview before it, and the telling of each journey after it. Both by the same function."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.client import Client, RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.service import RPCError

from activities.surroundings import Library
from procedures.changes import Made, change
from procedures.rules import Rules
from procedures.working_days import Calendar
from record import projections, versions
from record.pool import Connection, Pool, transaction
from record.projections import OpenClock
from schemas.base import Identifier
from schemas.engine import SweepPage, SweptPage
from schemas.timeline import Versions

# For one journey to answer: one that cannot is named, and the page goes on.
PATIENCE = timedelta(seconds=30)


class Affected(NamedTuple):
    """A timescale that a change would move, or whose reminders it would."""

    child: Identifier
    clock: str
    instance: str
    was: datetime
    due: datetime


@dataclass(frozen=True)
class Proposal:
    """A calendar and settings, in force or only thought of."""

    calendar: Calendar
    settings: Mapping[str, Any]

    @classmethod
    async def in_force(cls, connection: Connection) -> "Proposal":
        """Those that count now."""
        current = await versions.current(connection)
        calendar = await Library().calendar(connection, current.calendar)
        return cls(calendar, await versions.get(connection, "settings", current.settings))

    async def affects(self, connection: Connection, rows: Iterable[OpenClock], library: Library) -> list[Affected]:
        """Which of these timescales it moves, and from when to when."""
        rows = list(rows)
        made = {row.versions: await library.made(connection, row.versions) for row in rows}
        rules = {hash: await self._rules(connection, hash, library) for hash in {each.rules for each in made}}
        # In a thread: the plans of a page are a second's work, and people's commands do not wait for it.
        return await asyncio.to_thread(self._compare, rows, made, rules)

    async def _rules(self, connection: Connection, hash: str, library: Library) -> Rules:
        return (await library.plain(connection, hash)).with_settings(self.settings)

    def _compare(self, rows: list[OpenClock], made: Mapping[Versions, Made], rules: Mapping[str, Rules]) -> list[Affected]:
        found: list[Affected] = []
        for row in rows:
            now = Made(rules[row.versions.rules], self.calendar)
            changed = change(row.plan, row.start, made[row.versions], now)
            if changed is not None:
                found.append(Affected(row.child, row.clock, row.instance, row.plan.due, changed.plan.due))
        return found


@dataclass(frozen=True)
class Changes:
    """Tells journeys."""

    pool: Pool
    client: Client
    library: Library = field(default_factory=Library)

    @activity.defn(name="sweep_page")
    async def sweep(self, page: SweepPage) -> SweptPage:
        """Tell each journey of the page in which something moves. Doing it again finds nothing more to do."""
        async with transaction(self.pool, page.authority) as connection:
            children = await projections.open_journeys(connection, page.after, page.size)
            rows = await projections.open_clocks(connection, children, await versions.current(connection))
            affected = await (await Proposal.in_force(connection)).affects(connection, rows, self.library)
        moving = sorted({each.child for each in affected})
        failed = [child for child in moving if not await self._told(child, page.per_second)]
        last = children[-1] if len(children) == page.size else None
        return SweptPage(last=last, looked_at=len(children), moved=len(moving) - len(failed), failed=tuple(failed))

    async def _told(self, child: Identifier, per_second: float) -> bool:
        await asyncio.sleep(1 / per_second)
        try:
            await self.client.get_workflow_handle(child).execute_update("look_again", rpc_timeout=PATIENCE)
        except (RPCError, WorkflowUpdateFailedError, RPCTimeoutOrCancelledError) as error:
            why = error.status.name if isinstance(error, RPCError) else type(error).__name__
            activity.logger.warning("journey_not_told: %s", why)
            return False
        return True
