"""Finding the engine: the official server in the cache; else built by Go; else the command line tool that the SDK downloads."""

import asyncio
import fcntl
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, cast

from temporalio.testing import WorkflowEnvironment

from embedded.program import dies_with_us
from embedded.settings import BadSettings, Settings, read
from embedded.supervisor import CannotStart, Say

SERVER_VERSION = "1.32.2"
SERVER_MODULE = f"go.temporal.io/server/cmd/server@v{SERVER_VERSION}"

GO_TOOLCHAIN = "go1.26.10"
"""What this server is built with. Go 1.21 and later fetch it themselves."""

CLI_VERSION = "v1.9.1"
"""Has server 1.32, the first whose time can be skipped."""

TELL_EVERY = 10.0
"""Seconds between two words on how far a build is."""


class EngineBinary(NamedTuple):
    """A program that is an engine, and how it is spoken to."""

    path: Path
    kind: Literal["server", "cli"]
    """`server` takes a configuration file; `cli` is the development server of the command line tool."""


class _NotFound(Exception):
    """Why this way leads to no engine."""


async def find_engine(cache: Path, say: Say) -> EngineBinary:
    """The first engine there is, made where it must be. It says what it tries.

    Raises:
        CannotStart: there is none; says what to install.
    """
    folder = cache / "engine" / SERVER_VERSION
    server = EngineBinary(folder / "server", "server")
    if os.access(server.path, os.X_OK):
        return server
    folder.mkdir(parents=True, exist_ok=True)
    async with _alone(folder / "lock", say):
        if os.access(server.path, os.X_OK):
            return server
        reasons: list[str] = []
        for attempt in (_build, _download):
            try:
                return await attempt(folder, say)
            except _NotFound as reason:
                say(str(reason))
                reasons.append(str(reason))
    raise CannotStart(
        f"There is no Temporal server: {' '.join(reasons)} Install Go 1.21 or later and start again, "
        "or set TEMPORAL_ADDRESS to a Temporal server that runs."
    )


@asynccontextmanager
async def _alone(path: Path, say: Say) -> AsyncGenerator[None]:
    """One builder at a time: a build uses the whole machine for minutes."""
    with path.open("w") as lock:
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say("Another process is getting the engine: waiting for it")
                told = True
                await asyncio.sleep(0.5)
        yield


async def _build(folder: Path, say: Say) -> EngineBinary:
    go = shutil.which("go")
    if go is None:
        raise _NotFound("Go is not installed, so the server cannot be built.")
    say(f"Building the Temporal server {SERVER_VERSION} with Go, once on this machine: about four minutes, less where Go knows its modules")
    for broken_off in folder.glob(".build-*"):  # noqa: ASYNC240 - nothing else runs meanwhile.
        shutil.rmtree(broken_off)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as built:
        await _go_install(go, Path(built), say)
        (Path(built) / "server").replace(folder / "server")
    return EngineBinary(folder / "server", "server")


async def _go_install(go: str, into: Path, say: Say) -> None:
    started = time.monotonic()
    building = await asyncio.create_subprocess_exec(
        *(go, "install", "-v", SERVER_MODULE),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=into,
        env={**os.environ, "GOTOOLCHAIN": GO_TOOLCHAIN, "GOBIN": str(into)},
        start_new_session=True,
        preexec_fn=dies_with_us(signal.SIGKILL),
    )
    progress = _Progress()
    telling = asyncio.create_task(_tell_regularly(progress, say, started))
    try:
        async for line in cast(asyncio.StreamReader, building.stderr):
            progress.see(line.decode(errors="replace").strip())
        code = await building.wait()
    finally:
        telling.cancel()
        if building.returncode is None:
            os.killpg(building.pid, signal.SIGKILL)
            await building.wait()
    if code != 0:
        raise _NotFound(f"Go could not build the server ({progress.last_line[:300]}).")
    say(f"The Temporal server is built, in {time.monotonic() - started:.0f} s")


async def _tell_regularly(progress: "_Progress", say: Say, started: float) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        say(f"  {time.monotonic() - started:.0f} s: {progress.fetched} modules fetched, {progress.compiled} packages compiled")


class _Progress:
    """How far Go is: it prints a line for each module it fetches and each package it compiles, and none while it links."""

    fetched = compiled = 0
    last_line = "it said nothing"

    def see(self, line: str) -> None:
        self.last_line = line or self.last_line
        self.fetched += line.startswith("go: downloading")
        self.compiled += bool(re.fullmatch(r"[\w./~@-]+", line))


async def _download(folder: Path, say: Say) -> EngineBinary:
    """The SDK can only download the tool by starting it, so it is started and stopped once."""
    cli = folder / "temporal"
    if not os.access(cli, os.X_OK):
        say(f"Letting the Temporal SDK download the command line tool {CLI_VERSION}")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as downloaded:
            try:
                started = await WorkflowEnvironment.start_local(download_dest_dir=downloaded, dev_server_download_version=CLI_VERSION)
                await started.shutdown()
            except RuntimeError as error:
                raise _NotFound(f"The SDK could not download the command line tool ({str(error)[:300]}).") from None
            (Path(downloaded) / _only_file(downloaded)).replace(cli)
    return EngineBinary(cli, "cli")


def main() -> int:
    """Get the engine before anyone needs it: `python -m embedded.engine_binary`."""
    try:
        asyncio.run(find_engine(read(Settings).cache, partial(print, flush=True)))
    except (BadSettings, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _only_file(folder: str) -> str:
    (name,) = os.listdir(folder)
    return name


if __name__ == "__main__":
    sys.exit(main())
