"""What must never go wrong: protection is never held up by paperwork, and nothing drops off a list by itself."""

from typing import Any

import pytest

from procedures.refusals import Refused
from tests.procedures.child import EVIDENCE, REGISTERS, THERE, Child, at, enquired_into, registered, reported


class TestProtectionIsNotHeldUp:
    """A gate blocks only standing down; what protects takes effect, and what is missing becomes urgent."""

    def test_a_strategy_discussion_without_a_rationale_takes_effect_and_the_rationale_is_urgent(self) -> None:
        child = reported()
        answer = child.does("screened", "2026-11-23 10:05", decision="strategy")
        assert answer.missing == ("rationale",)
        assert child.state.stages.enquiries == ((1, "strategy"),)
        assert child.due("strategy") == "2026-11-23"
        assert child.due("rationale") == "2026-11-23"
        assert child.told("rationale_missing") == ["p-huw"]
        child.does("rationale_given", "2026-11-23 10:20", rationale="Why.")
        assert not child.runs("rationale")
        assert child.state.missing == ()

    def test_a_conference_is_decided_without_a_safety_plan_and_the_plan_is_due_the_same_day(self) -> None:
        child = enquired_into()
        answer = child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
        assert answer.missing == ("safety_plan",)
        assert child.due("safety_plan") == "2026-12-02"
        assert child.told("safety_plan_missing") == ["p-huw"]

    def test_registration_stands_without_the_childs_voice_but_the_record_of_the_conference_does_not_close(self) -> None:
        child = enquired_into()
        child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
        answer = child.does(
            "conference_held",
            "2026-12-15 13:30",
            chair="p-nia",
            attendance=THERE,
            decision="register",
            categories=["neglect"],
            rationale="Why.",
        )
        assert "voice" in answer.missing
        assert child.state.registration == "registered"
        assert child.refused("conference_record_closed", "2026-12-16 09:00") == "conference_record_lacks_voice"
        child.does("voice_recorded", "2026-12-16 10:00", how="observed")
        assert child.refused("conference_record_closed", "2026-12-16 10:30") == "conference_record_lacks_voice_changed"
        child.does("voice_change_recorded", "2026-12-16 10:45", words="She stays with the same grown-up.")
        child.does("conference_record_closed", "2026-12-16 11:00")

    def test_enquiries_begin_without_waiting_for_a_discussion(self) -> None:
        child = reported()
        answer = child.does("enquiries_started", "2026-11-20 18:00", mode="single_agency")
        assert child.state.stages.enquiries == ((1, "section47"),)
        assert answer.missing == ("rationale",)
        assert child.due("strategy") == "2026-11-20"

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({}, "screening_needs_rationale"),
            ({"rationale": "Why."}, "screening_needs_threshold"),
            ({"rationale": "Why.", "threshold_element": "abuse_or_neglect"}, "screening_before_safety"),
        ],
    )
    def test_a_report_is_not_stood_down_without(self, fields: dict[str, str], code: str) -> None:
        child = reported()
        assert child.refused("screened", "2026-11-20 17:00", decision="no_further_action", **fields) == code

    def test_a_possible_crime_is_told_to_the_police_before_a_report_is_stood_down(self) -> None:
        child = reported()
        child.does("safety_checked", "2026-11-20 17:05", safe=True)
        code = child.refused(
            "screened", "2026-11-20 17:10", decision="no_further_action", rationale="Why.", threshold_element="abuse_or_neglect"
        )
        assert code == "screening_before_police"

    def test_not_substantiated_is_ratified_by_another_person(self) -> None:
        child = enquired_into()
        outcome = {"outcome": "not_substantiated", "rationale": "Why."}
        assert child.refused("determined", "2026-12-02 16:00", **outcome) == "determination_needs_ratification"
        assert child.refused("determined", "2026-12-02 16:00", ratified_by="p-mari", **outcome) == "determination_needs_ratification"
        child.does("determined", "2026-12-02 16:00", ratified_by="p-huw", **outcome)
        assert not child.runs("icpc")

    def test_what_was_stood_down_is_taken_up_again_by_a_strategy_discussion(self) -> None:
        child = enquired_into()
        child.does("determined", "2026-12-02 16:00", outcome="not_substantiated", rationale="Why.", ratified_by="p-huw")
        assert not child.runs("icpc")
        child.does("strategy_held", "2026-12-04 10:00", attendance=THERE, outcome="section47_joint", rationale="New signs.")
        assert child.state.stages.enquiries == ((1, "section47"),)
        assert child.due("icpc") == "2026-12-29"
        assert child.runs("child_first_seen")

    def test_a_conference_registers_a_child_whose_enquiry_was_stood_down(self) -> None:
        child = enquired_into()
        child.does("determined", "2026-12-02 16:00", outcome="substantiated_not_at_risk", rationale="Why.")
        child.does("conference_held", "2026-12-08 10:00", **REGISTERS)
        assert child.state.registration == "registered"
        assert child.state.stages.enquiries == ((1, "registered"),)

    def test_a_conference_is_decided_straight_from_the_strategy_discussion(self) -> None:
        child = reported()
        child.does("screened", "2026-11-23 10:05", decision="strategy", rationale="Why.")
        child.does("determined", "2026-11-23 11:00", outcome="substantiated_at_risk", rationale="Why.")
        assert child.state.stages.enquiries == ((1, "conference"),)


class TestRegistrationIsApartFromEnquiries:
    """A new concern about a registered child is a new enquiry beside the registration, which goes on unbroken."""

    def test_whatever_comes_of_the_enquiry_visits_core_groups_and_reviews_go_on(self) -> None:
        child = registered()
        before = {name: child.clock(name).instance for name in ("seen_alone", "seen_at_home", "core_group_first", "rcpc_first")}
        child.does("report", "2026-12-16 09:00", how="in_writing", words="Again.")
        assert child.told("new_report_on_registered_child") == ["p-mari", "p-huw"]
        child.does("safety_checked", "2026-12-16 09:30", safe=True)
        child.does(
            "screened", "2026-12-16 16:00", decision="no_further_action", rationale="Known.", threshold_element="significant_harm_likely"
        )
        assert child.state.stages.enquiries == ((1, "registered"), (2, "no_further_action"))
        assert child.state.registration == "registered"
        assert before == {name: child.clock(name).instance for name in before}

    def test_a_conference_of_a_second_enquiry_adds_its_category_and_restarts_nothing(self) -> None:
        child = registered()
        before = child.clock("rcpc_first").instance
        child.does("report", "2026-12-16 09:00", how="in_writing", words="Again.")
        child.does("enquiries_started", "2026-12-16 10:00", mode="joint")
        child.does(
            "conference_held",
            "2026-12-18 10:00",
            chair="p-nia",
            attendance=THERE,
            decision="register",
            categories=["physical"],
            rationale="Why.",
        )
        assert child.state.categories == ("neglect", "physical")
        assert child.clock("rcpc_first").instance == before


class TestSeen:
    """Seen, seen alone and seen at home are three timescales."""

    def test_tried_and_not_seen_tells_the_manager_the_same_day(self) -> None:
        child = registered()
        child.does("visit", "2026-12-16 16:00", seen=False, place="home", not_seen_because="no_access")
        (letter,) = [each for each in child.letters if each.about == "tried_not_seen"]
        assert (letter.recipient, letter.urgent, letter.at) == ("p-huw", True, at("2026-12-16 16:00"))
        assert child.due("seen_alone") == "2026-12-30"

    def test_a_home_visit_where_the_child_was_not_seen_alone_does_not_stop_seen_alone(self) -> None:
        child = registered()
        due = child.due("seen_alone")
        child.does("visit", "2026-12-22 16:00", seen=True, place="home")
        assert child.due("seen_alone") == due
        assert child.due("seen_at_home") == "2027-01-19"

    def test_seen_alone_late_ends_the_timescale_with_how_late(self) -> None:
        child = registered()
        child.does("visit", "2027-01-11 15:00", seen=True, alone="alone", place="school")
        assert child.said("seen_alone")[-2:] == ["met", "started"]
        (met,) = [each for each in child.entries if each.kind == "clock" and each.content["state"] == "met" and each.rule == "seen_alone"]
        assert met.content["late_seconds"] > 11 * 24 * 3600
        assert child.due("seen_alone") == "2027-01-25"

    def test_seen_in_time_and_told_late_is_a_state_of_its_own_and_those_told_get_a_correction(self) -> None:
        child = registered()
        child.wait("2027-01-05 09:00")
        assert "overdue" in child.said("seen_alone")
        alerted = {letter.recipient for letter in child.letters if letter.instance == child.clock("seen_alone").instance}
        child.does("visit", "2026-12-29 15:00", told="2027-01-05 10:00", seen=True, alone="alone", place="home")
        assert child.said("seen_alone")[-2:] == ["met_recorded_late", "started"]
        corrected = {letter.recipient for letter in child.letters if letter.kind == "correction" and letter.about == "seen_alone"}
        assert corrected == alerted
        assert child.told("visit_recorded_late")

    def test_a_missing_child_is_told_at_once_and_every_timescale_keeps_running(self) -> None:
        child = registered()
        running = set(child.state.clocks)
        child.does("missing", "2026-12-17 02:00")
        assert child.told("child_missing") == ["p-mari", "p-huw", "p-carys"]
        assert running < set(child.state.clocks)


class TestHoldsAndAcknowledgements:
    """A hold is a flag that expires; an acknowledgement buys time; only doing the thing ends a timescale."""

    def test_a_hold_stops_no_visit_or_conference_and_expires(self) -> None:
        child = registered()
        child.does("hold", "2026-12-15 09:00", until=at("2027-01-08 09:00"), reason="Family abroad.")
        child.wait("2027-01-09 09:00")
        assert "overdue" in child.said("seen_alone")
        assert "escalated" in child.said("seen_alone")
        assert child.state.hold_until is None
        assert child.told("on_hold") == ["p-rhodri"]

    def test_an_acknowledgement_holds_the_ladder_for_two_working_days_and_then_it_climbs_on(self) -> None:
        child = registered()
        child.wait("2026-12-31 09:00")
        instance = child.clock("seen_alone").instance
        climbed = child.clock("seen_alone").climbed
        child.does("acknowledged", "2026-12-31 09:10", instance=instance, action="Visit on Monday.")
        child.wait("2027-01-04 23:00")
        assert child.clock("seen_alone").climbed == climbed
        child.wait("2027-01-06 09:00")
        assert child.clock("seen_alone").climbed > climbed
        assert child.runs("seen_alone")

    def test_each_rung_is_told_once_and_only_once_up_to_the_director(self) -> None:
        child = registered()
        child.wait("2027-02-28 09:00")
        rungs = [each.content["rung"] for each in child.entries if each.rule == "seen_alone" and each.content["state"] == "escalated"]
        assert rungs == sorted(set(rungs))
        assert child.told("seen_alone")[-1] == "p-meinir"

    def test_the_deputy_is_told_where_the_manager_is_away(self) -> None:
        child = Child(deputies={"p-huw": "p-lowri"})
        child.does("report", "2026-11-20 16:40", how="in_writing", words="A bruise.")
        child.wait("2026-12-10 09:00")
        assert "p-lowri" in child.told("screening")
        assert "p-huw" not in child.told("screening")

    def test_somebody_against_whom_there_is_an_allegation_is_told_nothing(self) -> None:
        child = registered()
        child.does("allegation_against_professional", "2026-12-15 10:00", against="p-huw", words="Said to have struck the child.")
        assert child.due("designated_officer") == "2026-12-16 10:00"
        child.wait("2027-01-20 09:00")
        after = [letter.recipient for letter in child.letters if letter.at >= at("2026-12-15 10:00")]
        assert "p-huw" not in after


class TestEndings:
    """Deregistration is never automatic; nothing drops off by a date."""

    def test_a_missed_review_deregisters_nobody(self) -> None:
        child = registered()
        child.wait("2028-12-31 09:00")
        assert child.state.registration == "registered"
        assert child.clock("rcpc_first").overdue

    def test_a_name_is_removed_only_with_evidence_contingency_and_voice(self) -> None:
        child = registered()
        child.wait("2027-03-11 09:00")
        review: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "decision": "deregister"}
        when = "2027-03-11 10:00"
        assert child.refused("review_held", when, **review) == "deregistration_needs_rationale"
        review["rationale"] = "Why."
        assert child.refused("review_held", when, **review) == "deregistration_needs_evidence"
        review["evidence"] = EVIDENCE
        assert child.refused("review_held", when, **review) == "deregistration_needs_contingency"
        review["contingency_plan"] = "Who acts, by when."
        assert child.refused("review_held", when, **review) == "deregistration_needs_voice"
        child.does("voice_recorded", "2027-03-11 10:00", how="in_person", wishes="To stay at home.")
        assert child.refused("review_held", when, **review) == "deregistration_at_first_review"
        child.does("review_held", when, reason="The father moved out.", **review)
        assert child.state.registration == "deregistered"
        assert child.state.categories == ()
        assert not child.runs("seen_alone")
        assert child.due("deregistration_notice") == "2027-03-18"

    def test_a_child_who_moves_stays_on_the_register_until_the_conference_there(self) -> None:
        child = registered()
        child.does("move_out", "2027-01-13 10:00", to_authority="a-2")
        assert child.refused("record_closed", "2027-01-13 11:00", rationale="Moved away.") == "closing_while_registered"
        child.does("move_permanence_agreed", "2027-01-18 10:00")
        assert child.due("transfer_in") == "2027-02-08"
        child.does("transferred", "2027-02-05 10:00", decision="registered_there")
        assert child.state.registration == "deregistered"

    def test_death_stops_every_timescale_and_locks_the_record(self) -> None:
        child = registered()
        child.does("ended", "2026-12-20 04:00", ending="death")
        assert child.state.clocks == {}
        assert "p-rhodri" in child.told("journey_ended")
        assert child.refused("visit", "2026-12-21 10:00", seen=True, place="home") == "journey_ended"
        child.does("corrected", "2026-12-21 10:00", entry=1, words="The time was wrong.")

    def test_at_18_a_name_is_removed_only_after_the_handover(self) -> None:
        child = registered()
        assert child.refused("deregistered", "2027-01-05 10:00", ground="turned_18", rationale="18.") == "eighteen_needs_handover"

    def test_leaving_the_uk_is_confirmed_by_a_senior_manager(self) -> None:
        child = registered()
        assert child.refused("deregistered", "2027-01-05 10:00", ground="left_uk", rationale="Gone.") == "leaving_needs_confirmation"


class TestNobodyIsStoodDownUnsafely:
    """Every way of standing down asks whether the child is safe, and whether the police know."""

    STOOD_DOWN: dict[str, Any] = {"decision": "no_further_action", "rationale": "Why.", "threshold_element": "abuse_or_neglect"}
    NOTHING: dict[str, Any] = {"attendance": THERE, "outcome": "no_further_action", "rationale": "Why."}

    def test_a_child_checked_and_not_safe_is_not_stood_down(self) -> None:
        child = reported(possible_crime=False)
        child.does("safety_checked", "2026-11-20 17:05", safe=False)
        assert child.refused("screened", "2026-11-20 17:10", **self.STOOD_DOWN) == "screening_before_safety"
        child.does("safety_checked", "2026-11-20 18:05", safe=True)
        child.does("screened", "2026-11-20 18:10", **self.STOOD_DOWN)

    def test_nor_by_a_strategy_discussion(self) -> None:
        child = reported()
        assert child.refused("strategy_held", "2026-11-20 16:50", **self.NOTHING) == "screening_before_safety"
        child.does("safety_checked", "2026-11-20 17:05", safe=True)
        assert child.refused("strategy_held", "2026-11-20 17:10", **self.NOTHING) == "screening_before_police"

    def test_an_enquiry_screened_again_begins_again(self) -> None:
        child = enquired_into()
        child.does("determined", "2026-12-02 16:00", outcome="not_substantiated", rationale="Why.", ratified_by="p-huw")
        child.does("screened", "2027-03-01 10:00", decision="strategy", rationale="New signs.")
        child.does("strategy_held", "2027-03-01 15:00", attendance=THERE, outcome="section47_joint")
        assert child.state.stages.enquiries == ((1, "section47"),)
        assert child.runs("child_first_seen")
        assert child.runs("icpc_from_first")

    def test_a_reason_given_for_one_decision_is_not_given_for_another(self) -> None:
        child = reported()
        child.does("screened", "2026-11-23 10:05", decision="strategy")
        child.does("determined", "2026-11-23 11:00", outcome="substantiated_at_risk")
        child.does("rationale_given", "2026-11-23 11:10", about="screening", rationale="Why.")
        assert child.runs("rationale")
        child.does("rationale_given", "2026-11-23 11:20", about="determination", rationale="Why.")
        assert not child.runs("rationale")

    def test_whoever_only_acknowledges_is_escalated_past(self) -> None:
        child = registered()
        child.wait("2026-12-31 09:00")
        instance = child.clock("seen_alone").instance
        child.does("acknowledged", "2026-12-31 09:10", instance=instance, action="Visit on Monday.")
        assert child.refused("acknowledged", "2026-12-31 09:20", instance=instance, action="Later.") == "already_acknowledged"

    def test_whoever_acknowledges_what_cannot_be_is_told_what_can(self) -> None:
        child = registered()
        with pytest.raises(Refused, match=r"running for this child. Overdue and not acknowledged: none\."):
            child.does("acknowledged", "2026-12-15 14:00", instance="nothing", action="A visit.")
        child.wait("2026-12-31 09:00")
        overdue = child.clock("seen_alone").instance
        for instance, code in (("nothing", "not_running"), (child.clock("rcpc_first").instance, "not_overdue")):
            with pytest.raises(Refused) as refused:
                child.does("acknowledged", "2026-12-31 09:10", instance=instance, action="A visit.")
            assert refused.value.code == code
            named = refused.value.sentence("en").split("not acknowledged: ")[1].rstrip(".").split(", ")
            assert overdue in named
        for instance in named:
            child.does("acknowledged", "2026-12-31 09:20", instance=instance, action="A visit.")

    def test_a_person_shut_out_decides_nothing(self) -> None:
        child = registered()
        child.does("allegation_against_professional", "2026-12-15 10:00", against="p-huw", words="Said to have struck the child.")
        code = child.refused("deregistered", "2026-12-16 10:00", actor="p-huw", ground="turned_18", rationale="18.")
        assert code == "shut_out"

    def test_a_deputy_who_is_away_too_is_passed_over(self) -> None:
        child = Child(deputies={"p-duty": "p-huw", "p-huw": None})
        child.does("report", "2026-11-20 16:40", how="in_writing", words="A bruise.")
        child.wait("2026-12-10 09:00")
        assert not {"p-duty", "p-huw"} & set(child.told("screening"))
        assert "p-carys" in child.told("screening")


class TestNothingIsLostOnTheWay:
    """A timescale that protects is never silently missing, and a name leaves the register by its own gates alone."""

    def test_a_transfer_in_conference_does_not_deregister_a_child_of_this_authority(self) -> None:
        child = registered()
        held = {"conference": "transfer_in", "decision": "not_register", "chair": "p-nia", "attendance": THERE}
        why = {"rationale": "Why.", "goes_on_because": "Why not."}
        assert child.refused("conference_held", "2026-12-16 10:00", **held, **why) == "not_from_this_stage"

    def test_nobody_is_18_by_being_said_to_be(self) -> None:
        child = registered()
        of_age = {"ground": "turned_18", "rationale": "18.", "handed_to_adult_safeguarding": True}
        assert child.refused("deregistered", "2027-01-05 10:00", **of_age) == "not_yet_18"

    def test_a_chair_from_line_management_is_noted_when_registering_and_refused_when_deregistering(self) -> None:
        child = enquired_into()
        child.does("allocated", "2026-11-25 10:00", role="team_manager", person="p-huw")
        child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
        held = {**REGISTERS, "chair": "p-huw"}
        assert "chair_from_line_management" in child.does("conference_held", "2026-12-08 10:00", **held).notes
        review: dict[str, Any] = {"chair": "p-huw", "attendance": THERE, "decision": "deregister", "rationale": "Why."}
        assert child.refused("review_held", "2027-03-01 10:00", **review) == "chair_from_line_management"

    def test_a_child_born_during_enquiries_is_seen(self) -> None:
        child = reported(expected_on="2027-01-10")
        child.does("enquiries_started", "2026-11-20 17:00", mode="joint")
        assert not child.runs("child_first_seen")
        child.does("born", "2027-01-04 03:00")
        assert child.due("child_first_seen") == "2027-01-05"
        assert child.runs("child_first_seen_alone")

    def test_a_report_about_the_mothers_next_child_leaves_a_born_child_born(self) -> None:
        child = registered()
        child.does("report", "2026-12-16 09:00", how="in_writing", words="Expecting.", expected_on="2027-08-20")
        assert not child.state.unborn

    def test_a_child_who_moved_in_for_a_while_and_stays_has_its_conference_here(self) -> None:
        child = Child()
        child.does("moved_in", "2027-01-11 10:00", from_authority="a-2", categories=["neglect"])
        assert not child.runs("transfer_in")
        child.does("move_permanence_agreed", "2027-01-18 10:00")
        assert child.due("transfer_in") == "2027-02-08"

    def test_a_second_emergency_order_has_an_expiry_of_its_own(self) -> None:
        child = reported()
        child.does("emergency_protection", "2026-12-01 10:00", kind="emergency_protection_order")
        child.does("emergency_protection", "2026-12-08 10:00", kind="emergency_protection_order")
        assert child.due("emergency_order") == "2026-12-16"

    def test_a_conference_decided_without_a_discussion_has_its_15_working_days(self) -> None:
        child = reported()
        child.does("enquiries_started", "2026-11-23 10:00", mode="joint")
        child.does("determined", "2026-11-23 15:00", outcome="substantiated_at_risk", rationale="Why.")
        assert child.due("icpc") == "2026-12-14"


class TestProtectionNeedsNoReport:
    """A strategy discussion, enquiries or a conference do not wait for a report: they open an enquiry of their own."""

    def test_a_strategy_discussion_on_a_registered_child_opens_an_enquiry_and_the_report_is_what_is_missing(self) -> None:
        child = registered()
        answer = child.does(
            "strategy_held", "2027-02-01 10:00", attendance=THERE, outcome="section47_joint", medical="needed", rationale="Why."
        )
        assert child.state.stages.enquiries == ((1, "registered"), (2, "section47"))
        assert "report" in answer.missing
        assert child.told("enquiry_without_report") == ["p-huw"]
        assert child.due("icpc") == "2027-02-22"
        child.does("safety_checked", "2027-02-01 10:30", safe=True)
        child.does("written_report", "2027-02-01 11:00", received_at=at("2027-02-01 11:00"))
        assert "report" not in [each.thing for each in child.state.missing]

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("enquiries_started", {"mode": "joint"}),
            ("determined", {"outcome": "substantiated_at_risk", "rationale": "Why."}),
            (
                "conference_held",
                {"chair": "p-nia", "attendance": THERE, "decision": "register", "categories": ["sexual"], "rationale": "Why."},
            ),
        ],
    )
    def test_nor_does_anything_else_that_protects(self, name: str, fields: dict[str, Any]) -> None:
        child = registered()
        child.does(name, "2027-02-01 10:00", **fields)
        assert len(child.state.enquiries) == 2
        assert child.state.registration == "registered"

    def test_a_child_who_moved_in_without_an_enquiry_is_protected_too(self) -> None:
        child = Child()
        child.does("moved_in", "2026-11-20 10:00", from_authority="sir-arall", categories=["neglect"], permanent=True)
        child.does("strategy_held", "2026-11-23 10:00", attendance=THERE, outcome="section47_joint", medical="needed", rationale="Why.")
        assert child.state.stages.enquiries == ((1, "section47"),)

    def test_a_discussion_told_after_its_conference_belongs_to_the_enquiry_that_had_it(self) -> None:
        child = registered()
        child.does("strategy_held", "2026-11-25 10:00", "2026-12-20 10:00", attendance=THERE, outcome="another_meeting", rationale="Why.")
        assert child.state.stages.enquiries == ((1, "registered"),)
        assert not child.runs("icpc")

    def test_a_discussion_without_the_police_takes_effect_and_the_police_are_heard_the_next_working_day(self) -> None:
        child = reported()
        without = [each for each in THERE if each["agency"] != "police"]
        answer = child.does(
            "strategy_held", "2026-11-23 10:00", attendance=without, outcome="section47_single", medical="needed", rationale="Why."
        )
        assert "police" in answer.missing
        assert child.due("police_or_social_services_heard") == "2026-11-24"
        child.does("strategy_held", "2026-11-24 10:00", attendance=THERE, outcome="another_meeting", rationale="Why.")
        assert child.said("police_or_social_services_heard")[-1] == "met"
