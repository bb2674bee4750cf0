"""Whether there will be enough: social services and two other agencies (a local setting), told to the chair while something can be done."""

from procedures.in_force import rules_in_force
from procedures.meetings.forecast import forecast
from schemas.letters import LetterKind
from tests.procedures.meetings.table import Table, day


def enough(table: Table) -> tuple[bool, bool]:
    """Enough said that they come; it can still become enough."""
    found = forecast(table.state.invitees, rules_in_force().quorum)
    return found.enough, found.possible


def test_the_forecast_moves_with_each_answer() -> None:
    table = Table()
    table.arranged()
    assert enough(table) == (False, True)
    table.answers("social_worker")
    table.answers("education")
    assert enough(table) == (False, True)
    table.answers("police")
    assert enough(table) == (True, True)
    table.answers("police", "declined", reason="text:a#b")
    assert enough(table) == (False, True)


def test_a_written_contribution_and_the_family_are_none_of_those_who_are_there() -> None:
    table = Table()
    table.arranged()
    for role in ("social_worker", "advocate", "chair", "minute_taker"):
        table.answers(role)
    table.answers("police", "written")
    assert enough(table) == (False, True)


def test_the_chair_is_told_at_once_when_it_cannot_become_enough_any_more() -> None:
    table = Table()
    table.arranged()
    table.answers("education", "declined")
    table.answers("gp", "declined")
    assert not table.sent(LetterKind.notice, "p-nia")
    table.answers("police", "declined", reason="text:a#b")
    assert [each.about for each in table.sent(LetterKind.notice, "p-nia")] == ["not_enough_expected"]
    table.answers("police", "declined", reason="text:a#b")
    assert len(table.sent(LetterKind.notice, "p-nia")) == 1, "once"


def test_of_a_meeting_that_needs_no_number_of_agencies_nobody_is_told_that_there_are_too_few() -> None:
    table = Table("core_group")
    table.arranged("2026-12-15 10:00", add=[{"role": "education", "person": "p-coach"}])
    table.answers("education", "declined")
    table.wait("2026-12-15 09:59")
    assert "not_enough_expected" not in [each.about for each in table.letters]


def test_the_chair_is_told_two_working_days_before_where_too_few_said_that_they_come() -> None:
    table = Table()
    table.arranged()
    table.answers("social_worker")
    table.wait("2026-12-15 09:59")
    assert [(each.about, each.at) for each in table.sent(LetterKind.notice, "p-nia")] == [("not_enough_expected", day("2026-12-11"))]
