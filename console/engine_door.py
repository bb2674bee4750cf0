"""The one door, opened for a verb; what it says when it does not let a command in becomes a sentence and an exit code."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from temporalio.client import RPCTimeoutOrCancelledError
from temporalio.service import RPCError

from commands import CommandRefused, Door, EngineAway, EngineDisagrees, IdTaken, RecordAway, UnknownChild
from console.endings import Code, Ended, Mistake
from console.language import say, spoken
from console.options import repeating
from console.running import Running, hush_client
from console.showing import role_title
from engine.connect import connect
from named import NoSuchPost, NotTaken, UnknownAgency, UnknownPerson, UnknownRelative
from record.pool import AWAY
from schemas.commands import Command
from schemas.engine import Sight
from schemas.timeline import Answer

PATIENCE = 60
"""Seconds until the engine, or its worker, counts as silent."""


@asynccontextmanager
async def door(here: Running) -> AsyncGenerator[Door]:
    """The door of the deployment.

    Raises:
        Ended: the engine cannot be reached.
    """
    there = here.endpoints
    hush_client()
    try:
        client = await connect(there.temporal_address, there.namespace, here.keys)
    except RuntimeError:
        raise Ended(Code.away, say("away.engine", address=there.temporal_address)) from None
    try:
        yield Door(client, here.pool, here.authority, here.keys)
    except (RPCError, RPCTimeoutOrCancelledError):
        raise Ended(Code.away, say("away.engine", address=there.temporal_address)) from None


async def submit(way_in: Door, child: str, command: Command, command_id: str) -> Answer:
    """Take a command to a child's journey.

    Raises:
        Ended: it was not taken, or refused; nothing has changed.
    """
    again = repeating(command_id, command.happened_at)
    try:
        return await way_in.submit(child, command, command_id)
    except CommandRefused as refused:
        raise Ended(Code.refused, refused.sentence(spoken())) from None
    except (EngineAway, RPCTimeoutOrCancelledError):
        raise Ended(Code.away, say("away.engine_silent", again=again)) from None
    except RecordAway as error:
        raise Ended(Code.away, say("away.record_silent", why=type(error.__cause__).__name__, again=again)) from None
    except AWAY as error:
        raise Ended(Code.away, say("away.record_silent", why=type(error).__name__, again=again)) from None
    except EngineDisagrees:
        raise Ended(Code.found_wrong, say("away.disagree", child=child)) from None
    except NotTaken as error:
        raise Mistake(why(error, command_id)) from None


def why(error: NotTaken, command_id: str = "") -> str:
    """What is wrong with a command that was not passed on, and what would be right."""
    match error:
        case UnknownChild():
            key, facts = "unknown_child", {"child": error.child}
        case UnknownPerson():
            key, facts = "unknown_person", {"person": error.person}
        case UnknownRelative():
            key, facts = "unknown_relative", {"option": _option(error.field), "person": error.person}
        case UnknownAgency():
            right = ", ".join(error.right) or say("mistakes.no_agency_yet")
            key, facts = "unknown_agency", {"option": _option(error.field), "agency": error.agency, "right": right}
        case NoSuchPost():
            posts = ", ".join(role_title(each) for each in error.posts)
            key, facts = "no_such_post", {"option": _option(error.field), "person": error.person, "posts": posts}
        case IdTaken():
            key, facts = "id_taken", {"id": command_id}
        case _:
            return str(error)
    return say(f"mistakes.{key}", **facts)


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


async def sight(way_in: Door, child: str) -> Sight | None:
    """The journey as the engine holds it; none where it does not know it.

    Raises:
        Ended: the engine, or its worker, does not answer.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await way_in.sight(child)
    except (TimeoutError, RPCError, RPCTimeoutOrCancelledError):
        raise Ended(Code.away, say("away.worker", address=way_in.client.service_client.config.target_host)) from None
