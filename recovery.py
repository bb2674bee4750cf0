"""Engine and record brought into agreement, child by child. The record wins.

The engine may have lost a journey (an empty store), or hold it as an older backup had it. What a journey is can always be told from its
timeline: it goes on from the fold. No letter is ordered by that; what fell due meanwhile is done when the journey wakes, each thing once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from temporalio.client import Client

from engine.journeys import Stuck, run_journey, running_sight
from procedures.fold import fold
from record import children, timeline, versions
from record.keys import KeyMissing, KeyRing
from record.pool import Connection, Pool, transaction
from schemas.base import Identifier
from schemas.engine import Begin, Sight
from schemas.state import JourneyState

Clock = Callable[[], Awaitable[datetime]]

Result = TypeVar("Result")

AT_ONCE = 8
"""Journeys that are looked at side by side."""

SETTLING = 1.0
"""Seconds between two looks at a journey that differs: it records first and folds after, so one that works differs for a moment."""

TRIES = 3
"""How often a journey is replaced where its old run recorded something meanwhile."""


class Standing(StrEnum):
    """How a child's journey stands in the engine, against the record."""

    agrees = "agrees"
    lost = "lost"
    """The engine runs no journey of that child: nobody watches its timescales."""
    behind = "behind"
    """The engine stands at an earlier entry than the record: it was restored from an older backup."""
    ahead = "ahead"
    """The engine knows entries that the record does not have: the database was restored from an older backup."""
    differs = "differs"
    """Both stand at the same entry, and yet the states differ."""
    stuck = "stuck"
    """The engine has the journey, and no worker can run it."""
    sealed = "sealed"
    """The child's key is destroyed: its timeline cannot be read any more, and there is nothing to go on from."""


RUNS_WRONG = frozenset({Standing.behind, Standing.ahead, Standing.differs, Standing.stuck})
"""A run is there, and must be replaced by one that goes on from the record."""


class Found(NamedTuple):
    """One child's journey, in the engine and in the record."""

    child: Identifier
    standing: Standing
    record: int
    """The number of the record's last entry."""
    engine: int | None = None
    """The number of the last entry that the engine knows; none where it cannot be asked."""


@dataclass(frozen=True)
class Recovery:
    """Looks at every journey of one authority, and starts from the record what the engine does not have. May be repeated and broken off."""

    client: Client
    pool: Pool
    """As the door's role."""
    authority: Identifier
    keys: KeyRing
    now: Clock | None = None
    """A rehearsal's virtual clock; in life the database's."""

    async def children(self) -> list[Identifier]:
        """Every child with a timeline."""
        async with transaction(self.pool, self.authority) as connection:
            return await timeline.begun(connection)

    async def look_at_all(self) -> AsyncIterator[Found]:
        """How each journey stands, in no order. Raises what `look` raises."""
        async for found in self._each(self.look):
            yield found

    async def recover_all(self, *, replace: bool) -> AsyncIterator[tuple[Found, Found]]:
        """Each journey as it stood, and as it stands now: those that were lost are started, those that run wrong replaced if asked."""
        async for both in self._each(lambda child: self.recover(child, replace=replace)):
            yield both

    async def look(self, child: Identifier) -> Found:
        """How one journey stands; one that differs is looked at until it stands still.

        Raises:
            RPCError: the engine, or its worker, does not answer.
        """
        found = await self._look(child)
        while found.standing in RUNS_WRONG:
            await asyncio.sleep(SETTLING)
            again = await self._look(child)
            if again == found:
                break
            found = again
        return found

    async def recover(self, child: Identifier, *, replace: bool) -> tuple[Found, Found]:
        """Start a journey that the engine lost; replace one that runs wrong, if asked. As it stood before, and as it stands after.

        Raises:
            RPCError: the engine, or its worker, does not answer.
        """
        before = now = await self.look(child)
        for _ in range(TRIES):
            if now.standing is not Standing.lost and not (replace and now.standing in RUNS_WRONG):
                break
            async with transaction(self.pool, self.authority) as connection:
                begin = await beginning(connection, child, self.keys, self.now)
            await run_journey(self.client, child, begin, replace=now.standing is not Standing.lost)
            now = await self.look(child)
        return before, now

    async def _look(self, child: Identifier) -> Found:
        # The engine first: what it knows is in the record by then.
        try:
            sight = await running_sight(self.client, child)
            stuck = False
        except Stuck:
            sight, stuck = None, True
        async with transaction(self.pool, self.authority) as connection:
            try:
                recorded = await folded(connection, child, self.keys)
            except KeyMissing:
                return Found(child, Standing.sealed, await timeline.head(connection, child))
        if stuck:
            return Found(child, Standing.stuck, recorded.seq)
        return Found(child, _standing(sight, recorded), recorded.seq, None if sight is None else sight.state.seq)

    async def _each(self, work: Callable[[Identifier], Awaitable[Result]]) -> AsyncIterator[Result]:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(child: Identifier) -> Result:
            async with free:
                return await work(child)

        tasks = [asyncio.ensure_future(one(child)) for child in await self.children()]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _standing(sight: Sight | None, recorded: JourneyState) -> Standing:
    if sight is None:
        return Standing.lost
    if sight.state.seq != recorded.seq:
        return Standing.behind if sight.state.seq < recorded.seq else Standing.ahead
    return Standing.agrees if sight.state == recorded else Standing.differs


async def folded(connection: Connection, child: Identifier, keys: KeyRing) -> JourneyState:
    """Where the child's journey stands by its timeline.

    Raises:
        LookupError: no such child; KeyMissing where its key is destroyed.
    """
    whose = await children.get(connection, child)
    keys.child_key(child)
    return fold(
        JourneyState(child=child, family=whose.family, authority=whose.authority, team=whose.team),
        await timeline.read(connection, child, keys),
    )


async def beginning(connection: Connection, child: Identifier, keys: KeyRing, clock: Clock | None = None) -> Begin:
    """How the child's journey begins in the engine: where its timeline ends. `clock` is a rehearsal's.

    Raises:
        LookupError: no such child; KeyMissing where its key is destroyed.
    """
    wall_clock = await versions.now(connection)
    ahead = timedelta() if clock is None else await clock() - wall_clock
    return Begin(state=await folded(connection, child, keys), ahead=ahead)
