"""The page on calendars tells every reason, and none that there is not."""

import re
from pathlib import Path

from schemas.calendars import NotTaken

PAGE = Path(__file__).parents[3] / "docs" / "calendars.md"


def test_the_page_has_every_reason_in_its_order() -> None:
    told = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [reason.value for reason in NotTaken]
