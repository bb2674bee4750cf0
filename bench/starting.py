"""From start to serving, with all stores there: `siwrnai serve`, against the same parts started plainly side by side."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO, cast

from platformdirs import user_cache_path

from bench.rows import Row, Size, quantile
from embedded.engine import Engine, open_namespace
from embedded.engine_binary import find_engine
from embedded.ports import free_ports
from embedded.postgres import Postgres
from embedded.program import Program, as_user, python
from embedded.serve import FIRST_START_DONE
from embedded.stack import DATABASE

READY = "Siwrnai runs"

NAMESPACE = "siwrnai"


async def measure(size: Size) -> list[Row]:
    """Seconds, the middle of some starts."""
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="siwrnai-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o711)
        (home / FIRST_START_DONE).touch()  # No rehearsal at the first start.
        await asyncio.to_thread(_serve, home)
        for _ in range(size.starts):
            ours.append(await asyncio.to_thread(_serve, home))
            bare.append(await _plainly(home))
    return [Row(name="start to serving, stores there", unit="s", ours=quantile(ours, 0.5), bare=quantile(bare, 0.5))]


def _serve(home: Path) -> float:
    """Start, wait, stop."""
    variables = os.environ | {"SIWRNAI_HOME": str(home), "TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "SMTP_URL": ""}
    began = time.perf_counter()
    argv = [sys.executable, "-c", "from cli import main; main()", "serve"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=variables, start_new_session=True) as process:  # noqa: S603 - ours.
        said = any(READY in line for line in cast(IO[str], process.stdout))
        took = time.perf_counter() - began
        process.send_signal(signal.SIGTERM)
    if not said:
        raise RuntimeError("siwrnai serve does not start")
    return took


async def _plainly(home: Path) -> float:
    """The same engine, database, mail server, and two processes that log in to engine and database."""
    began = time.perf_counter()
    mail, port = free_ports(2)
    binary = await find_engine(user_cache_path("siwrnai"), lambda _: None)
    engine = Engine(binary, home / "engine", NAMESPACE, time_skipping=False, durable=True)
    postgres = Postgres(home / "postgres", port, durable=True)
    await postgres.prepare(lambda _: None)
    catcher = python("-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{mail}")
    async with AsyncExitStack() as running:
        parts = [engine.program(), postgres.program()]
        await asyncio.gather(
            _start(running, Program(name="mail", argv=catcher, environment=parts[0].environment)),
            *(_started(running, part) for part in parts),
        )
        await open_namespace(engine.address, NAMESPACE)
        dsn = postgres.dsn(DATABASE)
        told = {"TEMPORAL_ADDRESS": engine.address, "TEMPORAL_NAMESPACE": NAMESPACE, "DATABASE_URL": dsn}
        await asyncio.gather(*(_worker(running, name, home, told) for name in ("one", "two")))
        return time.perf_counter() - began


async def _started(running: AsyncExitStack, program: Program) -> None:
    await _start(running, program)
    while program.ready is not None and not await program.ready():  # noqa: ASYNC110 - as the supervisor looks.
        await asyncio.sleep(0.05)


async def _worker(running: AsyncExitStack, name: str, home: Path, told: Mapping[str, str]) -> None:
    ready = home / f"{name}.ready"
    ready.unlink(missing_ok=True)
    variables = {**os.environ, **told, "SIWRNAI_READY_FILE": str(ready)}
    await _start(running, Program(name=name, argv=python("-m", "bench.bare_worker"), environment=variables))
    while not ready.exists():  # noqa: ASYNC110 - a file tells no one.
        await asyncio.sleep(0.02)


async def _start(running: AsyncExitStack, program: Program) -> None:
    process = await asyncio.create_subprocess_exec(
        *program.argv,
        env=program.environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        **as_user(program.user),
    )

    async def stop() -> None:
        process.send_signal(program.stop_signal)
        await process.wait()

    running.push_async_callback(stop)
