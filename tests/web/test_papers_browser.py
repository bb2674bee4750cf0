"""The page with what people get after a conference, in a real browser: both languages, a telephone and a desktop, without JavaScript."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from correspondence.catalogue import say as letters_say
from correspondence.papers import print_papers
from schemas.clocks import Language
from tests.web.kept_papers import CLOSED, CODE, ENGLISH, WELSH, child_paper
from tests.web.serving import Served
from tests.web.test_browser import PHONE, browser, check, reader
from web.wording import say

__all__ = ["browser"]


@pytest.mark.parametrize(("who", "language"), [(WELSH, "cy"), (ENGLISH, "en")])
async def test_the_page_is_accessible_at_each_step(who: str, language: Language, web: Served, browser: Browser) -> None:
    someone = await reader(browser, PHONE)
    page, title, error = someone.page, say("papers.title", language), say("every.error", language) + ":"
    await page.goto(web.papers_link(who))
    await check(someone, language, title)
    assert "c-1" not in await page.inner_text("main"), "a link alone says nothing of a child"
    await page.click("#show")
    await check(someone, language, error)
    await page.fill("#code", "1111 1111")
    await page.click("#show")
    await check(someone, language, error)
    assert say("outline.wrong", language, left=4) in await page.inner_text("main")
    await page.fill("#code", f"{CODE[:4]} {CODE[4:]}")
    await page.click("#show")
    await check(someone, language, title)
    read = await page.inner_text("main")
    assert all(
        each in read
        for each in ("Why.", "<b>Second</b> line.", "Breakfast each day.", "c-1", letters_say("paper.told_by_worker", language))
    )
    assert (letters_say("paper.only_in_en", language) in read) == (language == "cy")
    assert await page.locator("main [lang=en] >> text=Second").count() == (1 if language == "cy" else 0), (
        "words in the other language say so"
    )
    assert CODE not in page.url
    assert someone.complaints == []
    assert {url for url in someone.asked if not url.startswith(web.base)} == set()
    await page.context.close()


async def test_it_works_by_keyboard_alone_and_without_javascript_until_it_is_locked(web: Served, browser: Browser) -> None:
    someone = await reader(browser, PHONE, javascript=False)
    page = someone.page
    await page.goto(web.papers_link(ENGLISH))
    for _ in range(5):
        await page.focus("#code")
        await page.keyboard.type("00000000")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    assert say("outline.locked", "en") in await page.inner_text("main")
    assert await page.query_selector("#code") is None
    await page.context.close()


async def test_a_page_that_has_closed_says_whom_to_call(web: Served, browser: Browser) -> None:
    someone = await reader(browser, PHONE)
    answer = await someone.page.goto(web.papers_link(CLOSED))
    assert answer is not None
    assert answer.status == 410
    await check(someone, "cy", say("title.papers", "cy"))
    await someone.page.context.close()


async def test_printed_no_line_of_the_plan_is_torn_between_two_sheets(tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "papers.html"
    file.write_text(print_papers({"en": (child_paper("en"),)}, "Siân Prys", "", large=False), encoding="utf-8")
    someone = await reader(browser, PHONE)
    await someone.page.goto(file.as_uri())
    await someone.page.emulate_media(media="print")
    torn = "[...document.querySelectorAll('dl.line')].map(each => getComputedStyle(each).breakInside)"
    assert await someone.page.evaluate(torn) == ["avoid"]
    assert await someone.page.locator("h3 + dl.line").count() == 1, "nothing empty parts a heading from what it must stay with"
    await someone.page.context.close()
