"""Scripts are read as they are meant, and a mistake in one is named with its line and what would be right."""

import datetime as dt
import re
from pathlib import Path

import pytest

from bench.journeys_alone import journeys_alone
from console.language import Language, choose
from procedures.times import LONDON, end_of_day
from rehearsal.acts import Wrong, command_of
from rehearsal.moments import due, instant, span
from rehearsal.reading import Play, play_of, read
from rehearsal.script import Act
from rehearsal.source import BadScript, parse

CASES = Path(__file__).parents[2] / "rehearsal" / "cases"
DOCS = Path(__file__).parents[2] / "docs" / "rehearsal.md"

HEAD = """title: A case
authority: Sir Enghraifft
people:
  huw: {name: Huw Bevan, post: team manager}
children:
  osian: {name: Osian Jenkins, born: 2019-03-12}
  alys: {name: Alys Jenkins, born: 2021-03-12}
steps:
"""

REPORT = """  - at: Thu 2026-12-24 09:10
    by: huw
    for: [osian]
    do:
      report: {how: telephone, words: Shouting}
"""

DUE_IN_CASES: dict[str, list[tuple[str, str, str, str]]] = {
    "three-siblings": [
        ("ela tomos cadi", "2026-11-20 16:40", "immediate_safety", "2026-11-20 17:40"),
        ("ela tomos cadi", "2026-11-20 16:40", "police_told", "2026-11-20 17:40"),
        ("ela tomos cadi", "2026-11-20 16:40", "written_report", "2026-11-21 16:40"),
        ("ela tomos cadi", "2026-11-20 16:40", "screening", "2026-11-23"),
        ("ela tomos cadi", "2026-11-20 16:40", "reporter_feedback", "2026-12-01"),
        ("ela tomos cadi", "2026-11-23 10:05", "rationale", "2026-11-23"),
        ("ela tomos cadi", "2026-11-23 10:05", "strategy", "2026-11-23"),
        ("ela tomos cadi", "2026-11-23 15:00", "others_informed", "2026-11-24"),
        ("ela tomos cadi", "2026-11-23 15:00", "icpc", "2026-12-14"),
        ("ela tomos cadi", "2026-11-23 15:00", "assessment_s47", "2027-01-25"),
        ("ela tomos cadi", "2026-11-23 15:00", "assessment_part3", "2027-01-22"),
        ("ela tomos cadi", "2026-11-23 15:00", "child_first_seen", "2026-11-23"),
        ("ela tomos cadi", "2026-11-23 15:00", "child_first_seen_alone", "2026-11-23"),
        ("ela tomos cadi", "2026-11-23 15:00", "advocacy_offer", "2026-11-24"),
        ("ela tomos cadi", "2026-11-26 11:00", "icpc", "2026-12-17"),
        ("ela tomos cadi", "2026-12-02 16:00", "safety_plan", "2026-12-02"),
        ("ela tomos cadi", "2026-12-02 16:30", "agency_report", "2026-12-10"),
        ("ela tomos cadi", "2026-12-02 16:30", "reports_to_parents", "2026-12-11"),
        ("ela tomos cadi", "2026-12-15 13:30", "outline_plan", "2026-12-22"),
        ("ela tomos cadi", "2026-12-15 13:30", "conference_record", "2027-01-15"),
        ("ela tomos cadi", "2026-12-15 13:30", "core_group_first", "2026-12-31"),
        ("ela tomos cadi", "2026-12-15 13:30", "seen_alone", "2026-12-31"),
        ("ela tomos cadi", "2026-12-15 13:30", "seen_at_home", "2027-01-12"),
        ("ela tomos cadi", "2026-12-15 13:30", "rcpc_first", "2027-03-15"),
        ("ela tomos cadi", "2026-12-22 15:30", "seen_alone", "2027-01-08"),
        ("ela tomos cadi", "2026-12-22 15:30", "seen_at_home", "2027-01-19"),
        ("ela tomos cadi", "2026-12-30 10:00", "core_group_next", "2027-02-10"),
        ("ela cadi", "2027-01-06 15:30", "seen_alone", "2027-01-20"),
        ("ela cadi", "2027-01-06 15:30", "seen_at_home", "2027-02-03"),
        ("tomos", "2027-01-06 15:30", "seen_alone", "2027-01-08"),
        ("tomos", "2027-01-06 15:30", "seen_at_home", "2027-01-19"),
        ("tomos", "2027-01-11 10:30", "seen_alone", "2027-01-25"),
        ("tomos", "2027-01-11 10:30", "seen_at_home", "2027-01-19"),
        ("ela tomos cadi", "2027-01-18 15:30", "seen_alone", "2027-02-01"),
        ("ela tomos cadi", "2027-01-18 15:30", "seen_at_home", "2027-02-15"),
        ("ela tomos cadi", "2027-02-16 09:30", "core_group_next", "2027-03-30"),
        ("ela tomos cadi", "2027-03-11 10:00", "rcpc_next", "2027-09-10"),
        ("gwen", "2027-03-11 12:15", "screening", "2027-03-12"),
        ("gwen", "2027-03-11 12:15", "pre_birth_icpc", "2027-06-25"),
        ("gwen", "2027-03-12 11:00", "assessment_part3", "2027-05-13"),
        ("gwen", "2027-06-04 14:00", "icpc", "2027-06-25"),
        ("gwen", "2027-06-04 14:00", "assessment_s47", "2027-08-03"),
        ("gwen", "2027-06-22 10:00", "outline_plan", "2027-06-29"),
        ("gwen", "2027-06-22 10:00", "core_group_first", "2027-07-06"),
        ("gwen", "2027-06-22 10:00", "rcpc_first", "2027-09-22"),
        ("gwen", "2027-08-18 06:10", "seen_alone", "2027-09-02"),
        ("gwen", "2027-08-18 06:10", "seen_at_home", "2027-09-15"),
        ("tomos cadi", "2027-09-02 10:30", "rcpc_next", "2028-03-02"),
        ("gwen", "2027-09-15 10:00", "rcpc_next", "2028-03-15"),
    ],
    "not-accepted": [
        ("osian", "2026-12-24 09:10", "screening", "2026-12-29"),
        ("osian", "2026-12-24 09:10", "reporter_feedback", "2027-01-07"),
        ("osian", "2027-02-11 11:00", "reporter_disagreement", "2027-02-18"),
    ],
}


@pytest.mark.parametrize(("case", "rows"), DUE_IN_CASES.items())
def test_every_due_date_of_the_cases_is_expected(case: str, rows: list[tuple[str, str, str, str]]) -> None:
    play = read(CASES / f"{case}.yaml")
    for children, at, clock, expected in rows:
        turn = next(turn for turn in play.turns if turn.at == instant(at) and set(children.split()) <= set(turn.children))
        for child in children.split():
            assert turn.expect.of(child).due[clock] == due(expected), f"{child}, {at}, {clock}"


def test_overdues_are_expected_only_where_the_cases_have_them() -> None:
    overdue = {
        (child, clock, turn.when.date())
        for turn in read(CASES / "three-siblings.yaml").turns
        for child in turn.children
        for clock in turn.expect.of(child).overdue
    }
    february = {(child, "core_group_next", dt.date(2027, 2, 11)) for child in ("ela", "tomos", "cadi")}
    assert overdue == {("tomos", "seen_alone", dt.date(2027, 1, 11)), *february}


def examples() -> list[str]:
    return re.findall(r"```yaml\n(title.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_in_the_documentation_is_read() -> None:
    (example,) = examples()
    play = play_of(parse(example, "example.yaml"))
    assert [turn.when.isoformat(timespec="minutes") for turn in play.turns] == [
        "2026-12-24T09:10+00:00",
        "2026-12-24T09:45+00:00",
        "2026-12-29T10:30+00:00",
        "2026-12-29T11:00+00:00",
    ]


def test_a_date_without_a_time_is_the_end_of_that_day() -> None:
    assert due("Mon 2026-11-23") == end_of_day(dt.date(2026, 11, 23))
    assert due("2027-07-06 10:00") == dt.datetime(2027, 7, 6, 10, tzinfo=LONDON)
    assert span("2 days 10 hours") == dt.timedelta(days=2, hours=10)


def read_text(text: str) -> Play:
    return play_of(parse(text, "case.yaml"))


def steps(text: str) -> Play:
    return read_text(HEAD + text)


def test_a_routine_happens_every_so_often_differently_every_other_time_and_never_on_a_holiday() -> None:
    play = steps(
        REPORT
        + """  - routine: visits
    every: 1 week
    from: Fri 2026-12-25 10:00
    until: Fri 2027-01-22
    except: [Fri 2027-01-15]
    by: huw
    for: [osian, alys]
    do:
      visit: {seen: yes, place: school, each: {alys: {place: family}}}
    every other time:
      visit: {place: home}
"""
    )
    visits = play.turns[1:]
    assert [turn.at.date().isoformat() for turn in visits] == ["2026-12-24", "2026-12-31", "2027-01-08", "2027-01-22"]
    assert [turn.acts[0].fields_for("osian")["place"] for turn in visits] == ["school", "home", "school", "school"]
    assert visits[0].acts[0].fields_for("alys")["place"] == "family"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 8, "steps"),
        (REPORT.replace("Thu 2026", "Fri 2026"), 9, "2026-12-24 is a Thursday, not 'Fri': write Thu 2026-12-24"),
        (REPORT.replace("2026-12-24 09:10", "2026-12-24"), 9, "has no time of day"),
        (REPORT.replace("Thu 2026-12-24", "2026-13-24"), 9, "not a date and time that exists"),
        (REPORT.replace("report:", "reprot:"), 13, "there is no command 'reprot': did you mean 'report'?"),
        (REPORT.replace("how:", "haw:"), 13, "report has no detail 'haw': did you mean 'how'?"),
        (REPORT.replace("words: Shouting", ""), 13, "report needs words: give it"),
        (REPORT.replace("telephone", "pigeon"), 13, "'telephone', 'in_writing', 'in_person'"),
        (REPORT.replace("Shouting", "Shouting, and a light"), 13, "a text with a comma in it stands in quotes"),
        (REPORT.replace("how: telephone", "how: telephone, actor: huw"), 13, "'actor' is said by the step: write by beside do"),
        (REPORT.replace("by: huw", "by: huv"), 10, "'huv' is not among the people: did you mean 'huw'?"),
        (REPORT.replace("[osian]", "[osion]"), 11, "'osion' is not among the children: did you mean 'osian'?"),
        (REPORT.replace("    by: huw\n", ""), 9, "say who does it: by"),
        (REPORT.replace("by:", "buy:"), 10, "'buy' is not known here: did you mean 'by'?"),
        (REPORT + REPORT.replace("12-24", "12-23").replace("Thu", "Wed"), 14, "steps stand in the order in which they are recorded"),
        (REPORT + "    expect: {due: {screning: 2026-12-29}}\n", 14, "there is no timescale 'screning': did you mean 'screening'?"),
        (REPORT + "    expect: {due: {screening: Mon 2026-12-29}}\n", 14, "2026-12-29 is a Tuesday"),
        (REPORT + "    expect: {refused: becaus}\n", 14, "there is no refusal 'becaus'"),
        (REPORT + "    expect: {enquiry: screend}\n", 14, "there is no stage 'screend'"),
        (REPORT + "    expect: {letters: [{to: nobody}]}\n", 14, "'nobody' is not among the people"),
        (REPORT + "    expect: {each: {ela: {met: screening}}}\n", 14, "'ela' is not among the children"),
        (REPORT + "    told at: Wed 2026-12-23 09:10\n", 14, "it cannot be told before it happens"),
        (REPORT + "    at: Thu 2026-12-24 09:11\n", 14, "'at' stands here twice: keep one"),
        (REPORT + "  - at: *there\n", 14, "this is not YAML"),
        (REPORT + "  - routine: visits\n    every: 2 fortnights\n", 15, "'2 fortnights' is not a length of time: write 2 weeks"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(text: str, line: int, says: str) -> None:
    with pytest.raises(BadScript) as bad:
        steps(text)
    assert any(at == line and says in what for at, what in bad.value.problems), bad.value.problems
    assert str(bad.value).startswith("case.yaml, line ")


def test_the_values_of_a_command_may_be_written_with_spaces_and_each_mistake_of_one_command_is_told() -> None:
    def wrong(kind: str, key: str) -> str:
        raise ValueError(f"no {kind} {key}")

    act = Act(command="allocated", fields={"role": "social worker", "person": "huw"})
    assert command_of(act, "ela", "huw", instant("2026-12-24 09:10"), lambda kind, key: key).model_dump()["role"] == "social_worker"
    with pytest.raises(Wrong) as told:
        command_of(
            Act(command="conference_held", fields={"chair": "huv", "meeting": "m"}), "ela", "huw", instant("2026-12-24 09:10"), wrong
        )
    assert {each.says for each in told.value.problems} >= {"no people huv", "no meetings m", "conference_held needs decision: give it"}


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(BadScript) as bad:
        steps(REPORT.replace("how:", "haw:") + REPORT.replace("by: huw", "by: huv").replace("09:10", "09:11"))
    assert [line for line, _ in bad.value.problems] == [13, 13, 15]


MANY_MISTAKES = """title: A case
authorty: Sir Enghraifft
people:
  huw: {name: Huw Bevan, language: fr,
    post: team manger}
children:
  osian: {name: Osian Jenkins, born: Fri 2019-03-12}
steps:
  - at: Thu 2026-12-24
    by: hew
    for: osian
    do:
      report: {how: pigeon, wordds: Shouting}
    expect: {due: {screning: 2026-12-29}}
  - at: Thu 2026-12-24 09:45
    bye: huw
    do:
      safety checked: {safe: perhaps}
"""

TOLD = {
    1: ["'authority' is missing", "mae 'authority' ar goll"],
    2: ["'authorty' is not known here: did you mean 'authority'?", "nid yw 'authorty' yn hysbys yma: ai 'authority'"],
    5: ["there is no post 'team_manger': did you mean 'team_manager'?", "nid oes swydd 'team_manger': ai"],
    4: ["'fr' is not known; right would be: 'cy', 'en'", "nid yw 'fr' yn hysbys; byddai hyn yn gywir: 'cy'"],
    7: ["2019-03-12 is a Tuesday, not 'Fri': write Tue 2019-03-12", "Dydd Mawrth yw 2019-03-12, nid 'Fri'"],
    9: ["has no time of day", "nid oes amser o'r dydd"],
    10: ["'hew' is not among the people: did you mean 'huw'?", "nid yw 'hew' ymhlith y rhain"],
    13: ["report has no detail 'wordds': did you mean 'words'?", "nid oes manylyn 'wordds' gan report: ai 'words'"],
    14: ["there is no timescale 'screning'", "nid oes amserlen 'screning'"],
    15: ["say who does it: by", "dywedwch pwy sy'n ei wneud: by"],
    16: ["'bye' is not known here", "nid yw 'bye' yn hysbys yma"],
    18: ["'perhaps' is neither yes nor no", "nid yes na no yw 'perhaps'"],
}


@pytest.mark.parametrize("language", ["en", "cy"])
def test_mistakes_everywhere_in_a_script_are_told_in_one_round_in_the_readers_language(language: Language) -> None:
    choose(language)
    try:
        with pytest.raises(BadScript) as bad:
            read_text(MANY_MISTAKES)
        told = str(bad.value)
    finally:
        choose(None)
    for line, says in TOLD.items():
        assert any(at == line and says[language == "cy"] in what for at, what in bad.value.problems), (line, told)
    assert {line for line, _ in bad.value.problems} == set(TOLD), told
    assert told.startswith("case.yaml, llinell 1: " if language == "cy" else "case.yaml, line 1: ")


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("born: 2019-03-12}", "name_of: x}", "'name_of' is not known here"),
        ("post: team manager", "post: team menager", "did you mean 'team_manager'?"),
        ("born: 2019-03-12", "language: cy", "say either born, or for an unborn child expected"),
        ("born: 2019-03-12", "born: 2019-03-12, expected: 2027-01-01", "say either born"),
        ("title: A case\n", "", "'title' is missing: give it"),
    ],
)
def test_people_and_children_are_checked(wrong: str, right: str, says: str) -> None:
    with pytest.raises(BadScript, match=re.escape(says)):
        read_text((HEAD + REPORT).replace(wrong, right, 1))


@pytest.mark.parametrize("text", ["", "- a list", "just words", "a: [1", "a: &x [*x]", "\x00"])
def test_what_is_no_script_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadScript):
        read_text(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadScript, match=r"missing\.yaml, line 1: the file cannot be read"):
        read(tmp_path / "missing.yaml")


def test_the_case_that_the_bench_plays_speaks_to_journeys_alone_in_commands_that_they_take() -> None:
    play = read(CASES / "three-siblings.yaml")
    alone = journeys_alone(play)
    assert all(turn.meeting is None for turn in alone.turns)
    said = {
        command_of(act, child, turn.by or "", turn.at, lambda _, key: key).name
        for turn in alone.turns
        for act in turn.acts
        for child in turn.children
    }
    assert said >= {"conference_arranged", "conference_moved", "agency_reports_received", "reports_shared"}
    assert said >= {"strategy_held", "conference_held", "review_held", "core_group_held"}
