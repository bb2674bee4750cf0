"""Arranging: a date inside the timescale, the people whom the procedures want, and what is said at once (WSP sections 3 and 4)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.in_force import rules_in_force
from procedures.meetings.chasing import is_family
from procedures.meetings.dates import Late, lateness, proposed
from procedures.refusals import Refused
from procedures.times import local
from procedures.working_days import Calendar
from schemas.letters import LetterKind
from schemas.meetings import Invitee
from tests.procedures.child import at
from tests.procedures.meetings.table import Table

CALENDAR = Calendar(version=0)


@pytest.mark.parametrize(
    ("kind", "due", "now", "expected"),
    [
        ("icpc", "2026-12-17", "2026-12-02 16:30", "2026-12-16 10:00"),
        # The due day of a review falls on a Saturday: before it, never after it.
        ("rcpc", "2027-09-11", "2027-03-11 12:00", "2027-09-03 10:00"),
        # Christmas, and Boxing Day's substitute on Monday the 28th, do not count as notice.
        ("icpc", "2026-12-31", "2026-12-18 09:00", "2026-12-30 10:00"),
        # No room for notice: the last day that is in time.
        ("icpc", "2026-12-04", "2026-12-03 09:00", "2026-12-04 10:00"),
        # Late already: the next working day.
        ("icpc", "2026-12-01", "2026-12-04 09:00", "2026-12-07 10:00"),
    ],
)
def test_a_date_is_proposed_inside_the_timescale(kind: str, due: str, now: str, expected: str) -> None:
    assert proposed(rules_in_force().arranging[kind], at(due), at(now), CALENDAR) == at(expected)


@given(st.sampled_from(sorted(rules_in_force().arranging)), st.dates(dt.date(2026, 1, 1), dt.date(2040, 1, 1)), st.integers(0, 200))
def test_whatever_is_proposed_is_a_working_day_to_come_and_in_time_where_any_is(kind: str, today: dt.date, days: int) -> None:
    now, due = at(f"{today} 12:00"), at(f"{today + dt.timedelta(days)}")
    date = local(proposed(rules_in_force().arranging[kind], due, now, CALENDAR)).date()
    assert CALENDAR.is_working_day(date)
    assert date > today
    last = CALENDAR.latest(today + dt.timedelta(days))
    assert date <= last or last <= CALENDAR.add(today, 1)[0]


def test_everybody_whom_the_procedures_want_is_invited_once_and_the_chair_first() -> None:
    table = Table(children=("c-ela", "c-tomos"))
    answer = table.arranged()
    roles = [each.role for each in table.state.invitees]
    assert roles == ["chair", "social_worker", "police", "education", "health_visitor_or_school_nurse", "gp", "advocate", "minute_taker"]
    assert all(each.children == ("c-ela", "c-tomos") for each in table.state.invitees)
    assert len(table.sent(LetterKind.invitation)) == len(roles), "one message a recipient, for the siblings together"
    # Whom the directory does not know is told to the arranger before anybody answers.
    assert {"nobody_for:parents", "nobody_for:supporter", "nobody_for:child_where_appropriate"} <= set(answer.notes)


def test_the_midwife_is_always_invited_for_an_unborn_child_and_for_that_child_alone() -> None:
    table = Table("pre_birth", children=("c-ela", "c-baby"), due="2027-06-25")
    table.unborn = frozenset({"c-baby"})
    table.arranged("2027-06-22 10:00")
    assert table.guest("midwife").children == ("c-baby",)


def test_who_is_shut_out_of_a_child_is_not_invited_for_it_and_somebody_else_must_speak_for_the_agency() -> None:
    table = Table(children=("c-ela", "c-tomos"))
    table.shut_out = {"c-tomos": frozenset({"p-head"})}
    answer = table.arranged()
    assert table.guest("education").children == ("c-ela",)
    assert "shut_out:education" in answer.notes
    table.shut_out = {each: frozenset({"p-coach"}) for each in table.children}
    with pytest.raises(Refused, match="told nothing"):
        table.does("invited", who={"role": "education", "person": "p-coach"})


def test_the_chair_is_nobody_of_the_line_management() -> None:
    with pytest.raises(Refused, match="line management"):
        Table().arranged(chair="p-huw")


@pytest.mark.parametrize("kind", ["strategy", "core_group"])
def test_a_meeting_that_is_no_conference_may_be_chaired_by_a_manager_of_the_case(kind: str) -> None:
    table = Table(kind)
    table.arranged(chair="p-huw")
    assert table.state.chair == "p-huw"


def test_outside_the_timescale_only_with_a_reason_that_the_manager_sees() -> None:
    table = Table()
    with pytest.raises(Refused, match="due date stays"):
        table.arranged("2026-12-18 10:00")
    assert table.state.stage == "none"
    answer = table.arranged("2026-12-18 10:00", reason="text:c#d")
    assert "outside_timescale" in answer.notes
    assert [each.about for each in table.sent(LetterKind.notice)] == ["meeting_outside_timescale"]
    assert table.state.due == at("2026-12-17"), "the due date stays"


@pytest.mark.parametrize("kind", ["strategy", "icpc"])
def test_what_is_overdue_already_is_arranged_without_a_reason_which_is_said_to_be_missing(kind: str) -> None:
    table = Table(kind, due="2026-12-01")
    answer = table.arranged("2026-12-04 10:00")
    assert {"outside_timescale", "late_reason_missing"} <= set(answer.notes)
    assert "meeting_late_without_reason" in [each.about for each in table.sent(LetterKind.notice)]
    explained = Table(kind, due="2026-12-01")
    assert "late_reason_missing" not in explained.arranged("2026-12-04 10:00", reason="text:c#d").notes
    assert "meeting_late_without_reason" not in [each.about for each in explained.sent(LetterKind.notice)]
    with pytest.raises(Refused, match="due date stays"):
        Table(kind, due="2026-12-03").arranged("2026-12-04 10:00")


def test_moved_it_is_judged_by_the_due_date_that_runs_now_and_wants_a_reason_beyond_it() -> None:
    table = Table()
    table.arranged("2026-12-16 10:00")
    table.due = at("2026-12-11")
    with pytest.raises(Refused, match="2026-12-11"):
        table.does("moved", starts=at("2026-12-15 10:00"))
    assert "outside_timescale" in table.does("moved", starts=at("2026-12-15 10:00"), reason="text:c#d").notes
    assert "outside_timescale" not in table.does("moved", starts=at("2026-12-11 10:00")).notes
    table.due = at("2026-12-23")
    assert "outside_timescale" not in table.does("moved", starts=at("2026-12-22 10:00")).notes, "another strategy discussion began it anew"


def test_a_date_is_late_against_the_earliest_of_the_timescales_that_it_meets_by_days_of_the_calendar() -> None:
    due = [("icpc", at("2026-12-17")), ("icpc_from_first", at("2026-12-11"))]
    assert lateness(at("2026-12-14 10:00"), due) == Late("icpc_from_first", at("2026-12-11"), 3)
    assert lateness(at("2026-12-11 10:00"), due) is None
    assert lateness(at("2026-12-11 10:00"), [("strategy", at("2026-12-11 09:00"))]) == Late("strategy", at("2026-12-11 09:00"), 1)
    assert lateness(at("2026-12-11 10:00"), []) is None


def test_somebody_is_left_out_only_with_a_reason_and_short_notice_holds_nothing_up() -> None:
    table = Table()
    answer = table.arranged("2026-12-04 10:00", leave_out=[{"role": "gp", "reason": "text:e#f"}])
    assert "short_notice" in answer.notes
    assert "gp" not in {each.role for each in table.state.invitees}
    assert [(each.role, each.reason) for each in table.state.left_out] == [("gp", "text:e#f")]
    with pytest.raises(Refused, match="reason"):
        table.does("left_out", invitee=table.guest("police").id)


def test_a_date_that_is_past_is_refused() -> None:
    with pytest.raises(Refused, match="to come"):
        Table().arranged("2026-12-01 10:00")


@pytest.mark.parametrize("kind", ["rcpc", "core_group"])
def test_another_chair_than_before_needs_a_reason_at_a_conference(kind: str) -> None:
    table = Table(kind, chairs=frozenset({"p-before"}))
    if kind == "core_group":
        table.arranged()
        return
    with pytest.raises(Refused) as caught:
        table.arranged()
    assert caught.value.code == "another_chair_without_reason"
    table.arranged(reason="text:a#b")
    same = Table(kind, chairs=frozenset({"p-nia", "p-before"}))
    same.arranged()


def added(**who: str) -> tuple[Invitee, tuple[str, ...]]:
    """Whoever is added when a meeting is arranged, of whom the directory says that they are of `maethu`."""
    table = Table(agencies={who["person"]: "maethu"})
    notes = table.arranged(add=[who]).notes
    return next(each for each in table.state.invitees if each.person == who["person"]), notes


def test_who_is_added_comes_for_the_agency_that_is_named_or_that_the_directory_has() -> None:
    for said, agency in (({}, "maethu"), ({"agency": "arall"}, "arall")):
        carer, notes = added(role="foster_carer", person="p-carer", **said)
        assert (carer.agency, is_family(carer), "carer_counts_as_family" in notes) == (agency, False, False)
    table = Table(agencies={"p-midwife-2": "bwrdd"})
    table.arranged()
    table.does("invited", who={"role": "midwife", "person": "p-midwife-2"})
    assert table.guest("midwife").agency == "bwrdd"


def test_a_foster_carer_of_no_agency_counts_as_family_and_that_is_said() -> None:
    table = Table()
    assert "carer_counts_as_family" in table.arranged(add=[{"role": "foster_carer", "person": "p-carer"}]).notes
    assert is_family(table.guest("foster_carer"))


def test_a_parent_who_works_for_an_agency_is_family_all_the_same() -> None:
    parent, notes = added(role="parents", person="p-teacher")
    assert (parent.agency, is_family(parent), "family_not_released" in notes) == (None, True, True)
    with pytest.raises(Refused) as refused:
        added(role="parents", person="p-teacher", agency="maethu")
    assert refused.value.code == "family_of_no_agency"
    advocate, _ = added(role="child_or_advocate", person="p-advocate-2", agency="eiriolaeth")
    assert not is_family(advocate)
