"""Each child's voice in the decision: what it changed is said or owed; no twice goes to the chair; the same words for two are told."""

from dataclasses import replace
from typing import Any

import pytest

from tests.procedures.child import EVIDENCE, REGISTERS, THERE, Child, enquired_into, registered

NOT: dict[str, Any] = {**REGISTERS, "decision": "not_register", "categories": []}
REVIEW: dict[str, Any] = {
    "chair": "p-nia", "attendance": THERE, "decision": "deregister", "rationale": "Why.", "evidence": EVIDENCE,
    "contingency_plan": "Who acts.", "reason": "He left.", "voice_changed": "Who helps.",
}  # fmt: skip


def before_conference(**voice: Any) -> Child:
    """At the conference, with everything there that it needs."""
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    child.does("safety_plan_agreed", "2026-12-02 17:10", words="Who does what.")
    child.does("advocacy_offered", "2026-12-02 17:10", answer="accepted")
    child.does("voice_recorded", "2026-12-10 10:00", **{"how": "in_person", "wishes": "To stay.", **voice})
    return child


def test_a_decision_that_does_not_say_what_the_voice_changed_stands_and_that_is_missing() -> None:
    child = before_conference()
    answer = child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    assert child.state.registration == "registered"
    assert (answer.missing, "say_what_voice_changed" in answer.notes) == (("voice_changed",), True)
    child.does("voice_change_recorded", "2026-12-15 10:00", words="The visits are after school now.")
    assert child.state.missing == ()
    child.does("conference_record_closed", "2026-12-15 11:00")


def test_what_the_voice_changed_is_owed_by_the_chair_and_when_it_is_overdue_the_head_of_the_reviewing_service_knows() -> None:
    child = before_conference()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    assert child.due("voice_changed") == "2026-12-16"
    child.wait("2026-12-16 23:00")
    assert child.told("voice_changed") == ["p-nia"], "reminded before it is due"
    child.wait("2026-12-24 09:00")
    assert child.told("voice_changed") == ["p-nia", "p-nia", "p-review-head", "p-review-head"], "never the line management of the case"
    child.does("voice_change_recorded", "2026-12-24 10:00", words="The visits are after school now.")
    assert child.said("voice_changed")[-1] == "met"
    assert not child.runs("voice_changed")


def test_the_record_of_a_conference_or_review_waits_for_what_the_voice_changed_or_for_a_reason_and_then_it_stays_owed() -> None:
    child = before_conference()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    assert child.refused("conference_record_closed", "2026-12-15 10:00") == "conference_record_lacks_voice_changed"
    child.does("voice_change_recorded", "2026-12-15 11:00", words="The visits are after school now.")
    child.does("conference_record_closed", "2026-12-15 11:30")
    child.does("voice_recorded", "2027-03-10 10:00", how="in_person", wishes="To stay.")
    child.does("review_held", "2027-03-11 10:00", **{**REVIEW, "decision": "stay", "voice_changed": None})
    assert child.refused("conference_record_closed", "2027-03-11 12:00") == "conference_record_lacks_voice_changed"
    answer = child.does("conference_record_closed", "2027-03-11 12:30", goes_on_because="The chair is in hospital.")
    assert answer.notes == ("say_what_voice_changed",)
    assert not child.state.conference_record_open
    assert child.due("voice_changed") == "2027-03-15"


def test_of_a_voice_that_came_after_the_conference_it_is_said_too_what_it_changed() -> None:
    child = enquired_into()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    assert not child.runs("voice_changed"), "nobody owes what a voice changed that was not heard"
    answer = child.does("voice_recorded", "2026-12-17 10:00", how="observed")
    assert (answer.missing, answer.notes) == (("voice_changed",), ("say_what_voice_changed",))
    assert child.due("voice_changed") == "2026-12-21"


def test_of_a_voice_heard_before_the_conference_and_told_after_it_the_days_count_from_the_conference() -> None:
    child = enquired_into()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    child.does("voice_recorded", "2026-12-10 10:00", told="2026-12-15 10:00", how="in_person", wishes="To stay.")
    assert child.due("voice_changed") == "2026-12-16"


def test_of_a_voice_written_down_after_the_decision_had_said_it_or_of_no_nothing_is_owed() -> None:
    for how, changed in (("in_person", "Where the visits are."), ("declined", None)):
        child = enquired_into()
        child.does("conference_held", "2026-12-14 13:30", **REGISTERS, voice_changed=changed)
        assert child.does("voice_recorded", "2026-12-15 10:00", how=how).missing == ()
        assert not child.runs("voice_changed")


def test_what_was_said_before_the_conference_itself_was_told_counts() -> None:
    child = before_conference()
    child.does("voice_change_recorded", "2026-12-14 14:00", words="The visits are after school now.")
    assert child.does("conference_held", "2026-12-14 13:30", told="2026-12-15 10:00", **REGISTERS).missing == ()
    assert not child.runs("voice_changed")


def test_what_was_said_before_a_decision_does_not_say_what_the_voice_changed_in_it() -> None:
    child = before_conference()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    told = {"told": "2026-12-15 10:00", "words": "The visits are after school now."}
    assert child.refused("voice_change_recorded", "2026-12-01 10:00", **told) == "voice_change_before_conference"
    assert child.runs("voice_changed")


def test_what_an_earlier_decision_owes_is_not_said_by_a_later_one() -> None:
    child = before_conference()
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    child.does("voice_recorded", "2027-03-10 10:00", how="in_person", wishes="To stay.")
    child.does("review_held", "2027-03-11 10:00", **{**REVIEW, "decision": "stay"})
    assert child.clock("voice_changed").instance == "voice_changed/1"
    assert child.refused("conference_record_closed", "2027-03-11 12:00") == "conference_record_lacks_voice_changed"


@pytest.mark.parametrize("review", [True, False])
def test_a_decision_that_says_it_owes_nothing(review: bool) -> None:
    child = before_conference()
    answer = child.does("conference_held", "2026-12-14 13:30", **REGISTERS, voice_changed="Where the visits are.")
    if review:
        child.does("voice_recorded", "2027-03-10 10:00", how="in_person", wishes="To stay.")
        answer = child.does("review_held", "2027-03-11 10:00", **{**REVIEW, "decision": "stay"})
    assert answer.missing == ()


def test_without_a_voice_the_voice_is_what_is_missing_and_a_voice_that_was_declined_changes_nothing() -> None:
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    answer = child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    assert "voice" in answer.missing
    assert "voice_changed" not in answer.missing
    declined = before_conference(how="declined")
    assert "voice_changed" not in declined.does("conference_held", "2026-12-14 13:30", **REGISTERS).missing


def test_no_to_a_meeting_does_not_take_back_what_was_said_before() -> None:
    child = before_conference()
    child.does("participation_declined", "2026-12-11 10:00", meeting="m-1")
    assert "voice_changed" in child.does("conference_held", "2026-12-14 13:30", **REGISTERS).missing


def test_no_twice_goes_to_the_chair_once_over_meetings_and_voices() -> None:
    child = registered()
    assert child.does("participation_declined", "2027-01-11 10:00", meeting="m-1").notes == ()
    assert child.does("participation_declined", "2027-01-12 10:00", meeting="m-1").notes == (), "the same meeting tells its chair itself"
    assert child.does("voice_recorded", "2027-01-13 10:00", how="declined").notes == ("child_declined_twice",)
    child.does("participation_declined", "2027-02-11 10:00", meeting="m-2")
    assert child.told("child_declined_twice") == ["p-nia"]
    child.does("voice_recorded", "2027-02-12 10:00", how="letter", wishes="To stay.")
    child.does("voice_recorded", "2027-02-20 10:00", how="declined")
    assert child.told("child_declined_twice") == ["p-nia"], "heard in between: counted anew"
    child.does("voice_recorded", "2027-02-21 10:00", how="declined")
    assert child.told("child_declined_twice") == ["p-nia", "p-nia"]


def test_after_how_many_times_the_chair_hears_of_it_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    child = registered()
    changed = child.around.rules.with_settings({"declining.times": 3})
    monkeypatch.setattr(Child, "around", replace(child.around, rules=changed))
    told = [child.does("voice_recorded", f"2027-01-1{day} 10:00", how="declined").notes for day in (1, 2, 3)]
    assert told == [(), (), ("child_declined_twice",)]


def test_the_same_words_as_a_siblings_are_taken_and_the_chair_and_the_manager_are_told() -> None:
    child = registered()
    answer = child.does("voice_recorded", "2027-01-11 10:00", how="letter", wishes="To stay.", same_words=["c-2"])
    assert answer.notes == ("same_words_as_sibling",)
    assert sorted(child.told("same_words")) == ["p-huw", "p-nia"]
    decided = before_conference()
    answer = decided.does("conference_held", "2026-12-14 13:30", **REGISTERS, voice_changed="Nothing.", same_words=["c-2"])
    assert answer.notes == ("same_words_as_sibling",)
    assert decided.told("same_words") == ["p-huw"], "the meeting tells its chair"


LACKS: dict[str, tuple[str, dict[str, Any]]] = {
    "not_registering_needs_voice": ("voice_recorded", {"how": "in_person"}),
    "not_registering_needs_safety_plan": ("safety_plan_agreed", {"words": "Who does what."}),
    "standing_down_needs_advocacy_offer": ("advocacy_offered", {"answer": "accepted"}),
    "standing_down_needs_reports": ("agency_reports_received", {}),
}
"""Why a conference may not decide against registering, and what there must be instead."""


def called() -> Child:
    """A conference is arranged, and everything that it needs is missing."""
    child = enquired_into()
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    child.does("conference_arranged", "2026-12-02 16:30", conference="icpc", planned_at="2026-12-14T10:00:00+00:00", chair="p-nia")
    return child


def test_not_registering_waits_for_each_thing_that_is_missing() -> None:
    child = called()
    for number, (code, (name, fields)) in enumerate(LACKS.items()):
        assert child.refused("conference_held", f"2026-12-14 13:{number}0", **NOT) == code
        child.does(name, f"2026-12-14 13:{number}5", **fields)
    child.does("conference_held", "2026-12-14 14:00", **NOT)
    assert child.state.enquiries[0].stage == "not_registered"


def test_not_registering_goes_on_with_a_named_persons_reason_and_registering_waits_for_nothing() -> None:
    child = called()
    child.does("conference_held", "2026-12-14 14:00", **NOT, goes_on_because="The child is with its father in England.")
    assert child.state.enquiries[0].stage == "not_registered"
    assert called().does("conference_held", "2026-12-14 14:00", **REGISTERS).missing


def test_a_name_is_removed_only_once_the_advocate_is_offered_and_the_reports_are_in() -> None:
    child = registered()
    child.does("conference_arranged", "2027-02-01 10:00", conference="rcpc", planned_at="2027-03-11T10:00:00+00:00", chair="p-nia")
    child.does("voice_recorded", "2027-03-10 10:00", how="in_person")
    assert child.refused("review_held", "2027-03-11 10:00", **REVIEW) == "standing_down_needs_reports"
    gone_on = child.does("review_held", "2027-03-11 10:05", **REVIEW, goes_on_because="All were there and spoke.")
    assert child.state.registration == "deregistered"
    assert gone_on.missing == ()


def test_too_few_agencies_register_with_a_note_and_stand_down_with_the_chairs_reason_alone() -> None:
    few: dict[str, Any] = {"attendance": THERE[:1]}
    assert "not_quorate" in before_conference().does("conference_held", "2026-12-14 13:30", **{**REGISTERS, **few}).notes
    child = before_conference()
    assert child.refused("conference_held", "2026-12-14 13:30", **{**NOT, **few}) == "not_quorate"
    answer = child.does("conference_held", "2026-12-14 13:30", **{**NOT, **few}, goes_on_because="The school wrote.")
    assert "not_quorate_with_reason" in answer.notes
    on = registered()
    on.does("voice_recorded", "2027-03-10 10:00", how="in_person")
    assert on.refused("review_held", "2027-03-11 10:00", **{**REVIEW, **few}) == "not_quorate"
    assert "not_quorate" in on.does("review_held", "2027-03-11 10:00", **{**REVIEW, "decision": "stay", **few}).notes


def test_the_record_is_closed_only_when_nothing_is_missing_or_owed() -> None:
    child = called()
    child.does("conference_held", "2026-12-14 14:00", **NOT, goes_on_because="Why.")
    code = child.refused("record_closed", "2026-12-14 15:00", rationale="Moved.")
    assert code in {"closing_while_lacking", "closing_while_owed"}
