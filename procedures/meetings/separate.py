"""Who attends separately: never in the room with those from whom that person is kept apart (an injunction, bail, fear), and why."""

from collections.abc import Iterable
from typing import Any

from procedures.meetings.chasing import is_family
from procedures.meetings.draft import Draft, known
from procedures.refusals import Refused
from schemas.base import Identifier
from schemas.holding import AttendSeparately
from schemas.meetings import Invitee, MeetingState


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


def left_out_for(state: MeetingState, reader: Invitee, betraying: Iterable[str]) -> frozenset[Identifier]:
    """Whom one reader's list of those who took part leaves out, by id: of the family nobody reads that another attended separately.

    Args:
        state: the meeting.
        reader: who reads the list.
        betraying: parts that would tell it.
    """
    if not is_family(reader):
        return frozenset()
    apart = {each.id for each in state.invitees if each.apart or each.id in state.kept_from}
    if reader.id in state.kept_from:
        apart |= {each.id for each in state.invitees if each.id in state.kept_from[reader.id]}
    apart -= {reader.id}
    parts = frozenset(betraying)
    return frozenset(apart | {each.id for each in state.invitees if apart and each.role in parts and each.id != reader.id})
