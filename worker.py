"""The process that runs journeys: connects, registers workflows and activities, polls, and stops cleanly.

Configured by environment variables (`docs/environment.md`). SIGTERM and SIGINT let work in hand finish, then stop it with exit code 0.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import structlog
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import process
from activities.anchors import Place, places
from activities.arranging import Arranging
from activities.bounces import Bounces
from activities.changes import Changes
from activities.checkpoints import Checkpoints
from activities.digests import Digests
from activities.drafts import Drafts
from activities.gathering import Gathering
from activities.measures import Measures
from activities.meetings import Meetings
from activities.observed import Observed
from activities.recording import Recording
from activities.settlements import Settlements
from embedded.settings import WorkerSettings
from engine.connect import connect
from engine.schedule import checkpoint_now, keep_checkpoints_scheduled, keep_digests_scheduled
from engine.version import this_version
from meetings import MeetingDoor
from observing import clocks
from observing.sampling import sampling
from procedures.in_force import put_in_force
from procedures.rules import load
from record import versions
from record.checkpoints import knows_logs
from record.deployment import deployment
from record.keys import KeyRing
from record.operating import HeldWorkflows
from record.pool import Pool, open_pool, transaction
from schemas.base import Identifier
from schemas.engine import JOURNEYS
from workflows.checkpoint import Checkpoint
from workflows.digest import Digest
from workflows.journey import Journey
from workflows.meeting import Meeting
from workflows.sweep import Sweep

GRACE = timedelta(seconds=20)
"""How long work in hand may take when the worker is told to stop."""

BOUNCES_EVERY = 1.0
"""Seconds between two looks for letters that were refused."""

DRAFTS_EVERY = 3600.0
"""Seconds between two looks for drafts of reports whose time is over."""

log = structlog.get_logger()


def journeys_worker(  # noqa: PLR0913  (what a worker is made from)
    client: Client,
    pool: Pool,
    keys: KeyRing,
    version: WorkerDeploymentVersion | None = None,
    anchors: Sequence[Place] = (),
    *,
    looking: bool = False,
) -> Worker:
    """The worker of the queue `journeys`, as tests and the process both run it. One that has a version gets tasks once it is current;
    one that is for looking alone answers what a journey is asked, and records nothing.
    """
    settlements, recording = Settlements(pool, keys), Recording(pool, keys)
    meetings, digests, changes = Meetings(client, pool), Digests(pool), Changes(pool, client)
    arranging = Arranging(pool, keys)
    gathering, checkpoints = Gathering(arranging), Checkpoints(pool, keys, anchors)
    return Worker(
        client,
        task_queue=JOURNEYS,
        workflows=[Journey, Meeting, Digest, Sweep, Checkpoint],
        activities=[
            *(settlements.settle_command, settlements.settle_due, recording.write),
            *(meetings.ask, meetings.tell),
            *(arranging.settle, arranging.write, gathering.settle, gathering.write),
            *(digests.write, changes.sweep, checkpoints.make, checkpoints.anchor),
        ],
        interceptors=[Observed(HeldWorkflows(pool))],
        workflow_runner=SandboxedWorkflowRunner(restrictions=_restrictions()),
        no_remote_activities=looking,
        graceful_shutdown_timeout=GRACE,
        max_concurrent_workflow_tasks=20,
        deployment_config=None if version is None else _upgrading(version),
    )


def _upgrading(version: WorkerDeploymentVersion) -> WorkerDeploymentConfig:
    """Journeys last for years: they go on with whichever version is current."""
    return WorkerDeploymentConfig(version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE)


def _restrictions() -> SandboxRestrictions:
    """A module that reaches a database driver unintended crashes the worker: better an error that names it."""
    return SandboxRestrictions.default.with_import_notification_policy(
        workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )


async def keep_scheduled(client: Client, pool: Pool, authority: Identifier) -> None:
    """Digests and checkpoints. Logs that were signed when the database was brought up to date are in a checkpoint at once: whatever is
    signed as theirs later is named by it.
    """
    await keep_digests_scheduled(client, authority)
    await keep_checkpoints_scheduled(client, authority)
    async with transaction(pool, authority) as connection:
        known = await knows_logs(connection)
    if not known:
        await checkpoint_now(client, authority)


async def run(settings: WorkerSettings) -> None:
    """Run journeys until told to stop."""
    put_in_force(load(settings.procedures))
    keys = KeyRing(settings.keys)
    pool = await open_pool(settings.database_url, "siwrnai worker")
    client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
    stop = process.told_to_stop()
    try:
        async with pool.acquire() as connection:
            of = await deployment(connection)
            await clocks.compare(partial(versions.now, connection))
        if not of.virtual:
            await keep_scheduled(client, pool, of.authority)
        # A rehearsal's journeys end with it: there is nothing to upgrade.
        version = None if of.virtual else this_version()
        async with (
            journeys_worker(client, pool, keys, version, places(settings.checkpoint_folder, settings.checkpoint_url)),
            _doing(Bounces(pool, client, of.authority, MeetingDoor(client, pool, of.authority, keys)).watch(BOUNCES_EVERY)),
            _doing(Drafts(pool, of.authority).watch(DRAFTS_EVERY)),
            sampling(settings.metrics, Measures(pool, of.authority).take),
        ):
            log.info("worker_ready", queue=JOURNEYS, build=None if version is None else version.build_id)
            process.tell_ready(settings.ready_file)
            await stop.wait()
    finally:
        await pool.close()
    log.info("worker_stopped")


@asynccontextmanager
async def _doing(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    watch = asyncio.create_task(work)
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


def main() -> int:
    """Run it, as a process."""
    return process.main("worker", WorkerSettings, lambda settings: settings.metrics, run)


if __name__ == "__main__":
    sys.exit(main())
