"""A bundle's page in a real browser: accessible in both languages on a telephone and a desktop, asking nothing of a network."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from audit.pages import SCREEN, on_screen
from schemas.clocks import Language
from tests.audit.bundled import record, teller
from tests.web.test_browser import DESKTOP, browser, check, reader

__all__ = ["browser"]


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_it_is_accessible_and_leads_to_the_other_language(language: Language, tmp_path: Path, browser: Browser) -> None:
    for each in ("cy", "en"):
        tells = teller(each)
        (tmp_path / SCREEN[each]).write_text("".join(on_screen(tells, tells.tells(record()))), encoding="utf-8")
    someone = await reader(browser, DESKTOP)
    await someone.page.goto((tmp_path / SCREEN[language]).as_uri())
    await check(someone, language, teller(language).front.kind.title.said(language))
    assert someone.complaints == []
    assert all(each.startswith("file:") for each in someone.asked)
    await someone.page.locator("header a").click()
    assert await someone.page.get_attribute("html", "lang") != language
    await someone.page.context.close()
