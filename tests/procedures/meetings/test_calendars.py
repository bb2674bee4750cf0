"""What calendars hold: nobody two dates, nobody one that is off, and whoever was dropped none at all (RFC 5546)."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from procedures.refusals import Refused
from schemas.letters import LetterKind
from schemas.meetings import Reply
from tests.procedures.child import at
from tests.procedures.meetings.table import Table


def test_a_meeting_that_moves_updates_every_calendar_and_asks_everybody_anew() -> None:
    table = Table()
    table.arranged()
    table.answers("police")
    table.does("moved", "2026-12-10 11:00", starts=at("2026-12-15 13:30"))
    held = table.calendar("p-police")
    assert held is not None
    assert (held["sequence"], held["starts"]) == (1, at("2026-12-15 13:30").isoformat())
    assert table.state.ends == at("2026-12-15 15:30"), "it stays as long as it was"
    assert table.guest("police").answer is None
    with pytest.raises(Refused, match="latest invitation"):
        table.answers("police", sequence=0)
    table.answers("police", sequence=1)
    assert table.guest("police").comes


def test_another_place_alone_updates_calendars_and_keeps_the_answers() -> None:
    table = Table()
    table.arranged()
    table.answers("police")
    table.does("moved", starts=at("2026-12-15 10:00"), place="text:new#x")
    held = table.calendar("p-police")
    assert held is not None
    assert (held["sequence"], held["place"]) == (1, "text:new#x")
    assert table.guest("police").comes


def test_another_place_alone_counts_answers_to_what_was_sent_before_and_keeps_the_days_of_asking() -> None:
    table = Table()
    table.arranged()
    asked = table.guest("police").asked_at
    table.does("moved", "2026-12-03 10:00", starts=at("2026-12-15 10:00"), place="text:new#x")
    table.does("moved", "2026-12-03 11:00", starts=at("2026-12-15 10:00"), place="text:newer#x")
    police = table.guest("police")
    assert (police.asked_at, police.since, police.sequence) == (asked, 0, 2)
    table.answers("police", sequence=0)
    table.answers("education", "declined", sequence=1)
    assert table.guest("police").comes
    with pytest.raises(Refused, match="latest invitation"):
        table.answers("gp", sequence=3)
    table.does("moved", "2026-12-03 12:00", starts=at("2026-12-15 13:30"))
    assert (table.guest("police").since, table.guest("police").answer) == (3, None)
    with pytest.raises(Refused, match="latest invitation"):
        table.answers("police", sequence=2)


def test_another_place_alone_does_not_begin_the_chasing_anew() -> None:
    def chased(moved: bool) -> list[str]:
        table = Table()
        table.arranged()
        if moved:
            table.does("moved", "2026-12-03 10:00", starts=at("2026-12-15 10:00"), place="text:new#x")
        table.wait("2026-12-14 10:00")
        return [f"{each.at:%d %H:%M}" for each in table.sent(LetterKind.chaser, "p-police")]

    assert chased(moved=True) == chased(moved=False) != []


def test_another_place_alone_after_the_due_date_needs_no_reason_once_more() -> None:
    table = Table()
    table.arranged()
    table.does("moved", starts=at("2026-12-18 10:00"), reason="text:a#b")
    said = len(table.sent(LetterKind.notice))
    assert table.does("moved", starts=at("2026-12-18 10:00"), place="text:new#x").notes == ("place_alone",)
    assert len(table.sent(LetterKind.notice)) == said


def test_called_off_clears_every_calendar_and_nothing_more_can_change() -> None:
    table = Table()
    table.arranged()
    with pytest.raises(Refused, match="reason"):
        table.does("called_off")
    table.does("called_off", reason="text:g#h")
    assert all(table.calendar(each.person) is None for each in table.state.invitees)
    with pytest.raises(Refused, match="Arrange another"):
        table.answers("police")


def test_whoever_joins_is_invited_and_whoever_is_dropped_clears_the_calendar() -> None:
    table = Table()
    table.arranged()
    table.does("invited", who={"role": "housing", "person": "p-tai"})
    assert table.calendar("p-tai") is not None
    table.does("left_out", invitee=table.guest("housing").id)
    assert table.calendar("p-tai") is None


def test_later_answers_replace_earlier_ones_and_late_ones_do_not() -> None:
    table = Table()
    table.arranged()
    table.answers("police", "declined", "2026-12-04 10:00")
    table.answers("police", "accepted", "2026-12-05 10:00")
    with pytest.raises(Refused):
        table.answers("police", "declined", given_at=at("2026-12-04 12:00"))
    assert table.guest("police").comes


def test_police_decline_a_review_with_a_reason_or_contribute_in_writing() -> None:
    table = Table("rcpc", due="2027-03-15")
    table.arranged("2027-03-11 10:00")
    with pytest.raises(Refused, match="written contribution"):
        table.answers("police", "declined")
    table.answers("police", "written")
    answer = table.guest("police").answer
    assert answer is not None
    assert answer.reply is Reply.written


def test_another_time_that_is_proposed_is_told_to_whoever_arranged_it() -> None:
    table = Table()
    table.arranged()
    table.answers("education", "another_time", proposed=at("2026-12-16 10:00"))
    assert [each.about for each in table.sent(LetterKind.notice, "p-mari")] == ["another_time_proposed"]
    assert not table.guest("education").comes


def test_a_refused_letter_is_told_to_whoever_arranged_it_at_once() -> None:
    table = Table()
    table.arranged()
    table.does("undeliverable", invitee=table.guest("gp").id)
    assert [each.about for each in table.sent(LetterKind.notice, "p-mari")] == ["invitation_undeliverable"]


def test_a_refused_letter_to_somebody_else_of_the_agency_is_told_once_and_marks_nobody_undeliverable() -> None:
    table = Table()
    table.arranged()
    school = table.guest("education")
    for _ in range(2):
        table.does("undeliverable", invitee=school.id, to="p-gwyliau")
    assert (table.guest("education").undeliverable, table.guest("education").contact_undeliverable) == (False, True)
    assert [each.about for each in table.sent(LetterKind.notice, "p-mari")] == ["contact_undeliverable"]
    table.does("undeliverable", invitee=school.id, to="p-head")
    assert table.guest("education").undeliverable


def test_of_two_answers_that_wait_each_is_settled_by_itself() -> None:
    def waits() -> tuple[bool, int]:
        return table.guest("police").waits, len(table.guest("police").waiting)

    table = Table()
    table.arranged()
    police = table.guest("police").id
    for mail in ("a1", "b2", "c3", "c3"):
        table.does("answer_waits", invitee=police, answer=mail)
    assert [each.about for each in table.sent(LetterKind.notice, "p-mari")] == ["answer_to_confirm"], "told once"
    assert waits() == (True, 3)
    table.does("answer_waits", invitee=police, answer="a1", waits=False)
    assert waits() == (True, 2)
    table.answers("police", confirms="b2")
    assert waits() == (True, 1)
    table.does("answer_waits", invitee=police, answer="c3", waits=False)
    assert waits() == (False, 0)
    table.does("answer_waits", invitee=police, answer="d4")
    table.answers("police")
    assert waits() == (False, 0), "whoever answered by themselves"


def test_an_answer_that_an_older_version_let_wait_can_be_settled() -> None:
    table = Table()
    table.arranged()
    police = table.guest("police").id
    table.does("answer_waits", invitee=police)
    table.does("answer_waits", invitee=police, answer="a1", waits=False)
    assert not table.guest("police").waits


class Calendars(RuleBasedStateMachine):
    """Arranged, moved, joined, left, called off in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(due=None)
        self.table.arranged("2027-02-01 10:00")

    @precondition(lambda self: self.table.state.open)
    @rule(day=st.integers(1, 28), place=st.booleans())
    def moved(self, day: int, place: bool) -> None:
        self.table.does("moved", starts=at(f"2027-02-{day:02} 14:00"), place="text:x#y" if place else None)

    @precondition(lambda self: self.table.state.open)
    @rule(number=st.integers(1, 4))
    def joined(self, number: int) -> None:
        if all(each.person != f"p-{number}" for each in self.table.state.invitees):
            self.table.does("invited", who={"role": "housing", "person": f"p-{number}"})

    @precondition(lambda self: self.table.state.open and self.table.state.invitees)
    @rule(which=st.integers(0, 20))
    def left(self, which: int) -> None:
        invitees = self.table.state.invitees
        self.table.does("left_out", invitee=invitees[which % len(invitees)].id, reason="text:i#j")

    @precondition(lambda self: self.table.state.open)
    @rule(often=st.integers(0, 9))
    def called_off(self, often: int) -> None:
        if often == 0:
            self.table.does("called_off", reason="text:k#l")

    @rule()
    def nothing(self) -> None:
        """Also once it is off."""

    @invariant()
    def calendars_are_right(self) -> None:
        state = self.table.state
        invited = {each.person for each in state.invitees} if state.open else set[str]()
        for person in {each.recipient for each in self.table.sent(LetterKind.invitation)}:
            held = self.table.calendar(person)
            assert (held is not None) == (person in invited), person
            assert held is None or state.starts is None or held["starts"] == state.starts.isoformat()


Calendars.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestCalendars = Calendars.TestCase
