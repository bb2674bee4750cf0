"""What a meeting asks the post to send: ids, dates and enumerations. The post renders it for each reader, or leaves it where it does not stand."""

from typing import Any, Literal

from schemas.base import Identifier, Instant
from schemas.letters import LetterKind, LetterOrder
from schemas.meetings import Invitee, MeetingState
from schemas.papers import Circulated

Method = Literal["REQUEST", "CANCEL"]


def calendar_order(state: MeetingState, invitee: Invitee, method: Method, sequence: int, now: Instant) -> LetterOrder:
    """An invitation, its update, or what clears it, for one person."""
    content = {**_facts(state, invitee), "method": method, "sequence": sequence}
    # A mail holds one calendar object, so no two of them gather in a letter.
    about = f"meeting:{state.meeting}:{invitee.id}:{sequence}"
    order = _order(state, invitee.person, LetterKind.invitation, now, f"{invitee.id}:{sequence}:{method}")
    return order.model_copy(update={"about": about, "content": content})


def chaser(state: MeetingState, invitee: Invitee, to: Identifier, now: Instant) -> LetterOrder:
    """Nothing was heard: asked again; the last time the agency's safeguarding lead too."""
    return _order(state, to, LetterKind.chaser, now, f"{invitee.id}:{invitee.sequence}:chase:{invitee.chased}:{to}").model_copy(
        update={"content": {**_facts(state, invitee), **({} if to == invitee.person else {"silent": invitee.person})}}
    )


def day_before(state: MeetingState, invitee: Invitee, now: Instant) -> LetterOrder:
    """Reminds of the next working day."""
    return _order(state, invitee.person, LetterKind.day_before, now, f"{invitee.id}:{invitee.sequence}:day-before").model_copy(
        update={"content": _facts(state, invitee)}
    )


def notice(state: MeetingState, what: str, now: Instant, *, to: Identifier | None = None, **facts: Any) -> list[LetterOrder]:
    """Told at once to whoever arranged the meeting, or to somebody named."""
    recipient = to or state.arranger
    if recipient is None:
        return []
    said = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in facts.items()}
    order = _order(state, recipient, LetterKind.notice, now, f"{what}:{state.seq}" if to is None else f"{what}:{state.seq}:{to}")
    return [order.model_copy(update={"about": what, "content": {**_facts(state, None), **said}})]


def paper_waits(state: MeetingState, invitee: Invitee, circulated: Circulated, now: Instant) -> LetterOrder:
    """Something waits to be read, of the children of whom that person may hear: under the protection of the first of them."""
    order = _order(state, invitee.person, LetterKind.paper, now, f"{invitee.id}:{circulated.paper}:{state.seq}")
    said = {"paper": circulated.paper.value, "until": circulated.until.isoformat(), "of": invitee.children[0]}
    return order.model_copy(update={"content": {**_facts(state, invitee), **said}})


def _order(state: MeetingState, recipient: Identifier, kind: LetterKind, now: Instant, cause: str) -> LetterOrder:
    return LetterOrder(
        cause=f"meeting:{state.meeting}:{cause}", kind=kind, recipient=recipient, at=now, urgent=True, about=f"meeting:{state.meeting}"
    )


def _facts(state: MeetingState, invitee: Invitee | None) -> dict[str, Any]:
    return {
        "meeting": state.meeting,
        "meeting_kind": state.kind,
        "starts": None if state.starts is None else state.starts.isoformat(),
        "ends": None if state.ends is None else state.ends.isoformat(),
        "place": state.place,
        **({} if invitee is None else {"invitee": invitee.id, "part": invitee.role}),
        **({"apart": True} if invitee is not None and invitee.apart else {}),
    }
