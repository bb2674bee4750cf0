"""Many children's chains verified, against bare hashing of the same bytes."""

import hashlib
import time
from collections.abc import Sequence

import psutil

from bench.place import AUTHORITY, Place, place
from bench.registered import on_record, opaque
from bench.replay import flush_of
from bench.rows import Row, Size
from console.audit_verify import Verifying
from procedures.fold import apply, digest
from record import timeline
from record.pool import transaction
from record.sealing import genesis
from schemas.state import JourneyState
from schemas.timeline import Entry
from tests.procedures.child import Child, registered

PLAINLY = "SELECT canonical, hash FROM timeline WHERE child = $1 ORDER BY seq"


async def measure(size: Size) -> list[Row]:
    """Ours, then plain, over the same children.

    Raises:
        AssertionError: something was found in a record that nobody touched.
    """
    lived = registered()
    async with place(virtual=True) as here:
        children = [opaque() for _ in range(size.chains)]
        await on_record(here, children)
        for child in children:
            begun = Child().state.model_copy(update={"child": child, "family": f"f-{child}", "authority": AUTHORITY})
            flush = flush_of(begun, 0, _as_of(begun, lived.entries)).model_copy(update={"letters": tuple(lived.letters)})
            await timeline.append(here.pool, flush, here.keys)
        before = psutil.Process().memory_info().rss
        ours, entries = await _verified(here)
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        bare = await _hashed(here, children)
    notes = f"{size.chains} children, {entries} entries; chain, signatures, commitments, fold, letters; memory grew by {grown:.0f} MiB"
    return [Row(name="entries verified a second", unit="entries/s", ours=entries / ours, bare=entries / bare, notes=notes)]


def _as_of(begun: JourneyState, entries: Sequence[Entry]) -> list[Entry]:
    """The same entries of another child: its digests are its own."""
    made, state = list[Entry](), begun
    for entry in entries:
        state = apply(state, entry)
        made.append(entry.model_copy(update={"digest": digest(state)}))
    return made


async def _verified(here: Place) -> tuple[float, int]:
    verifying = Verifying(here.door_pool, AUTHORITY, here.keys, reader="bench", purpose="bench")
    began = time.perf_counter()
    await verifying.of_all()
    took = time.perf_counter() - began
    assert not verifying.findings, f"found in a record that nobody touched: {next(iter(verifying.findings))}"  # noqa: S101
    return took, verifying.entries


async def _hashed(here: Place, children: Sequence[str]) -> float:
    began = time.perf_counter()
    async with transaction(here.door_pool, AUTHORITY) as connection:
        for child in children:
            previous = genesis(child)
            rows = await connection.fetch(PLAINLY, child)
            for row in rows:
                previous = hashlib.sha256(previous + row["canonical"]).digest()
            assert previous == rows[-1]["hash"]  # noqa: S101
    return time.perf_counter() - began
