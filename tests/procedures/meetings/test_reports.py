"""Agencies' reports: asked for with a due date, chased, taken late and thin, returned by the chair, shared with the parents."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from procedures.in_force import rules_in_force
from procedures.meetings import reports
from procedures.meetings.decide import settle_command
from procedures.refusals import Refused
from procedures.terms import Term, with_term
from procedures.times import end_of_day
from schemas.letters import LetterKind
from schemas.meeting_commands import MEETING_COMMANDS
from schemas.meetings import MeetingKind
from schemas.reports import Kept, ReportWords, Section
from tests.procedures.child import at
from tests.procedures.meetings.table import Table, day

REPORTS = f"report:{'0' * 31}1#{'0' * 64}"


def due(text: str) -> dt.datetime:
    return end_of_day(dt.date.fromisoformat(text))


def test_every_agency_is_asked_for_a_report_on_each_child_three_working_days_before() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    asked = {table.state.invitee(each.invitee).role for each in table.state.reports}  # pyright: ignore[reportOptionalMemberAccess]
    assert asked == {"social_worker", "police", "education", "health_visitor_or_school_nurse", "gp"}, "not chair, advocate, minute-taker"
    assert {each.due for each in table.state.reports} == {due("2026-12-10")}
    (letter,) = table.sent(LetterKind.report_request, "p-head")
    assert letter.content["reports"] == 2, "one letter a person"


def test_the_family_is_never_asked_and_nobody_of_a_child_they_may_not_hear_of() -> None:
    table = Table(children=("c-1", "c-2"))
    table.people |= {"parents": "p-mother", "supporter": "p-friend"}
    table.shut_out = {"c-2": frozenset({"p-head"})}
    table.arranged()
    assert table.sent(LetterKind.report_request, "p-mother") == []
    assert table.state.report(table.guest("education").id, "c-2") is None
    assert table.report("education", "c-1").given is None


def test_those_who_have_not_given_are_reminded_then_chased_and_at_last_their_lead_is_told() -> None:
    table = Table()
    table.arranged("2026-12-17 10:00")  # Due on Monday the 14th.
    table.reports("education", when="2026-12-09 12:00")
    table.wait("2026-12-17 09:59")
    chased = [(each.recipient, each.at) for each in table.sent(LetterKind.report_chaser)]
    assert [at for to, at in chased if to == "p-police"] == [day("2026-12-11"), day("2026-12-15"), day("2026-12-16")]
    assert [at for to, at in chased if to == "p-police-lead"] == [day("2026-12-16")]
    assert "p-head" not in {to for to, _ in chased}


def test_nothing_is_asked_again_after_the_meeting_has_begun_or_was_called_off() -> None:
    table = Table()
    table.arranged("2026-12-04 10:00")
    table.wait("2027-01-30 10:00")
    assert all(each.at < at("2026-12-04 10:00") for each in table.sent(LetterKind.report_chaser))
    other = Table()
    other.arranged()
    other.does("called_off", reason="text:a#b")
    other.wait("2026-12-20 10:00")
    assert other.sent(LetterKind.report_chaser) == []


def test_on_short_notice_it_is_due_today_and_never_after_the_meeting() -> None:
    table = Table()
    table.arranged("2026-12-03 09:00")
    assert table.report("police").due == due("2026-12-02")


def test_a_late_and_thin_report_is_taken_and_flagged() -> None:
    table = Table()
    table.arranged()
    table.reports("gp", when="2026-12-10 23:50")
    table.reports("police", when="2026-12-14 16:00", thin=["impact", "voice"])
    on_time, late = table.report("gp").given, table.report("police").given
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)
    assert late.thin == (Section.impact, Section.voice)


def test_a_later_report_takes_the_place_of_the_earlier() -> None:
    table = Table()
    table.arranged()
    table.reports("gp")
    other = REPORTS.replace("1#", "2#")
    table.does("report_given", invitee=table.guest("gp").id, child="c-1", words=other)
    given = table.report("gp").given
    assert given is not None
    assert given.words == other


def test_when_it_moves_those_who_have_not_given_are_told_the_new_due_date() -> None:
    table = Table()
    table.arranged("2026-12-15 10:00")
    table.reports("gp")
    table.does("moved", starts=at("2026-12-17 10:00"))
    assert table.report("police").due == due("2026-12-14")
    assert table.report("gp").due == due("2026-12-10")
    assert len(table.sent(LetterKind.report_request, "p-police")) == 2
    assert len(table.sent(LetterKind.report_request, "p-gp")) == 1
    table.does("moved", starts=at("2026-12-17 10:00"), place="text:c#d")
    assert len(table.sent(LetterKind.report_request, "p-police")) == 2, "another place alone changes no due date"


def test_whoever_joins_is_asked_and_whoever_leaves_owes_nothing() -> None:
    table = Table()
    table.arranged()
    table.does("invited", who={"role": "camhs", "person": "p-camhs"})
    assert table.report("camhs").due == due("2026-12-10")
    table.does("left_out", invitee=table.guest("police").id, reason="text:a#b")
    assert "police" not in {each.role for each in table.state.invitees}
    table.wait("2026-12-15 09:00")
    assert table.sent(LetterKind.report_chaser, "p-police") == []


def test_a_report_that_was_given_stays_with_its_author_named_when_that_author_is_left_out_and_one_that_was_not_goes() -> None:
    table = Table()
    table.arranged()
    table.reports("police")
    police, gp = table.guest("police"), table.guest("gp")
    for each in (police, gp):
        table.does("left_out", invitee=each.id, reason="text:a#b")
    state = table.state
    assert [author.role for report, author in state.reported if report.given is not None] == ["police"]
    assert gp.id not in {author.id for _, author in state.reported}
    assert (state.author(police.id), state.author(gp.id), state.invitee(police.id)) == (police, None, None)
    table.does("invited", who={"role": "police", "person": "p-police"})
    assert [author.added for report, author in table.state.reported if report.given is not None] == [True]


def test_the_chair_returns_one_with_what_is_missing_and_it_is_asked_for_again_until_it_is_given() -> None:
    table = Table()
    table.arranged("2026-12-17 10:00")
    table.reports("police", when="2026-12-10 12:00")
    table.does(
        "report_returned", "2026-12-14 12:00", actor="p-nia", invitee=table.guest("police").id, child="c-1", missing=["harm", "impact"]
    )
    (letter,) = table.sent(LetterKind.report_returned, "p-police")
    assert letter.content["missing"] == ["harm", "impact"]
    assert (table.report("police").returns, table.report("police").outstanding) == (1, True)
    table.wait("2026-12-16 08:00")
    assert [each.at for each in table.sent(LetterKind.report_chaser, "p-police")] == [day("2026-12-15")]
    table.reports("police", when="2026-12-16 08:10")
    assert (table.report("police").returns, table.report("police").outstanding) == (1, False)
    table.wait("2026-12-17 09:59")
    assert len(table.sent(LetterKind.report_chaser, "p-police")) == 1


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("report_given", {"child": "c-9", "words": REPORTS}, "no_report_wanted"),
        ("report_given", {"invitee": "i-9", "words": REPORTS}, "no_such_invitee"),
        ("report_returned", {"missing": ["harm"]}, "for_the_chair_alone"),
        ("report_returned", {"missing": ["harm"], "actor": "p-nia"}, "no_report_given"),
        ("reports_shown", {"invitee": "POLICE", "children": ["c-1"]}, "nothing_to_share"),
        ("reports_shown", {}, "nothing_to_share"),
        ("reports_shown", {"children": ["c-9"]}, "not_about_that_child"),
    ],
)
def test_what_is_refused(command: str, fields: dict[str, Any], code: str) -> None:
    table = Table()
    table.arranged()
    police = table.guest("police").id
    if command != "reports_shown":
        fields = {"invitee": police, "child": "c-1", **fields}
    fields = {name: police if value == "POLICE" else value for name, value in fields.items()}
    with pytest.raises(Refused) as refused:
        table.does(command, **fields)
    assert refused.value.code == code


def test_reports_are_shared_with_the_family_and_nobody_else() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    table.reports("gp")
    with pytest.raises(Refused) as refused:
        table.does("reports_shown", invitee=table.guest("police").id)
    assert refused.value.code == "not_of_the_family"
    table.does("reports_shown")
    assert [each.child for each in table.state.reports_shown] == ["c-1"], "on the other child there is none to read"


def test_a_person_shut_out_since_gives_no_report_any_more() -> None:
    table = Table()
    table.arranged()
    table.shut_out = {"c-1": frozenset({"p-police"})}
    with pytest.raises(Refused) as refused:
        table.reports("police")
    assert refused.value.code == "no_report_wanted"


def test_a_school_is_asked_before_term_ends_and_its_holiday_contact_after() -> None:
    table = Table(holiday_contacts={"ysgol": "p-holiday"})
    for first, last in (("2026-11-02", "2026-12-18"), ("2027-01-04", "2027-02-12")):
        table.days = with_term(table.days, Term(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last)))
    table.due = at("2027-01-08")
    table.now = at("2026-12-15 09:00")
    table.arranged("2027-01-05 10:00")  # Three working days before it is Wednesday 30 December.
    assert (table.report("police").due, table.report("education").due) == (due("2026-12-30"), due("2026-12-18"))
    assert table.report("education").to == "p-head"
    table.wait("2027-01-05 09:00")
    chased = [(each.recipient, each.at) for each in table.sent(LetterKind.report_chaser) if each.recipient in {"p-head", "p-holiday"}]
    assert chased == [("p-head", day("2026-12-17")), ("p-holiday", day("2026-12-21")), ("p-holiday", day("2026-12-22"))]


def test_in_the_holidays_the_school_is_asked_through_its_holiday_contact_unless_that_person_is_shut_out() -> None:
    table = Table(holiday_contacts={"ysgol": "p-holiday"})
    for first, last in (("2026-11-02", "2026-11-30"), ("2027-01-04", "2027-02-12")):
        table.days = with_term(table.days, Term(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last)))
    table.arranged()
    assert (table.report("education").to, table.report("education").due) == ("p-holiday", due("2026-12-10"))
    barred = Table(holiday_contacts={"ysgol": "p-holiday"})
    barred.days, barred.shut_out = table.days, {"c-1": frozenset({"p-holiday"})}
    barred.arranged()
    assert barred.report("education").to == "p-head"


def test_an_invitation_that_nobody_answers_in_the_holidays_is_told_to_the_schools_holiday_contact_too() -> None:
    table = Table(holiday_contacts={"ysgol": "p-holiday"})
    for first, last in (("2026-11-02", "2026-12-02"), ("2027-01-04", "2027-02-12")):
        table.days = with_term(table.days, Term(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last)))
    table.arranged()
    table.wait("2026-12-15 09:00")
    told = table.sent(LetterKind.chaser, "p-holiday")
    assert [each.at for each in told] == [each.at for each in table.sent(LetterKind.chaser, "p-head")] != []
    assert {each.content["silent"] for each in told} == {"p-head"}


def test_the_last_report_on_a_child_and_the_last_parent_who_has_them_are_known() -> None:
    table = Table(children=("c-1", "c-2"))
    table.people |= {"parents": "p-mother"}
    table.arranged()
    for role in ("social_worker", "police", "education", "health_visitor_or_school_nurse"):
        table.reports(role)
    assert not reports.all_in(table.state, "c-1")
    table.reports("gp")
    assert (reports.all_in(table.state, "c-1"), reports.all_in(table.state, "c-2")) == (True, False)
    table.does("reports_shown", invitee=table.guest("parents").id, children=["c-1"])
    assert (reports.all_shown(table.state, "c-1"), reports.all_shown(table.state, "c-2")) == (True, False)
    table.reports("gp", "c-2")
    table.does("reports_shown")
    assert reports.all_shown(table.state, "c-2")


def test_no_form_asks_for_a_view_on_registration() -> None:
    """A social worker's report must not hold one (WSP section 3.2); the others give theirs at the conference."""
    rules = rules_in_force()
    for kind in MeetingKind:
        for part in rules.reports["rcpc"].asked_of:
            asked = " ".join(section.value for section in reports.form_of(rules, part, kind))
            assert not any(word in asked for word in ("regist", "view", "recommend", "opinion"))
    fields = {*ReportWords.model_fields, *(section.value for section in Section)}
    assert not any(word in field for field in fields for word in ("regist", "view", "recommend", "opinion", "categor"))


def test_a_social_worker_gives_a_chronology_and_what_is_not_known_and_an_unborn_child_has_no_words() -> None:
    rules = rules_in_force()
    assert {Section.chronology, Section.gaps} <= set(reports.form_of(rules, "social_worker"))
    assert not {Section.chronology, Section.gaps} & set(reports.form_of(rules, "police"))
    assert Section.voice not in reports.form_of(rules, "police", MeetingKind.pre_birth)


def test_what_is_missing_is_counted_in_words_and_nothing_is_scored() -> None:
    words = ReportWords(sections={Section.harm: "He was hit twice on the arm by his father", Section.impact: "Afraid."})
    assert reports.thin(words, (Section.harm, Section.impact, Section.voice), 8) == (Section.impact, Section.voice)
    assert reports.thin(words, (Section.harm, Section.impact, Section.voice), 0) == (Section.voice,)


def test_a_section_kept_from_one_person_is_there_for_everybody_else() -> None:
    words = ReportWords(sections={Section.harm: "harm", Section.impact: "impact"}, kept=(Kept(section=Section.harm, person="i-father"),))
    assert words.for_("i-father").sections == {Section.impact: "impact"}
    assert words.for_("i-mother").sections == {Section.harm: "harm", Section.impact: "impact"}
    assert words.for_("i-father").kept == (), "nor is he told that something is kept from him"


def test_what_is_said_of_a_report_crosses_as_a_reference() -> None:
    table = Table()
    table.arranged()
    command = MEETING_COMMANDS["report_given"]
    with pytest.raises(ValueError, match="words"):
        command.model_validate({"actor": "p-gp", "happened_at": table.now, "invitee": "i", "child": "c-1", "words": "He was hit."})
    quiet = replace(table.around, rules=table.around.rules.model_copy(update={"reports": {}}))
    said = MEETING_COMMANDS["invited"].model_validate(
        {"actor": "p-mari", "happened_at": table.now, "who": {"role": "camhs", "person": "p-camhs"}}
    )
    settled = settle_command(table.state, "k-9", said, table.now, quiet)
    assert not [each for each in settled.entries if each.kind == "reports_asked"], "no rule, no report"
