"""Rehearsals run on the real engine, database and mail server; what differs from a script is named."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embedded.stack import Endpoints
from rehearsal import Play, Result, run
from rehearsal.reading import play_of
from rehearsal.source import parse
from rehearsal.telling import json_lines

EXAMPLE = re.findall(
    r"```yaml\n(title.*?)```", (Path(__file__).parents[2] / "docs" / "rehearsal.md").read_text(encoding="utf-8"), re.DOTALL
)[0]

LATE = """title: Told late, and a conference of two
authority: Sir Enghraifft
people:
  delyth: {name: Delyth Parry, post: duty manager, language: cy}
  huw: {name: Huw Bevan, post: team manager, away: [{from: Mon 2026-11-23, until: Fri 2026-12-04, deputy: lowri}]}
  lowri: {name: Lowri Hughes, language: cy}
  carys: {name: Carys Owen, post: service manager}
  nia: {name: Nia Probert, post: [reviewing service, reviewing service head]}
children:
  osian: {name: Osian Jenkins, born: 2019-03-12}
  alys: {name: Alys Jenkins, born: 2021-03-12}
steps:
  - at: Fri 2026-11-20 16:40
    by: delyth
    do:
      report: {how: telephone, reporter: public, alleged: [neglect], words: Nobody at home at night.}
      safety_checked: {safe: yes}
  - at: Wed 2026-11-25 12:00
    what: The duty manager was told, then the team manager's deputy.
    expect:
      overdue: screening
      escalated: [{timescale: screening, rung: 1, to: delyth}, {timescale: screening, rung: 2, to: lowri}]
  - at: Mon 2026-11-23 15:00
    told at: Wed 2026-11-25 14:00
    what: It had been screened in time.
    by: delyth
    do:
      screened: {decision: assessment, rationale: They need help., threshold element: needs_care_and_support}
    expect:
      met recorded late: screening
      letters: [{to: delyth, kind: correction, about: screening}, {to: lowri, kind: correction, about: screening}]
  - at: Thu 2026-11-26 10:00
    what: One journey refuses what the conference decided, so neither is told.
    by: nia
    do:
      conference_held:
        chair: nia
        attendance: [social_services, police, school]
        decision: register
        categories: [neglect]
        rationale: They are alone at night.
        each:
          alys: {decision: not_register, rationale: }
    expect:
      registration: not_registered
      each:
        alys: {refused: not_registering_needs_rationale}
  - at: Thu 2026-11-26 10:30
    what: Both are registered.
    by: nia
    do:
      conference_held:
        chair: nia
        attendance: {social_services: present, police: telephone, school: present}
        decision: register
        categories: [neglect]
        rationale: They are alone at night.
    expect:
      registration: registered
      missing: [determination, voice]
      due: {rcpc_first: Fri 2027-02-26, seen_alone: Thu 2026-12-10}
"""


def play(text: str) -> Play:
    return play_of(parse(text, "case.yaml"))


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in json_lines(result)]


async def test_the_example_in_the_documentation_runs_as_expected(stack: Endpoints) -> None:
    result = await run(play(EXAMPLE), stack)
    assert result.sentences == []
    told = lines(result)
    assert {(line["child"], line["kind"]) for line in told} >= {
        ("osian", "report"),
        ("osian", "clock"),
        ("osian", "refused"),
        ("osian", "letter"),
    }
    assert [line["seq"] for line in told if "seq" in line] == list(range(1, len(result.timelines["osian"]) + 1))
    started = next(line for line in told if line["kind"] == "clock" and line["clock"] == "screening")
    assert started == {
        "child": "osian",
        "kind": "clock",
        "seq": started["seq"],
        "happened_at": "2026-12-24T09:10:00+00:00",
        "recorded_at": "2026-12-24T09:10:00+00:00",
        "actor": "delyth",
        "clock": "screening",
        "instance": "screening/1",
        "started_at": "2026-12-24T09:10:00+00:00",
        "state": "started",
        "due": "2026-12-29T23:59:59+00:00",
    }
    refused = next(line for line in told if line["kind"] == "refused")
    assert refused == {
        "child": "osian",
        "kind": "refused",
        "happened_at": "2026-12-29T10:30:00+00:00",
        "recorded_at": "2026-12-29T10:30:00+00:00",
        "actor": "huw",
        "command": "screened",
        "reason": "screening_needs_rationale",
        "sentence": refused["sentence"],
    }
    assert refused["sentence"].endswith(".")
    letter = next(line for line in told if line["kind"] == "letter")
    assert letter == {
        "child": "osian",
        "kind": "letter",
        "happened_at": "2026-12-29T08:30:00+00:00",
        "recorded_at": "2026-12-29T08:30:00+00:00",
        "actor": "siwrnai",
        "letter": "reminder",
        "about": "screening",
        "to": "delyth",
        "language": "cy",
        "cause": "screening/1:reminded:1",
        "state": "sent",
    }


async def test_what_is_told_late_is_corrected_and_a_conference_that_one_journey_refuses_is_told_to_none(stack: Endpoints) -> None:
    result = await run(play(LATE), stack)
    assert result.sentences == []
    escalated = [line for line in lines(result) if line.get("state") == "escalated" and line["child"] == "osian"]
    assert [(line["clock"], line["rung"], line["role"], line["to"], line.get("deputy_for")) for line in escalated] == [
        ("screening", 1, "duty_manager", "delyth", None),
        ("screening", 2, "team_manager", "lowri", "huw"),
    ]
    met = next(line for line in lines(result) if line.get("state") == "met_recorded_late")
    assert (met["happened_at"], met["recorded_at"]) == ("2026-11-23T15:00:00+00:00", "2026-11-25T14:00:00+00:00")


WRONG = {
    "screening: Tue 2026-12-29": "screening: Mon 2026-12-28",
    "not running: written_report": "not running: reporter_feedback",
    "met: immediate_safety": """overdue: immediate_safety
      met late: {screening: }
      letters: [{to: huw, kind: alert}]
      missing: voice
      journey: 2""",
    "refused: screening_needs_rationale": "escalated: [{timescale: screening, rung: 1, to: huw}]",
    "enquiry: no_further_action": "refused: not_held",
    "met: [screening, reporter_feedback]": """registration: registered
      categories: neglect
      due: {screening: Tue 2026-12-29}""",
}

SENTENCES = """line 13: the script expects screening due Mon 2026-12-28; it is due Tue 2026-12-29.
line 13: the script expects reporter_feedback not running; it is due Thu 2027-01-07.
line 29: the script expects immediate_safety overdue; the last entry since the step before says met at Thu 2026-12-24 09:45.
line 29: the script expects screening met late; nothing happened to it; it runs and is due Tue 2026-12-29.
line 29: the script expects a letter to huw (alert); letters since the step before: none.
line 29: the script expects the child's journey 2; it is journey 1.
line 29: the script expects missing: voice; missing are: none.
line 41: screened was refused (screening_needs_rationale): REFUSED
line 41: the script expects screening escalated (rung 1) to huw; the last entry since the step before says reminded at Tue 2026-12-29 08:30.
line 49: the script expects a refusal (not_held), and nothing was refused for that.
line 49: the script expects screening due Tue 2026-12-29; it is not running.
line 49: the script expects registration at the stage registered; it is at not_registered.
line 49: the script expects the categories neglect; they are none.
"""


async def test_every_wrong_expectation_is_a_sentence_that_says_both(stack: Endpoints) -> None:
    text = EXAMPLE
    for right, wrong in WRONG.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    result = await run(play(text), stack)
    told = [re.sub(r"case\.yaml, (line \d+) .*?, Osian Jenkins: ", r"\1: ", sentence) for sentence in result.sentences]
    assert [re.sub(r"(rationale\)): .*", r"\1: REFUSED", sentence) for sentence in told] == SENTENCES.splitlines()


async def test_what_goes_overdue_and_is_not_expected_is_a_difference(stack: Endpoints) -> None:
    text = EXAMPLE.replace("Thu 2026-12-24 09:45", "Thu 2026-12-24 10:45").replace(
        "met: immediate_safety", "met late: {immediate_safety: 35 minutes}"
    )
    result = await run(play(text), stack)
    assert [sentence.partition(": ")[2] for sentence in result.sentences] == [
        f"immediate_safety was escalated (rung {rung}) to {to} at Thu 2026-12-24 10:10, which the script does not expect."
        for rung, to in ((1, "delyth"), (2, "huw"))
    ]


def started(program: str, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """A rehearsal as a process of its own."""
    argv = [sys.executable, "-c", program, *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=cwd)  # noqa: S603 - our own program.


def test_json_is_alone_on_standard_output_and_a_difference_ends_with_1(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(EXAMPLE.replace("screening: Tue 2026-12-29", "screening: Mon 2026-12-28"), encoding="utf-8")
    program = "import sys, pathlib; from rehearsal import rehearse; keep = pathlib.Path(sys.argv[2]); "
    program += "sys.exit(rehearse(sys.argv[1], json=True, keep=keep, say=lambda text: print(text, file=sys.stderr)))"
    kept = tmp_path / "kept"
    ran = started(program, str(case), str(kept))
    assert ran.returncode == 1, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {"child", "kind", "happened_at", "recorded_at", "actor"} <= set.intersection(*(set(line) for line in told))
    assert "case.yaml, line 13 (Thu 2026-12-24 09:10), Osian Jenkins: the script expects screening due Mon 2026-12-28" in ran.stderr
    assert (kept / "timeline.jsonl").read_text(encoding="utf-8") == ran.stdout
    assert "Osian Jenkins" in (kept / "timelines.txt").read_text(encoding="utf-8")
    assert len(list((kept / "mailbox").glob("*.eml"))) == 1


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("no-such-case", "Shipped are: easter-move, not-accepted, silence, three-siblings"),
        ("bad.yaml", "bad.yaml, line 1: 'steps' is missing"),
    ],
)
def test_a_case_that_cannot_be_read_ends_with_2(case: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("title: x\nauthority: y\npeople: {}\nchildren: {}\n")
    program = "import sys; from rehearsal import rehearse; sys.exit(rehearse(sys.argv[1], say=print))"
    ran = started(program, case, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
