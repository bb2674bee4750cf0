"""The papers of a conference on the command line: written from what the journey has, looked at before they go, sent, printed for the family."""

import datetime as dt
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from console.endings import Code
from tests.console.conftest import Desk
from tests.console.test_reports import person

PLAN = '{"change_needed": "Breakfast each day.", "sign_of_change": "Seen at home.", "who_helps": "Mari."}'


class Known(NamedTuple):
    """A conference about one child that was held: a mother is written to by mail, a father gets paper."""

    meeting: str
    child: str
    chair: str
    mother: str
    father: str
    """By the id at the meeting."""


@pytest.fixture(scope="module")
async def known(desk: Desk, huw: str, tmp_path_factory: pytest.TempPathFactory) -> Known:
    chair, police = await person(desk, "Nia Probert"), await person(desk, "Rhys Morgan")
    child = await desk.gets("child", "register", "--actor", huw, "--name", "Ela Prys", "--born", "2015-01-03", "--language", "cy")
    steps = (
        ("report", "--how", "telephone", "--words", "A bruise."),
        ("screened", "--decision", "strategy", "--rationale", "Why.", "--threshold-element", "significant_harm_likely"),
        (
            *("strategy-held", "--attendance", "police", "--attendance", "social_services", "--outcome", "section47_single"),
            *("--medical", "not_needed", "--rationale", "Why."),
        ),
    )
    for name, *options in steps:
        await desk.gets("journey", name, child, "--actor", huw, *options)
    for name, *way in (
        ("Siân Prys", "--way", "email", "--email", "sian@teulu.example", "--language", "cy"),
        ("Dylan Prys", "--way", "post", "--address", "2 Heol Fawr", "--language", "en"),
    ):
        await desk.gets("child", "family-member", child, "--actor", huw, "--relation", "parent", "--name", name, *way)
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=14)).isoformat(timespec="minutes")
    said = await desk.gets(
        *("meeting", "arranged", "--actor", huw, "--kind", "icpc", "--children", child, "--chair", chair, "--starts", starts),
        *("--add", f"role=police,person={police}"),
    )
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    shown = (await desk.gets("meeting", "show", meeting, "--actor", chair)).splitlines()
    by = {name: line.split()[0] for line in shown for name in ("Siân Prys", "Dylan Prys") if line.startswith("i-") and name in line}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    await desk.gets("meeting", "released", meeting, "--actor", huw, "--invitee", by["Siân Prys"], "--spoken-at", now)
    known = Known(meeting, child, chair, by["Siân Prys"], by["Dylan Prys"])
    early = await desk.runs(*written(known, chair))
    assert (early.code, "record the meeting as held first" in early.err) == (Code.refused, True)
    file = tmp_path_factory.mktemp("held") / "held.yaml"
    file.write_text(f"children:\n  {child}: {{decision: register, categories: [neglect], rationale: Because.}}\n")
    await desk.gets(
        "meeting", "held", meeting, "--actor", chair, "--file", str(file), "--attendance", f"invitee={by['Siân Prys']},how=there"
    )
    return known


def written(known: Known, actor: str, *more: str, language: str = "en") -> tuple[str, ...]:
    paper = ("meeting", "paper", known.meeting, "--actor", actor, "--paper", "outline_plan", "--child", known.child)
    return (*paper, "--language", language, "--reasons", "Why it was decided.", "--risks", "Of hunger.", "--plan", PLAN, *more)


async def test_written_looked_at_sent_and_printed(desk: Desk, known: Known, huw: str, tmp_path: Path) -> None:
    kept = await desk.gets(*written(known, known.chair, "--close", f"section=risks,person={known.mother}"))
    assert "Nothing is sent before it is circulated" in kept
    assert "Not written yet in the other language (Welsh)" in kept
    opened = await desk.runs(*written(known, huw))
    assert (opened.code, "only the chair does that" in opened.err) == (Code.refused, True)
    preview = await desk.gets("meeting", "papers-preview", known.meeting, "outline_plan", "--actor", known.chair)
    readers = re.split(r"(?m)^(?=\S)", preview)
    mother, father = (next(each for each in readers if each.startswith(name)) for name in ("Siân Prys, ", "Dylan Prys, "))
    assert all(
        each in mother for each in ("Mae rhywbeth i chi ei ddarllen", "Has no code yet", "/papers/…", "esgeulustod", "Breakfast each day.")
    )
    assert "Of hunger." not in mother
    assert all(each in father for each in ("Not released", "by post", "Of hunger.", "First core group: by"))
    out = tmp_path / "father.html"
    printing = ("meeting", "papers-for", known.meeting, known.father, "--out", str(out), "--actor", huw)
    early = await desk.runs(*printing)
    assert (early.code, "No paper of this meeting was circulated yet" in early.err) == (Code.refused, True)
    said = await desk.gets("meeting", "circulated", known.meeting, "--actor", known.chair, "--paper", "outline_plan")
    assert "Nothing goes to the family before" in said
    early = await desk.runs(*printing)
    assert (early.code, "before it is released" in early.err) == (Code.refused, True)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    await desk.gets("meeting", "released", known.meeting, "--actor", huw, "--invitee", known.father, "--spoken-at", now)
    await desk.gets(*printing)
    page = out.read_text()
    assert all(each in page for each in ("<address>Dylan Prys\n2 Heol Fawr</address>", "Breakfast each day.", "Of hunger.", "neglect"))
    assert 'lang="cy"' not in page
    assert "Siân" not in page
    assert (out.stat().st_mode & 0o777) == 0o600
    await desk.gets("meeting", "handed-over", known.meeting, "--actor", huw, "--invitee", known.father)
    code = await desk.gets("meeting", "code", known.meeting, known.mother, "--actor", huw)
    assert re.search(r"[0-9]{4} [0-9]{4}", code)
    timeline = await desk.gets("journey", "show", known.child, "--actor", huw)
    assert "Outline plan and decision summary circulated" in timeline


async def test_what_is_wrong_is_said(desk: Desk, known: Known, huw: str) -> None:
    stranger = await person(desk, "Mared Huws")
    refused = await desk.runs(*written(known, stranger))
    assert (refused.code, "may not write this" in refused.err) == (Code.refused, True)
    wrong = await desk.runs(*written(known, known.chair, "--dissent", "The school."))
    assert (wrong.code, "--dissent is no section of this paper" in wrong.err) == (Code.mistake, True)
    other = await desk.runs("meeting", "papers-preview", known.meeting, "conference_record", "--actor", huw)
    assert (other.code, "Not written for any child yet" in other.err) == (Code.refused, True)
