"""The check for children as they stand on record: asked anew for each output, since a restriction holds from the moment it is recorded."""

from collections.abc import Iterable

from entitlement.check import Entitlement
from procedures.in_force import rules_in_force
from record.pool import Connection
from record.rights import rights
from schemas.base import Identifier


async def entitlement(connection: Connection, children: Iterable[Identifier]) -> Entitlement:
    """The check for these children."""
    return Entitlement(await rights(connection, children), rules_in_force().entitlement)
