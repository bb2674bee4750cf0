"""How an entry of a meeting's log changes its state: the one place where it does."""

from collections.abc import Callable, Iterable
from typing import Any

from procedures.meetings import paper_folding, release_folding, report_folding
from schemas.base import Identifier
from schemas.engine import Refusal
from schemas.meetings import (
    About,
    Answered,
    FollowUp,
    Invitee,
    LeftOut,
    MeetingEntry,
    MeetingKind,
    MeetingState,
    Participation,
    TakingPart,
    TookPart,
)

Changes = dict[str, Any]


def fold(state: MeetingState, entries: Iterable[MeetingEntry]) -> MeetingState:
    """The state after these entries."""
    for entry in entries:
        state = apply(state, entry)
    return state


def apply(state: MeetingState, entry: MeetingEntry) -> MeetingState:
    """The state after this entry.

    Raises:
        ValueError: it does not follow.
    """
    if entry.seq != state.seq + 1:
        raise ValueError(f"entry {entry.seq} does not follow {state.seq}")
    return state.model_copy(update={**FOLDED[entry.kind](state, entry), "seq": entry.seq})


def _arranged(_: MeetingState, entry: MeetingEntry) -> Changes:
    said = entry.content
    return {
        "stage": "arranged",
        "kind": MeetingKind(said["kind"]),
        "about": tuple(About.model_validate(each) for each in said["about"]),
        "chair": said["chair"],
        "arranger": entry.actor,
        "invitees": tuple(Invitee.model_validate(each) for each in said["invitees"]),
        "left_out": tuple(LeftOut.model_validate(each) for each in said["left_out"]),
        **_when(said),
    }


def _when(said: Changes) -> Changes:
    timed = MeetingState.model_validate({"meeting": "m", "authority": "a", "starts": said["starts"], "ends": said["ends"]})
    return {"starts": timed.starts, "ends": timed.ends, "place": said.get("place")}


def _moved(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Everybody is asked anew: an answer was to the date that it named. Another place alone asks nobody again."""
    when = _when(entry.content)
    if entry.content.get("place_alone"):
        return {**when, **_elsewhere(state)}
    same = (when["starts"], when["ends"]) == (state.starts, state.ends)
    asked = state.invitees if same else tuple(_asked_anew(each) for each in state.invitees)
    return {**when, "date": state.date + 1, "invitees": asked, "forecast_told": state.forecast_told if same else None}


def _elsewhere(state: MeetingState) -> Changes:
    """Calendars are sent the other place under a number of its own; what was done for the date stays done for it."""
    date = state.date + 1
    booked = (each.model_copy(update={"booked_for": date}) if each.booked_for == state.date else each for each in state.invitees)
    reminded = date if state.release_reminded == state.date else state.release_reminded
    return {"date": date, "invitees": tuple(booked), "release_reminded": reminded}


def _asked_anew(each: Invitee) -> Invitee:
    return each.model_copy(update={"answer": None, "chased": 0, "reminded": False, "asked_at": None})


def _called_off(_: MeetingState, __: MeetingEntry) -> Changes:
    return {"stage": "called_off"}


def _invited(state: MeetingState, entry: MeetingEntry) -> Changes:
    return {"invitees": (*state.invitees, Invitee.model_validate(entry.content["invitee"]))}


def _left_out(state: MeetingState, entry: MeetingEntry) -> Changes:
    gone = entry.content["invitee"]
    left = state.invitee(gone)
    reasons = state.left_out
    if left is not None and entry.content.get("reason"):
        reasons = (*reasons, LeftOut(role=left.role, children=left.children, reason=entry.content["reason"]))
    gave = any(each.invitee == gone and each.given is not None for each in state.reports)
    cleared = {} if left is None or left.sequence is None else {gone: left.sequence + 1}
    return {
        "invitees": tuple(each for each in state.invitees if each.id != gone),
        "left_out": reasons,
        "gone": {**state.gone, **cleared},
        "authors": {**state.authors, gone: left} if left is not None and gave else state.authors,
    }


def _contribution(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry.content["invitee"], contribution=entry.content["contribution"])


def _answered(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Whoever answered by another way has nothing that waits; of several mails that wait one that is confirmed settles itself alone."""
    answer = Answered.model_validate(entry.content["answer"])
    confirmed = entry.content.get("confirms")
    still = () if confirmed is None else _waiting(state, entry, but=confirmed)
    return _of(state, entry.content["invitee"], answer=answer, undeliverable=False, waiting=still, waits=bool(still))


def _waiting(state: MeetingState, entry: MeetingEntry, but: Identifier | None) -> tuple[Identifier, ...]:
    invitee = state.invitee(entry.content["invitee"])
    return () if invitee is None else tuple(each for each in invitee.waiting if each != but)


def _undeliverable(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry.content["invitee"], undeliverable=True)


def _contact_undeliverable(state: MeetingState, entry: MeetingEntry) -> Changes:
    return _of(state, entry.content["invitee"], contact_undeliverable=True)


def _answer_waits(state: MeetingState, entry: MeetingEntry) -> Changes:
    waits, answer = entry.content["waits"], entry.content.get("answer")
    still = _waiting(state, entry, but=answer)
    if waits and answer is not None:
        still = (*still, answer)
    return _of(state, entry.content["invitee"], waiting=still, waits=waits or bool(still))


def _outline_locked(_: MeetingState, __: MeetingEntry) -> Changes:
    """How a page stands is the record's own affair; here it is told."""
    return {}


def _asked(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Invitations, or their updates, were ordered: what they come to is not known yet."""
    sequences: dict[Identifier, int] = entry.content["sequences"]
    paper = frozenset(entry.content.get("on_paper", ()))
    since: dict[Identifier, int] | None = entry.content.get("since")
    sent = {"date": entry.content["date"], "undeliverable": False, "contact_undeliverable": False, "handed_over_at": None}

    def asked(each: Invitee) -> Invitee:
        update = {**sent, "sequence": sequences[each.id], "on_paper": each.id in paper, "asked_at": entry.happened_at}
        if since is not None:
            holds = since[each.id] < sequences[each.id] and each.asked_at is not None
            update |= {"since": since[each.id], "sent_at": entry.happened_at, "asked_at": each.asked_at if holds else entry.happened_at}
        return each.model_copy(update=update)

    return {"invitees": tuple(asked(each) if each.id in sequences else each for each in state.invitees)}


def _sent_again(state: MeetingState, entry: MeetingEntry) -> Changes:
    """It is not known yet what the letter comes to; whoever has not answered is asked from then on."""
    id: Identifier = entry.content["invitee"]
    sent: Changes = {"sent_at": entry.decided_at, "undeliverable": False, "on_paper": False}
    invitee = state.invitee(id)
    if invitee is not None and invitee.silent:
        sent |= {"asked_at": entry.decided_at, "chased": 0}
    return _of(state, id, **sent)


def _chased(state: MeetingState, entry: MeetingEntry) -> Changes:
    chased = frozenset(entry.content["invitees"])
    return {
        "invitees": tuple(each.model_copy(update={"chased": each.chased + 1}) if each.id in chased else each for each in state.invitees)
    }


def _reminded(state: MeetingState, entry: MeetingEntry) -> Changes:
    reminded = frozenset(entry.content["invitees"])
    return {"invitees": tuple(each.model_copy(update={"reminded": True}) if each.id in reminded else each for each in state.invitees)}


def _forecast(_: MeetingState, entry: MeetingEntry) -> Changes:
    return {"forecast_told": entry.content["enough"]}


def _held(state: MeetingState, entry: MeetingEntry) -> Changes:
    attendance = tuple(TookPart.model_validate(each) for each in entry.content["attendance"])
    part = _taken(state, entry.content.get("participation", ()))
    return {"stage": "held", "attendance": attendance, "held_by": entry.command_id, "participation": part}


def _participation_chosen(state: MeetingState, entry: MeetingEntry) -> Changes:
    return {"participation": _chosen(state, entry.content["child"], entry.content["how"])}


def _chosen(state: MeetingState, child: str, how: str) -> dict[str, Participation]:
    """Everybody's part after that choice."""
    before = state.participation.get(child, Participation())
    declined = before.declined + (how == TakingPart.declined)
    return {**state.participation, child: before.model_copy(update={"chosen": TakingPart(how), "declined": declined})}


def _taken(state: MeetingState, said: Iterable[dict[str, Any]]) -> dict[str, Participation]:
    """Everybody's part after the day."""
    found = dict(state.participation)
    for each in said:
        update = {"took": TakingPart(each["how"]), "changed": each.get("changed")}
        found[each["child"]] = found.get(each["child"], Participation()).model_copy(update=update)
    return found


def _attends_separately(state: MeetingState, entry: MeetingEntry) -> Changes:
    """Who attends separately after that."""
    who: Identifier = entry.content["invitee"]
    kept_from = {each: others for each, others in state.kept_from.items() if each != who}
    if not entry.content["ended"]:
        kept_from[who] = tuple(entry.content["apart_from"])
    return {"kept_from": kept_from}


def _rebooked(_: MeetingState, __: MeetingEntry) -> Changes:
    """What was seen on that day stays in the log; the date that follows moves the meeting."""
    return {}


def _followed_up(state: MeetingState, entry: MeetingEntry) -> Changes:
    return {"followed_up": (*state.followed_up, entry.content["invitee"])}


def _follow_up_done(state: MeetingState, entry: MeetingEntry) -> Changes:
    done = FollowUp(invitee=entry.content["invitee"], at=entry.happened_at, by=entry.actor, outcome=entry.content["outcome"])
    return {
        "followed_up": tuple(each for each in state.followed_up if each != done.invitee),
        "follow_ups": (*state.follow_ups, done),
    }


def _outcomes_told(state: MeetingState, entry: MeetingEntry) -> Changes:
    told = {**state.told, **entry.content["told"]}
    refused = {child: Refusal.model_validate(why) for child, why in entry.content["refused"].items()}
    return {"told": told, "untold": {child: why for child, why in {**state.untold, **refused}.items() if child not in told}}


def _closed(_: MeetingState, __: MeetingEntry) -> Changes:
    return {"closed": True}


def _of(state: MeetingState, invitee: Identifier, **changes: Any) -> Changes:
    return {"invitees": tuple(each.model_copy(update=changes) if each.id == invitee else each for each in state.invitees)}


FOLDED: dict[str, Callable[[MeetingState, MeetingEntry], Changes]] = {
    "arranged": _arranged,
    "moved": _moved,
    "called_off": _called_off,
    "invited": _invited,
    "left_out": _left_out,
    "contribution_decided": _contribution,
    "answered": _answered,
    "undeliverable": _undeliverable,
    "contact_undeliverable": _contact_undeliverable,
    "answer_waits": _answer_waits,
    "outline_locked": _outline_locked,
    "asked": _asked,
    "sent_again": _sent_again,
    "chased": _chased,
    "reminded": _reminded,
    "forecast": _forecast,
    "held": _held,
    **release_folding.FOLDED,
    **report_folding.FOLDED,
    **paper_folding.FOLDED,
    "participation_chosen": _participation_chosen,
    "attends_separately": _attends_separately,
    "rebooked": _rebooked,
    "followed_up": _followed_up,
    "follow_up_done": _follow_up_done,
    "outcomes_told": _outcomes_told,
    "closed": _closed,
}
"""By kind of entry."""
