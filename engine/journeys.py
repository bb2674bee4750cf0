"""A journey as it stands in the engine."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from schemas.base import Identifier
from schemas.engine import Sight


async def sight_of(client: Client, child: Identifier) -> Sight | None:
    """State, clock and next wake; none where the child's journey has never begun."""
    try:
        return await client.get_workflow_handle(child).query("sight", result_type=Sight)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
