"""Starting, watching and killing Siwrnai's own processes, as an operator or a power cut would."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import psutil

from embedded.supervisor import PidFile

WITHIN = 60.0

RUN_A_STACK = """
import asyncio, sys
from pathlib import Path
from embedded.stack import Stack

async def run():
    stack = Stack(Path(sys.argv[1]), "siwrnai", time_skipping=False, durable=True)
    async with stack.running(print):
        print("running", flush=True)
        await asyncio.Event().wait()

asyncio.run(run())
"""

SERVE = """
import sys
from embedded.serve import serve
from embedded.settings import Settings, read

async def first_start(endpoints):
    print("first start", flush=True)

sys.exit(serve(read(Settings), first_start))
"""


@contextmanager
def python(program: str, *arguments: str, **variables: str) -> Generator[subprocess.Popen[str]]:
    """A process group of its own, killed at the end if it still runs."""
    process = subprocess.Popen(  # noqa: S603 - our own program.
        [sys.executable, "-P", "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()  # Also where the test failed: it is waited for.


def said(process: subprocess.Popen[str], words: str) -> list[str]:
    """The lines it says up to the one with these words."""
    lines: list[str] = []
    for line in cast(IO[str], process.stdout):
        lines.append(line.strip())
        if words in line:
            return lines
    complaint = cast(IO[str], process.stderr).read()
    raise AssertionError(f"it ended before it said {words!r}: {lines} {complaint}")


def children(home: Path) -> dict[str, psutil.Process]:
    """The processes of that folder, by name."""
    files = {path.stem: PidFile.model_validate_json(path.read_bytes()) for path in (home / "pids").glob("*.json")}
    return {name: psutil.Process(file.pid) for name, file in files.items()}


def runs(process: psutil.Process) -> bool:
    """Whether it is there, and no mere entry that nobody has read yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(true: Callable[[], bool], within: float = WITHIN) -> bool:
    """Whether this becomes true within so many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return true()
