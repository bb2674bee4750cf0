"""`make chaos`: kills through whole rehearsals, and a table of what came of them. Exit code 1 where a run differs from an undisturbed one."""

import argparse
import asyncio
import itertools
import logging
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from temporalio.runtime import Runtime, TelemetryConfig

from embedded.stack import Stack
from engine.leaving import settle
from rehearsal import find, read, run
from tests.chaos.killing import Killer
from tests.chaos.running import Outcome, disturbed, impatient_supervisor
from tests.chaos.schedule import VICTIMS, Victim, schedule

CASES = ["three-siblings", "not-accepted"]


async def main() -> int:
    """Rehearse the cases in turn until all kills are done."""
    asked = _asked()
    print(f"Seed {asked.seed}: --seed {asked.seed} repeats this schedule", file=sys.stderr)
    outcomes: list[tuple[str, Outcome, Counter[Victim], float]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory(prefix="siwrnai-chaos-") as home, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("undisturbed", total=asked.kills)
        killer = Killer(schedule(asked.seed), asked.kills, lambda: bar.advance(task))
        # All that is written is on disk: what is to be found out is what a kill loses, not what a cache does.
        async with Stack(Path(home) / "stack", "rehearsal", time_skipping=True, durable=True).running(lambda _: None) as endpoints:
            plays = {case: read(find(case)) for case in asked.case}
            undisturbed = {case: await run(play, endpoints) for case, play in plays.items()}
            for case in itertools.cycle(asked.case):
                before, began = killer.done.copy(), time.monotonic()
                bar.update(task, description=case)
                outcome = await disturbed(plays[case], endpoints, undisturbed[case], killer)
                outcomes.append((case, outcome, killer.done - before, time.monotonic() - began))
                if killer.over:
                    break
    _tell(outcomes, killer)
    return any(outcome.differences for _, outcome, _, _ in outcomes)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many kills (200)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="repeats a schedule")
    parser.add_argument("--case", action="append", help="a case, shipped or a file; may be given again (three-siblings and not-accepted)")
    asked = parser.parse_args()
    asked.case = asked.case or CASES
    return asked


def _tell(outcomes: list[tuple[str, Outcome, Counter[Victim], float]], killer: Killer) -> None:
    table = Table("case", *VICTIMS, "kills", "letters", "repeated", "seconds", "as undisturbed", box=None, pad_edge=False)
    for case, outcome, kills, seconds in outcomes:
        verdict = f"no: {len(outcome.differences)}" if outcome.differences else "yes"
        counted = [str(kills[each]) for each in VICTIMS]
        table.add_row(case, *counted, str(kills.total()), str(outcome.letters), str(outcome.repeats), f"{seconds:.0f}", verdict)
    letters, repeats = sum(each.letters for _, each, _, _ in outcomes), sum(each.repeats for _, each, _, _ in outcomes)
    wrong = sum(len(each.differences) for _, each, _, _ in outcomes)
    counted = [str(killer.done[each]) for each in VICTIMS]
    table.add_row("all", *counted, str(killer.done.total()), str(letters), str(repeats), "", f"no: {wrong}" if wrong else "yes")
    Console(width=160).print(table)
    for case, outcome, _, _ in outcomes:
        for each in outcome.differences:
            print(f"{case}: {each}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    # That parts are away for a while is what is wanted.
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    impatient_supervisor()
    code = asyncio.run(main())
    settle()
    sys.exit(code)
