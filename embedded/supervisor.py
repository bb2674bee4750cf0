"""The one owner of all processes of a directory: starts them, restarts what dies, stops them in reverse order.

A lock keeps a second owner out. Pid files name each process with the instant of its start, so that the next owner can stop
what a killed one left, and never mistakes another process for it.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TextIO, TypeVar

import psutil
import structlog
from pydantic import BaseModel, ValidationError

from embedded.program import Program, as_user, dies_with_us
from observing import logs

Say = Callable[[str], None]

LOCK = "supervisor.lock"

LOOK_AGAIN = 0.05
"""Seconds between two questions whether a program is ready."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before a program that died is started again: doubled each time, up to the longest."""

STEADY = 60.0
"""Seconds after which a program counts as running well, and its next wait is the first again."""

LOG_LIMIT = 10_000_000
"""Bytes after which a log is set aside (one older log is kept)."""

CLOCK_TOLERANCE = 2.0
"""Seconds by which two readings of one process's start may differ."""


class CannotStart(RuntimeError):
    """The one sentence that says what does not start, and why."""


Result = TypeVar("Result")


async def together(*starting: Coroutine[Any, Any, Result]) -> list[Result]:
    """The results of all of these, done side by side; where one fails the others are broken off.

    Raises:
        CannotStart: the first that failed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in starting]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


class PidFile(BaseModel, frozen=True):
    """One process that we started: who it is, and how it is stopped."""

    pid: int
    created: float
    """The start of the process in seconds since 1970: pids come again, the pair does not."""
    stop_signal: int
    stop_within: float


class Supervisor:
    """Owns the processes of one directory. Use as an asynchronous context, in the main thread."""

    def __init__(self, directory: Path, say: Say, started: Say | None = None) -> None:
        """`started` hears the name of each program when it is ready for the first time."""
        self._directory = directory
        self._say = say
        self._started = started
        self._lock: TextIO | None = None
        self._log_file: TextIO | None = None
        self._children: list[_Child] = []

    async def __aenter__(self) -> "Supervisor":
        """Take the directory, and stop what a killed owner left there.

        Raises:
            CannotStart: another owner has it.
        """
        for name in ("pids", "logs"):
            (self._directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(self._directory / LOCK)
        log = self._directory / "logs" / "supervisor.log"
        _set_aside(log)
        self._log_file = log.open("a", encoding="utf-8", buffering=1)
        self._log = logs.to_file("supervisor", self._log_file)
        await self._stop_leftovers()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop everything, in reverse order."""
        for child in reversed(self._children):
            await child.stop()
        for file in (self._log_file, self._lock):
            if file is not None:
                file.close()

    async def start(self, *programs: Program) -> None:
        """Start these side by side; returns when all are ready.

        Raises:
            CannotStart: one of them ended, or did not become ready in its time.
        """
        children = [_Child(program, self._directory, self._say, self._log.bind(program=program.name)) for program in programs]
        self._children += children
        await together(*(self._begin(child) for child in children))

    async def _begin(self, child: "_Child") -> None:
        await child.start()
        if self._started is not None:
            self._started(child.name)

    async def _stop_leftovers(self) -> None:
        for path in sorted((self._directory / "pids").glob("*.json")):
            process = _still_running(path)
            if process is not None:
                self._say(f"Stopping {path.stem}, which an earlier run left behind")
                self._log.warning("leftover_stopped", program=path.stem)
                left = PidFile.model_validate_json(path.read_bytes())
                await asyncio.to_thread(_stop_leftover, process, left)
            path.unlink()


class _Child:
    """One program, kept running until it is stopped."""

    def __init__(self, program: Program, directory: Path, say: Say, log: structlog.typing.FilteringBoundLogger) -> None:
        self._events = log
        self._program = program
        self._directory = directory
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """Of its program."""
        return self._program.name

    @property
    def _log(self) -> Path:
        return self._directory / "logs" / f"{self._program.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self._directory / "pids" / f"{self._program.name}.json"

    @property
    def _ready_file(self) -> Path:
        return self._directory / "pids" / f"{self._program.name}.ready"

    async def start(self) -> None:
        began = time.monotonic()
        try:
            process = await self._spawn()
        except OSError as error:
            raise CannotStart(f"{self._program.name} cannot be run: {error.strerror} ({self._program.argv[0]})") from None
        try:
            async with asyncio.timeout(self._program.ready_within):
                await self._until_ready(process)
        except TimeoutError:
            raise CannotStart(f"{self._program.name} was not ready within {self._program.ready_within:.0f} s{self._last_words()}") from None
        self._events.info("program_ready", seconds=round(time.monotonic() - began, 2))
        self._keeper = asyncio.create_task(self._keep_running(process))

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(self._program.stop_signal)
            try:
                await asyncio.wait_for(self._process.wait(), self._program.stop_within)
            except TimeoutError:
                self._say(f"{self._program.name} did not stop within {self._program.stop_within:.0f} s and is killed")
                self._events.warning("program_killed")
                self._process.kill()
                await self._process.wait()
        self._events.info("program_stopped", ending=_ended(self._process.returncode))
        for path in (self._pid_file, self._ready_file):
            path.unlink(missing_ok=True)

    async def _spawn(self) -> asyncio.subprocess.Process:
        _set_aside(self._log)
        self._ready_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env={**self._program.environment, "SIWRNAI_READY_FILE": str(self._ready_file)},
                start_new_session=True,  # Ctrl-C reaches us alone: we stop the others in order.
                preexec_fn=dies_with_us(self._program.death_signal),
                **as_user(self._program.user),
            )
        self._note(self._process.pid)
        return self._process

    def _note(self, pid: int) -> None:
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        noted = PidFile(pid=pid, created=created, stop_signal=self._program.stop_signal, stop_within=self._program.stop_within)
        draft = self._pid_file.with_suffix(".draft")
        draft.write_text(noted.model_dump_json())
        draft.replace(self._pid_file)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        while not await self._is_ready():
            if process.returncode is not None:
                raise CannotStart(f"{self._program.name} ended while it started ({_ended(process.returncode)}){self._last_words()}")
            await asyncio.sleep(LOOK_AGAIN)

    async def _is_ready(self) -> bool:
        return self._ready_file.exists() if self._program.ready is None else await self._program.ready()

    async def _keep_running(self, process: asyncio.subprocess.Process) -> None:
        wait = FIRST_WAIT
        while True:
            started = time.monotonic()
            code = await process.wait()
            wait = FIRST_WAIT if time.monotonic() - started > STEADY else wait
            self._events.error("program_ended", ending=_ended(code), seconds=wait)
            self._say(f"{self._program.name} ended ({_ended(code)}); it is started again in {wait:g} s. Its log: {self._log}")
            process, wait = await self._spawn_again(wait)

    async def _spawn_again(self, wait: float) -> tuple[asyncio.subprocess.Process, float]:
        while True:
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            try:
                return await self._spawn(), wait
            except OSError as error:
                self._events.error("program_not_run", error=type(error).__name__, seconds=wait)
                self._say(f"{self._program.name} cannot be run: {error.strerror}; it is tried again in {wait:g} s")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        return f": {lines[-1][:300] if lines else 'it said nothing'}. Its log: {self._log}"


def is_owned(directory: Path) -> bool:
    """Whether a supervisor runs in that directory now."""
    try:
        with (directory / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _locked(path: Path) -> TextIO:
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "of unknown number"
        lock.close()
        raise CannotStart(
            f"Process {owner} already runs Siwrnai in {path.parent}: stop it first, or set SIWRNAI_HOME to another folder"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _still_running(path: Path) -> psutil.Process | None:
    """The very process that the pid file names, if it still runs."""
    try:
        noted = PidFile.model_validate_json(path.read_bytes())
        process = psutil.Process(noted.pid)
        same = abs(process.create_time() - noted.created) < CLOCK_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (ValidationError, psutil.NoSuchProcess):
        return None


def _stop_leftover(process: psutil.Process, noted: PidFile) -> None:
    try:
        process.send_signal(noted.stop_signal)
        process.wait(noted.stop_within)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
    except psutil.NoSuchProcess:
        return


def _set_aside(log: Path) -> None:
    """Before it is opened: a log that has grown long begins anew."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _ended(code: int | None) -> str:
    if code is None:
        return ""
    return f"by signal {-code}" if code < 0 else f"exit code {code}"
