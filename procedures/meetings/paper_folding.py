"""How entries about papers change a meeting's state: what went out, to whom it was sent, and what is to be read of it now."""

from collections.abc import Callable, Collection
from typing import Any

from schemas.base import Identifier
from schemas.meetings import Invitee, MeetingEntry, MeetingState
from schemas.papers import Circulated, Paper

Changes = dict[str, Any]


def latest(state: MeetingState, paper: Paper) -> Circulated:
    """As it went last."""
    return next(each for each in reversed(state.circulated) if each.paper is paper)


def _circulated(state: MeetingState, entry: MeetingEntry) -> Changes:
    """It takes the place of what went before of those children; what went of the others stays as it was."""
    made = Circulated.model_validate(
        {
            "paper": entry.content["paper"],
            "at": entry.happened_at,
            "by": entry.actor,
            "children": entry.content["children"],
            "until": entry.content["until"],
        }
    )
    before = (_without(each, made.children) if each.paper is made.paper else each for each in state.circulated)
    return {"circulated": (*(each for each in before if each.children), made)}


def _without(circulated: Circulated, children: Collection[Identifier]) -> Circulated:
    return circulated.model_copy(update={"children": tuple(each for each in circulated.children if each not in children)})


def _sent(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Who has it; on paper it is owed until it is handed over."""
    sent, paper = tuple(entry.content["sent"]), frozenset(entry.content.get("on_paper", ()))

    def after(each: Invitee) -> Invitee:
        if each.id in paper:
            return each.model_copy(update={"on_paper": True, "handed_over_at": None})
        return each.model_copy(update={"undeliverable": False}) if each.id in sent else each

    def went(each: Circulated) -> Circulated:
        last = {**each.last_sent, **dict.fromkeys(sent, entry.decided_at)}
        return each.model_copy(update={"sent": tuple(dict.fromkeys((*each.sent, *sent))), "last_sent": last})

    meant = latest(state, Paper(entry.content["paper"]))
    # Entries of before did not say of which children: the latest was meant.
    of = tuple(entry.content.get("children", meant.children))
    circulated = tuple(went(each) if (each.paper, each.children) == (meant.paper, of) else each for each in state.circulated)
    return {"circulated": circulated, "invitees": tuple(after(each) for each in state.invitees)}


def _part_opened(state: MeetingState, entry: MeetingEntry) -> Changes:
    """That person does not hold it as it stands now."""
    paper, child, guest = (entry.content[key] for key in ("paper", "child", "invitee"))

    def after(each: Circulated) -> Circulated:
        if each.paper.value != paper or child not in each.children:
            return each
        return each.model_copy(update={"last_sent": {id: at for id, at in each.last_sent.items() if id != guest}})

    return {"circulated": tuple(after(each) for each in state.circulated)}


FOLDED: dict[str, Callable[[MeetingState, MeetingEntry], Changes]] = {
    "circulated": _circulated,
    "paper_sent": _sent,
    "part_opened": _part_opened,
}
"""By kind of entry."""
