"""What a new deployment shows at the end of its first start: a whole case, rehearsed beside it, and how to record a report by hand."""

import asyncio
import datetime as dt
import os
import shutil
import signal
import sys
from pathlib import Path

from embedded.program import as_typed, dies_with_us, python
from embedded.stack import Endpoints

CASE = "three-siblings"

STOPS_WITHIN = 20
"""Seconds that a rehearsal may take to stop when the deployment does."""

SAID = {
    0: "The rehearsal came out as expected: every due date, letter, refusal and state is as the case says, and the whole record verifies",
    1: "The rehearsal did not come out as expected: each difference is named above",
}

BY_HAND = """\
To record a report by hand, in another terminal:
  worker=$({siwrnai} directory add-person --name "Your name" --email you@enghraifft.example --language en --role team_manager)
  child=$({siwrnai} child register --actor $worker --name "A child" --born 2019-03-12)
  {siwrnai} journey report $child --actor $worker --how telephone --words "What was reported."
  {siwrnai} journey show $child"""


async def first_start(endpoints: Endpoints) -> None:
    """Rehearse the case and say where it can be read. Whatever comes of it, the deployment runs on."""
    folder = endpoints.directory / "rehearsals" / f"{CASE}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    print(f"This is the first start here: the case {CASE} is rehearsed, on parts of its own", flush=True)
    code = await _rehearse(folder)
    print(SAID.get(code, f"The rehearsal ended with exit code {code}; run it again: {as_typed()} rehearse {CASE}"), flush=True)
    print(BY_HAND.format(siwrnai=as_typed()), flush=True)


async def _rehearse(folder: Path) -> int:
    folder.parent.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    rehearsal = await asyncio.create_subprocess_exec(
        *python("-m", "cli", "rehearse", CASE, "--keep", str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=sys.stderr,
        start_new_session=True,
        preexec_fn=dies_with_us(signal.SIGINT),
    )
    try:
        return await rehearsal.wait()
    finally:
        if rehearsal.returncode is None:
            rehearsal.send_signal(signal.SIGINT)
            await _stopped(rehearsal)
            shutil.rmtree(folder, ignore_errors=True)


async def _stopped(rehearsal: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(rehearsal.wait(), STOPS_WITHIN)
    except TimeoutError:
        rehearsal.kill()
        await rehearsal.wait()
