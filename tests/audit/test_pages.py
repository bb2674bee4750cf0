"""A bundle's pages: words of people are text on screen and on paper, and a long record makes several files."""

import datetime as dt
import tracemalloc

import pytest

from audit.pages import ON_PAPER, on_paper, on_screen
from schemas.clocks import Language
from tests.audit.bundled import record, teller

MADE = dt.datetime(2026, 11, 30, 7, 21, tzinfo=dt.UTC)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_the_page_stands_by_itself_and_words_are_text(language: Language) -> None:
    tells = teller(language)
    page = "".join(on_screen(tells, tells.tells(record())))
    assert f'<html lang="{language}">' in page
    assert "&lt;b&gt;Hit&lt;/b&gt; twice." in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert ('href="cymraeg.html"' in page) is (language == "en")
    assert 'class="withheld"' in page


@pytest.mark.parametrize("language", ["cy", "en"])
def test_on_paper_it_is_tagged_and_the_same_every_time(language: Language) -> None:
    tells, told = teller(language), record()
    (one,), (other,) = (list(on_paper(tells, tells.tells(told), MADE)) for _ in range(2))
    assert one == other
    assert one.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in one
    assert f"/Lang({language})".encode() in one
    assert b"pdfuaid" in one


def test_a_long_record_makes_several_of_paper() -> None:
    tells = teller("en")
    assert len(list(on_paper(tells, tells.tells(record(ON_PAPER + 10)), MADE))) == 2


def test_the_page_of_a_long_record_is_never_in_memory_whole() -> None:
    def most(entries: int) -> int:
        tells = teller("en")
        tracemalloc.start()
        assert sum(len(piece) for piece in on_screen(tells, tells.tells(record(entries)))) > entries * 250
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    most(10)
    assert most(1_000) < most(100) + 150_000
