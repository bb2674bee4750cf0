"""What all journeys of an authority share, its calendar and its settings: seen before they change, changed, taken back.

Each change is a version. A sweep then tells every open journey in which something moves; the preview is the same function.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from activities.changes import Affected, Proposal
from activities.surroundings import Library
from procedures.working_days import Calendar
from record import projections, versions
from record.pool import Pool, transaction
from schemas.base import Identifier
from schemas.engine import JOURNEYS, SweepProgress, SweepRequest
from workflows.sweep import Sweep

PAGE = 500
"""Open journeys looked at in one transaction."""

Amend = Callable[[dict[str, Any]], dict[str, Any]]
"""From the body in force to the one wanted. Raises where that is not possible."""


class Looked(NamedTuple):
    """One page of a preview."""

    looked_at: int
    affected: list[Affected]


@dataclass(frozen=True)
class Changing:
    """Changes calendar and settings of one authority."""

    pool: Pool
    authority: Identifier

    async def calendar(self, amend: Amend = dict) -> Proposal:
        """The settings in force, and the calendar in force or as amended."""
        async with transaction(self.pool, self.authority) as connection:
            now = await Proposal.in_force(connection)
        return Proposal(Calendar.of(now.calendar.version + 1, amend(now.calendar.body)), now.settings)

    async def settings(self, amend: Amend = dict) -> Proposal:
        """The calendar in force, and the settings in force or as amended."""
        async with transaction(self.pool, self.authority) as connection:
            now = await Proposal.in_force(connection)
        return Proposal(now.calendar, amend(dict(now.settings)))

    async def preview(self, proposal: Proposal) -> AsyncGenerator[Looked]:
        """Page by page, which timescales it would move, and from when to when. Nothing changes."""
        library, last = Library(), ""
        while True:
            async with transaction(self.pool, self.authority) as connection:
                children = await projections.open_journeys(connection, last, PAGE)
                rows = await projections.open_clocks(connection, children)
                yield Looked(len(children), await proposal.affects(connection, rows, library))
            if len(children) < PAGE:
                return
            last = children[-1]

    async def put_in_force(self, kind: versions.Kind, amend: Amend, actor: Identifier) -> int:
        """Put the amended body in force: what begins from now on is planned with it. Returns the version's number."""
        async with transaction(self.pool, self.authority) as connection:
            return await versions.amend(connection, kind, amend, actor)

    async def sweep(self, client: Client, pause: timedelta = timedelta(seconds=10)) -> WorkflowHandle[Sweep, SweepProgress]:
        """Have every open journey told; one sweep at a time, which looks through all once more where one runs already."""
        return await client.start_workflow(
            Sweep.run,
            SweepRequest(authority=self.authority, pause=pause),
            id=f"sweep:{self.authority}",
            task_queue=JOURNEYS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="again",
        )
