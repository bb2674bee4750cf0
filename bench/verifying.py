"""Many children's chains verified, against bare hashing of the same bytes."""

import asyncio
import hashlib
import sys
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
from tests.procedures.child import Child, registered, reported

PLAINLY = "SELECT canonical, hash FROM timeline WHERE child = $1 ORDER BY seq"

REGISTERED = 10
"""One child in so many came onto the register; of the others there was a report from which nothing followed."""

WRITERS = 4
"""Children whose rows are written side by side."""

TOLD_EVERY = 5_000
"""Children, after which it is said how far it has come."""


class Memory:
    """How much this process holds, looked at after each child that was verified."""

    def __init__(self, children: int) -> None:
        self._process, self._first, self._seen = psutil.Process(), max(1, children // 10), 0
        self.tenth = self.most = 0.0
        """MiB after the first tenth of the children, and at most after that."""

    def look(self) -> None:
        """One more child was verified."""
        self._seen += 1
        held = self._process.memory_info().rss / 2**20
        if self._seen <= self._first:
            self.tenth = held
        self.most = max(self.most, held) if self._seen > self._first else held


async def measure(size: Size) -> list[Row]:
    """Ours between two plain runs over the same children.

    Raises:
        AssertionError: something was found in a record that nobody touched.
    """
    lives = [registered(), *[_not_taken_further()] * (REGISTERED - 1)]
    async with place(virtual=True) as here:
        children = [opaque() for _ in range(size.chains)]
        free, written = asyncio.Semaphore(WRITERS), 0

        async def write(number: int, child: str) -> None:
            nonlocal written
            async with free:
                await _written(here, child, lives[number % REGISTERED])
            written += 1
            _tell("written", written, size.chains)

        await asyncio.gather(*(write(number, child) for number, child in enumerate(children)))
        plain = await _hashed(here, children)
        memory = Memory(size.chains)
        ours, entries = await _verified(here, memory, size.chains)
        plain = (plain + await _hashed(here, children)) / 2
    notes = (
        f"{size.chains:,} children, {entries:,} entries; chain, signatures, commitments, fold, letters; "
        f"{memory.tenth:.0f} MiB after a tenth of them, {memory.most:.0f} at most after that"
    )
    return [Row(name="entries verified a second", unit="entries/s", ours=entries / ours, bare=entries / plain, notes=notes)]


def _not_taken_further() -> Child:
    child = reported(possible_crime=False)
    child.does("safety_checked", "2026-11-20 17:05", safe=True)
    child.does("written_report", "2026-11-20 17:35", received_at=child.now)
    child.does("screened", "2026-11-23 10:05", decision="no_further_action", rationale="Why.", threshold_element="significant_harm_likely")
    child.does("reporter_told", "2026-11-24 17:00")
    return child


async def _written(here: Place, child: str, lived: Child) -> None:
    await on_record(here, [child])
    begun = Child().state.model_copy(update={"child": child, "family": f"f-{child}", "authority": AUTHORITY})
    flush = flush_of(begun, 0, _as_of(begun, lived.entries)).model_copy(update={"letters": tuple(lived.letters)})
    await timeline.append(here.pool, flush, here.keys)


def _as_of(begun: JourneyState, entries: Sequence[Entry]) -> list[Entry]:
    """The same entries of another child: its digests are its own."""
    made, state = list[Entry](), begun
    for entry in entries:
        state = apply(state, entry)
        made.append(entry.model_copy(update={"digest": digest(state)}))
    return made


async def _verified(here: Place, memory: Memory, children: int) -> tuple[float, int]:
    looked_at = 0

    def step() -> None:
        nonlocal looked_at
        looked_at += 1
        memory.look()
        _tell("verified", looked_at, children)

    verifying = Verifying(here.door_pool, AUTHORITY, here.keys, reader="bench", purpose="bench", step=step)
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


def _tell(what: str, done: int, children: int) -> None:
    if done % TOLD_EVERY == 0:
        print(f"  {done:,} of {children:,} children {what}", file=sys.stderr)
