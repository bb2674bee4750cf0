"""A bundle of a journey of ten years, against the same bytes hashed and put into an archive."""

import hashlib
import tempfile
import threading
import time
import zipfile
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import psutil

from audit.bundles import For
from bench.place import AUTHORITY, Place, place
from bench.registered import on_record, opaque
from bench.replay import lived, written
from bench.rows import Row, Size
from console.audit_export import Wanted, export
from console.running import Running
from procedures.in_force import rules_in_force
from schemas.timeline import Versions
from tests.procedures.child import POSTS, Child


async def measure(size: Size) -> list[Row]:
    """Ours once, then plainly."""
    with tempfile.TemporaryDirectory(prefix="siwrnai-bench-") as folder:
        out = Path(folder) / "bundle.zip"
        async with place(virtual=True) as here:
            child = await _recorded(here, size.replayed)
            running = Running(here.door_pool, AUTHORITY, here.keys, here.endpoints)
            began = time.perf_counter()
            with grown() as memory, redirect_stdout(StringIO()):
                await export(running, Wanted(child, For.court, POSTS["team_manager"]), out)
            ours = time.perf_counter() - began
        bare, held, papers = _plainly(out, Path(folder) / "plain.zip")
        mib = out.stat().st_size / 2**20
    notes = f"{size.replayed} entries; {mib:.0f} MiB in {held} files, of which {papers} PDF; memory grew by {memory[0]:.0f} MiB at most"
    return [Row(name="bundle to take away", unit="s", ours=ours, bare=bare, notes=notes)]


async def _recorded(here: Place, entries: int) -> str:
    child = opaque()
    await on_record(here, [child])
    begun = Child().state.model_copy(update={"child": child, "family": f"f-{child}", "authority": AUTHORITY})
    # Named by the rules, bank holidays and settings that stand there: they go into the bundle.
    first = Versions(rules=rules_in_force().hash, calendar=1, settings=1)
    whole = [each.model_copy(update={"versions": first}) for each in lived(entries).entries[:entries]]
    await written(here, begun, whole)
    return child


def _plainly(archive: Path, out: Path) -> tuple[float, int, int]:
    """Seconds for the same bytes, and how many files and PDFs they are."""
    began = time.perf_counter()
    with zipfile.ZipFile(archive) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as plain:
        names = made.namelist()
        for name in names:
            content = made.read(name)
            hashlib.sha256(content).hexdigest()
            plain.writestr(name, content)
    return time.perf_counter() - began, len(names), sum(name.endswith(".pdf") for name in names)


@contextmanager
def grown() -> Generator[list[float]]:
    """By how many MiB this process had grown when it was largest: one number, there when the work is done."""
    process, over, most = psutil.Process(), threading.Event(), [0.0]
    before = process.memory_info().rss

    def look() -> None:
        while not over.wait(0.05):
            most[0] = max(most[0], (process.memory_info().rss - before) / 2**20)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield most
    finally:
        over.set()
        looking.join()
