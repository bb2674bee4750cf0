"""The table: one row a ratio, what was measured on either side, and what is aimed at; as people read it and as JSON."""

import math
import platform
from collections.abc import Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table


class Row(BaseModel, frozen=True):
    """One ratio. `ours` and `bare` are in `unit`; the ratio is ours by bare."""

    name: str
    unit: str
    ours: float
    bare: float
    aim: str = ""
    at_least: float | None = None
    at_most: float | None = None
    notes: str = ""

    @property
    def ratio(self) -> float:
        """Ours by bare."""
        return self.ours / self.bare if self.bare else math.inf

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; none where there is none."""
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return None if self.at_most is None else self.ratio <= self.at_most


class Size(BaseModel, frozen=True):
    """How much is measured."""

    runs: int = 2
    """Of a whole case, ours and bare in turn."""
    pairs: int = 150
    """Of commands, ours and bare in turn."""
    year: int = 26
    """Visits of the registered year, one every two weeks."""
    cached: int = 500
    """Journeys in a worker's memory."""
    timelines: int = 12
    """Children whose flushes are appended."""
    open: tuple[int, ...] = (1_000,)
    """Open journeys, one set of rows for each."""
    window: float = 60
    """Seconds in which the timers fall due."""
    commands: int = 200
    """At ten a second."""
    swept: int = 2_000
    """Open journeys that a sweep looks at and leaves alone."""
    moved: int = 100
    """Those that it moves."""
    invited: int = 200
    """To one meeting, who all answer at once."""
    meetings: int = 1_000
    """To which answers come at once."""
    conferences: int = 40
    """Of which invitations are sent."""
    replayed: int = 20_000
    """Entries of one journey: some ten years."""
    chains: int = 300
    """Children whose timelines are verified."""
    starts: int = 3
    """Of everything, ours and bare in turn."""
    case: str = "three-siblings"


DEFAULT = Size()
LARGE = Size(open=(10_000, 60_000), swept=60_000, commands=600, chains=60_000)
TINY = Size(
    runs=1,
    pairs=4,
    year=2,
    cached=5,
    timelines=1,
    open=(6,),
    window=2,
    commands=6,
    swept=10,
    moved=3,
    invited=3,
    meetings=2,
    conferences=1,
    replayed=60,
    chains=2,
    starts=1,
    case="not-accepted",
)  # The smallest that still goes through every part.


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest of the values that so large a part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "cores": str(psutil.cpu_count()),
        "memory_gib": f"{psutil.virtual_memory().total / 2**30:.0f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": f"{psutil.getloadavg()[0]:.1f}",
    }


class Measured(BaseModel):
    """What `bench/results.json` holds."""

    machine: dict[str, str]
    rows: list[Row]

    def keep(self, path: Path) -> None:
        """Write it as JSON, with the ratio of each row."""
        whole = self.model_dump(mode="json")
        for row, dumped in zip(self.rows, whole["rows"], strict=True):
            dumped |= {"ratio": row.ratio, "reached": row.reached}
        path.write_text(_json(whole), encoding="utf-8")

    def show(self, console: Console) -> None:
        """The one table."""
        table = Table(title="Siwrnai beside the same work done plainly", caption=" · ".join(f"{k} {v}" for k, v in self.machine.items()))
        for heading in ("what", "unit", "ours", "bare", "ratio", "aim", "notes"):
            table.add_column(heading, justify="left" if heading in {"what", "unit", "aim", "notes"} else "right")
        for row in self.rows:
            mark = {None: "", True: "✓ ", False: "✗ "}[row.reached]
            table.add_row(row.name, row.unit, _figure(row.ours), _figure(row.bare), f"{row.ratio:.2f}", mark + row.aim, row.notes)
        console.print(table)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _json(whole: object) -> str:
    import orjson

    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()
