"""Random practitioners for as long as asked: `python -m tests.soak --minutes 60 --seed 1`.

Each round has a seed of its own, which is printed; `--rounds 1 --seed N` repeats the people and the faults of round N. What the operating
system does meanwhile (which connection carries what when a wire is cut) does not repeat, so a rare failure may want some tries.
Exit 1 at the first failure, with the steps that led to it.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.leaving import settle
from observing import logs
from tests.practice import Practitioners, practice
from tests.short_runs import short_runs

ROUND = settings(
    max_examples=4,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
"""Four children, twenty-five steps each; no search for a smaller failure, which would take hours on a real engine."""


async def soak(minutes: float, first: int, rounds: int | None) -> int:
    """Rounds until the time is over; 1 at the first failure."""
    until = time.monotonic() + minutes * 60
    home = Path(tempfile.mkdtemp(prefix="siwrnai-soak-"))
    try:
        async with short_runs(home) as stack, practice(stack) as going:
            Practitioners.going, Practitioners.loop = going, asyncio.get_running_loop()
            number = first
            while time.monotonic() < until and (rounds is None or number < first + rounds):
                print(f"round with seed {number}", flush=True)
                machine = seed(number)(type("Practitioners", (Practitioners,), {}))
                try:
                    await asyncio.to_thread(run_state_machine_as_test, machine, settings=ROUND)
                except Exception:
                    traceback.print_exc()
                    print(f"failed; again with: python -m tests.soak --rounds 1 --seed {number}", flush=True)
                    return 1
                number += 1
            print(f"{number - first} rounds, nothing found", flush=True)
            return 0
    finally:
        shutil.rmtree(home)


def main() -> int:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    line.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    line.add_argument("--seed", type=int, default=None, help="the first round's seed (any)")
    line.add_argument("--rounds", type=int, default=None, help="no more rounds than that")
    asked = line.parse_args()
    first = random.randrange(2**31) if asked.seed is None else asked.seed  # noqa: S311 - no secret.
    logs.configure("soak", "critical")
    code = asyncio.run(soak(asked.minutes, first, asked.rounds))
    settle()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
