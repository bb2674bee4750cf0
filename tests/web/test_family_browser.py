"""A family's letter in a real browser: accessible in both languages on a telephone and a desktop, and on paper."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from correspondence.family.letters import News, Reader
from correspondence.render import print_family, render_family
from schemas.clocks import Language
from tests.correspondence.family_letters import letter
from tests.web.test_browser import DESKTOP, browser, check, reader
from tests.web.test_browser import Reader as Screen

__all__ = ["browser"]


def written(html: str, folder: Path) -> str:
    """The address of a file that holds the page."""
    file = folder / "letter.html"
    file.write_text(html, encoding="utf-8")
    return file.as_uri()


async def opened(address: str, browser: Browser) -> Screen:
    someone = await reader(browser, DESKTOP)
    await someone.page.goto(address)
    return someone


@pytest.mark.parametrize("language", ["cy", "en"])
@pytest.mark.parametrize("who", Reader)
async def test_it_is_accessible(who: Reader, language: Language, tmp_path: Path, browser: Browser) -> None:
    someone = await opened(written(render_family(letter(who, language=language, apart=True)).html, tmp_path), browser)
    await check(someone, language, {"cy": "gyfarfod", "en": "meeting"}[language] if who is not Reader.younger else "")
    assert someone.complaints == []
    await someone.page.context.close()


@pytest.mark.parametrize("large", [False, True])
async def test_it_prints_on_a4_with_the_second_language_and_each_leaflet_on_a_sheet_of_its_own(
    large: bool, tmp_path: Path, browser: Browser
) -> None:
    page = print_family(letter(language=None, link=None), "Siân Prys\n2 Heol Fawr\nAberenghraifft", large=large)
    someone = await opened(written(page, tmp_path), browser)
    await check(someone, "cy", "Rydym yn eich gwahodd")
    await someone.page.emulate_media(media="print")
    size = await someone.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize) * 72 / 96")
    assert size == pytest.approx(18 if large else 12)  # pyright: ignore[reportUnknownMemberType]
    breaks = await someone.page.evaluate(
        "[...document.querySelectorAll('article + article, .leaflet')].map(each => getComputedStyle(each).breakBefore)"
    )
    assert breaks == ["page"] * 7, "the English letter, and three leaflets in each language"
    pdf = await someone.page.pdf(prefer_css_page_size=True)
    assert pdf[:5] == b"%PDF-"
    assert pdf.count(b"/Type /Page\n") >= 8
    assert someone.complaints == []
    await someone.page.context.close()


async def test_what_was_called_off_fits_on_one_sheet(tmp_path: Path, browser: Browser) -> None:
    someone = await opened(written(print_family(letter(news=News.cancelled), "Siân Prys", large=True), tmp_path), browser)
    await someone.page.emulate_media(media="print")
    assert (await someone.page.pdf(prefer_css_page_size=True)).count(b"/Type /Page\n") == 1
    await someone.page.context.close()
