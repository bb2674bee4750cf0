"""Timescales judge by when it happened, in whatever order it is told, and each conference keeps its own."""

from typing import Any

from tests.procedures.child import EVIDENCE, REGISTERS, THERE, at, enquired_into, registered, reported


class TestToldLate:
    """Timescales judge by when it happened, in whatever order it was recorded."""

    def test_a_visit_recorded_before_the_start_that_it_fulfils_counts(self) -> None:
        child = reported()
        child.does("visit", "2026-11-23 17:30", seen=True, alone="alone", place="school")
        child.does("visit", "2026-11-26 09:00", seen=True, alone="alone", place="school")
        child.does("enquiries_started", "2026-11-23 15:00", "2026-11-26 10:00", mode="joint")
        assert not child.runs("child_first_seen")
        assert child.said("child_first_seen") == ["started", "met"]
        assert child.state.closed_clocks["child_first_seen@1"].ended_at == at("2026-11-23 17:30")

    def test_a_visit_before_the_start_does_not_count(self) -> None:
        child = reported()
        child.does("visit", "2026-11-23 14:30", seen=True, alone="alone", place="school")
        child.does("enquiries_started", "2026-11-23 15:00", "2026-11-23 16:00", mode="joint")
        assert child.due("child_first_seen") == "2026-11-23"

    def test_a_first_visit_after_its_time_is_overdue_though_the_start_was_told_later(self) -> None:
        child = reported()
        child.does("visit", "2026-11-26 09:00", seen=True, alone="alone", place="school")
        child.does("enquiries_started", "2026-11-23 15:00", "2026-11-26 10:00", mode="joint")
        assert child.said("child_first_seen") == ["started", "overdue", "met"]

    def test_visits_after_a_registration_told_late_start_the_next_ones(self) -> None:
        child = enquired_into()
        child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
        child.does("safety_plan_agreed", "2026-12-02 17:10", words="Who does what.")
        child.does("voice_recorded", "2026-12-10 10:00", how="in_person", worries="That I must move.")
        child.does("visit", "2026-12-16 10:00", seen=True, alone="alone", place="home")
        child.does("visit", "2026-12-18 10:00", seen=True, alone="alone", place="home")
        child.does("conference_held", "2026-12-14 13:30", "2026-12-21 09:00", **REGISTERS)
        assert child.said("seen_alone") == ["started", "met", "started", "met", "started"]
        assert child.clock("seen_alone").started_at == at("2026-12-18 10:00")
        assert child.clock("seen_at_home").started_at == at("2026-12-18 10:00")

    def test_a_missing_episode_told_after_its_end_leaves_nobody_missing(self) -> None:
        child = reported()
        child.does("found", "2026-11-22 20:00")
        child.does("missing", "2026-11-22 15:00", "2026-11-23 09:00")
        assert not child.state.child_missing
        assert not child.runs("missing")

    def test_an_earlier_return_told_late_leaves_a_child_missing_who_went_missing_again_since(self) -> None:
        child = reported()
        child.does("missing", "2026-11-22 15:00")
        child.does("missing", "2026-11-22 22:00")
        told = child.does("found", "2026-11-22 18:00", "2026-11-22 22:30")
        assert told.notes == ("missing_again_since",)
        assert child.state.child_missing
        assert child.clock("missing").started_at == at("2026-11-22 22:00")
        child.does("found", "2026-11-22 23:30")
        assert not child.state.child_missing
        assert not child.runs("missing")

    def test_an_earlier_episode_told_late_does_not_end_one_that_lasts(self) -> None:
        child = reported()
        child.does("missing", "2026-11-22 22:00")
        child.does("found", "2026-11-22 18:00", "2026-11-22 22:20")
        child.does("missing", "2026-11-22 15:00", "2026-11-22 22:30")
        assert child.state.child_missing
        assert child.clock("missing").started_at == at("2026-11-22 22:00")


class TestBetweenConferences:
    """A review and an initial conference may both be planned; what was to be done between two conferences is not lost at the next."""

    def test_each_conference_has_reports_of_its_own(self) -> None:
        child = registered()
        child.does("conference_arranged", "2027-02-01 09:00", conference="rcpc", planned_at=at("2027-03-10 10:00"))
        child.does("strategy_held", "2027-02-01 10:00", attendance=THERE, outcome="section47_joint", medical="needed", rationale="Why.")
        child.does("conference_arranged", "2027-02-02 09:00", conference="icpc", planned_at=at("2027-02-18 10:00"))
        assert len(child.state.planned) == 2
        assert [each.started_by for each in child.state.clocks.values() if each.clock == "agency_report"] == [
            "rcpc_arranged",
            "icpc_arranged",
        ]
        child.does("agency_reports_received", "2027-02-12 09:00")
        assert child.clock("agency_report").started_by == "rcpc_arranged"
        held: dict[str, Any] = {**REGISTERS, "categories": ["sexual"]}
        child.does("conference_held", "2027-02-18 10:00", **held)
        assert set(child.state.planned) == {"rcpc"}
        assert child.clock("reports_to_parents").started_by == "rcpc_arranged"

    def test_a_review_that_finds_the_bedroom_not_seen_says_so(self) -> None:
        child = registered()
        child.does("review_held", "2027-03-10 10:00", chair="p-nia", attendance=THERE, decision="stay")
        assert child.told("not_done_between_conferences") == ["p-huw"]
        assert [each.content.get("reason") for each in child.entries if each.content.get("instance") == "bedroom_seen/1"][-1] == (
            "not_done_before_rcpc_held"
        )
        assert child.clock("bedroom_seen").instance == "bedroom_seen/2"

    def test_a_chair_who_is_a_manager_by_post_alone_takes_no_name_off_the_register(self) -> None:
        child = registered()
        against: dict[str, Any] = {
            "attendance": THERE,
            "decision": "deregister",
            "evidence": EVIDENCE,
            "contingency_plan": "Who, when.",
            "rationale": "Why.",
        }
        assert child.refused("review_held", "2027-03-10 10:00", chair="p-huw", **against) == "chair_from_line_management"
