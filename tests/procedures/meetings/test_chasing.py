"""Silence is chased up to the agency's safeguarding lead; whoever answered hears nothing more; the family is never chased."""

from procedures.meetings.chasing import is_chased, is_family
from schemas.letters import LetterKind
from schemas.meetings import Invitee
from tests.procedures.meetings.table import Table, day


def test_the_silent_are_asked_again_and_the_last_time_the_agencys_lead_too() -> None:
    table = Table()
    table.arranged()
    table.answers("education", when="2026-12-03 12:00")
    table.wait("2026-12-14 08:00")
    chased = [(each.recipient, each.at) for each in table.sent(LetterKind.chaser)]
    # Invited on Wednesday the 2nd: two and four working days after it.
    assert ("p-police", day("2026-12-04")) in chased
    assert ("p-police", day("2026-12-08")) in chased
    assert [each for each in chased if each[0] == "p-police-lead"] == [("p-police-lead", day("2026-12-08"))]
    assert not [each for each in chased if each[0] == "p-head"]
    assert len([each for each in chased if each[0] == "p-police"]) == 2


def test_a_reminder_the_day_before_to_those_who_come_or_never_said() -> None:
    table = Table()
    table.arranged()
    table.answers("education")
    table.answers("gp", "declined")
    table.wait("2026-12-15 09:59")
    reminded = {each.recipient: each.at for each in table.sent(LetterKind.day_before)}
    assert reminded["p-head"] == day("2026-12-14")
    assert "p-gp" not in reminded


def test_the_family_is_never_chased() -> None:
    table = Table()
    table.people |= {"parents": "p-mother", "supporter": "p-friend"}
    table.arranged()
    table.wait("2026-12-15 09:59")
    asked = {each.recipient for each in (*table.sent(LetterKind.chaser), *table.sent(LetterKind.day_before))}
    assert not asked & {"p-mother", "p-friend"}


def test_nobody_is_chased_or_reminded_after_it_moved_was_called_off_or_began() -> None:
    table = Table()
    table.arranged("2026-12-04 10:00")
    table.wait("2027-01-30 10:00")
    assert all(each.at < table.state.starts for each in table.letters if table.state.starts is not None)
    other = Table()
    other.arranged()
    other.does("called_off", reason="text:a#b")
    before = len(other.letters)
    other.wait("2027-01-30 10:00")
    assert len(other.letters) == before


def test_one_rule_says_who_is_family_and_never_asked_again() -> None:
    carer = Invitee(id="i-1", role="foster_carer", person="p-1", children=("c-1",))
    assert (is_family(carer), is_chased(carer)) == (True, False)
    of_an_agency = carer.model_copy(update={"agency": "maethu"})
    assert (is_family(of_an_agency), is_chased(of_an_agency)) == (False, True)


def silent_carer(agency: str) -> Table:
    """An agency's foster carer is invited, and says nothing."""
    table = Table()
    table.arranged()
    guest = Invitee(
        id="i-carer", role="foster_carer", person="p-carer", agency=agency, children=("c-1",), asked_at=table.now, date=0, sequence=0
    )
    table.state = table.state.model_copy(update={"invitees": (*table.state.invitees, guest)})
    table.wait("2026-12-13 10:00")
    return table


def test_a_carer_at_home_is_asked_again_by_way_of_the_agency_else_of_the_social_worker_and_never_in_person() -> None:
    for agency, asked in (("heddlu", "p-police-lead"), ("maethu", "p-mari")):
        table = silent_carer(agency)
        chasers = [each for each in table.letters if each.kind is LetterKind.chaser and each.content["invitee"] == "i-carer"]
        assert {each.recipient for each in chasers} == {asked}
        assert {each.content["silent"] for each in chasers} == {"p-carer"}
        assert len(chasers) == 2
