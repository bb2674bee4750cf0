"""kill -9 of the worker while commands are under way: nothing is lost, nothing is done twice."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from commands import EngineAway
from embedded.stack import Endpoints
from record.roles import Role, dsn
from schemas.commands import Command
from schemas.timeline import Answer
from tests.live import Live, live

KILLS = 3


@pytest.mark.timeout(240)
async def test_a_worker_killed_while_commands_are_under_way_loses_nothing_and_does_nothing_twice(stack: Endpoints, tmp_path: Path) -> None:
    async with live(stack, worker=False) as here:
        worker = await started(here, stack, tmp_path)
        try:
            child = await here.reported()
            offers = [(f"k-{number}", here.command("advocacy_offered", "2026-11-20 16:40")) for number in range(30)]
            answering = asyncio.ensure_future(taken(here, child, offers))
            for kill in range(KILLS):
                # Somewhere among the commands; where exactly is left to chance.
                await asyncio.sleep(0.4 + kill / 7)
                worker.send_signal(signal.SIGKILL)
                await worker.wait()
                worker = await started(here, stack, tmp_path)
            answers = await answering
            assert len({answer.entries for answer in answers}) == len(offers)
            entries = [entry for entry in await here.entries(child) if entry.kind == "advocacy_offered"]
            assert sorted(entry.command_id or "" for entry in entries) == sorted(id for id, _ in offers)
            assert await here.whole(child)
        finally:
            worker.terminate()
            assert await worker.wait() == 0


async def taken(here: Live, child: str, offers: list[tuple[str, Command]]) -> list[Answer]:
    """The answer to each command, in order; one that nothing answers is sent again under its id."""
    answers: list[Answer] = []
    for id, offer in offers:
        while True:
            try:
                answers.append(await here.door.submit(child, offer, id))
                break
            except EngineAway:
                continue
    return answers


async def started(here: Live, stack: Endpoints, folder: Path) -> asyncio.subprocess.Process:
    """A worker as `siwrnai serve` starts it."""
    ready = folder / "worker.ready"
    ready.unlink(missing_ok=True)
    variables = {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "DATABASE_URL": dsn(here.superuser, Role.journey, stack.keys),
        "SIWRNAI_KEYS": str(stack.keys),
        "SIWRNAI_READY_FILE": str(ready),
    }
    log = (folder / "worker.log").open("ab")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", env={**os.environ, **variables}, stdout=log, stderr=log, start_new_session=True
    )
    log.close()
    while not ready.exists():
        assert worker.returncode is None, (folder / "worker.log").read_text(encoding="utf-8")
        await asyncio.sleep(0.05)
    return worker
