"""`siwrnai status`: which parts are up, who works, what waits, what is late, what is stuck."""

import asyncio
import datetime as dt
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError

from console.endings import Code, Mistake
from console.rules import rules_of_this_deployment
from console.running import endpoints, settle
from console.status_page import is_late, print_page
from embedded.stack import Endpoints
from engine import looking
from observing import clocks
from procedures.rules import BadRules
from record import checkpoints, operating, versions
from record.deployment import deployment
from record.pool import Connection, open_pool, transaction
from record.roles import Role, dsn
from schemas.engine import JOURNEYS
from schemas.status import CheckpointsSeen, EngineSeen, JourneysSeen, LateSeen, OutboxSeen, Part, Queue, Status, Stuck

PATIENCE = 5
"""Seconds until a part counts as down."""

MOST = 20
"""Late and stuck workflows that are named; more are counted."""

OUTBOX_OLD = dt.timedelta(hours=1)
"""A letter that has not gone for so long is not as it should be."""

Answer = TypeVar("Answer")


class Kept(NamedTuple):
    """What the record tells; nothing where it is down."""

    ahead: dt.timedelta | None = None
    outbox: OutboxSeen | None = None
    journeys: JourneysSeen | None = None
    held: tuple[Stuck, ...] = ()
    checkpoints: CheckpointsSeen | None = None
    uncounted: tuple[str, ...] = ()


def print_status(*, json: bool = False) -> int:
    """Print how everything stands.

    Returns 0 where all is as it should be, 4 where a part is down, 1 where something is late, stuck or not sent, a clock is
    wrong, a checkpoint is kept too late at a place outside, or chains are not what an earlier one said.
    """
    there = endpoints()
    now = dt.datetime.now(dt.UTC)
    found = asyncio.run(_look(there, now))
    settle()
    if json:
        print(found.model_dump_json(indent=2))
    else:
        print_page(found, now)
    return ending(found, now)


def ending(found: Status, now: dt.datetime) -> Code:
    """The exit code."""
    if not all(part.up for part in found.parts):
        return Code.away
    late = found.journeys is not None and found.journeys.late > 0
    old = found.outbox is not None and found.outbox.oldest is not None and now - found.outbox.oldest > OUTBOX_OLD
    wrong = found.clock_ahead is not None and clocks.is_wrong(dt.timedelta(seconds=found.clock_ahead))
    made = found.checkpoints
    unkept = made is not None and any(is_late(each, now) for each in made.places)
    changed = made is not None and made.contradicted > 0
    return Code.found_wrong if late or old or wrong or unkept or changed or found.stuck else Code.done


async def _look(there: Endpoints, now: dt.datetime) -> Status:
    engine, record, post = await asyncio.gather(_within(_engine(there, now)), _within(_record(there)), _within(_post(there)))
    seen, queues, failing = engine if engine is not None else (None, (), ())
    kept = record if record is not None else Kept()
    works = seen is not None and any(gets_tasks(seen, queue) for queue in queues if queue.tasks == "workflow")
    up = {"engine": engine is not None, "record": record is not None, "worker": works, "post": post is True}
    return Status(
        parts=tuple(Part(name=name, up=up[name], where=where) for name, where in _named(there).items()),  # pyright: ignore[reportArgumentType]
        engine=seen,
        queues=queues,
        outbox=kept.outbox,
        journeys=kept.journeys,
        checkpoints=kept.checkpoints,
        uncounted=kept.uncounted,
        clock_ahead=None if kept.ahead is None else round(kept.ahead.total_seconds(), 3),
        stuck=(*kept.held, *failing),
    )


def gets_tasks(engine: EngineSeen, queue: Queue) -> bool:
    """One that has left is still remembered: each has asked for work a short while ago.

    One of another version asks in vain; before any version is current so does each that has one.
    """
    return any((poller.build or None) == engine.current_build for poller in queue.pollers)


def _named(there: Endpoints) -> dict[str, str]:
    record = urlsplit(there.postgres_superuser_dsn)
    post = urlsplit(there.smtp_url)
    return {
        "engine": f"{there.temporal_address} ({there.namespace})",
        "record": f"{record.hostname or ''}{record.path}",
        "worker": JOURNEYS,
        "post": f"{post.hostname or ''}:{post.port or ''}" if there.smtp_url else "",
    }


async def _within(asked: Awaitable[Answer]) -> Answer | None:
    """The answer; none of a part that is down."""
    try:
        return await asyncio.wait_for(asked, PATIENCE)
    except (TimeoutError, OSError, RuntimeError, LookupError, RPCError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


async def _engine(there: Endpoints, now: dt.datetime) -> tuple[EngineSeen, tuple[Queue, ...], tuple[Stuck, ...]]:
    client = await Client.connect(there.temporal_address, namespace=there.namespace)
    return await looking.engine_of(client), await looking.queues_of(client, now), tuple(await looking.failing(client, MOST))


async def _record(there: Endpoints) -> Kept:
    async with await open_pool(dsn(there.postgres_superuser_dsn, Role.door, there.keys), "siwrnai status", most=1) as pool:
        async with pool.acquire() as connection:
            authority = (await deployment(connection)).authority
        async with transaction(pool, authority) as connection:
            return Kept(
                ahead=await clocks.ahead(partial(versions.now, connection)),
                outbox=await _outbox(connection),
                journeys=await _journeys(connection),
                held=await _held(connection),
                checkpoints=await checkpoints.seen(connection),
                uncounted=await _uncounted(connection),
            )


async def _outbox(connection: Connection) -> OutboxSeen:
    return OutboxSeen.model_validate((await operating.outbox(connection))._asdict())


async def _journeys(connection: Connection) -> JourneysSeen:
    now = await versions.now(connection)
    numbers = await operating.journeys(connection, now)
    late = [LateSeen(child=each.child, due=each.due) for each in await operating.late(connection, now, MOST)]
    return JourneysSeen.model_validate({**numbers._asdict(), "first_late": late})


async def _held(connection: Connection) -> tuple[Stuck, ...]:
    found = await operating.held(connection, MOST)
    return tuple(Stuck(held=each.held, by="activity", since=each.since, last_at=each.last_at) for each in found)


async def _uncounted(connection: Connection) -> tuple[str, ...]:
    """By the rules that this deployment is configured with; where those cannot be read, whatever starts says so itself."""
    stored = await versions.get(connection, "settings", (await versions.current(connection)).settings)
    with suppress(Mistake, BadRules):
        return tuple(sorted(stored.keys() - rules_of_this_deployment().counting(stored).keys()))
    return ()


async def _post(there: Endpoints) -> bool:
    server = urlsplit(there.smtp_url)
    _, writer = await asyncio.open_connection(server.hostname, server.port)
    writer.close()
    await writer.wait_closed()
    return True
