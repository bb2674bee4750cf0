"""How the entries about reports change a meeting's state."""

from collections.abc import Callable
from typing import Any

from schemas.base import Identifier
from schemas.meetings import MeetingEntry, MeetingState
from schemas.reports import ReportAsked, ReportGiven, ReportReturned, ReportsShown

Changes = dict[str, Any]


def _asked(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Each in the place that it has, or after the others."""
    said = [ReportAsked.model_validate(each) for each in entry.content["requests"]]
    reports = {(each.invitee, each.child): each for each in (*state.reports, *said)}
    return {"reports": tuple(reports.values())}


def _chased(state: MeetingState, entry: MeetingEntry) -> Changes:
    reminded, chased = ({tuple(pair) for pair in entry.content[step]} for step in ("remind", "chase"))

    def after(each: ReportAsked) -> ReportAsked:
        key = (each.invitee, each.child)
        return each.model_copy(update={"reminded": each.reminded or key in reminded, "chased": each.chased + (key in chased)})

    return {"reports": tuple(after(each) for each in state.reports)}


def _given(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry, lambda _: {"given": ReportGiven.model_validate(entry.content["given"]), "returned": None})


def _returned(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Silence counts anew: what came back is asked for again until it is given."""
    back = ReportReturned.model_validate(entry.content["returned"])
    return _of(state, entry, lambda each: {"returned": back, "returns": each.returns + 1, "chased": 0})


def _shown(state: MeetingState, entry: MeetingEntry) -> Changes:
    """The first time counts."""
    invitee: Identifier | None = entry.content.get("invitee")
    there = {(each.child, each.invitee) for each in state.reports_shown}
    new = [child for child in entry.content["children"] if (child, invitee) not in there]
    return {"reports_shown": (*state.reports_shown, *(ReportsShown(child=child, at=entry.happened_at, invitee=invitee) for child in new))}


def _of(state: MeetingState, entry: MeetingEntry, changes: Callable[[ReportAsked], Changes]) -> Changes:
    invitee, child = entry.content["invitee"], entry.content["child"]
    return {
        "reports": tuple(
            each.model_copy(update=changes(each)) if (each.invitee, each.child) == (invitee, child) else each for each in state.reports
        )
    }


FOLDED: dict[str, Callable[[MeetingState, MeetingEntry], Changes]] = {
    "reports_asked": _asked,
    "reports_chased": _chased,
    "report_given": _given,
    "report_returned": _returned,
    "reports_shown": _shown,
}
"""By kind of entry."""
