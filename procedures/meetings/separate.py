"""Who attends separately: never in the room with those from whom that person is kept apart (an injunction, bail, fear), and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procedures.meetings.heard import known
from procedures.refusals import Refused
from schemas.base import Identifier
from schemas.meetings import MeetingEntry, MeetingState

if TYPE_CHECKING:
    from procedures.meetings.decide import Draft
    from schemas.holding import AttendSeparately


def attends_separately(draft: Draft, command: AttendSeparately) -> None:
    """With a reason, as it keeps somebody out of a part of the meeting; or not any more, with one too."""
    if command.reason is None:
        raise Refused("reason_needed")
    invitee = known(draft.state, command.invitee)
    others = [known(draft.state, each).id for each in command.apart_from]
    if invitee.id in others:
        raise Refused("apart_from_oneself")
    said: dict[str, Any] = {"invitee": invitee.id, "apart_from": others, "ended": command.ended, "reason": command.reason}
    draft.enter("attends_separately", command.happened_at, **said)


def folded(state: MeetingState, entry: MeetingEntry) -> dict[str, Any]:
    """Who attends separately after that."""
    who: Identifier = entry.content["invitee"]
    kept_from = {each: others for each, others in state.kept_from.items() if each != who}
    if not entry.content["ended"]:
        kept_from[who] = tuple(entry.content["apart_from"])
    return {"kept_from": kept_from}
