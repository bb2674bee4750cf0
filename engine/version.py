"""Which version of the worker this is, and which version the engine gives tasks to."""

import asyncio
import hashlib
import time
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest, SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

DEPLOYMENT = "siwrnai"
"""The workers of one namespace, as the engine names them."""

ROOMS = ("activities", "engine", "procedures", "record", "schemas", "workflows")
"""The code that a journey runs through; the command line, letters and rehearsals are no part of a worker's version."""

ALSO = ("worker.py", "requirements.lock")
"""What puts it together, and the versions of the libraries that it runs on."""

KNOWN_WITHIN = 60.0
"""Seconds that the engine may take to know of a worker that polls."""

ONE_TRY = timedelta(seconds=10)

UNKNOWN = {RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION}
"""The engine's answer while it knows of no such worker."""

BUSY = {
    *(RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED),
    # A call that took too long: the engine may have taken it, and takes it again.
    *(RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED),
}
"""It says nothing yet."""


class NotKnown(Exception):
    """The engine does not know of a worker of that version: it must poll before it can be current."""


@cache
def this_version(root: Path = Path(__file__).parents[1]) -> WorkerDeploymentVersion:
    """The package's version with a hash of the code that journeys run through, so that no change goes unnoticed."""
    content = hashlib.sha256()
    files = [*(file for room in ROOMS for file in (root / room).rglob("*.py")), *(root / name for name in ALSO if (root / name).exists())]
    for file in sorted(files):
        content.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=f"{version('siwrnai')}-{content.hexdigest()[:12]}")


async def current_version(client: Client) -> str | None:
    """The build that the engine gives tasks to; none before the first."""
    asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        told = await client.workflow_service.describe_worker_deployment(asked)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return told.worker_deployment_info.routing_config.current_deployment_version.build_id or None


async def make_current(client: Client, build: str) -> None:
    """From now on the engine gives tasks to workers of that build, of running journeys too. Repeating it changes nothing.

    Raises:
        NotKnown: no worker of that build polls.
        RPCError: the engine does not answer, or refuses.
    """
    asked = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build, identity=client.identity
    )
    ends = time.monotonic() + KNOWN_WITHIN
    while (error := await _objection(client, asked)) is not None:
        if time.monotonic() >= ends:
            if error.status in UNKNOWN:
                raise NotKnown(f"the engine knows of no worker of version {build}: start one first") from None
            raise error
        await asyncio.sleep(0.1)


async def _objection(client: Client, asked: SetWorkerDeploymentCurrentVersionRequest) -> RPCError | None:
    """Why it was not taken, where it may be a little later."""
    try:
        await client.workflow_service.set_worker_deployment_current_version(asked, timeout=ONE_TRY)
    except RPCError as error:
        if error.status in UNKNOWN | BUSY:
            return error
        raise
    return None
