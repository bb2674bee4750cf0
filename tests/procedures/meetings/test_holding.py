"""The day itself: attendance counted for each child, agencies followed up, a meeting held again where there were too few."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from procedures.in_force import rules_in_force
from procedures.meetings.holding import agencies_there, attendance_of, outcomes_of
from procedures.refusals import Refused
from schemas.commands.base import AgencyKind
from schemas.holding import Hold, NotDecided
from schemas.letters import LetterKind
from schemas.meetings import TookPart
from tests.procedures.child import at
from tests.procedures.meetings.table import Table

DAY = "2026-12-15 12:00"
QUORUM = rules_in_force().quorum


@contextmanager
def refused(code: str) -> Generator[None]:
    """It is, for that reason."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


def took(table: Table, **how: str) -> list[dict[str, Any]]:
    """By part: how whoever is invited in it took part."""
    return [{"invitee": table.guest(role).id, "how": said} for role, said in how.items()]


def test_held_with_attendance_in_its_own_log_and_nothing_can_change_any_more() -> None:
    table = Table()
    table.arranged()
    attendance = took(table, chair="there", social_worker="there", police="there", education="sent_somebody", gp="written")
    answer = table.does("held", DAY, attendance=attendance)
    assert table.state.stage == "held"
    assert table.state.held_by == answer.command_id
    assert [each.how for each in table.state.attendance] == ["there", "there", "there", "sent_somebody", "written"]
    assert "not_quorate" not in answer.notes
    with refused("meeting_over"):
        table.does("held", attendance=attendance)


def test_a_written_contribution_is_none_of_those_who_were_there() -> None:
    table = Table()
    table.arranged()
    answer = table.does("held", DAY, attendance=took(table, social_worker="there", police="there", education="written", advocate="there"))
    assert "not_quorate" in answer.notes
    again = Table()
    again.arranged()
    said = took(again, social_worker="there", police="there")
    assert "not_quorate_with_reason" in again.does("held", DAY, attendance=said, goes_on_because="text:a#b").notes


def test_without_social_services_there_are_never_enough() -> None:
    table = Table()
    table.arranged()
    answer = table.does("held", DAY, attendance=took(table, police="there", education="there", gp="there"))
    assert "not_quorate" in answer.notes


def test_whoever_was_there_for_one_child_alone_is_counted_for_that_child_alone() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    said = took(table, social_worker="there", police="there", education="there")
    said[2]["children"] = ["c-1"]
    answer = table.does("held", DAY, attendance=said)
    assert "not_quorate" in answer.notes, "not for the second child"
    assert AgencyKind.school in agencies_there(table.state, table.state.attendance, "c-1", QUORUM)
    assert AgencyKind.school not in agencies_there(table.state, table.state.attendance, "c-2", QUORUM)


def test_an_agency_absent_without_a_contribution_is_followed_up_with_its_lead_and_the_arranger() -> None:
    table = Table()
    table.arranged()
    said = took(table, social_worker="there", police="absent", education="written", gp="there", advocate="absent")
    table.does("held", DAY, attendance=said)
    assert table.state.followed_up == (table.guest("police").id,)
    sent = [(each.about, each.recipient) for each in table.sent(LetterKind.notice)]
    assert ("absent_without_contribution", "p-mari") in sent
    assert ("asked_for_contribution", "p-police-lead") in sent
    assert len([each for each in sent if "contribution" in each[0]]) == 2


def test_an_agency_that_was_followed_up_leaves_the_list_with_who_and_when_and_what_came_of_it() -> None:
    table = Table()
    table.arranged()
    police = table.guest("police").id
    with refused("nobody_to_follow_up"):
        table.does("follow_up_done", invitee=police, outcome="text:a#b")
    table.does("held", DAY, attendance=took(table, social_worker="there", police="absent", gp="absent"))
    assert table.state.followed_up == (police, table.guest("gp").id)
    table.does("follow_up_done", "2026-12-17 09:00", actor="p-huw", invitee=police, outcome="text:a#b")
    assert table.state.followed_up == (table.guest("gp").id,)
    (done,) = table.state.follow_ups
    assert (done.invitee, done.by, done.at, done.outcome) == (police, "p-huw", at("2026-12-17 09:00"), "text:a#b")
    with refused("nobody_to_follow_up"):
        table.does("follow_up_done", invitee=police, outcome="text:a#b")
    with refused("meeting_over"):
        table.does("moved", starts=at("2026-12-22 10:00"))


def test_nobody_is_followed_up_after_a_meeting_that_was_called_off() -> None:
    table = Table()
    table.arranged()
    table.does("called_off", reason="text:a#b")
    with refused("meeting_over"):
        table.does("follow_up_done", invitee=table.guest("police").id, outcome="text:a#b")


def test_nobody_named_is_said_to_be_absent_and_whoever_is_not_named_is_asked_for() -> None:
    table = Table()
    table.arranged()
    answer = table.does("held", DAY, attendance=took(table, social_worker="there"))
    assert "attendance_unknown:police" in answer.notes
    assert table.state.followed_up == ()


def test_held_again_on_another_day_asks_everybody_anew_and_the_due_date_stays() -> None:
    table = Table()
    table.arranged()
    table.answers("police")
    said: dict[str, Any] = {
        "starts": at("2026-12-22 10:00"),
        "safety_plan_confirmed_by": "p-huw",
        "attendance": took(table, social_worker="there"),
    }
    with refused("rebooked_before_the_day"):
        table.does("rebooked", "2026-12-14 12:00", reason="text:a#b", **said)
    table.wait(DAY)
    with refused("reason_needed"):
        table.does("rebooked", **said)
    answer = table.does("rebooked", reason="text:a#b", **said)
    assert "outside_timescale" in answer.notes
    assert (table.state.stage, table.state.starts, table.state.due) == ("arranged", at("2026-12-22 10:00"), at("2026-12-17"))
    assert table.guest("police").answer is None
    entry = next(each for each in table.entries if each.kind == "rebooked")
    assert entry.content["safety_plan_confirmed_by"] == "p-huw"
    held = table.calendar("p-police")
    assert held is not None
    assert held["sequence"] == 1
    table.does("held", "2026-12-22 12:00", attendance=took(table, social_worker="there", police="there", gp="there"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([{"invitee": "i-other", "how": "there"}], "no_such_invitee"),
        ([{"invitee": "police", "how": "there"}, {"invitee": "police", "how": "absent"}], "attendance_twice"),
        ([{"invitee": "police", "how": "there", "children": ["c-2"]}], "attendance_of_other_child"),
    ],
)
def test_attendance_that_cannot_be_is_refused(said: list[dict[str, Any]], code: str) -> None:
    table = Table()
    table.arranged()
    named = [{**each, "invitee": table.guest("police").id if each["invitee"] == "police" else each["invitee"]} for each in said]
    with refused(code):
        table.does("held", DAY, attendance=named)


def test_each_child_is_told_who_was_there_for_it_and_every_child_needs_an_outcome() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    said = took(table, chair="there", social_worker="there", police="absent", gp="written", advocate="there")
    hold = Hold.model_validate({"actor": "p-nia", "happened_at": at(DAY), "attendance": said})
    told = attendance_of(table.state, hold.attendance, "c-1", QUORUM)
    assert [(each.agency.value, each.by) for each in told] == [
        ("social_services", "present"),
        ("police", "apologies"),
        ("gp", "written"),
        ("advocate", "present"),
    ]
    with refused("outcome_missing"):
        outcomes_of(table.state, hold, {"c-1": {"decision": "register"}}, QUORUM)
    with refused("outcome_of_other_child"):
        outcomes_of(table.state, hold, {"c-9": {"decision": "register"}}, QUORUM)
    without = hold.model_copy(update={"not_decided": (NotDecided(child="c-2", reason="The child has died."),)})
    assert list(outcomes_of(table.state, without, {"c-1": {"decision": "register"}}, QUORUM)) == ["c-1"], "the others do not wait"
    with refused("outcome_of_other_child"):
        outcomes_of(table.state, without, {each: {"decision": "register"} for each in ("c-1", "c-2")}, QUORUM)
    made = outcomes_of(table.state, hold, {each: {"decision": "register", "categories": ["neglect"]} for each in ("c-1", "c-2")}, QUORUM)
    name, fields = made["c-2"]
    assert (name, fields["chair"], fields["conference"], fields["meeting"]) == ("conference_held", "p-nia", "icpc", "m-1")


def test_took_part_says_who_was_in_the_discussion() -> None:
    present = {how: TookPart.model_validate({"invitee": "i", "how": how}).present for how in ("there", "telephone", "sent_somebody")}
    assert present == {"there": True, "telephone": True, "sent_somebody": True}
    assert not any(TookPart.model_validate({"invitee": "i", "how": how}).present for how in ("written", "absent"))


def test_a_journey_hears_who_took_part_by_telephone_and_who_it_was() -> None:
    table = Table("core_group")
    table.people["social_worker"] = "p-mari"
    table.arranged("2026-12-15 10:00", add=[{"role": "education", "person": "p-coach"}])
    attendance = [TookPart(invitee=table.guest("education").id, how="telephone"), TookPart(invitee=table.guest("chair").id, how="there")]
    (told,) = attendance_of(table.state, attendance, "c-1", QUORUM)
    assert (told.agency, told.person, told.by, told.there) == ("school", "p-coach", "telephone", True)


def test_a_meeting_that_was_held_is_closed_once_by_a_named_person_with_a_reason() -> None:
    table = Table()
    table.arranged()
    with refused("meeting_not_held"):
        table.does("closed", reason="text:a#b")
    table.does("held", DAY, attendance=took(table, social_worker="there"))
    with refused("reason_needed"):
        table.does("closed", actor="p-nia")
    assert "closed_untold" in table.does("closed", actor="p-nia", reason="text:a#b").notes
    assert (table.state.stage, table.state.closed) == ("held", True)
    for command in ("closed", "called_off"):
        with refused("meeting_over"):
            table.does(command, reason="text:a#b")


WHY: dict[str, Any] = {"code": "not_quorate", "sentences": {"cy": "Pam.", "en": "Why."}}


def test_which_journeys_were_told_is_known_and_none_is_told_otherwise() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    table.does("held", DAY, attendance=took(table, social_worker="there"))
    table.does("outcomes_told", told={"c-1": "h-1"}, refused={"c-2": WHY})
    assert (table.state.told, list(table.state.untold)) == ({"c-1": "h-1"}, ["c-2"])
    seq = table.state.seq
    table.does("outcomes_told", told={"c-1": "h-1"}, refused={"c-2": WHY})
    assert table.state.seq == seq, "nothing new is written down"
    with refused("told_already"):
        table.does("outcomes_told", told={"c-1": "h-2"})
    table.does("outcomes_told", told={"c-2": "h-2"}, refused={"c-1": WHY})
    assert (table.state.told, table.state.untold) == ({"c-1": "h-1", "c-2": "h-2"}, {})


def test_what_is_given_anew_is_for_the_children_that_it_names_alone() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    hold = Hold.model_validate({"actor": "p-nia", "happened_at": at(DAY), "attendance": took(table, social_worker="there")})
    assert list(outcomes_of(table.state, hold, {"c-2": {"decision": "register"}}, QUORUM, anew=True)) == ["c-2"]
    with refused("outcome_of_other_child"):
        outcomes_of(table.state, hold, {"c-9": {"decision": "register"}}, QUORUM, anew=True)


def test_only_the_chair_or_whoever_is_above_closes_it_and_nobody_who_is_told_nothing() -> None:
    table = Table(chairs_line=frozenset({"p-review", "p-review-head"}))
    table.arranged()
    table.does("held", DAY, attendance=took(table, social_worker="there"))
    for actor in ("p-mari", "p-huw", "p-carys"):
        with refused("not_yours_to_close"):
            table.does("closed", actor=actor, reason="text:a#b")
    table.shut_out = {"c-1": frozenset({"p-review-head"})}
    with refused("not_yours_to_close"):
        table.does("closed", actor="p-review-head", reason="text:a#b")
    assert "closed_untold" in table.does("closed", actor="p-review", reason="text:a#b").notes
