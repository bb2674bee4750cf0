"""The lines that a newcomer is shown can be typed as they stand, one after another."""

import re
import shlex
from collections.abc import Iterator
from string import Template

from console.documentation import DOCS
from tests.console.conftest import Desk

TAKEN = re.compile(r"(?P<name>\w+)=\$\((?P<line>.*)\)")
"""`name=$(siwrnai …)`."""

GREP = " | grep -o "


def walk(*headings: str) -> Iterator[str]:
    """The lines of the blocks that come first under these headings of the page of the command line."""
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    for heading in headings:
        block = page.split(f"## {heading}\n")[1].split("```")[1]
        yield from (line for line in block.splitlines() if line)


async def test_a_newcomers_walk_from_a_report_to_a_conference_with_the_school(desk: Desk) -> None:
    known: dict[str, str] = {}
    said = ""
    for shown in walk("A report by hand", "A conference by hand"):
        taken = TAKEN.fullmatch(shown)
        line, _, pattern = (shown if taken is None else taken["line"]).partition(GREP)
        program, *arguments = shlex.split(Template(line).substitute(known))
        assert program == "siwrnai"
        said = await desk.gets(*arguments)
        if pattern:
            found = re.search(shlex.split(pattern)[0], said)
            assert found is not None, shown
            said = found[0]
        if taken is not None:
            known[taken["name"]] = said
    invited = await desk.gets("meeting", "show", known["meeting"])
    assert "Nia Rhys" in invited
    assert "Rhian Ellis" in invited
    assert "late" not in invited
    assert "designated safeguarding person" in (await desk.gets("directory", "people"))
