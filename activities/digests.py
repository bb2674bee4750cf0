"""The digests of one morning: to each who has something to be told, once a day however often it is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from temporalio import activity

from activities.surroundings import Library, directory_of
from procedures.recipients import Directory
from procedures.times import local
from record import digests, versions
from record.pool import Connection, Pool, transaction
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
            calendar = await Library().calendar(connection, current.calendar)
            if not calendar.is_working_day(local(as_of).date()):
                return 0
            items = await digests.items(connection, as_of, Standing(connection, as_of).told)
            written = [await digests.insert(connection, each, as_of) for each in items]
        return sum(letter is not None for letter in written)


@dataclass(frozen=True)
class Standing:
    """Who stands where this morning: a digest goes to who holds the post today, or stands in for them."""

    connection: Connection
    at: datetime
    teams: dict[str, Directory] = field(default_factory=lambda: {})

    async def told(self, owed: digests.Owed) -> frozenset[str]:
        """Who owes it today, and who holds the post that it was last escalated to; a deputy only while the holder is away."""
        team = await self._team(owed.team)
        reached = [team.holder(owed.owner_role, owed), team.holder(owed.escalated_to, owed)]
        return frozenset(each.person for each in reached if each is not None)

    async def _team(self, team: str) -> Directory:
        if team not in self.teams:
            self.teams[team] = await directory_of(self.connection, team, self.at)
        return self.teams[team]
