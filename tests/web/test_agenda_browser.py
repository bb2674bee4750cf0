"""The agenda in a real browser: accessible in both languages on a telephone and a desktop, and on paper."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from correspondence.agenda import Sheet, render
from procedures.in_force import rules_in_force
from procedures.meetings.agenda import ChildKnown, agenda
from schemas.clocks import Language
from schemas.commands.base import Harm, ThresholdElement
from tests.procedures.child import at
from tests.procedures.meetings.table import Table
from tests.web.test_browser import DESKTOP, browser, check, reader

__all__ = ["browser"]

FAMILY: list[dict[str, Any]] = [
    {"role": "parents", "person": "p-sian"},
    {"role": "parents", "person": "p-dylan", "children": ["c-2"]},
    {"role": "child_where_appropriate", "person": "p-ela", "children": ["c-1"]},
]
NAMES = {
    "p-nia": "Nia Probert", "p-mari": "Mari Lloyd", "p-police": "Rhys <Morgan>", "p-head": "Gwen Parry", "p-hv": "Non Huws",
    "p-gp": "Dr Enfys Rees", "p-advocate": "Aled Wyn", "p-minutes": "Owen Pugh", "p-sian": "Siân Prys", "p-dylan": "Dylan Prys",
    "p-ela": "Ela Prys",
}  # fmt: skip


def sheet(language: Language) -> Sheet:
    table = Table(children=("c-1", "c-2"))
    table.arranged(add=FAMILY)
    ids = {each.person: each.id for each in table.state.invitees}
    table.does("attends_separately", invitee=ids["p-dylan"], apart_from=[ids["p-sian"]], reason="text:a#b")
    for _ in range(2):
        table.does("participation_chosen", child="c-2", how="declined")
    table.does("participation_chosen", child="c-1", how="part")
    table.answers("police")
    table.reports("police", "c-1")
    likely = ThresholdElement.significant_harm_likely
    ela = ChildKnown(
        "c-1", categories=(Harm.neglect,), registered_at=at("2026-09-01 10:00"), last_met_at=at("2026-09-01 10:00"),
        voice_at=at("2026-12-01 16:00"), voice_fresh=True, decided=(likely,), believed={likely: ("police", "gp")},
    )  # fmt: skip
    tomos = ChildKnown("c-2", missing=("safety_plan",), advocate_offered=False)
    return Sheet(
        state=table.state,
        agenda=agenda(table.state, rules_in_force(), [ela, tomos]),
        rules=rules_in_force(),
        children={"c-1": ela, "c-2": tomos},
        labels={"c-1": "Ela Prys (c-1)", "c-2": "Tomos Prys (c-2)"},
        people={each.id: NAMES[each.person] for each in table.state.invitees},
        place="Canolfan Deulu Enghraifft",
        reader="Nia Probert",
        at=at("2026-12-14 09:00"),
        language=language,
    )


@pytest.mark.parametrize("language", ["cy", "en"])
async def test_it_is_accessible_and_prints(language: Language, tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "agenda.html"
    file.write_text(render(sheet(language)), encoding="utf-8")
    someone = await reader(browser, DESKTOP)
    await someone.page.goto(file.as_uri())
    await check(someone, language, "cynhadledd" if language == "cy" else "conference")
    if folder := os.environ.get("SHOTS"):
        await someone.page.screenshot(path=f"{folder}/agenda-{language}-phone.png", full_page=True)
        await someone.page.set_viewport_size({"width": DESKTOP, "height": 700})
        await someone.page.screenshot(path=f"{folder}/agenda-{language}.png", full_page=True)
    assert (await someone.page.pdf())[:5] == b"%PDF-"
    assert someone.complaints == []
    assert someone.asked == {file.as_uri()}, "the page stands by itself"
    await someone.page.context.close()


def test_what_is_missing_comes_first_then_the_voice_of_each_child_before_the_decision() -> None:
    page = render(sheet("en"))
    voice, decision = "The child&#39;s voice: what worries", "Each agency&#39;s view, then the decision"
    order = [page.index("A safety plan"), page.index(voice), page.index(decision)]
    assert order == sorted(order)
    assert page.rindex(voice) < page.index(decision)
    assert page.count(f"<h3>{voice}") == page.count(f"<h3>{decision}") == 2
    for said in (
        "Likely to suffer significant harm: the decisions so far rest on it; found met by: police, GP",
        "On the Child Protection Register since Tuesday 1 September 2026",
        "The child has said no 2 times. Who asked, and how?",
        "An active offer of an independent advocate",
        "Dylan Prys (parent or carer) separately: arrange other times of coming and going.",
        "Rhys &lt;Morgan&gt;",
    ):
        assert said in page, said


def test_every_sentence_is_there_in_welsh() -> None:
    page = render(sheet("cy"))
    for said in ("Yn eisiau", "Llais y plentyn:", "Rhan gaeedig", "Cynllun diogelwch", "bod yno am ran"):
        assert said in page, said
