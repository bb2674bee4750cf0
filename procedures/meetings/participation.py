"""How each child takes part: its own choice before, what came of it after (WSP section 3: the child's participation)."""

from collections.abc import Iterable
from typing import Any

from procedures.meetings.draft import Draft
from procedures.meetings.letters import notice
from procedures.refusals import Refused
from schemas.base import Identifier
from schemas.holding import ChooseParticipation, Participated
from schemas.meetings import MeetingEntry, MeetingState, TakingPart


def participation_chosen(draft: Draft, command: ChooseParticipation) -> None:
    """The latest choice counts."""
    _about(draft.state, [command.child])
    draft.enter("participation_chosen", command.happened_at, child=command.child, how=command.how.value, reason=command.reason)
    times = draft.around.rules.declining.times
    if command.how is TakingPart.declined and draft.state.participation[command.child].declined == times:
        draft.notes.append("child_declined_twice")
        if draft.state.chair is not None:
            draft.letters += notice(draft.state, "child_declined_twice", draft.now, to=draft.state.chair)


def participated(state: MeetingState, participation: Iterable[Participated]) -> list[dict[str, Any]]:
    """How the children took part, as the log keeps it.

    Raises:
        Refused: it names a child that the meeting is not about.
    """
    said = tuple(participation)
    _about(state, [each.child for each in said])
    return [each.model_dump(mode="json", exclude_none=True) for each in said]


def said_no(entries: Iterable[MeetingEntry]) -> list[Identifier]:
    """The children who said no in these entries, before the meeting or on the day: their journeys count it over all that they were asked."""
    chose = [each.content for each in entries if each.kind == "participation_chosen"]
    took = [part for each in entries if each.kind == "held" for part in each.content.get("participation", ())]
    return list(dict.fromkeys(each["child"] for each in (*chose, *took) if each["how"] == TakingPart.declined))


def _about(state: MeetingState, children: Iterable[str]) -> None:
    about = {each.child for each in state.about}
    if strangers := sorted(set(children) - about):
        raise Refused("outcome_of_other_child", children=", ".join(strangers))
