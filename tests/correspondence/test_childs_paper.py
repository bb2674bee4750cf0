"""A child's own paper: plain words in either language, and nothing in it of what was written for grown-ups."""

import datetime as dt

import pytest

from correspondence.catalogue import catalogue
from correspondence.papers import as_text, compose, print_papers
from procedures.in_force import rules_in_force
from procedures.meetings.papers import reads_by
from schemas.answering import InBoth
from schemas.clocks import Language
from schemas.papers import ChildPaper, Decided, Paper, PaperDate, PaperSection

DUE = dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def own(**more: object) -> ChildPaper:
    return ChildPaper.model_validate(
        {
            "label": InBoth(cy="E. P. (12 oed, c-1)", en="E. P. (aged 12, c-1)"),
            "paper": Paper.outline_plan,
            "decided": Decided(on=dt.date(2026, 12, 15), decision="register", dates=(PaperDate(clock="rcpc_first", due=DUE),)),
            "sections": {
                PaperSection.own_why: "You were looking after the other two.",
                PaperSection.own_said: "You want to swim.",
                PaperSection.own_changed: "Wednesdays are yours.",
            },
            "own": True,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("not your fault", "You want to swim.", "Wednesdays are yours.", "31 December 2026", "advocate", "080880 23456")),
        ("cy", ("Nid dy fai di", "You want to swim.", "Wednesdays are yours.", "31 Rhagfyr 2026", "eiriolwr", "080880 23456")),
    ],
)
def test_it_says_what_why_what_next_what_was_said_and_what_changed_and_whom_to_talk_to(language: Language, said: tuple[str, ...]) -> None:
    text = as_text(compose([own()], language))
    assert [each for each in said if each not in text] == []
    assert "c-1" not in text


def test_its_advocate_is_named_and_what_nobody_wrote_is_told_by_the_social_worker() -> None:
    text = as_text(compose([own(sections={}, advocate="Mair Evans")], "en"))
    assert "Your advocate is Mair Evans" in text
    assert text.count("Your social worker will talk with you about this.") == 3


def test_printed_it_is_the_childs_by_its_own_heading() -> None:
    page = print_papers({"cy": (own(),)}, "Ela Prys", "Ela Prys", large=False)
    assert "I Ela Prys. Ti biau hwn." in page
    assert "Yn dilyn y gynhadledd" not in page


def test_every_decision_and_every_date_of_which_the_family_hears_has_plain_words() -> None:
    decisions = ("register", "not_register", "stay", "change_category", "deregister")
    dates = ("core_group_first", "core_group_next", "rcpc_first", "rcpc_next")
    wanted = {*(f"paper.child_decided.{each}" for each in decisions), *(f"paper.child_next.{each}" for each in dates)}
    assert wanted - catalogue().keys() == set()


@pytest.mark.parametrize(("born", "reads"), [(dt.date(2018, 12, 15), True), (dt.date(2018, 12, 16), False), (None, True)])
def test_it_is_for_children_of_an_age_to_read_on_the_day_of_the_conference(born: dt.date | None, reads: bool) -> None:
    assert rules_in_force().papers.child.from_age == 8
    assert reads_by(born, dt.date(2026, 12, 15), rules_in_force().papers) is reads
