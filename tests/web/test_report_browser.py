"""The pages for reports in a real browser: on a telephone and a desktop, in both languages, by keyboard alone, without JavaScript."""

import pytest
from playwright.async_api import Browser

from schemas.clocks import Language
from schemas.reports import SECTION_LIMIT, Section
from tests.web.asked_reports import AGENCY, CODE, ELA, FATHER, TOMOS, which
from tests.web.invitations import ENGLISH, NOW
from tests.web.serving import Served
from tests.web.test_browser import DESKTOP, PHONE, SPEAKERS, browser, check, reader
from web.wording import say

__all__ = ["browser"]


@pytest.mark.parametrize(("invitee", "language"), SPEAKERS)
async def test_every_page_is_accessible_in_both_languages_on_a_telephone_and_a_desktop(
    invitee: str, language: Language, web: Served, browser: Browser
) -> None:
    someone = await reader(browser, PHONE)
    page, link = someone.page, web.report_link(invitee)
    web.reports.change(invitee, ELA, given_at=NOW, returned=(Section.impact,))
    await page.goto(link)
    await check(someone, language, say("report.title_all", language))
    await page.click(f"text={say('report.write', language)}")
    await check(someone, language, say("report.title_one", language))
    await page.fill("#harm", "a" * (SECTION_LIMIT + 1))
    await page.click("#send")
    await check(someone, language, say("every.error", language) + ":")
    await page.fill("#harm", "word " * 10)
    await page.click("summary >> nth=1")
    await page.check(f"#keep-harm-{FATHER}")
    await page.click("#send")
    await check(someone, language, say("report.title_one", language))
    assert await page.is_checked(f"#keep-harm-{FATHER}"), "nothing that was chosen is lost"
    await page.click("#save")
    await check(someone, language, say("report.title_saved", language))
    await page.goto(f"{link}/{which(TOMOS)}")
    await page.fill("#harm", "Another's words.")
    await page.click("#save")
    await check(someone, language, say("report.title_saved", language))
    assert say("report.beside", language) in await page.inner_text("main")
    web.reports.refuse = True
    await page.goto(f"{link}/{which(TOMOS)}")
    await page.click("#save")
    await check(someone, language, say("every.error", language) + ":")
    web.reports.refuse = False
    await page.goto(f"{link}/{which(TOMOS)}")
    await page.fill("#draft-code", "wrong")
    await page.press("#draft-code", "Enter")
    await check(someone, language, say("every.error", language) + ":")
    assert say("report.wrong_code", language) in await someone.focused(), "the reader is taken to what is wrong"
    assert await page.locator(".govuk-error-summary a[href='#draft-code']").count() == 1
    await page.fill("#draft-code", CODE)
    await page.press("#draft-code", "Enter")
    assert await page.input_value("#harm") == ("word " * 10).strip()
    await page.click("#send")
    await page.click("#send-as-it-is")
    await check(someone, language, say("report.title_given", language))
    assert len(web.reports.given) == 1
    assert someone.complaints == []
    assert {url for url in someone.asked if not url.startswith(web.base)} == set()
    await page.context.close()


async def test_by_keyboard_alone_a_report_is_written_completed_and_given(web: Served, browser: Browser) -> None:
    someone = await reader(browser, DESKTOP)
    page = someone.page
    await page.goto(f"{web.report_link(ENGLISH)}/{which(ELA)}")
    order: list[str] = []
    for _ in range(6):
        await page.keyboard.press("Tab")
        order.append(await someone.focused())
        shown = "(({outlineStyle, boxShadow}) => outlineStyle !== 'none' || boxShadow !== 'none')(getComputedStyle(document.activeElement))"
        assert await page.evaluate(shown), f"where the focus is cannot be seen: {order[-1]}"
    assert order == [
        *("Skip to main content", "Cymraeg", "Back to all reports", "Read the thresholds", "work"),
        "Keep this section from somebody",
    ]
    for section in AGENCY[1:]:
        await page.fill(f"#{section}", "Enough words to be more than short.")
    await page.focus("#send")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    assert "Before you give it" in await someone.focused(), "the reader is taken to what is missing"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await someone.focused() == "work"
    await page.keyboard.type("We have known the child for two years.")
    await page.focus("#send")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-panel")
    ((_, given),) = web.reports.given
    assert given.words(Section.work) == "We have known the child for two years."
    await page.context.close()


@pytest.mark.parametrize(("invitee", "language"), SPEAKERS)
async def test_without_javascript_everything_works(invitee: str, language: Language, web: Served, browser: Browser) -> None:
    someone = await reader(browser, PHONE, javascript=False)
    page = someone.page
    await page.goto(f"{web.report_link(invitee)}/{which(ELA)}")
    await page.fill("#voice", "I do not like Fridays.")
    await page.click("#save")
    assert CODE in (await page.text_content("#code") or "")
    await page.goto(f"{web.report_link(invitee)}/{which(ELA)}")
    await page.fill("#draft-code", CODE)
    await page.press("#draft-code", "Enter")
    assert await page.input_value("#voice") == "I do not like Fridays."
    await page.click("#send")
    await page.click("#send-as-it-is")
    assert say("report.title_given", language) in (await page.text_content("h1") or "")
    await page.context.close()
