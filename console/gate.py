"""`siwrnai gate`: whether this version can go on with every open journey; where asked, it then becomes current."""

import sys

from temporalio.client import Client
from temporalio.service import RPCError

from console.endings import Code, Ended
from console.language import say
from console.running import Running, on_deployment
from engine.connect import connect
from engine.version import NotKnown, current_version, make_current, this_version
from gate import objections


def pass_gate(begin: bool) -> int:
    """Print what stands against this version; 1 where anything does.

    Raises:
        Ended: the engine cannot be reached, or knows of no worker of this version.
    """
    return on_deployment(lambda here: _passed(here, begin))


async def _passed(here: Running, begin: bool) -> int:
    there, build = here.endpoints, this_version().build_id
    try:
        client = await connect(there.temporal_address, there.namespace, here.keys)
    except RuntimeError:
        raise Ended(Code.away, say("away.engine", address=there.temporal_address)) from None
    try:
        return await _replayed(here, client, build, begin)
    except RPCError as error:
        raise Ended(Code.away, say("gate.engine_silent", why=error.status.name)) from None


async def _replayed(here: Running, client: Client, build: str, begin: bool) -> int:
    if not begin and await current_version(client) == build:
        print(say("gate.runs_already", version=build))
        return 0
    found = await objections(client, here.pool, here.authority, here.keys)
    for each in found:
        print(say("gate.objection", child=each.workflow, why=each.why), file=sys.stderr)
    if found:
        print(say("gate.closed", version=build, count=len(found)), file=sys.stderr)
        return Code.found_wrong
    print(say("gate.open", version=build))
    if begin:
        try:
            await make_current(client, build)
        except NotKnown:
            raise Ended(Code.away, say("gate.no_worker", version=build)) from None
        print(say("gate.begun", version=build))
    return 0
