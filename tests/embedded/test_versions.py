"""Another version of the worker: what it can go on with it takes over, what it cannot is found before it becomes current."""

import asyncio
import datetime as dt
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.parts import gets_tasks
from embedded.engine import open_namespace
from embedded.stack import Endpoints
from engine.looking import engine_of, queues_of
from engine.version import NotKnown, current_version, make_current, this_version
from gate import objections
from procedures.times import LONDON
from record.roles import Role, dsn
from tests.live import Live, live
from tests.procedures.child import THERE
from tests.short_runs import runs_of

CODE = Path(__file__).parents[2]

REGISTERS = {"chair": "p-nia", "attendance": THERE, "rationale": "Why.", "decision": "register", "categories": ["neglect"]}

LOOP = "        while not self._renewal_wanted():\n"
RECORDS = "            answer = await self._record(flush)\n"

TOLD = "        told: list[str] = []\n"

OTHERS = {
    "comment": ("workflows/journey.py", LOOP, "        # Another version.\n" + LOOP),
    "steps": ("workflows/journey.py", RECORDS, "            await workflow.sleep(timedelta(milliseconds=1))\n" + RECORDS),
    "meeting": ("workflows/meeting.py", TOLD, "        await workflow.sleep(timedelta(milliseconds=1))\n" + TOLD),
    "states": ("procedures/fold.py", '"seq": entry.seq,', '"seq": entry.seq, "chair_changes": entry.seq,'),
}
"""Versions of the code: a file, what stands in it, and what stood there then."""


def copy(folder: Path, other: str) -> Path:
    """The code as it was in another version."""
    there = folder / other
    shutil.copytree(CODE, there, ignore=shutil.ignore_patterns(".*", "tests", "docs", "build", "__pycache__"))
    file, now, then = OTHERS[other]
    text = (there / file).read_text(encoding="utf-8")
    assert now in text
    (there / file).write_text(text.replace(now, then, 1), encoding="utf-8")
    return there


@asynccontextmanager
async def worker(here: Live, stack: Endpoints, code: Path, ready: Path) -> AsyncGenerator[None]:
    """A worker process of that code, as `siwrnai serve` starts it."""
    variables = {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "DATABASE_URL": dsn(here.superuser, Role.journey, stack.keys),
        "SIWRNAI_KEYS": str(stack.keys),
        "SIWRNAI_READY_FILE": str(ready),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker"),
        cwd=code,
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not ready.exists():  # noqa: ASYNC240 - a look costs nothing.
            assert process.returncode is None
            await asyncio.sleep(0.05)
        yield
    finally:
        process.terminate()
        assert await process.wait() == 0


@asynccontextmanager
async def begun_by(stack: Endpoints, other: str, folder: Path) -> AsyncGenerator[tuple[Live, Endpoints, str]]:
    """A child's journey that a worker of another version began, in a namespace of its own and in real time."""
    own = stack.model_copy(update={"namespace": f"versions-{other}"})
    await open_namespace(own.temporal_address, own.namespace)
    code = copy(folder, other)
    async with live(own, worker=False, virtual=False) as here:
        child = await here.child()
        async with worker(here, own, code, folder / "then.ready"):
            await make_current(here.client, this_version(code).build_id)
            report = here.command("report", minute(), how="telephone", words="A bruise.", alleged=["physical"])
            await here.door.submit(child, report, "k-report")
            await settled(here, child)
        try:
            yield here, own, child
        finally:
            await here.client.get_workflow_handle(child).terminate("the test is over")


async def settled(here: Live, child: str) -> None:
    """Until the journey has done all that the report brought, and only time will bring more."""
    handle, length = here.client.get_workflow_handle(child), 0
    while (description := await handle.describe()).history_length > length or description.raw_description.HasField("pending_workflow_task"):
        length = description.history_length
        await asyncio.sleep(0.5)


def minute() -> str:
    """The present minute on the wall clock of Wales."""
    return f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"


def test_whatever_a_journey_runs_through_makes_another_version_and_nothing_else_does(tmp_path: Path) -> None:
    code = copy(tmp_path, "comment")
    uncached = this_version.__wrapped__
    assert uncached(code).build_id != this_version().build_id
    builds: list[str] = [uncached(code).build_id]
    for name in ("workflows/meeting.py", "worker.py", "requirements.lock", "cli.py", "web/__init__.py"):
        with (code / name).open("a", encoding="utf-8") as file:
            file.write("# Another.\n")
        builds.append(uncached(code).build_id)
    assert len(set(builds[:4])) == 4
    assert set(builds[4:]) == {builds[3]}


async def test_the_next_version_takes_over_a_running_journey_in_a_new_run(stack: Endpoints, tmp_path: Path) -> None:
    async with begun_by(stack, "comment", tmp_path) as (here, own, child):
        before = await here.entries(child)
        assert await objections(here.client, here.door_pool, here.authority, here.keys) == []
        with pytest.MonkeyPatch.context() as quick:
            quick.setattr("engine.version.KNOWN_WITHIN", 1.0)
            with pytest.raises(NotKnown, match="start one first"):
                await make_current(here.client, this_version().build_id)
        async with worker(here, own, CODE, tmp_path / "now.ready"):
            await make_current(here.client, this_version().build_id)
            assert await current_version(here.client) == this_version().build_id
            await here.door.submit(child, here.command("police_told", minute()), "k-police")
            assert len(await runs_of(here.client, child)) == 2, "the history that the former version wrote is closed"
            description = (await here.client.get_workflow_handle(child).describe()).raw_description
            versioning = description.workflow_execution_info.versioning_info
            assert versioning.deployment_version.build_id == this_version().build_id
            assert (await here.entries(child))[: len(before)] == before
            assert await here.whole(child)


@pytest.mark.parametrize(("other", "why"), [("steps", "TimerStarted"), ("states", "holds another state")])
async def test_a_version_that_cannot_go_on_is_found_before_it_becomes_current(
    stack: Endpoints, tmp_path: Path, other: str, why: str
) -> None:
    async with begun_by(stack, other, tmp_path) as (here, _, child):
        (objection,) = await objections(here.client, here.door_pool, here.authority, here.keys)
        assert objection.workflow == child
        assert why in objection.why


async def test_a_meeting_that_a_version_cannot_go_on_with_is_found_too(stack: Endpoints, tmp_path: Path) -> None:
    own = stack.model_copy(update={"namespace": "versions-meeting"})
    await open_namespace(own.temporal_address, own.namespace)
    code = copy(tmp_path, "meeting")
    async with live(own, worker=False, virtual=False) as here:
        ready, unheard = await here.child(), await here.child()
        async with worker(here, own, code, tmp_path / "then.ready"):
            await make_current(here.client, this_version(code).build_id)
            await here.door.submit(
                ready, here.command("report", minute(), how="telephone", words="A bruise.", alleged=["physical"]), "k-report"
            )
            held = here.command("conference_held", minute(), **REGISTERS)
            outcome = await here.door.hold_meeting("m-1", dict.fromkeys((ready, unheard), held))
            assert outcome.refused, "the meeting stays open"
            await settled(here, ready)
        async with asyncio.timeout(30):  # The engine lists it some moments late.
            while not (found := await objections(here.client, here.door_pool, here.authority, here.keys)):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert [each.workflow for each in found] == ["meeting:m-1"]
        assert "TimerStarted" in found[0].why
        for id in (ready, "meeting:m-1"):
            await here.client.get_workflow_handle(id).terminate("the test is over")


async def test_before_any_version_is_current_a_worker_that_has_one_gets_no_tasks(stack: Endpoints, tmp_path: Path) -> None:
    own = stack.model_copy(update={"namespace": "versions-none"})
    await open_namespace(own.temporal_address, own.namespace)
    async with live(own, worker=False, virtual=False) as here, worker(here, own, CODE, tmp_path / "now.ready"):
        up: list[bool] = []
        for current in (False, True):
            if current:
                await make_current(here.client, this_version().build_id)
            async with asyncio.timeout(30):
                while not any((queues := await queues_of(here.client, dt.datetime.now(dt.UTC)))[0].pollers):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
            up.append(gets_tasks(await engine_of(here.client), queues[0]))
        assert up == [False, True]
