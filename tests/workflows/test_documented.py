"""Every workflow, update, query, signal and activity stands in the page on the engine, and nothing else does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from activities.arranging import Arranging
from activities.changes import Changes
from activities.checkpoints import Checkpoints
from activities.digests import Digests
from activities.gathering import Gathering
from activities.meetings import Meetings
from activities.recording import Recording
from activities.settlements import Settlements
from schemas.engine import JOURNEYS
from workflows.checkpoint import Checkpoint
from workflows.digest import Digest
from workflows.journey import Journey
from workflows.meeting import Meeting
from workflows.sweep import Sweep

WORKFLOWS = (Journey, Meeting, Digest, Sweep, Checkpoint)
ROOMS = (Settlements, Recording, Arranging, Gathering, Meetings, Digests, Changes, Checkpoints)
PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def definition(workflow: type) -> Any:
    """As the SDK reads it."""
    return getattr(workflow, "__temporal_workflow_definition")


def asked() -> Iterator[tuple[str, str, str]]:
    for workflow in WORKFLOWS:
        made = definition(workflow)
        for kind, named in (("update", made.updates), ("query", made.queries), ("signal", made.signals)):
            yield from ((made.name, kind, name) for name in named)


def test_every_workflow_is_documented() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", section("Workflows"), re.MULTILINE)) == {definition(each).name for each in WORKFLOWS}


def test_every_update_query_and_signal_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| `(\w+)` \|", section("What may be asked of them"), re.MULTILINE)
    assert set(rows) == set(asked())


def test_every_activity_is_documented() -> None:
    made = [getattr(member, "__temporal_activity_definition", None) for room in ROOMS for member in vars(room).values()]
    assert set(re.findall(r"^\| `(\w+)` \|", section("Activities"), re.MULTILINE)) == {each.name for each in made if each is not None}


def test_the_queue_is_named() -> None:
    assert f"`{JOURNEYS}`" in PAGE
