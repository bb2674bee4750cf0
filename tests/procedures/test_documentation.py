"""The generated pages say what the rules say, and the rules name only what can happen."""

import ast
from pathlib import Path

import pytest

from procedures import decisions, documentation
from procedures.in_force import rules_in_force

RAISED_BY_TIME = {"hold_ended"}


@pytest.mark.parametrize("path", documentation.pages(), ids=lambda path: path.name)
def test_a_generated_page_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documentation.pages()[path], "run: python -m procedures.documentation"


def events_raised() -> set[str]:
    """Every string in the decisions: an event that none of them names can never happen."""
    folder = Path(decisions.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    return {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_start_stop_and_cancel_is_an_event_that_a_decision_raises() -> None:
    raised = events_raised() | RAISED_BY_TIME
    named = {event for rule in rules_in_force().clocks.values() for event in (*rule.starts, *rule.stops, *rule.cancels)}
    assert named <= raised
