"""`make bench`: one table, one run. Each row is a ratio; what it means is in docs/bench.md."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog
from rich.console import Console

from bench import answers, appends, case, export, letters, many, memory, replay, round_trip, starting, sweep, verifying, year
from bench.rows import DEFAULT, LARGE, TINY, Measured, Row, Size, machine
from engine.leaving import settle

RESULTS = Path(__file__).with_name("results.json")

PARTS: Mapping[str, Callable[[Size], Awaitable[list[Row]]]] = {
    "case": case.measure,
    "round-trip": round_trip.measure,
    "year": year.measure,
    "memory": memory.measure,
    "appends": appends.measure,
    "many": many.measure,
    "sweep": sweep.measure,
    "answers": answers.measure,
    "letters": letters.measure,
    "replay": replay.measure,
    "export": export.measure,
    "verifying": verifying.measure,
    "starting": starting.measure,
}

SIZES = {"default": DEFAULT, "large": LARGE, "tiny": TINY}

LARGE_PARTS = ("many", "sweep", "verifying")
"""What a larger size says more of."""


async def measure(size: Size, parts: list[str], say: Callable[[str], None]) -> Measured:
    """One part after the other: nothing else runs meanwhile."""
    before, rows = machine(), list[Row]()
    for part in parts:
        say(f"Measuring: {part}")
        rows += await PARTS[part](size)
    return Measured(machine=before, rows=rows)


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Siwrnai beside the same work done plainly.")
    parser.add_argument("--size", choices=SIZES, default="default", help="tiny goes through every part in a minute and says nothing")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures go")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parts = chosen.part or list(LARGE_PARTS if chosen.size == "large" else PARTS)
    errors = Console(stderr=True)
    measured = asyncio.run(measure(SIZES[chosen.size], parts, errors.print))
    measured.keep(chosen.json)
    measured.show(Console(width=None if sys.stdout.isatty() else 200))
    settle()


if __name__ == "__main__":
    main()
