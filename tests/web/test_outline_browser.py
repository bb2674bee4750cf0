"""The page that says why a conference is held, in a real browser: both languages, a telephone and a desktop, without JavaScript."""

import pytest
from playwright.async_api import Browser

from schemas.clocks import Language
from tests.web.invitations import invitation
from tests.web.kept_outlines import CODE, NO_CODE
from tests.web.serving import Served
from tests.web.test_browser import PHONE, browser, check, reader
from web.wording import say

__all__ = ["browser"]

MOTHER = "invitee-mother"


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_the_page_is_accessible_at_each_step(language: Language, web: Served, browser: Browser) -> None:
    web.kept.seen |= {MOTHER: invitation(language, outline=True), NO_CODE: invitation(language, outline=True)}
    someone = await reader(browser, PHONE)
    page, title, error = someone.page, say("outline.title", language), say("every.error", language) + ":"
    await page.goto(web.link(MOTHER))
    await check(someone, language, say("title.invitation", language))
    await page.click(f"text={say('outline.link', language)}")
    await check(someone, language, title)
    await page.click("#show")
    await check(someone, language, error)
    assert say("outline.shape", language) in await page.inner_text("main")
    await page.fill("#code", "1111 1111")
    await page.click("#show")
    await check(someone, language, error)
    assert say("outline.wrong", language, left=4) in await page.inner_text("main")
    assert await page.input_value("#code") == "", "what was tried is not given back"
    await page.fill("#code", f"{CODE[:4]} {CODE[4:]}")
    await page.click("#show")
    await check(someone, language, title)
    read = await page.inner_text("main")
    assert all(each in read for each in ("Llinell gyntaf.", "<b>Second</b> line.", "Likely to suffer harm.", "c-1"))
    assert CODE not in page.url
    await page.goto(f"{web.link(NO_CODE)}/why")
    await page.fill("#code", CODE)
    await page.click("#show")
    await check(someone, language, title)
    assert say("outline.no_code", language) in await page.inner_text("main")
    assert someone.complaints == []
    assert {url for url in someone.asked if not url.startswith(web.base)} == set()
    await page.context.close()


async def test_it_works_by_keyboard_alone_and_without_javascript_until_it_is_locked(web: Served, browser: Browser) -> None:
    web.kept.seen[MOTHER] = invitation("en", outline=True)
    someone = await reader(browser, PHONE, javascript=False)
    page = someone.page
    await page.goto(f"{web.link(MOTHER)}/why")
    for _ in range(5):
        await page.focus("#code")
        await page.keyboard.type("00000000")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    assert say("outline.locked", "en") in await page.inner_text("main")
    assert await page.query_selector("#code") is None, "there is nothing to try any more"
    await page.context.close()


async def test_who_is_not_led_there_finds_no_page(web: Served, browser: Browser) -> None:
    web.kept.seen[MOTHER] = invitation("en")
    someone = await reader(browser, PHONE)
    await someone.page.goto(web.link(MOTHER))
    assert await someone.page.query_selector("a[href*='/why']") is None
    answer = await someone.page.goto(f"{web.link(MOTHER)}/why")
    assert answer is not None
    assert answer.status == 404
    await someone.page.context.close()
