"""What random practitioners do: commands with fields that are well formed, in the right place or not."""

import datetime as dt
from typing import Any

from tests.procedures.child import EVIDENCE, THERE

HELD: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}
REVIEWED: dict[str, Any] = {**HELD, "evidence": EVIDENCE, "contingency_plan": "Who acts.", "reason": "Much has changed."}

ACTS: list[tuple[str, dict[str, Any]]] = [
    ("report", {"how": "telephone", "words": "A bruise.", "alleged": ["physical"]}),
    ("report", {"how": "in_writing", "words": "Hunger.", "reporter": "public"}),
    ("safety_checked", {"safe": True}),
    ("screened", {"decision": "no_further_action", "rationale": "Why.", "threshold_element": "abuse_or_neglect"}),
    ("screened", {"decision": "assessment"}),
    ("screened", {"decision": "strategy"}),
    ("rationale_given", {"rationale": "Why."}),
    ("strategy_held", {"attendance": THERE, "outcome": "section47_joint"}),
    ("strategy_held", {"attendance": THERE[:2], "outcome": "another_meeting"}),
    ("strategy_held", {"attendance": THERE, "outcome": "no_further_action", "rationale": "Why."}),
    ("enquiries_started", {"mode": "joint"}),
    ("visit", {"seen": True, "alone": "alone", "place": "home", "bedroom_seen": True}),
    ("visit", {"seen": False, "place": "home"}),
    ("determined", {"outcome": "substantiated_at_risk"}),
    ("determined", {"outcome": "not_substantiated", "rationale": "Why.", "ratified_by": "p-huw"}),
    ("safety_plan_agreed", {"words": "Who does what."}),
    ("voice_recorded", {"how": "in_person", "wishes": "To stay."}),
    ("conference_held", {**HELD, "decision": "register", "categories": ["neglect"]}),
    ("conference_held", {**HELD, "decision": "not_register"}),
    ("core_group_held", {"attendance": THERE}),
    ("review_held", {**REVIEWED, "decision": "stay"}),
    ("review_held", {**REVIEWED, "decision": "deregister"}),
    ("move_out", {"to_authority": "a-2"}),
    ("transferred", {"decision": "registered_there"}),
    ("moved_in", {"from_authority": "a-2", "categories": ["physical"], "permanent": True}),
    ("moved_in", {"from_authority": "a-2", "categories": ["physical"]}),
    ("conference_held", {**HELD, "conference": "transfer_in", "decision": "register", "categories": ["physical"]}),
    ("conference_held", {**HELD, "conference": "transfer_in", "decision": "not_register"}),
    ("transfer_in_asked", {}),
    ("move_out", {"to_authority": "a-2", "temporary": True, "visits_by": "receiving_authority"}),
    ("move_information_sent", {}),
    ("move_permanence_agreed", {}),
    ("temporary_move_ended", {}),
    ("transferred", {"decision": "not_registered_there", "rationale": "Why."}),
    ("conference_arranged", {"conference": "icpc"}),
    ("conference_arranged", {"conference": "rcpc"}),
    ("conference_moved", {"conference": "rcpc", "reason": "The chair is ill."}),
    ("conference_postponed", {"protected": True, "reason": "No quorum."}),
    ("agency_reports_received", {}),
    ("reports_shared", {}),
    ("conference_record_circulated", {}),
    ("voice_change_recorded", {"words": "Where the visits are."}),
    ("conference_record_closed", {}),
    ("conference_record_closed", {"goes_on_because": "The chair is ill."}),
    ("looked_after", {}),
    ("looked_after_review_held", {}),
    ("looked_after_ended", {}),
    ("emergency_protection", {"kind": "police_protection"}),
    ("emergency_protection_ended", {"protected_by": "An order."}),
    ("acknowledged", {"instance": "immediate_safety/1", "action": "On the way."}),
    ("acknowledged", {"instance": "seen_alone/1", "action": "Tomorrow at eight."}),
    ("hold", {"reason": "The worker is ill."}),
    ("hold_ended", {}),
    ("letter_refused", {"recipient": "p-huw", "letter": "l-1", "instance": "screening/1"}),
    ("reporter_disagreed", {"words": "He is not safe."}),
    ("disagreement_resolved", {"outcome": "strategy", "rationale": "He is not."}),
    ("professional_disagreed", {"words": "Not enough."}),
    ("allegation_against_professional", {"against": "p-mari", "words": "What was said."}),
    ("allocated", {"role": "social_worker", "person": "p-mari"}),
    ("report", {"how": "in_person", "words": "Unborn.", "expected_on": "2027-03-01"}),
    ("born", {}),
    ("assessment_opened", {}),
    ("assessment_completed", {"kind": "part3"}),
    ("written_report", {}),
    ("police_told", {}),
    ("advocacy_offered", {"answer": "accepted"}),
    ("missing", {}),
    ("found", {}),
    ("record_closed", {"rationale": "Nothing is owed."}),
    ("ended", {"ending": "death"}),
    ("ended_in_error", {"rationale": "Another child.", "confirmed_by": "p-carys"}),
]

AHEAD = {
    "hold": ("until", 7),
    "conference_arranged": ("planned_at", 12),
    "conference_moved": ("planned_at", 9),
    "written_report": ("received_at", 0),
}
"""Fields that are instants, in days from when it happened."""


def fields_of(name: str, fields: dict[str, Any], happened: dt.datetime) -> dict[str, Any]:
    """The act's fields, with the instants that it needs."""
    if name not in AHEAD:
        return fields
    field, days = AHEAD[name]
    return {**fields, field: happened + dt.timedelta(days=days)}
