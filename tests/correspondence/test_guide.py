"""docs/letters.md shows the letters as they are."""

from tests.correspondence.guide import GUIDE, guide


def test_the_guide_to_the_letters_is_current() -> None:
    assert GUIDE.read_text(encoding="utf-8") == guide(), "run: python -m tests.correspondence.guide"
