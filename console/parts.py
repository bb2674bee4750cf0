"""`siwrnai status`: which parts are up."""

import asyncio
import time
from urllib.parse import urlsplit

import asyncpg
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from console.endings import Code
from console.language import say
from console.running import endpoints, settle
from embedded.stack import Endpoints
from record.roles import Role, dsn
from schemas.engine import JOURNEYS

PATIENCE = 5
"""Seconds until a part counts as down."""

ASKED_WITHIN = 90
"""Seconds since a worker last asked for work; it asks at least once a minute. The engine remembers it for longer."""


def print_status() -> int:
    """Print a line for each part; 0 where all are up."""
    there = endpoints()
    up = asyncio.run(_look(there))
    settle()
    for part, where in _named(there).items():
        print(f"{say(f'parts.{part}')}: {say('parts.up' if up[part] else 'parts.down')}  {where}".rstrip())
    return Code.done if all(up.values()) else Code.away


def _named(there: Endpoints) -> dict[str, str]:
    record = urlsplit(there.postgres_superuser_dsn)
    post = urlsplit(there.smtp_url)
    return {
        "engine": f"{there.temporal_address} ({there.namespace})",
        "record": f"{record.hostname or ''}{record.path}",
        "worker": JOURNEYS,
        "post": f"{post.hostname or ''}:{post.port or ''}" if there.smtp_url else "",
    }


async def _look(there: Endpoints) -> dict[str, bool]:
    asked = {"engine": _engine(there), "record": _record(there), "worker": _worker(there), "post": _post(there)}
    answers = await asyncio.gather(*(asyncio.wait_for(each, PATIENCE) for each in asked.values()), return_exceptions=True)
    return {name: answer is True for name, answer in zip(asked, answers, strict=True)}


async def _engine(there: Endpoints) -> bool:
    await Client.connect(there.temporal_address, namespace=there.namespace)
    return True


async def _record(there: Endpoints) -> bool:
    connection = await asyncpg.connect(dsn(there.postgres_superuser_dsn, Role.door, there.keys))
    await connection.close()
    return True


async def _worker(there: Endpoints) -> bool:
    """Whether somebody asks the queue of journeys for work."""
    client = await Client.connect(there.temporal_address, namespace=there.namespace)
    request = DescribeTaskQueueRequest(
        namespace=there.namespace, task_queue=TaskQueue(name=JOURNEYS), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )
    try:
        pollers = (await client.workflow_service.describe_task_queue(request)).pollers
    except RPCError:
        return False
    return any(time.time() - each.last_access_time.seconds < ASKED_WITHIN for each in pollers)


async def _post(there: Endpoints) -> bool:
    server = urlsplit(there.smtp_url)
    _, writer = await asyncio.open_connection(server.hostname, server.port)
    writer.close()
    await writer.wait_closed()
    return True
