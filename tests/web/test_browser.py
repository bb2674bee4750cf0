"""The pages in a real browser: on a telephone and a desktop, in both languages, by keyboard alone, without JavaScript."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from schemas.answering import REASON_LIMIT, Reply
from schemas.clocks import Language
from tests.web.invitations import ENGLISH, NOW, POLICE, WELSH
from tests.web.npm import chromium, module
from tests.web.serving import Served
from web.wording import say

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "rules": {"region": {"enabled": False}},
}
"""All of WCAG 2.2 AA, and axe's own good practice but for one: a back link stands before the main part, as GOV.UK's do."""

SPEAKERS: list[tuple[str, Language]] = [(WELSH, "cy"), (ENGLISH, "en")]

PHONE, DESKTOP = 320, 1280
"""Widths of screens, in pixels."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


class Reader:
    """Somebody before a browser, and what the browser complained of or asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.on("console", self._heard)
        page.on("request", lambda request: self.asked.add(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium reports every answer that is not 200; those with 4xx are ours, and are tested elsewhere.
        if "Failed to load resource: the server responded" not in message.text:
            self.complaints.append(message.text)

    async def violations(self) -> list[str]:
        """What axe finds wrong with the page."""
        # Evaluated from outside, since the page's own policy lets no script in.
        await self.page.evaluate(module("axe-core/axe.min.js").read_text())
        found: dict[str, Any] = await self.page.evaluate("options => axe.run(options)", OPTIONS)
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]

    async def focused(self) -> str:
        """The id, or else the text, of what has the focus."""
        return await self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


async def reader(browser: Browser, width: int, *, javascript: bool = True) -> Reader:
    context = await browser.new_context(viewport={"width": width, "height": 700}, java_script_enabled=javascript)
    context.set_default_timeout(10_000)
    return Reader(await context.new_page())


async def check(reader: Reader, language: Language, title: str) -> None:
    """This page is in that language, and on a telephone and a desktop accessible and no wider than the screen."""
    page = reader.page
    # A click may still be on its way to the page that it leads to.
    await expect(page).to_have_title(re.compile(f".*{re.escape(title)}.*"))
    assert await page.get_attribute("html", "lang") == language
    assert await page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700", "the style is there"
    for width in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": width, "height": 700})
        assert await reader.violations() == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("invitee", "language"), SPEAKERS)
async def test_every_page_is_accessible_in_both_languages_on_a_telephone_and_a_desktop(
    invitee: str, language: Language, web: Served, browser: Browser
) -> None:
    someone = await reader(browser, PHONE)
    page, link = someone.page, web.link(invitee)
    await page.goto(link)
    await check(someone, language, say("title.invitation", language))
    await page.fill("#reason", "a" * (REASON_LIMIT + 1))
    await page.click("#tentative")
    await check(someone, language, say("every.error", language) + ":")
    await page.goto(link)
    await page.click(f"text={say('link.another_time', language)}")
    await check(someone, language, say("title.another_time", language))
    await page.fill("#date-day", "31")
    await page.click("button")
    await check(someone, language, say("every.error", language) + ":")
    for field, typed in (("date-day", "12"), ("date-month", "1"), ("date-year", "2027"), ("time-hour", "14"), ("time-minute", "30")):
        await page.fill(f"#{field}", typed)
    await page.click("button")
    await check(someone, language, say("title.answered", language))
    await page.click(f"text={say('link.change', language)}")
    await check(someone, language, say("title.invitation", language))
    await page.goto(web.links.link(invitee, NOW))
    await check(someone, language, say("title.expired", language))
    await page.goto(web.base)
    await check(someone, "cy", say("title.home", "cy"))
    for spoken in ("cy", "en"):
        assert say("text.home", spoken) in await page.inner_text("main")
    assert await page.locator("main a, main form").count() == 0, "nothing else"
    await page.goto(f"{web.base}/none")
    await check(someone, "cy", say("title.unknown", "cy"))
    assert web.kept.replies() == [Reply.another_time]
    assert someone.complaints == []
    assert {url for url in someone.asked if not url.startswith(web.base)} == set()
    await page.context.close()


async def test_by_keyboard_alone_a_police_officer_declines_is_shown_what_is_missing_and_gives_it(web: Served, browser: Browser) -> None:
    someone = await reader(browser, DESKTOP)
    page = someone.page
    await page.goto(web.link(POLICE))
    order: list[str] = []
    for _ in range(9):
        await page.keyboard.press("Tab")
        order.append(await someone.focused())
        shown = "(({outlineStyle, boxShadow}) => outlineStyle !== 'none' || boxShadow !== 'none')(getComputedStyle(document.activeElement))"
        assert await page.evaluate(shown), f"where the focus is cannot be seen: {order[-1]}"
    assert order == [
        *("Skip to main content", "Cymraeg", "reason", "accepted", "declined", "tentative"),
        *("Propose another time", "Read the thresholds", "01632 960 001"),
    ]
    await page.focus("#declined")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    assert "There is a problem" in await someone.focused(), "the reader is taken to what is wrong"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await someone.focused() == "reason"
    await page.keyboard.type("On a course that day; nothing known since October.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.wait_for_selector(".govuk-panel")
    assert web.kept.replies() == [Reply.declined]
    assert web.kept.answers[0][1].reason == "On a course that day; nothing known since October."
    await page.context.close()


async def test_enter_in_a_field_of_the_date_proposes_and_accepts_nothing(web: Served, browser: Browser) -> None:
    someone = await reader(browser, PHONE)
    page = someone.page
    await page.goto(f"{web.link(ENGLISH)}/another-time")
    await page.fill("#date-day", "12")
    await page.press("#date-day", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    assert await page.input_value("#date-day") == "12"
    assert web.kept.answers == []
    await page.context.close()


@pytest.mark.parametrize(("invitee", "language"), SPEAKERS)
async def test_without_javascript_everything_works(invitee: str, language: Language, web: Served, browser: Browser) -> None:
    other: Language = "en" if language == "cy" else "cy"
    someone = await reader(browser, PHONE, javascript=False)
    page = someone.page
    await page.goto(web.link(invitee))
    await page.click("#accepted")
    assert await page.text_content("h1") is not None
    assert say("title.answered", language) in (await page.text_content("h1") or "")
    await page.click(f"text={say('every.this_language', other)}")
    assert say("title.answered", other) in (await page.text_content("h1") or "")
    await page.click(f"text={say('link.change', other)}")
    await page.click("#declined")
    assert say("reply.declined", other) in (await page.text_content(".govuk-panel") or "")
    await page.reload()
    assert web.kept.replies() == [Reply.accepted, Reply.declined], "a reload of the confirmation answers nothing"
    await page.context.close()
