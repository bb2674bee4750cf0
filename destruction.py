"""A record destroyed, once two people have signed: each step may be broken off and repeated, and only the last one says that it is done.

1. Signed by the second: in that transaction all that is sealed under the child's key goes from the record; the timeline stays, sealed.
2. The engine forgets the journey.
3. The record of destruction is laid beside the keys, and the child's key is destroyed, with those of meetings that were about nobody else.
4. The log says that it is done.
"""

from dataclasses import dataclass

from temporalio.client import Client

from engine.journeys import forget_journey
from record import retention
from record.keys import KeyRing
from record.pool import Pool, transaction
from record.retention import GONE, Said
from schemas.base import Identifier
from schemas.retention import Kind, Stored
from schemas.timeline import SERVICE


@dataclass(frozen=True)
class Destruction:
    """Brings to its end what was signed."""

    client: Client
    pool: Pool
    """As the custodian's role."""
    authority: Identifier
    keys: KeyRing

    async def finish(self, child: Identifier, actor: Identifier) -> Stored:
        """Steps 2 to 4; gives the entry with which the words went. Repeating it does nothing more.

        Raises:
            LookupError: nobody has signed for it.
            RPCError: the engine does not answer; nothing is said to be done.
        """
        async with transaction(self.pool, self.authority) as connection:
            signed = [each for each in await retention.log(connection, child) if each.entry.kind in GONE]
            meetings = await retention.meetings_over(connection, child)
        if not signed:
            raise LookupError(f"nobody has signed for the destruction of {child}")
        await forget_journey(self.client, child)
        record = signed[-1].model_dump_json(exclude_none=True).encode()
        for each in (*meetings, child):
            self.keys.destroy_for_good(each, record)
        async with transaction(self.pool, self.authority) as connection:
            if child in await retention.unfinished(connection):
                first = signed[-1].entry
                facts = first.model_dump(include={"state", "kept_until", "rules", "settings", "proposed_by", "confirmed_by"})
                await retention.append(connection, Said(child, Kind.destroyed, actor, facts), self.keys)
        return signed[-1]

    async def finish_all(self) -> list[Identifier]:
        """Finish whatever was signed and broken off, and destroy keys that are there again; gives the children.

        Raises:
            RPCError: the engine does not answer.
        """
        async with transaction(self.pool, self.authority) as connection:
            gone, unfinished = await retention.destroyed(connection), await retention.unfinished(connection)
        found = sorted({*unfinished, *(child for child in gone if self.keys.is_there(child) or child not in self.keys.destroyed())})
        for child in found:
            await self.finish(child, SERVICE)
        return found
