"""A newer version on this machine: the gate before anything is changed, and the engine's word to it once its worker polls."""

from temporalio.service import RPCError

from embedded.stack import Endpoints
from embedded.supervisor import CannotStart
from engine.connect import connect
from engine.version import NotKnown, make_current, this_version
from gate import objections
from record.keys import KeyRing
from record.pool import open_pool
from record.roles import Role, dsn


class GateClosed(CannotStart):
    """This version cannot go on with what is open; says with what, and why. Nothing has changed."""


async def pass_the_gate(endpoints: Endpoints, authority: str) -> None:
    """Replay every open journey, meeting and sweep on this version. The database may still be as the former version left it.

    Raises:
        GateClosed: it cannot go on with one of them: the former version goes on with all of them.
        CannotStart: the engine does not answer.
    """
    keys = KeyRing(endpoints.keys)
    client = await connect(endpoints.temporal_address, endpoints.namespace, keys)
    pool = await open_pool(dsn(endpoints.postgres_superuser_dsn, Role.door, endpoints.keys), "siwrnai serve", most=1)
    try:
        async with pool:
            found = await objections(client, pool, authority, keys)
    except RPCError as error:
        raise CannotStart(f"The engine did not give the open journeys for replay ({error.status.name}): look at its log") from None
    if found:
        raise GateClosed(
            f"This version ({this_version().build_id}) cannot go on with {len(found)} of what is open; the first is {found[0].workflow}: "
            f"{found[0].why}. Nothing has changed: go on with the former version, and see docs/versions.md"
        )


async def begin_version(endpoints: Endpoints) -> None:
    """Let the engine give tasks to this version's worker.

    Raises:
        CannotStart: the engine does not know of it.
    """
    client = await connect(endpoints.temporal_address, endpoints.namespace, KeyRing(endpoints.keys))
    try:
        await make_current(client, this_version().build_id)
    except NotKnown as error:
        raise CannotStart(str(error)) from None
    except RPCError as error:
        raise CannotStart(f"The engine did not take this version for the current one ({error.status.name}): look at its log") from None
