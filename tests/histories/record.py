"""`python -m tests.histories.record RELEASE`: record the journeys of a release, once, before it goes out."""

import asyncio
import gzip
import shutil
import sys
import tempfile
from pathlib import Path

from embedded.stack import Endpoints
from engine.leaving import settle
from observing import logs
from tests.histories import RELEASES, Kept
from tests.histories.journeys import JOURNEYS
from tests.live import Live, live
from tests.short_runs import runs_of, short_runs


async def record(release: str, into: Path) -> None:
    """Run each journey on the real engine, whose runs are short, and keep what it left.

    Raises:
        FileExistsError: that release has been recorded: what was recorded once is never changed.
    """
    folder = into / release
    folder.mkdir()
    home = Path(tempfile.mkdtemp(prefix="siwrnai-histories-"))
    try:
        async with short_runs(home) as stack:
            await _record_all(stack, folder)
    finally:
        shutil.rmtree(home)


async def _record_all(stack: Endpoints, folder: Path) -> None:
    for name, journey in JOURNEYS.items():
        async with live(stack) as here:
            child = await journey(here)
            packed = gzip.compress((await _kept(here, child)).model_dump_json().encode())
            (folder / f"{name}.json.gz").write_bytes(packed)
            print(f"recorded {name}", flush=True)
    shutil.copytree(stack.keys / "codec", folder / "codec")


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
