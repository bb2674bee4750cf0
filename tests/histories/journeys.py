"""The journeys that are recorded at each release: short, and together through most of what a journey does."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.live import Live
from tests.procedures.child import THERE, at

HELD: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "rationale": "Why."}


async def not_accepted(here: Live) -> str:
    """No further action, the record closed, a new report a week later."""
    child = await here.reported(possible_crime=False, alleged=[], how="in_writing", reporter="public")
    await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
    stood_down = {"decision": "no_further_action", "rationale": "Noise.", "threshold_element": "abuse_or_neglect"}
    await here.does(child, "screened", "2026-11-23 10:00", **stood_down)
    await here.does(child, "reporter_told", "2026-11-24 10:00", reason_told=False)
    await here.does(child, "record_closed", "2026-11-25 10:00", rationale="Nothing is owed.")
    await here.does(child, "report", "2026-12-01 10:00", how="in_writing", words="Again.")
    return child


async def one_sibling(here: Live) -> str:
    """Enquiries, registered at a conference, a core group."""
    child = await here.reported(possible_crime=False)
    await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
    await here.does(child, "enquiries_started", "2026-11-20 17:10", mode="joint")
    await here.does(child, "visit", "2026-11-20 18:30", seen=True, alone="alone", place="family")
    await here.does(child, "conference_held", "2026-11-21 10:00", **HELD, decision="register", categories=["neglect"])
    await here.does(child, "core_group_held", "2026-11-21 11:00", attendance=THERE)
    return child


async def moved_over_easter(here: Live) -> str:
    """A conference that is moved, with days that do not count in between."""
    child = await here.child()
    await here.does(child, "report", "2027-03-15 10:00", how="in_writing", alleged=["neglect"], words="Hunger.")
    await here.does(child, "safety_checked", "2027-03-15 10:30", safe=True)
    await here.does(child, "enquiries_started", "2027-03-15 11:00", mode="single_agency")
    await here.does(child, "conference_arranged", "2027-03-15 12:00", conference="icpc", planned_at=at("2027-03-25 10:00"))
    moved: dict[str, Any] = {"conference": "icpc", "planned_at": at("2027-04-01 10:00"), "reason": "The chair is ill."}
    await here.does(child, "conference_moved", "2027-03-15 15:00", **moved)
    return child


async def ended_by_death(here: Live) -> str:
    """Everything stops."""
    child = await here.reported()
    await here.does(child, "enquiries_started", "2026-11-20 17:00", mode="joint")
    await here.does(child, "ended", "2026-11-20 17:20", ending="death")
    return child


async def overdue_and_acknowledged(here: Live) -> str:
    """A ladder that climbs, is held by somebody, and climbs on; what was done in time is told late."""
    child = await here.reported()
    await here.does(child, "acknowledged", "2026-11-20 18:30", instance="immediate_safety/1", action="On the way.")
    await here.does(child, "police_told", "2026-11-20 17:10", told="2026-11-20 23:00")
    await here.does(child, "safety_checked", "2026-11-21 09:00", safe=True)
    return child


JOURNEYS: dict[str, Callable[[Live], Awaitable[str]]] = {
    each.__name__.replace("_", "-"): each
    for each in (not_accepted, one_sibling, moved_over_easter, ended_by_death, overdue_and_acknowledged)
}

UPGRADED = "upgraded"
"""The name of the one that another version of the worker goes on with."""
