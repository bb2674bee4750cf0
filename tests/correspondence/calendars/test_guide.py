"""The page on calendars tells every reason, verdict and doubt, and none that there is not."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from procedures.replies import DOUBTS, SET_ASIDE
from schemas.calendars import Doubt, NotTaken, Verdict

PAGE = Path(__file__).parents[3] / "docs" / "calendars.md"


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("reason", tuple(NotTaken)),
        ("verdict", (Verdict.unknown_meeting, *SET_ASIDE, Verdict.to_be_confirmed, Verdict.taken)),
        ("doubt", (Doubt.mailbox_not_known, *DOUBTS)),
    ],
)
def test_the_page_has_all_of_them_in_the_order_in_which_they_are_tried(heading: str, values: tuple[StrEnum, ...]) -> None:
    _, _, table = PAGE.read_text(encoding="utf-8").partition(f"| {heading} | when |")
    told = re.findall(r"^\| `(\w+)` \|", table.partition("\n\n")[0], re.MULTILINE)
    assert told == [each.value for each in values]
