"""Meetings in rehearsals: what is not as a script expects of its meeting is named, and a script that cannot be meant is told of by its line."""

import pytest

from embedded.stack import Endpoints
from rehearsal import Play, run
from rehearsal.reading import play_of
from rehearsal.source import BadScript, parse

SCRIPT = """title: A conference that is arranged
authority: Sir Enghraifft
agencies:
  ysgol: {name: Ysgol y Bont, kind: school}
  heddlu: {name: Heddlu Enghraifft, kind: police}
people:
  mari: {name: Mari Lloyd, post: social worker, language: cy}
  huw: {name: Huw Bevan, post: [duty manager, team manager]}
  carys: {name: Carys Owen, post: service manager}
  nia: {name: Nia Probert, post: [reviewing service, reviewing service head]}
  gareth: {name: Gareth Pugh, agency: ysgol}
  sarjant: {name: Steffan Rowlands, agency: heddlu}
children:
  osian: {name: Osian Jenkins, born: 2019-03-12, agencies: {education: ysgol, police: heddlu}}
steps:
  - at: Fri 2026-11-20 09:00
    by: huw
    do:
      report: {how: telephone, reporter: public, alleged: [neglect], words: Nobody at home at night.}
      safety_checked: {safe: yes}
      screened: {decision: assessment, rationale: They need help., threshold element: needs_care_and_support}
      allocated: {role: social worker, person: mari}
  - at: Fri 2026-11-20 10:00
    by: mari
    meeting: first
    do:
      arranged: {kind: icpc, starts: Wed 2026-12-02 10:00, place: Canolfan, chair: nia}
    expect:
      meeting: {invited: {nia: en, mari: cy, gareth: en, sarjant: en}, sequence: 0, stage: arranged, reports missing: [mari, gareth, sarjant]}
  - at: Mon 2026-11-23 10:00
    by: mari
    meeting: first
    do:
      answers: {mari: accepted, nia: accepted, gareth: {reply: accepted, via: told}}
      reports_given: {from: mari, words: What is known.}
    expect:
      meeting: {answers: {gareth: accepted, sarjant: none}, forecast: {coming: [social_services, school]}, reports missing: [gareth, sarjant]}
  - at: Wed 2026-11-25 12:00
    meeting: first
    expect:
      meeting: {chased: {sarjant: 1, gareth: 0}}
  - at: Wed 2026-11-25 14:00
    by: mari
    meeting: first
    do:
      called_off: {reason: Another meeting will do.}
    expect:
      meeting: {stage: called_off, papers: {outline plan: {}}, papers on paper: {}}
  - at: Wed 2026-11-25 15:00
    by: mari
    meeting: first
    do:
      moved: {starts: Thu 2026-12-03 10:00}
    expect:
      refused: meeting_over
"""

WRONG = {
    "invited: {nia: en, mari: cy, gareth: en, sarjant: en}": (
        "invited: {nia: en, mari: en, gareth: en, sarjant: en}",
        "expects invitations to gareth en, mari en, nia en, sarjant en; they were sent to gareth en, mari cy, nia en, sarjant en",
    ),
    "sequence: 0": ("sequence: 1", "calendar sent the sequences 0, 1; it was sent 0"),
    "stage: arranged": ("stage: held", "expects it held; it is arranged"),
    "reports missing: [mari, gareth, sarjant]": ("reports missing: [mari]", "owed by mari; they are owed by gareth, mari, sarjant"),
    "answers: {gareth: accepted, sarjant: none}": ("answers: {gareth: declined}", "of answers: gareth declined; it is accepted"),
    "coming: [social_services, school]": ("coming: [police]", "coming: police; it is school, social_services"),
    "chased: {sarjant: 1, gareth: 0}": ("chased: {sarjant: 2, gareth: 1}", "sarjant asked again 2 times; it was 1 times"),
    "papers: {outline plan: {}}": ("papers: {outline plan: {nia: en}}", "expects outline_plan to wait for nia en; it was said to nobody"),
    "papers on paper: {}": ("papers on paper: {mari: cy}", "expects papers printed for mari cy; they are printed for nobody"),
    "refused: meeting_over": ("refused: late_without_reason", "expects a refusal (late_without_reason)"),
}
"""What the script says, what it says where it is broken, and how that is named."""


def play(text: str) -> Play:
    return play_of(parse(text, "case.yaml"))


async def test_whatever_of_a_meeting_is_not_as_expected_is_named(stack: Endpoints) -> None:
    text = SCRIPT
    for right, (wrong, _) in WRONG.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    told = (await run(play(text), stack)).sentences
    named = [says for _, says in WRONG.values()]
    assert [says for says in named if not any(says in each for each in told)] == []
    also = ["gareth asked again 1 times; it was 0 times", "moved was refused (meeting_over)"]
    assert [each for each in told if not any(says in each for says in (*named, *also))] == [], "and nothing else"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        (
            "    meeting: first\n    do:\n      called_off",
            "    meeting: frist\n    do:\n      called_off",
            "no meeting 'frist' was arranged",
        ),
        ("called_off: {", "caled_off: {", "there is no command 'caled_off': did you mean 'called_off'?"),
        ("sarjant: 1, gareth: 0}", "sergeant: 1}", "'sergeant' is not among the people"),
        ("{education: ysgol", "{education: ysgl", "'ysgl' is not among the agencies"),
        ("answers: {mari: accepted", "answers: {mari: perhaps", "'perhaps' is not known; right would be: accepted"),
        ("from: mari, ", "", "reports_given needs from, words"),
        ("called_off: {reason: Another meeting will do.}", "papers_written: {paper: outline plan, reasonz: x}", "did you mean 'reasons'"),
        ("called_off: {reason: Another meeting will do.}", "papers_written: {paper: outline plan}", "papers_written needs language"),
        (
            "called_off: {reason: Another meeting will do.}",
            "papers_written: {paper: record, language: cy}",
            "right would be: 'outline_plan'",
        ),
    ],
)
def test_a_mistake_about_a_meeting_is_told_with_what_would_be_right(right: str, wrong: str, says: str) -> None:
    assert SCRIPT.count(right) == 1
    with pytest.raises(BadScript, match=says.replace("?", r"\?")):
        play(SCRIPT.replace(right, wrong))
