"""The page on what the inspectorates found names, for each finding, what shows the answer: it is there, and it is called so."""

import re
from pathlib import Path

import pytest

from rehearsal.running import CASES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"

ROWS = {
    row.split("|")[1].strip(): row.split("|")[3] for row in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d[a-g]", row)
}
"""By finding, what it is shown by."""

NAMED = re.compile(r"`(test_\w+\.py)`(?:: ((?:\*[^*]+\*(?:, )?)+))?")
"""A file of tests, and where they are given the tests themselves, in words."""


@pytest.mark.parametrize("finding", ROWS)
def test_what_a_finding_is_shown_by_is_there(finding: str) -> None:
    shown_by = ROWS[finding]
    for file, quoted in NAMED.findall(shown_by):
        found = "\n".join(each.read_text(encoding="utf-8") for each in (ROOT / "tests").rglob(file))
        assert found, f"there is no {file}"
        names = [each.lower() for each in re.findall(r"(?:def test_|class Test)(\w+)", found)]
        for words in re.findall(r"\*([^*]+)\*", quoted):
            begins, whole = words.lower().removeprefix("test").rstrip("…").replace(" ", "_"), not words.endswith("…")
            assert [name for name in names if (name == begins if whole else name.startswith(begins))], f"{file} has no test of: {words}"
    for case in re.findall(r"rehearsal `([\w-]+)`", shown_by):
        assert (CASES / f"{case}.yaml").is_file(), f"no case {case} is shipped"


def test_each_finding_is_shown_or_still_to_come() -> None:
    assert len(ROWS) > 25
    of_nothing = {finding for finding, shown_by in ROWS.items() if not NAMED.search(shown_by) and "`" not in shown_by}
    assert of_nothing == {
        "2c Education sees live information (+)",
        *(each for each in of_nothing if ROWS[each].strip().startswith("the same")),
    }
