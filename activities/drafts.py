"""Reports that were begun and never given go some time after their meeting was held or called off: nobody can open them any more."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from activities.surroundings import Library
from procedures.in_force import rules_in_force
from record import reports, versions
from record.deployment import clock
from record.pool import Pool, transaction
from schemas.base import Identifier

log = structlog.get_logger()


@dataclass(frozen=True)
class Drafts:
    """Lets old drafts go. Safe to run in several workers at once."""

    pool: Pool
    authority: Identifier
    library: Library = field(default_factory=Library)

    async def watch(self, every: float) -> None:
        """Look every so many seconds, until cancelled."""
        while True:
            try:
                await self.let_go()
            except Exception as error:  # Whatever it is: the drafts are there at the next look.
                log.error("drafts_not_let_go", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(every)

    async def let_go(self) -> int:
        """How many went. None in a rehearsal, whose meetings are held in a time of their own."""
        async with transaction(self.pool, self.authority) as connection:
            now = await clock(connection)
            if now is None:
                return 0
            current = (await versions.current(connection)).model_copy(update={"rules": rules_in_force().hash})
            rules = await self.library.rules(connection, current.rules, current.settings)
            return await reports.drop_old_drafts(connection, now - timedelta(days=rules.report_drafts.kept_days))
