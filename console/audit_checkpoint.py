"""`siwrnai audit checkpoint`: a checkpoint over all chains, now."""

import asyncio
import datetime as dt
import secrets

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from console.endings import Code, Ended
from console.engine_door import PATIENCE, door
from console.language import say
from console.running import Running, on_deployment
from console.showing import moment
from schemas.checkpoints import CheckpointDone, CheckpointRequest
from schemas.engine import JOURNEYS
from workflows.checkpoint import Checkpoint

ANCHORING = dt.timedelta(seconds=20)
"""How long this waits for the places that keep it. What is left then the next checkpoint's run anchors."""


def checkpoint(*, json: bool = False) -> int:
    """Make one, and print it. 1 where a chain is no longer what an earlier checkpoint said, or a place did not take it.

    Raises:
        Ended: the engine, or its worker, does not answer.
    """
    done = on_deployment(_make)
    if json:
        print(done.model_dump_json(indent=2))
        return _ending(done)
    made = done.made
    print(say("audit.checkpoint", number=made.number, when=moment(made.at), chains=made.chains, entries=made.entries))
    print(say("audit.hash", hash=made.hash))
    if made.contradicted:
        print(say("audit.contradicted", chains=", ".join(made.contradicted)))
    if not done.anchored:
        print(say("audit.not_anchored"))
    return _ending(done)


def _ending(done: CheckpointDone) -> Code:
    return Code.done if done.anchored and not done.made.contradicted else Code.found_wrong


async def _make(here: Running) -> CheckpointDone:
    async with door(here) as way_in:
        try:
            async with asyncio.timeout(PATIENCE):
                return await (await begin(way_in.client, here.authority)).result()
        except (TimeoutError, RPCError, WorkflowFailureError):
            raise Ended(Code.away, say("away.worker", address=here.endpoints.temporal_address)) from None


async def begin(client: Client, authority: str) -> WorkflowHandle[Checkpoint, CheckpointDone]:
    """Start a run of its own, beside the scheduled ones."""
    request = CheckpointRequest(authority=authority, patience=ANCHORING)
    id = f"checkpoint:{authority}:{secrets.token_hex(8)}"
    return await client.start_workflow(Checkpoint.run, request, id=id, task_queue=JOURNEYS)
