"""The bench runs, in its smallest size, and every row is there: no figure is asserted, since a figure is the machine's."""

import json
import os
import subprocess
import sys
from math import isfinite
from pathlib import Path

import pytest

from bench.rows import TINY, Measured, Row, quantile

ROOT = Path(__file__).parents[2]

ROWS = [
    f"journeys a second, {TINY.case}",
    "command, there and back (p50)",
    "history of a registered year, events",
    "history of a registered year, bytes",
    "memory of a cached journey",
    "entries appended a second",
    *(f"lateness of alerts, {TINY.open[0]} open (p{p})" for p in (50, 95, 99)),
    *(f"commands, {TINY.open[0]} open against none (p{p})" for p in (50, 95, 99)),
    *(f"commands with a sweep, {TINY.swept + TINY.moved} open (p{p})" for p in (50, 95, 99)),
    f"answers a second, {TINY.invited} invited to one meeting",
    f"answers a second, {TINY.meetings} meetings at once",
    "letters a second",
    "replay as it was known",
    "replay as it stood",
    "bundle to take away",
    "entries verified a second",
    "start to serving, stores there",
]


@pytest.mark.timeout(600)
def test_the_smallest_bench_measures_every_row_and_writes_it_as_json(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    ran = subprocess.run(  # noqa: S603 - our own program.
        [sys.executable, "-m", "bench", "--size", "tiny", "--json", str(results)],
        cwd=ROOT,
        env=os.environ | {"TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "SMTP_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    written = json.loads(results.read_text())
    assert [row["name"] for row in written["rows"]] == ROWS
    # At this size a difference of two measures may come out as nothing: what is measured is a number, no more is claimed.
    assert all(isfinite(row[name]) for row in written["rows"] for name in ("ours", "bare"))
    assert all(name in ran.stdout for name in ("journeys a second", "start to serving"))


def test_every_row_is_explained() -> None:
    explained = (ROOT / "docs" / "bench.md").read_text(encoding="utf-8")
    for name in ROWS:
        said = name.partition(",")[0].partition(" (p")[0]
        assert f"| {said}" in explained, f"docs/bench.md does not explain: {said}"


def test_a_ratio_reaches_its_aim_or_not() -> None:
    row = Row(name="a", unit="s", ours=3, bare=2, aim="at most 1.5 times", at_most=1.5)
    assert (row.ratio, row.reached) == (1.5, True)
    assert Row(name="a", unit="1/s", ours=0.8, bare=1, at_least=0.85).reached is False
    assert Row(name="a", unit="s", ours=1, bare=2).reached is None


def test_a_quantile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 3.0, 2.0, 4.0]
    assert [quantile(values, q) for q in (0.5, 0.95, 0.99, 0.2)] == [3.0, 5.0, 5.0, 1.0]


def test_the_table_keeps_its_ratios(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    Measured(machine={}, rows=[Row(name="a", unit="s", ours=1, bare=2)]).keep(file)
    assert json.loads(file.read_text())["rows"][0]["ratio"] == 0.5
