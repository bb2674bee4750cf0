"""A record destroyed, once two people have signed: each step may be broken off and repeated, and only the last one says that it is done.

1. Signed by the second: in that transaction all that is sealed under the child's key goes from the record; the timeline stays, sealed.
2. The engine forgets the journey.
3. The record of destruction is laid beside the keys, and the child's key is destroyed, with those of meetings that were about nobody else.
4. The log says that it is done.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

import asyncpg
from temporalio.client import Client

from embedded.stack import Endpoints
from engine.connect import connect
from engine.journeys import forget_journey
from record import retention
from record.keys import KeyRing
from record.pool import BEGIN, Connection, Pool, open_pool, transaction
from record.retention import GONE, Said
from record.roles import Role, dsn
from schemas.base import Identifier
from schemas.retention import Kind, Stored
from schemas.timeline import SERVICE

SIGNED = {"state", "kept_until", "rules", "settings", "proposed_by", "confirmed_by"}
"""What two people signed for."""


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
                facts = first.model_dump(include=SIGNED)
                await retention.append(connection, Said(child, Kind.destroyed, actor, facts), self.keys)
        return signed[-1]


async def go_on(endpoints: Endpoints, authority: Identifier) -> AsyncGenerator[tuple[Identifier, Exception | None]]:
    """Bring to its end what two people signed and was broken off; gives each of those children, with why it is not at its end where it is not.

    One that fails holds up no other. Repeating it does nothing more.
    """
    keys = KeyRing(endpoints.keys)
    address = dsn(endpoints.postgres_superuser_dsn, Role.custodian, endpoints.keys)
    async with await open_pool(address, "siwrnai serve", most=1) as pool:
        async with transaction(pool, authority) as connection:
            left = await retention.unfinished(connection)
        if left:
            going = Destruction(await connect(endpoints.temporal_address, endpoints.namespace, keys), pool, authority, keys)
            for child in left:
                yield child, await _failure(going, child)


async def _failure(going: Destruction, child: Identifier) -> Exception | None:
    try:
        await going.finish(child, SERVICE)
    except Exception as error:  # Whatever it is: the next start tries it again.
        return error
    return None


async def destroy_again(endpoints: Endpoints, authority: Identifier) -> list[Identifier]:
    """After a backup was brought back, before anything runs on it: what was destroyed stays destroyed. Gives the children whose record or
    key had come back.

    The record of destruction wins, wherever it is: in the log that was brought back, or beside the keys where the backup is the older one.

    Raises:
        RPCError: the engine does not answer.
    """
    keys = KeyRing(endpoints.keys)
    connection: Connection = await asyncpg.connect(endpoints.postgres_superuser_dsn)
    try:
        async with connection.transaction():
            await connection.execute(BEGIN, authority, "")
            back = {child async for child in _rows_again(connection, keys)}
            gone = await retention.destroyed(connection)
    finally:
        await connection.close()
    back |= {child for child in gone if keys.is_there(child)}
    client = await connect(endpoints.temporal_address, endpoints.namespace, keys)
    address = dsn(endpoints.postgres_superuser_dsn, Role.custodian, endpoints.keys)
    async with await open_pool(address, "siwrnai restore", most=1) as pool:
        for child in sorted(gone):
            await Destruction(client, pool, authority, keys).finish(child, SERVICE)
    return sorted(back)


async def _rows_again(connection: Connection, keys: KeyRing) -> AsyncIterator[Identifier]:
    """The words of a record that a backup of before had: the database allows it to its own master alone, and asks for no third signature."""
    gone = await retention.destroyed(connection)
    for child, record in keys.destroyed().items():
        known = Stored.model_validate_json(record)
        # A meeting's key has the record of the child with whom it went.
        if known.entry.child != child or child in gone or not retention.is_ours(known, keys):
            continue
        if await connection.fetchval("SELECT EXISTS (SELECT FROM heads WHERE child = $1)", child):
            facts = known.entry.model_dump(include=SIGNED)
            await retention.append(connection, Said(child, Kind.destroyed_again, SERVICE, facts), keys)
            yield child
