"""Making a checkpoint over all chains, and keeping it at the places outside the database that the authority names."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import structlog
from temporalio import activity

from activities.anchors import Place
from record import checkpoints
from record.keys import KeyRing
from record.pool import Pool, transaction
from schemas.base import Identifier
from schemas.checkpoints import CheckpointMade, CheckpointRequest

log = structlog.get_logger()


@dataclass(frozen=True)
class Checkpoints:
    """Signs, and keeps outside."""

    pool: Pool
    keys: KeyRing
    places: Sequence[Place] = ()

    @activity.defn(name="make_checkpoint")
    async def make(self, request: CheckpointRequest) -> CheckpointMade:
        """Make one. After a lost acknowledgement there may be two of one day: the second says what the first does."""
        async with transaction(self.pool, request.authority) as connection:
            made = await checkpoints.make(connection, request.authority, self.keys, request.as_of)
        if made.contradicted:
            log.error("chains_contradict_checkpoint", checkpoint=made.number, chains=made.contradicted)
        return made

    @activity.defn(name="anchor_checkpoints")
    async def anchor(self, authority: Identifier) -> int:
        """How many were kept now, over all places; each place gets what it has not taken yet, the oldest first.

        Raises:
            Exception: the first failure of a place, once all places were tried.
        """
        kept, failures = 0, list[Exception]()
        for place in self.places:
            try:
                kept += await self._anchor(authority, place)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return kept

    async def _anchor(self, authority: Identifier, place: Place) -> int:
        async with transaction(self.pool, authority) as connection:
            numbers = await checkpoints.pending(connection, place.name)
        for number in numbers:
            if activity.in_activity():
                activity.heartbeat()
            async with transaction(self.pool, authority) as connection:
                whole = await checkpoints.whole(connection, number, self.keys)
            failure = await _failure(place.keep(whole))
            async with transaction(self.pool, authority) as connection:
                await checkpoints.note(connection, number, place.name, None if failure is None else type(failure).__name__)
            if failure is not None:
                raise failure
        return len(numbers)


async def _failure(keeping: Coroutine[None, None, None]) -> Exception | None:
    try:
        await keeping
    except Exception as error:  # Whatever it is: it is noted, and tried again.
        return error
    return None
