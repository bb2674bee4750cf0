"""The digests of one morning: to each who has something to be told, once a day however often it is asked."""

from dataclasses import dataclass

from temporalio import activity

from record import digests
from record.pool import Pool, transaction
from schemas.engine import DigestRequest


@dataclass(frozen=True)
class Digests:
    """Writes into the outbox; the post sends."""

    pool: Pool

    @activity.defn(name="write_digests")
    async def write(self, request: DigestRequest) -> int:
        """How many digests were written; none on a morning on which there is nothing to say."""
        async with transaction(self.pool, request.authority) as connection:
            written = [await digests.insert(connection, each, request.as_of) for each in await digests.items(connection, request.as_of)]
        return sum(letter is not None for letter in written)
