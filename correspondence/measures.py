"""How the outbox stands, as metrics: what the sender shows."""

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
            numbers = await operating.outbox(connection)
        states = {"waiting": numbers.waiting, "deferred": numbers.deferred, "refused": numbers.refused}
        metrics.show(metrics.OUTBOX_LETTERS, {(state,): many for state, many in states.items()})
        metrics.show(metrics.OUTBOX_OLDEST, {(): 0 if numbers.oldest is None else (now - numbers.oldest).total_seconds()})
