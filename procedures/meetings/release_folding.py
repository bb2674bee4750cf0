"""How the entries about the family change a meeting's state."""

from collections.abc import Callable
from typing import Any

from schemas.meetings import Invitee, MeetingEntry, MeetingState

Changes = dict[str, Any]


def _released(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry, released=entry.content["children"], spoken_at=entry.content["spoken_at"])


def _handed_over(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry, handed_over_at=entry.happened_at)


def _needs_booked(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry, booked_for=entry.content["date"])


def _reminded(_: MeetingState, entry: MeetingEntry) -> Changes:
    return {"release_reminded": entry.content["date"]}


def _of(state: MeetingState, entry: MeetingEntry, **changes: Any) -> Changes:
    def changed(each: Invitee) -> Invitee:
        return Invitee.model_validate({**each.model_dump(), **changes}) if each.id == entry.content["invitee"] else each

    return {"invitees": tuple(changed(each) for each in state.invitees)}


FOLDED: dict[str, Callable[[MeetingState, MeetingEntry], Changes]] = {
    "released": _released,
    "handed_over": _handed_over,
    "needs_booked": _needs_booked,
    "release_reminded": _reminded,
}
"""By kind of entry."""
