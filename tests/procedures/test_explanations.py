"""A due date explains itself, in one sentence, in Welsh and in English."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import explain, vocabulary, words
from procedures.working_days import Calendar
from rehearsal.moments import day_of, instant
from schemas.clocks import ClockStart, Language
from tests.procedures.starts import planned, start
from tests.procedures.test_due_dates import clocks, drawn, instants


def explained(beginning: ClockStart, language: Language, calendar: Calendar | None = None) -> str:
    plan = planned(beginning) if calendar is None else planned(beginning, calendar=calendar)
    return explain.sentence(plan.explanation, plan.due, language)


SENTENCES = {
    "working days": (
        start("icpc", "Mon 2026-12-14 10:00"),
        "Initial child protection conference: due by the end of Thursday 7 January 2027; 15 working days after the last strategy discussion "
        "on Monday 14 December 2026; day 1 is Tuesday 15 December 2026; not counting 6 weekend days, Christmas Day (Friday 25 December 2026), "
        "Boxing Day (substitute day) (Monday 28 December 2026), New Year's Day (Friday 1 January 2027); the day of the event is day 0; "
        "procedural timescale, source: Wales Safeguarding Procedures section 3.2 page 4; calendar version 1.",
        "Cynhadledd amddiffyn plant gychwynnol: erbyn diwedd dydd Iau 7 Ionawr 2027; 15 diwrnod gwaith ar ôl y drafodaeth strategaeth "
        "ddiwethaf ar ddydd Llun 14 Rhagfyr 2026; diwrnod 1 yw dydd Mawrth 15 Rhagfyr 2026; heb gyfrif y rhain: 6 diwrnod penwythnos, "
        "Dydd Nadolig (dydd Gwener 25 Rhagfyr 2026), Gŵyl San Steffan (diwrnod yn lle) (dydd Llun 28 Rhagfyr 2026), Dydd Calan "
        "(dydd Gwener 1 Ionawr 2027); diwrnod 0 yw diwrnod y digwyddiad; amserlen weithdrefnol, ffynhonnell: Gweithdrefnau Diogelu Cymru "
        "adran 3.2 tudalen 4; fersiwn 1 o'r calendr.",
    ),
    "the same day, a local setting": (
        start("strategy", "Mon 2026-11-23 10:05", same_day=True),
        "Strategy discussion: due by the end of Monday 23 November 2026; the same day as the decision to hold a strategy discussion "
        "on Monday 23 November 2026; local setting, the number itself is not confirmed, source: Wales Safeguarding Procedures section 3.1 "
        "page 8; calendar version 1.",
        "Trafodaeth strategaeth: erbyn diwedd dydd Llun 23 Tachwedd 2026; ar y diwrnod ei hun, ar ôl y penderfyniad i gynnal trafodaeth "
        "strategaeth ar ddydd Llun 23 Tachwedd 2026; gosodiad lleol, heb gadarnhau'r rhif ei hun, ffynhonnell: Gweithdrefnau Diogelu Cymru "
        "adran 3.1 tudalen 8; fersiwn 1 o'r calendr.",
    ),
    "hours": (
        start("written_report", "Fri 2026-11-20 16:40"),
        "Written report after a telephone report: due by Saturday 21 November 2026 at 16:40; 24 hours after the telephone report on Friday "
        "20 November 2026 at 16:40; hours run on through nights, weekends and holidays; procedural timescale, source: Wales Safeguarding "
        "Procedures section 2 page 18; calendar version 1.",
        "Adroddiad ysgrifenedig ar ôl adroddiad dros y ffôn: erbyn dydd Sadwrn 21 Tachwedd 2026 am 16:40; 24 awr ar ôl yr adroddiad dros y "
        "ffôn ar ddydd Gwener 20 Tachwedd 2026 am 16:40; mae'r oriau'n rhedeg trwy nosweithiau, penwythnosau a gwyliau; amserlen "
        "weithdrefnol, ffynhonnell: Gweithdrefnau Diogelu Cymru adran 2 tudalen 18; fersiwn 1 o'r calendr.",
    ),
    "counted back from a conference": (
        start("reports_to_parents", "Wed 2026-12-02 16:30", anchor=instant("Tue 2026-12-15 10:00")),
        "Reports shared with the parents: due by the end of Friday 11 December 2026; 2 working days before the conference on Tuesday "
        "15 December 2026; begun by the arranging of the initial conference on Wednesday 2 December 2026; day 1 is Monday 14 December 2026; "
        "not counting 2 weekend days; the day of the event is day 0; local setting, the number itself is not confirmed, source: Wales "
        "Safeguarding Procedures; calendar version 1.",
        "Rhannu'r adroddiadau â'r rhieni: erbyn diwedd dydd Gwener 11 Rhagfyr 2026; 2 ddiwrnod gwaith cyn y gynhadledd ar ddydd Mawrth "
        "15 Rhagfyr 2026; man cychwyn: trefnu'r gynhadledd gychwynnol ar ddydd Mercher 2 Rhagfyr 2026; diwrnod 1 yw dydd Llun 14 Rhagfyr "
        "2026; heb gyfrif y rhain: 2 ddiwrnod penwythnos; diwrnod 0 yw diwrnod y digwyddiad; gosodiad lleol, heb gadarnhau'r rhif ei hun, "
        "ffynhonnell: Gweithdrefnau Diogelu Cymru; fersiwn 1 o'r calendr.",
    ),
    "a meeting held earlier": (
        start("rcpc_first", "Mon 2026-11-30 10:00"),
        "First review conference: due by the end of Friday 26 February 2027; 3 months after the registration on Monday 30 November 2026; "
        "day 1 is Tuesday 1 December 2026; held earlier than Sunday 28 February 2027, which is not a working day; the day of the event is "
        "day 0; procedural timescale, source: Wales Safeguarding Procedures section 4 page 8, section 3.2 page 13; calendar version 1.",
        "Cynhadledd adolygu gyntaf: erbyn diwedd dydd Gwener 26 Chwefror 2027; 3 mis ar ôl y cofrestru ar ddydd Llun 30 Tachwedd 2026; "
        "diwrnod 1 yw dydd Mawrth 1 Rhagfyr 2026; yn gynharach na dydd Sul 28 Chwefror 2027, nad yw'n ddiwrnod gwaith; diwrnod 0 yw "
        "diwrnod y digwyddiad; amserlen weithdrefnol, ffynhonnell: Gweithdrefnau Diogelu Cymru adran 4 tudalen 8, adran 3.2 tudalen 13; "
        "fersiwn 1 o'r calendr.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_due_date_explains_itself(kind: str) -> None:
    beginning, english, welsh = SENTENCES[kind]
    assert explained(beginning, "en") == english
    assert explained(beginning, "cy") == welsh


def test_an_assessment_says_that_it_is_counted_from_the_report() -> None:
    assert "42 working days after receipt of the report on Friday 20 November 2026" in explained(
        start("assessment_part3", "Fri 2026-11-20 16:40"), "en"
    )


def test_good_practice_and_a_threshold_are_called_what_they_are() -> None:
    assert "good practice in the procedures, not a limit" in explained(start("conference_record", "Tue 2026-12-15 13:30"), "en")
    assert "trothwy yn y gweithdrefnau, nid terfyn amser" in explained(start("temporary_move", "Tue 2026-12-15 13:30"), "cy")


def test_a_proclaimed_holiday_is_named_with_the_version_of_the_calendar_that_has_it() -> None:
    calendar = Calendar(version=7, added={day_of("Mon 2027-04-12"): "proclaimed"})
    beginning = start("transfer_in", "Tue 2027-03-30 10:00")
    english, welsh = explained(beginning, "en", calendar), explained(beginning, "cy", calendar)
    assert "proclaimed bank holiday (Monday 12 April 2027)" in english
    assert english.endswith("calendar version 7.")
    assert "gŵyl banc a gyhoeddwyd (dydd Llun 12 Ebrill 2027)" in welsh
    assert welsh.endswith("fersiwn 7 o'r calendr.")


@given(clocks, instants, st.integers(0, 2), st.integers(0, 400), st.booleans(), st.sampled_from(["cy", "en"]))
def test_whatever_the_due_date_it_is_one_sentence_that_names_its_timescale_and_its_standing(
    clock: str, at: datetime, by: int, ahead: int, same_day: bool, language: Language
) -> None:
    beginning = drawn(clock, at, by, ahead, same_day)
    said = explained(beginning, language)
    assert said.startswith(words.clock(clock, language) + ": ")
    assert said.endswith(".")
    assert "{" not in said
    assert "  " not in said
    local = planned(beginning).explanation.local_setting
    assert local == ({"cy": "gosodiad lleol", "en": "local setting"}[language] in said)


@pytest.mark.parametrize(
    ("number", "unit", "cy", "en"),
    [
        (1, "working_days", "1 diwrnod gwaith", "1 working day"),
        (2, "working_days", "2 ddiwrnod gwaith", "2 working days"),
        (10, "working_days", "10 diwrnod gwaith", "10 working days"),
        (2, "months", "2 fis", "2 months"),
        (3, "months", "3 mis", "3 months"),
        (6, "weeks", "6 wythnos", "6 weeks"),
        (2, "hours", "2 awr", "2 hours"),
        (3, "days", "3 diwrnod", "3 days"),
        (0, "entries", "0 cofnod", "0 entries"),
        (2, "entries", "2 gofnod", "2 entries"),
        (3, "entries", "3 chofnod", "3 entries"),
        (4, "entries", "4 cofnod", "4 entries"),
        (6, "entries", "6 chofnod", "6 entries"),
        (3, "chains", "3 cadwyn", "3 chains"),
        (6, "chains", "6 chadwyn", "6 chains"),
        (3, "journeys", "3 taith", "3 journeys"),
        (6, "journeys", "6 thaith", "6 journeys"),
        (3, "times", "3 gwaith", "3 times"),
    ],
)
def test_numbers_mutate_in_welsh_as_they_should(number: int, unit: str, cy: str, en: str) -> None:
    assert (words.amount(number, unit, "cy"), words.amount(number, unit, "en")) == (cy, en)


def test_whatever_is_counted_in_welsh_takes_its_breath_after_six() -> None:
    """C, p and t, whatever the gender; after three the masculine alone, which no letter tells."""
    breathed = {"c": "ch", "p": "ph", "t": "th"}
    for unit, forms in vocabulary.table("amounts").items():
        noun = forms["cy"]["other"].removeprefix("{n} ")
        if noun[0] in breathed and noun[1] != "h":
            assert words.amount(6, unit, "cy") == f"6 {breathed[noun[0]]}{noun[1:]}"


def test_an_instant_is_told_on_the_wall_clock_of_wales() -> None:
    at = datetime.fromisoformat("2027-06-25T08:30Z")
    assert words.instant(at, "en") == "Friday 25 June 2027 at 09:30"
    assert words.instant(at, "cy") == "dydd Gwener 25 Mehefin 2027 am 09:30"


def test_a_source_is_written_out() -> None:
    assert explain.source("WSP s4 p4, s3.2 p13", "cy") == "Gweithdrefnau Diogelu Cymru adran 4 tudalen 4, adran 3.2 tudalen 13"
    assert explain.source("SSWBA2014 s130(4)", "en") == "Social Services and Well-being (Wales) Act 2014 section 130(4)"
    assert explain.source("none", "cy") == "ni chanfuwyd un"
