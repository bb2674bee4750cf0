"""One owner of all processes: none is left, none is mistaken, none stays dead."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from embedded.program import Program, environment
from embedded.supervisor import CannotStart, PidFile, Supervisor
from tests.embedded.processes import children, eventually, runs

IGNORES_SIGTERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); READY; time.sleep(600)"
SLEEPS = "import time; READY; time.sleep(600)"
READY = "import os; open(os.environ['SIWRNAI_READY_FILE'], 'w').close()"


def program(name: str, code: str, stop_within: float = 5) -> Program:
    argv = [sys.executable, "-c", code.replace("READY", READY)]
    return Program(name=name, argv=argv, environment=environment(), stop_within=stop_within, ready_within=10)


@pytest.fixture
def left_behind(tmp_path: Path) -> Iterator[psutil.Popen]:
    """A process of an earlier run, which no supervisor owns any more."""
    (tmp_path / "pids").mkdir()
    with psutil.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        with suppress(psutil.NoSuchProcess):
            process.kill()


def note(home: Path, process: psutil.Popen, created: float) -> Path:
    file = home / "pids" / "worker.json"
    file.write_text(PidFile(pid=process.pid, created=created, stop_signal=15, stop_within=5).model_dump_json())
    return file


async def test_what_a_killed_owner_left_is_stopped_before_anything_starts(tmp_path: Path, left_behind: psutil.Popen) -> None:
    note(tmp_path, left_behind, left_behind.create_time())
    said: list[str] = []
    async with Supervisor(tmp_path, said.append):
        assert not runs(left_behind)
    assert said == ["Stopping worker, which an earlier run left behind"]


async def test_another_process_that_has_got_the_pid_since_is_left_alone(tmp_path: Path, left_behind: psutil.Popen) -> None:
    file = note(tmp_path, left_behind, left_behind.create_time() - 3600)
    async with Supervisor(tmp_path, print):
        assert runs(left_behind)
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "{", '{"pid": 2147483647, "created": 1.0, "stop_signal": 15, "stop_within": 5}'])
async def test_a_pid_file_that_names_no_process_does_not_stop_a_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "worker.json").write_text(content)
    async with Supervisor(tmp_path, print) as supervisor:
        await supervisor.start(program("worker", SLEEPS))


async def test_what_dies_is_started_again_and_said_so(tmp_path: Path) -> None:
    said: list[str] = []
    async with Supervisor(tmp_path, said.append) as supervisor:
        await supervisor.start(program("worker", SLEEPS))
        first = children(tmp_path)["worker"]
        first.kill()

        def again() -> bool:
            return children_or_none(tmp_path) not in {None, first.pid}

        assert await asyncio.to_thread(eventually, again)
    assert len(said) == 1
    assert said[0].startswith("worker ended (by signal 9); it is started again in 0.5 s")


def children_or_none(home: Path) -> int | None:
    try:
        return children(home)["worker"].pid
    except psutil.NoSuchProcess:
        return None


async def test_all_are_stopped_in_reverse_order_and_one_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    said: list[str] = []
    async with Supervisor(tmp_path, said.append) as supervisor:
        await supervisor.start(program("first", SLEEPS))
        await supervisor.start(program("stubborn", IGNORES_SIGTERM, stop_within=0.3))
        processes = children(tmp_path)
    assert said == ["stubborn did not stop within 0 s and is killed"]
    assert not any(runs(process) for process in processes.values())
    assert list((tmp_path / "pids").iterdir()) == []


async def test_what_ends_while_it_starts_is_told_with_its_last_words(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, print) as supervisor:
        with pytest.raises(CannotStart, match=r"^worker ended while it started \(exit code 3\): no rules. Its log: .*worker\.log$"):
            await supervisor.start(program("worker", "print('no rules', flush=True); raise SystemExit(3)"))


async def test_what_is_never_ready_is_told_and_stopped(tmp_path: Path) -> None:
    never = Program(name="worker", argv=["sleep", "600"], environment=environment(), ready_within=0.3)
    async with Supervisor(tmp_path, print) as supervisor:
        with pytest.raises(CannotStart, match="worker was not ready within"):
            await supervisor.start(never)
        (process,) = children(tmp_path).values()
    assert not runs(process)


async def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, print):
        with pytest.raises(CannotStart, match=rf"^Process \d+ already runs Siwrnai in {tmp_path}"):
            async with Supervisor(tmp_path, print):
                raise AssertionError("two owners")


async def test_a_program_that_cannot_be_run_is_a_sentence(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, print) as supervisor:
        with pytest.raises(CannotStart, match=r"^engine cannot be run: No such file"):
            await supervisor.start(Program(name="engine", argv=["/nowhere/server"], environment=environment()))


async def test_processes_have_sessions_of_their_own_so_that_ctrl_c_reaches_the_supervisor_alone(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, print) as supervisor:
        await supervisor.start(program("worker", SLEEPS))
        pid = children(tmp_path)["worker"].pid
        assert os.getsid(pid) == pid
