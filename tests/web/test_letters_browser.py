"""Letters to professionals in a real browser: accessible in both languages, and no wider than a telephone with a signed link in them."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from correspondence.render import render
from schemas.clocks import Language
from tests.correspondence.examples import every_kind
from tests.web.test_browser import DESKTOP, browser, check, reader

__all__ = ["browser"]

SIGNED = "WyJpLWMyNWIyMDM3MTZlMDg2MDc5ODk4IiwxNzk2Mjk5MjAwXQu8nf68DC7GJcGzC2w7p1pX2S9j8K1C6oiegjQK4E"
"""Without a place at which a browser would break it by itself, as most have none for long."""


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_each_kind_is_accessible(language: Language, tmp_path: Path, browser: Browser) -> None:
    someone = await reader(browser, DESKTOP)
    for kind, letter in every_kind(language).items():
        rendered = render(letter)
        file = tmp_path / f"{kind}.html"
        file.write_text(rendered.html.replace("/abc", f"/{SIGNED}"), encoding="utf-8")
        await someone.page.goto(file.as_uri())
        await check(someone, language, rendered.subject)
    assert someone.complaints == []
    await someone.page.context.close()
