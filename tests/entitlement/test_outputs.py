"""Every room that reads what is a child's own goes through the one check, or it is said here why it tells nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROOMS = ("audit", "console", "web", "correspondence", "activities", "rehearsal", "observing", "engine")

READS = {
    ("children", "details"),
    ("texts", "get"),
    ("texts", "kept"),
    ("timeline", "read"),
    ("meetings", "state"),
    ("meetings", "words"),
    ("meetings", "of_child"),
    ("meetings", "of_invitee"),
    ("meetings", "all_states"),
    ("meetings", "to_follow_up"),
    ("reports", "get"),
    ("outlines", "get"),
    ("papers", "get"),
    ("letters", "seen"),
    ("lists", "open_journeys"),
    ("lists", "letter"),
    ("audits", "answers"),
    ("audits", "actions"),
    ("exporting", "entries"),
    ("exporting", "letters"),
    ("exporting", "reads_of"),
    ("exporting", "child_names"),
    ("exporting", "family_names"),
}
"""What gives words, names, dates or whereabouts of a child or a meeting."""

TELLS_NOBODY = {
    "commands.py": "reads a date of birth to work out the 18th birthday",
    "meetings.py": "whether a meeting has begun",
    "reporting.py": "whether the same report was given before, by the same author",
    "holding.py": "which journeys are told of a meeting",
    "recovery.py": "an engine's journeys are built again",
    "gate.py": "journeys are replayed on a new version",
    "activities/settlements.py": "reads a date of birth to work out a timescale",
    "activities/arranging.py": "works out who is invited; asks who is told nothing",
    "console/audit_meetings.py": "says of a meeting's log by its numbers what is not as it was written",
    "activities/too_young.py": "reads a date of birth to work out who can read a paper",
    "correspondence/answers.py": "to which meeting an answer belongs",
    "rehearsal/meeting_runs.py": "the invented meetings of a rehearsal",
    "rehearsal/runner.py": "the invented children of a rehearsal",
}

ASKED_BEFORE = {"console/bundle_meetings.py": "console/audit_export.py"}
"""What reads for another room, which has asked before and hands on of whom may be told."""

THROUGH = {"entitlement", "let_in", "seen_by"}
"""The check, and the two ways in which the command line asks it."""


def test_whatever_reads_of_a_child_goes_through_the_check() -> None:
    found = {str(path.relative_to(ROOT)) for path in modules() if reads(path)}
    through = {name for name in found if goes_through(ROOT / ASKED_BEFORE.get(name, name))}
    assert found - through - TELLS_NOBODY.keys() == set(), "these read of a child, and ask nobody whether they may tell it"
    assert TELLS_NOBODY.keys() - (found - through) == set(), "these do not read any more, or ask by now"


def test_the_outputs_are_found() -> None:
    """The walk sees what it is to see."""
    found = {str(path.relative_to(ROOT)) for path in modules() if reads(path)}
    assert {"console/viewing.py", "web/invitations.py", "correspondence/meetings.py", "report_pages.py"} <= found


def modules() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*.py"))
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def reads(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in READS
        for node in ast.walk(ast.parse(path.read_text()))
    )


def goes_through(path: Path) -> bool:
    called = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any(isinstance(each, ast.Name) and each.id in THROUGH for each in called)
