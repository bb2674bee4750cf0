"""`python -m tests.histories.record RELEASE`: record the journeys of a release, once, before it goes out.

Given again for the same release it records what is missing, under the same key.
"""

import asyncio
import gzip
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from temporalio.common import WorkerDeploymentVersion

from embedded.engine import open_namespace
from embedded.stack import Endpoints
from engine.leaving import settle
from engine.version import DEPLOYMENT, make_current
from meetings import workflow_of
from observing import logs
from procedures.times import LONDON
from record import meetings
from record.pool import transaction
from tests.histories import RELEASES, Kept, KeptMeeting
from tests.histories.journeys import JOURNEYS, UPGRADED
from tests.live import REPORT, Live, live
from tests.short_runs import runs_of, short_runs
from worker import journeys_worker


async def record(release: str, into: Path) -> None:
    """Run each journey on the real engine, whose runs are short, and keep what it left. What was recorded once is never changed."""
    folder = into / release
    folder.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="siwrnai-histories-"))
    if (folder / "codec").exists():
        shutil.copytree(folder / "codec", home / "stack" / "keys" / "codec")
    try:
        async with short_runs(home) as stack:
            await _record_missing(stack, folder)
            shutil.copytree(stack.keys / "codec", folder / "codec", dirs_exist_ok=True)
    finally:
        shutil.rmtree(home)


async def _record_missing(stack: Endpoints, folder: Path) -> None:
    for name in {*JOURNEYS, UPGRADED}:
        file = folder / f"{name}.json.gz"
        if not file.exists():
            made = await (upgraded(stack) if name == UPGRADED else _journey(stack, name))
            file.write_bytes(gzip.compress(made.model_dump_json().encode()))
            print(f"recorded {name}", flush=True)


async def _journey(stack: Endpoints, name: str) -> Kept:
    async with live(stack) as here:
        return await _kept(here, await JOURNEYS[name](here))


async def upgraded(stack: Endpoints) -> Kept:
    """A journey that one version of the worker begins and the next one goes on with, in real time and a namespace of its own."""
    own = stack.model_copy(update={"namespace": "upgraded"})
    await open_namespace(own.temporal_address, own.namespace)
    async with live(own, worker=False, virtual=False) as here:
        child, now = await here.child(), f"{datetime.now(LONDON):%Y-%m-%d %H:%M}"
        for build, name, fields in (("then", "report", REPORT), ("now", "police_told", {})):
            version = WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build)
            async with journeys_worker(here.client, here.journey_pool, here.keys, version):
                await make_current(here.client, build)
                await here.door.submit(child, here.command(name, now, **fields), f"k-{name}")
                made = await _kept(here, child)
        await here.client.get_workflow_handle(child).terminate("it is recorded")
    return made


async def kept_meeting(here: Live, meeting: str) -> KeptMeeting:
    """What the engine and the record hold of a meeting that is arranged."""
    history = await here.client.get_workflow_handle(workflow_of(meeting)).fetch_history()
    async with transaction(here.door_pool, here.authority) as connection:
        log = await meetings.read(connection, meeting)
    return KeptMeeting(meeting=meeting, authority=here.authority, run=history.to_json_dict(), log=log)


async def _kept(here: Live, child: str) -> Kept:
    sight = await here.door.sight(child)
    assert sight is not None
    assert await here.whole(child)
    handles = [here.client.get_workflow_handle(child, run_id=run) for run in reversed(await runs_of(here.client, child))]
    histories = [await handle.fetch_history() for handle in handles]
    state = sight.state
    return Kept(
        child=child,
        family=state.family,
        authority=state.authority,
        team=state.team,
        runs=[history.to_json_dict() for history in histories],
        entries=await here.entries(child),
        next_wake=sight.next_wake,
    )


if __name__ == "__main__":
    logs.configure("record", "warning")
    asyncio.run(record(sys.argv[1], RELEASES))
    settle()
