"""The digests of one morning: to each who has something to be told, once a day however often it is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from temporalio import activity

from activities.surroundings import Library, directory_of
from audit.forms import form
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
            standing = Standing(connection, as_of)
            items = await digests.items(connection, as_of, standing.told, standing.followed)
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

    async def followed(self, action: digests.ActionOwed) -> frozenset[str]:
        """Its owner, and each to whom it is escalated by now; where the owner cannot be told, the first of those at once."""
        team = await self._team(action.team)
        cannot = action.owner in {*action.told_nothing, *team.bounced, *team.deputies}
        roles = form().escalated(action.due, local(self.at).date()) or ((form().escalation[0].role,) if cannot else ())
        reached = [team.holder(role, action) for role in roles]
        return frozenset({each.person for each in reached if each is not None} | (set() if cannot else {action.owner}))

    async def _team(self, team: str) -> Directory:
        if team not in self.teams:
            self.teams[team] = await directory_of(self.connection, team, self.at)
        return self.teams[team]
