"""The chair's pack in a real browser: gaps first, accessible in both languages on a telephone and a desktop, and on paper."""

import datetime as dt
from pathlib import Path

import pytest
from playwright.async_api import Browser

from correspondence import wording
from correspondence.catalogue import say
from correspondence.pack import Author, ChildReports, Report, Sheet, left_out, render
from schemas.clocks import Language
from schemas.reports import Kept, ReportAsked, ReportGiven, ReportReturned, ReportWords, Section
from tests.web.asked_reports import AGENCY
from tests.web.invitations import NOW
from tests.web.test_browser import DESKTOP, browser, check, reader

__all__ = ["browser"]

DUE = dt.datetime(2027, 1, 5, 23, 59, 59, tzinfo=dt.UTC)
WORDS = ReportWords(sections={Section.harm: "<b>Hit</b> twice.\n\nOn the arm."}, kept=(Kept(section=Section.harm, person="i-mother"),))


def asked(person: str, **known: object) -> ReportAsked:
    return ReportAsked.model_validate({"invitee": f"i-{person}", "child": "c-1", "due": DUE, "asked_at": NOW, "to": f"p-{person}", **known})


def sheet(language: Language, for_: str | None = None) -> Sheet:
    given = ReportGiven(at=NOW, by="p-gp", words="report:a#b", late=True, thin=(Section.impact,))
    back = ReportReturned(at=NOW, missing=(Section.voice,))
    reports = (
        Report(asked("gp", given=given, returned=back), Author("gp", "Dr Enfys Rees"), AGENCY, WORDS),
        Report(asked("police"), Author("police", "Rhys Morgan"), AGENCY),
    )
    children = (ChildReports("Ela Prys (c-1)", reports), ChildReports("Tomos Prys (c-2)", ()))
    family = {"i-mother": "Siân Prys"}
    return Sheet("icpc", DUE, "Nia Probert", NOW, language, children, family, for_)


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_it_is_accessible_and_prints(language: Language, tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "pack.html"
    file.write_text(render(sheet(language)), encoding="utf-8")
    someone = await reader(browser, DESKTOP)
    await someone.page.goto(file.as_uri())
    await check(someone, language, "cynhadledd" if language == "cy" else "conference")
    assert (await someone.page.pdf())[:5] == b"%PDF-"
    assert someone.complaints == []
    await someone.page.context.close()


@pytest.mark.parametrize("language", ["cy", "en"])
def test_in_the_familys_copy_what_is_kept_back_looks_as_what_is_empty_and_whoever_made_it_is_told_which(language: Language) -> None:
    words = WORDS.model_copy(update={"sections": {**WORDS.sections, Section.impact: "She is afraid."}})

    def copy(words: ReportWords) -> Sheet:
        made = sheet(language, "i-mother")
        (gp, police), other = made.children[0].reports, made.children[1]
        return made._replace(children=(ChildReports("Ela Prys (c-1)", (gp._replace(words=words), police)), other))

    kept, empty = copy(words), copy(words.model_copy(update={"sections": {Section.impact: "She is afraid."}, "kept": ()}))
    assert render(kept) == render(empty), "nothing tells one from the other"
    assert "She is afraid." in render(kept)
    harm = wording.section(Section.harm, language)
    assert [harm in line for line in left_out(kept, language)] == [True, False]
    assert [harm in line for line in left_out(empty, language)] == [True]
    assert left_out(kept, language)[0].startswith(say("pack.kept_back", language, child="Ela Prys (c-1)", who="", sections="")[:30])
    assert left_out(sheet(language), language) == ()


def test_gaps_come_first_then_each_childs_reports_and_words_are_text() -> None:
    page = render(sheet("en"))
    order = [
        page.index(each)
        for each in ("GP: Dr Enfys Rees: more was asked for", "Police: Rhys Morgan: not given", "&lt;b&gt;Hit&lt;/b&gt; twice.")
    ]
    assert page.index("Nobody was asked for a report on this child.") < order[2]
    assert max(order[:2]) < order[2]
    assert "empty or very short: Impact on this child" in page
    assert "given after it was due" in page
    assert "There is no report to read yet." in page
    assert "not to be shared with: Siân Prys" in page


def test_what_is_kept_from_a_parent_leaves_no_trace_in_theirs() -> None:
    page = render(sheet("en", "i-mother"))
    for hidden in ("Hit", "Risk of significant harm", "shared", "Gaps", "Rhys Morgan", "short"):
        assert hidden not in page, hidden
    assert "GP: Dr Enfys Rees" in page
