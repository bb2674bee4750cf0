"""A child from before birth to eighteen, on the register three times: what was recorded, as one list."""

import datetime as dt
from typing import Any, NamedTuple

from tests.procedures.child import EVIDENCE, THERE

HELD: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}
REVIEWED: dict[str, Any] = {**HELD, "evidence": EVIDENCE, "contingency_plan": "Who acts.", "reason": "Much has changed."}


class Act(NamedTuple):
    """What somebody did, and when."""

    name: str
    when: str
    fields: dict[str, Any]


def enquired_into(day: str) -> list[Act]:
    """From the report to the end of enquiries, within a day."""
    return [
        Act("safety_checked", f"{day} 10:10", {"safe": True}),
        Act("screened", f"{day} 10:12", {"decision": "strategy", "rationale": "Why.", "threshold_element": "significant_harm_likely"}),
        Act(
            "strategy_held",
            f"{day} 10:15",
            {"attendance": THERE, "outcome": "section47_single", "medical": "not_needed", "rationale": "Why."},
        ),
        Act("visit", f"{day} 10:25", {"seen": True, "alone": "alone", "place": "home", "bedroom_seen": True}),
        Act("advocacy_offered", f"{day} 10:26", {"answer": "accepted"}),
        Act("reporter_told", f"{day} 10:30", {}),
        Act("assessment_completed", f"{day} 10:50", {"kind": "section47"}),
        Act("determined", f"{day} 11:00", {"outcome": "substantiated_at_risk", "rationale": "Why."}),
        Act("safety_plan_agreed", f"{day} 11:05", {"words": "Who does what."}),
    ]


def conference(day: str, kind: str = "icpc") -> list[Act]:
    """A conference that registers."""
    fields = {**HELD, "conference": kind, "decision": "register", "categories": ["neglect"], "voice_changed": "Who is there at night."}
    return [
        Act("voice_recorded", f"{day} 11:10", {"how": "observed"}),
        Act("conference_held", f"{day} 11:20", fields),
        Act("outline_plan_circulated", f"{day} 11:22", {}),
        Act("conference_record_circulated", f"{day} 11:25", {}),
        Act("conference_record_closed", f"{day} 11:27", {}),
        Act("advocacy_offered", f"{day} 11:30", {"answer": "accepted"}),
    ]


ON_THE_REGISTER = 7 * 32
"""Days from the conference to the review that takes the name off."""


def on_the_register(day: str) -> list[Act]:
    """Half a year of it: seen alone every week, a core group every four, a first review within three months."""
    first, acts = dt.date.fromisoformat(day), list[Act]()
    for week in range(1, ON_THE_REGISTER // 7):
        on = first + dt.timedelta(weeks=week)
        acts.append(Act("visit", f"{on} 10:00", {"seen": True, "alone": "alone", "place": "home", "bedroom_seen": True}))
        if week % 4 == 1:
            acts.append(Act("core_group_held", f"{on} 11:00", {"attendance": THERE}))
        if week == 11:
            acts += review(f"{on}", "stay")
    return acts


def review(day: str, decision: str) -> list[Act]:
    """A review conference, its outcome and record."""
    return [
        Act("voice_recorded", f"{day} 14:00", {"how": "observed"}),
        Act("review_held", f"{day} 14:10", {**REVIEWED, "decision": decision, "voice_changed": "Who is there at night."}),
        Act("review_outcome_circulated", f"{day} 14:20", {}),
        Act("conference_record_circulated", f"{day} 14:26", {}),
        Act("conference_record_closed", f"{day} 14:27", {}),
    ]


def off_the_register(registered: str) -> list[Act]:
    """A review that takes the child's name off the register, and the record closed."""
    day = f"{dt.date.fromisoformat(registered) + dt.timedelta(days=ON_THE_REGISTER)}"
    return [
        *review(day, "deregister"),
        Act("deregistration_notice_sent", f"{day} 14:28", {}),
        Act("record_closed", f"{day} 14:30", {"rationale": "Nothing is owed."}),
    ]


def reported(day: str, **fields: Any) -> Act:
    """A letter comes in."""
    return Act("report", f"{day} 10:00", {"how": "in_writing", "alleged": ["neglect"], "words": "Hunger.", **fields})


BEFORE_BIRTH = [
    reported("2027-03-01", expected_on="2027-03-20"),
    *enquired_into("2027-03-01"),
    *conference("2027-03-01", "pre_birth"),
    Act("born", "2027-03-01 13:00", {}),
    *on_the_register("2027-03-01"),
    *off_the_register("2027-03-01"),
]

AT_SIX = [
    reported("2033-05-04"),
    *enquired_into("2033-05-04"),
    *conference("2033-05-04"),
    Act("looked_after", "2033-05-04 12:00", {}),
    Act("looked_after_review_held", "2033-05-04 12:30", {}),
    Act("looked_after_ended", "2033-05-04 13:00", {}),
    *on_the_register("2033-05-04"),
    *off_the_register("2033-05-04"),
]

AT_FOURTEEN = [
    reported("2041-05-07"),
    *enquired_into("2041-05-07"),
    *conference("2041-05-07"),
    Act("move_out", "2041-05-07 12:00", {"to_authority": "a-2", "temporary": True, "visits_by": "receiving_authority"}),
    Act("move_information_sent", "2041-05-07 12:10", {}),
    Act("temporary_move_ended", "2041-05-07 13:00", {}),
    *on_the_register("2041-05-07"),
    *off_the_register("2041-05-07"),
]

CHAPTERS = (BEFORE_BIRTH, AT_SIX, AT_FOURTEEN)
EIGHTEEN = 2045
