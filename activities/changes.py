"""What a changed calendar or setting moves: the preview before it, and the telling of each journey after it. Both by the same function."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.client import Client, RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.service import RPCError

from activities.surroundings import Library
from procedures.changes import Made, change
from procedures.rules import BadRules, Rules
from procedures.working_days import Calendar
from record import projections, versions
from record.pool import Connection, Pool, transaction
from record.projections import OpenClock
from schemas.base import Identifier
from schemas.engine import SweepPage, SweptPage

PATIENCE = timedelta(seconds=30)
"""For one journey to answer: one that cannot is named, and the page goes on."""

AT_ONCE = 10
"""Journeys looked at in one go: some milliseconds, in which this worker does nothing else."""

REST = 4
"""So many times as long it then leaves to people's commands."""


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
    unread: dict[str, set[Identifier]] = field(default_factory=lambda: defaultdict(set), init=False, repr=False, compare=False)
    """By hash of rules that cannot be read any more: the children it met with timescales that were planned with them, which stay as they are."""
    _rules: dict[str, Rules] = field(default_factory=lambda: {}, init=False, repr=False, compare=False)

    @classmethod
    async def in_force(cls, connection: Connection) -> "Proposal":
        """Those that count now."""
        current = await versions.current(connection)
        calendar = await Library().calendar(connection, current.calendar)
        return cls(calendar, await versions.get(connection, "settings", current.settings))

    async def affects(self, connection: Connection, rows: Iterable[OpenClock], library: Library) -> list[Affected]:
        """Which of these timescales it moves, and from when to when."""
        found: list[Affected] = []
        for row in rows:
            if row.versions.rules in self.unread:
                self.unread[row.versions.rules].add(row.child)
                continue
            try:
                now = Made(await self._rules_of(connection, row.versions.rules, library), self.calendar)
                before = await library.made(connection, row.versions)
            except BadRules:
                self.unread[row.versions.rules].add(row.child)
                continue
            changed = change(row.plan, row.start, before, now)
            if changed is not None:
                found.append(Affected(row.child, row.clock, row.instance, row.plan.due, changed.plan.due))
        return found

    async def _rules_of(self, connection: Connection, hash: str, library: Library) -> Rules:
        if hash not in self._rules:
            self._rules[hash] = (await library.plain(connection, hash)).with_stored(self.settings)
        return self._rules[hash]


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
            current, proposal = await versions.current(connection), await Proposal.in_force(connection)
        moving: list[Identifier] = []
        for first in range(0, len(children), AT_ONCE):
            began = time.perf_counter()
            async with transaction(self.pool, page.authority) as connection:
                rows = await projections.open_clocks(connection, children[first : first + AT_ONCE], current)
                moving += sorted({each.child for each in await proposal.affects(connection, rows, self.library)})
            await asyncio.sleep(REST * (time.perf_counter() - began))
        # An update that was asked for stands: a page that is gone through again asks for the same one. Another sweep asks anew.
        asked = f"{activity.info().workflow_run_id}:{current.calendar}:{current.settings}"
        telling: list[asyncio.Task[bool]] = []
        async with asyncio.TaskGroup() as group:
            for child in moving:
                await asyncio.sleep(1 / page.per_second)
                telling.append(group.create_task(self._told(child, asked)))
        untold = {child for child, told in zip(moving, telling, strict=True) if not told.result()}
        for rules in sorted(proposal.unread):
            activity.logger.warning("rules_not_read: %s", rules)
        failed = sorted(untold.union(*proposal.unread.values()))
        last = children[-1] if len(children) == page.size else None
        return SweptPage(last=last, looked_at=len(children), moved=len(moving) - len(untold), failed=tuple(failed))

    async def _told(self, child: Identifier, asked: str) -> bool:
        try:
            # The client asks again and again where a journey is at work on it; how long is for us to say.
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self.client.get_workflow_handle(child).execute_update("look_again", id=asked)
        except (TimeoutError, RPCError, WorkflowUpdateFailedError, RPCTimeoutOrCancelledError) as error:
            why = error.status.name if isinstance(error, RPCError) else type(error).__name__
            activity.logger.warning("journey_not_told: %s", why)
            return False
        return True
