"""The digests of one morning: to each who has something to be told, once a day however often it is asked."""

from dataclasses import dataclass

from temporalio import activity

from activities.calendars import calendar_of
from procedures.times import local
from record import digests, versions
from record.pool import Pool, transaction
from schemas.engine import DigestRequest


@dataclass(frozen=True)
class Digests:
    """Writes into the outbox; the post sends."""

    pool: Pool

    @activity.defn(name="write_digests")
    async def write(self, request: DigestRequest) -> int:
        """How many digests were written; none on a day that is not a working day, or on which there is nothing to say."""
        as_of = request.as_of
        if as_of is None:
            raise ValueError("a digest is written as of an instant")
        async with transaction(self.pool, request.authority) as connection:
            current = await versions.current(connection)
            calendar = await calendar_of(connection, current.calendar)
            if not calendar.is_working_day(local(as_of).date()):
                return 0
            written = [await digests.insert(connection, each, as_of) for each in await digests.items(connection, as_of)]
        return sum(letter is not None for letter in written)
