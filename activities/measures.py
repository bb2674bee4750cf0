"""How journeys and timescales stand, as metrics: what a worker shows."""

from dataclasses import dataclass

from observing import metrics
from record import operating
from record.pool import Pool
from schemas.base import Identifier


@dataclass(frozen=True)
class Measures:
    """Of one authority's record."""

    pool: Pool
    authority: Identifier

    async def take(self) -> None:
        """Show how it is now."""
        async with operating.measuring(self.pool, self.authority) as (connection, now):
            numbers = await operating.journeys(connection, now)
            overdue = await operating.overdue(connection, now)
            held = await operating.held_by_failure(connection)
        metrics.show(metrics.JOURNEYS, {("open",): numbers.open, ("closed",): numbers.closed})
        metrics.show(metrics.JOURNEYS_LATE, {(): numbers.late})
        metrics.show(metrics.JOURNEYS_LATEST, {(): 0 if numbers.latest is None else (now - numbers.latest).total_seconds()})
        metrics.show(metrics.OVERDUE, {(clock,): many for clock, many in overdue.items()})
        metrics.show(metrics.HELD, {(failure,): many for failure, many in held.items()})
