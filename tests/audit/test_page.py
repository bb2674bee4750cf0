"""The page of a replay in a real browser: both ways, by keyboard, in both languages, on a telephone, without JavaScript and a network."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from audit.moments import moments
from audit.replay import Way
from audit.standing import stand
from console.language import choose
from console.replay_page import page
from console.standing_lines import Naming, sections
from console.timeline import what
from procedures.fold import fold
from schemas.clocks import Language
from schemas.replay import MeetingLog
from tests.audit.recorded import BEGUN, journey_of, told_of
from tests.procedures.child import Child, at, registered
from tests.procedures.meetings.table import Table
from tests.web.test_browser import DESKTOP, PHONE, Reader, browser, check, reader

__all__ = ["browser"]

NOW = at("2027-01-20 12:00")


@pytest.fixture
def child() -> Child:
    """A registered child whose visit was told six days late, and whose first entry was corrected."""
    child = registered()
    child.does("visit", "2026-12-29 10:00", told="2027-01-04 09:00", seen=True, alone="alone", place="school")
    child.does("corrected", "2027-01-05 09:30", entry=1, words="It was </script><b>the other school</b>.")
    child.wait("2027-01-20 12:00")
    return child


def made(child: Child, *meetings: MeetingLog) -> str:
    told, journey = told_of(child), journey_of(child)
    whole = replace(journey, beside=journey.beside.model_copy(update={"meetings": meetings}))
    return page(whole, told, Naming(told.people, told.texts), "Nia Probert", NOW)


def conference() -> MeetingLog:
    """It was held; the police had said that they would be there, and were not."""
    table = Table()
    table.arranged()
    table.answers("police")
    there = [{"invitee": table.guest(role).id, "how": how} for role, how in (("chair", "there"), ("police", "absent"))]
    table.does("held", "2026-12-15 12:00", attendance=there)
    return MeetingLog(meeting="m-1", authority="sir-enghraifft", about=("c-1",), entries=tuple(table.entries))


async def opened(
    browser: Browser, folder: Path, child: Child, language: Language = "en", *meetings: MeetingLog, javascript: bool = True
) -> Reader:
    choose(language)
    file = folder / "replay.html"
    file.write_text(made(child, *meetings), encoding="utf-8")
    choose(None)
    someone = await reader(browser, DESKTOP, javascript=javascript)
    await someone.page.goto(file.as_uri())
    return someone


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_it_is_accessible_in_both_languages(language: Language, tmp_path: Path, browser: Browser, child: Child) -> None:
    someone = await opened(browser, tmp_path, child, language)
    await check(someone, language, "Ail-chwarae" if language == "cy" else "Replay")
    await expect(someone.page.locator("#p-where")).to_contain_text("Gofrestr" if language == "cy" else "Register")
    assert someone.complaints == []
    assert {url.partition(":")[0] for url in someone.asked} == {"file"}, "it asks the network for nothing"
    await someone.page.context.close()


async def test_arrow_keys_go_from_moment_to_moment_and_the_two_ways_differ(tmp_path: Path, browser: Browser, child: Child) -> None:
    someone = await opened(browser, tmp_path, child)
    there, moment, slider = someone.page, someone.page.locator("#moment"), someone.page.locator("#slider")
    await expect(moment).to_contain_text("January 2027")
    await slider.focus()
    await there.keyboard.press("Home")
    await expect(moment).to_have_text(re.compile(r"Friday 20 November 2026 at 16:40 \(entry 1, "))
    await there.keyboard.press("ArrowRight")
    await expect(moment).to_contain_text("17:05")
    await there.keyboard.press("ArrowLeft")
    await expect(moment).to_contain_text("16:40")
    await there.click("#next")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile("17:05"))

    visit = next(each for each in child.entries if each.kind == "visit" and each.decided_at >= at("2027-01-04 09:00"))
    await to(someone, f"entry {visit.seq}")
    await expect(moment).to_contain_text("Monday 4 January 2027 at 09:00")
    await expect(there.locator(f"#e-{visit.seq}")).to_have_attribute("aria-current", "step")
    await there.check("input[value=stood]")
    await expect(moment).to_contain_text("Tuesday 29 December 2026 at 10:00")
    await expect(there.locator("#p-late")).to_contain_text(str(visit.seq))
    assert someone.complaints == []
    await there.context.close()


async def test_of_a_meeting_that_was_held_it_is_told_who_answered_what_and_who_came(tmp_path: Path, browser: Browser, child: Child) -> None:
    someone = await opened(browser, tmp_path, child, "en", conference())
    held = someone.page.locator("#p-meetings li")
    await expect(held.first).to_contain_text("initial child protection conference, held")
    await expect(held.filter(has_text="police: ")).to_have_text(re.compile("– will be there; was not there$"))
    await expect(held.filter(has_text="GP: ")).to_have_text(re.compile("– no answer$"))
    # Who was invited stands under the meeting, and not beside it.
    left = "each => each.getBoundingClientRect().left"
    assert await held.filter(has_text="police: ").evaluate(left) > await held.first.evaluate(left)
    await someone.page.context.close()


def test_a_child_whose_name_was_removed_is_not_said_to_be_on_the_register(child: Child) -> None:
    choose("en")
    told = told_of(child)
    standing = stand(journey_of(child), Way.known, NOW).model_copy(update={"registration": "deregistered"})
    (where,) = (each.lines for each in sections(standing, Naming(told.people, {})) if each.key == "where")
    assert any(each.startswith("date of registration: ") for each in where)
    assert not any("on the register since" in each for each in where)


async def to(someone: Reader, text: str) -> None:
    await someone.page.locator("#slider").focus()
    await someone.page.keyboard.press("End")
    for _ in range(200):
        if text in await someone.page.locator("#moment").inner_text():
            return
        await someone.page.keyboard.press("ArrowLeft")
    raise AssertionError(f"no moment of {text}")


async def test_no_line_is_split_between_columns(tmp_path: Path, browser: Browser, child: Child) -> None:
    someone = await opened(browser, tmp_path, child)
    for width in (1280, 1000):
        await someone.page.set_viewport_size({"width": width, "height": 800})
        # A box that is split has a rectangle in each column.
        split = "[...document.querySelectorAll('.parts li, .parts h2')].filter((each) => each.getClientRects().length > 1).length"
        assert await someone.page.evaluate(split) == 0
    hidden = (
        "document.querySelector('.parts').getBoundingClientRect().top - document.querySelector('.controls').getBoundingClientRect().bottom"
    )
    assert await someone.page.evaluate(hidden) >= 8, "no line begins under the bar"
    await someone.page.context.close()


async def test_every_entry_can_be_read_without_javascript(tmp_path: Path, browser: Browser, child: Child) -> None:
    someone = await opened(browser, tmp_path, child, javascript=False)
    await someone.page.set_viewport_size({"width": PHONE, "height": 700})
    await expect(someone.page.locator(".entries li")).to_have_count(len(child.entries))
    await expect(someone.page.locator("#replay")).to_be_hidden()
    await expect(someone.page.locator("#e-2")).to_contain_text(re.compile(r"^\s*2\. 2026-11-20 16:40, "))
    await expect(someone.page.locator("#e-1")).to_contain_text(f"entry 1 is corrected by entry {child.entries[-1].seq}"[:30])
    assert await someone.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    await someone.page.context.close()


def test_words_of_people_end_no_script(child: Child) -> None:
    choose("en")
    html = made(child)
    assert html.count("</script>") == 2


def test_each_moment_is_the_fold_of_what_was_recorded_by_then(child: Child) -> None:
    journey, state, seen = journey_of(child), BEGUN, 0
    for moment in moments(journey, Way.known, 5, NOW):
        state = fold(state, journey.entries[seen : seen + len(moment.entries)])
        seen += len(moment.entries)
        assert [each.instance for each in moment.standing.timescales] == [
            each.instance for each in sorted(state.clocks.values(), key=lambda each: (each.plan.due, each.instance))
        ]
        assert len(moment.standing.letters) <= 5
    assert state == child.state


@pytest.mark.parametrize(("language", "name"), [("cy", "Ysgol Glan-y-Nant"), ("en", "Glan-y-Nant School")])
def test_an_agency_stands_under_its_name_in_the_language_spoken(language: Language, name: str) -> None:
    child = Child()
    child.does("report", "2026-11-20 16:40", how="telephone", words="A bruise.", agency="a-school")
    told = replace(told_of(child), agencies={"a-school": name})
    choose(language)
    assert name in what(told.entries[0], told)
    assert "a-school" not in what(told.entries[0], told)
    assert "a-school" in what(told.entries[0], told_of(child)), "one that has left the directory, under its id"
    choose(None)


def test_what_was_recorded_late_of_a_timescale_says_so_as_what_people_did_does() -> None:
    choose("en")
    child = Child()
    child.does("report", "2026-11-20 16:40", told="2026-11-25 09:00", how="telephone", words="A bruise.")
    told = told_of(child)
    late = [entry for entry in told.entries if entry.recorded_at > entry.happened_at]
    assert {entry.kind for entry in late} == {"report", "clock"}
    assert all("(recorded 2026-11-25" in what(entry, told) for entry in late)
    choose(None)
