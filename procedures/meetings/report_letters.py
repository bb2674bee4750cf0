"""What a meeting asks the post to send about reports: ids, dates and enumerations. No name, and no words of a report."""

from collections.abc import Iterable, Sequence
from typing import Any

from schemas.base import Identifier, Instant
from schemas.letters import LetterKind, LetterOrder
from schemas.meetings import MeetingState
from schemas.reports import ReportAsked, Section


def request(state: MeetingState, invitee: Identifier, requests: Sequence[ReportAsked], to: Identifier, now: Instant) -> LetterOrder:
    """A report on each of these children is asked for, or its due date has moved."""
    return _order(state, LetterKind.report_request, invitee, requests, to, now, f"date:{state.date}")


def chaser(state: MeetingState, invitee: Identifier, requests: Sequence[ReportAsked], to: Identifier, now: Instant) -> LetterOrder:
    """It will be due, or was due and nothing came; the last time the agency's safeguarding lead is told too."""
    order = _order(state, LetterKind.report_chaser, invitee, requests, to, now, f"chase:{state.date}:{state.seq}")
    person = next(each.person for each in state.invitees if each.id == invitee)
    silent = {} if to in {person, *(each.to for each in requests)} else {"silent": person}
    return order.model_copy(update={"content": {**order.content, **silent}})


def returned(state: MeetingState, request: ReportAsked, missing: Iterable[Section], now: Instant) -> LetterOrder:
    """The chair asks for more."""
    order = _order(state, LetterKind.report_returned, request.invitee, [request], request.to, now, f"returned:{state.seq}")
    return order.model_copy(update={"content": {**order.content, "missing": [each.value for each in missing]}})


def _order(  # noqa: PLR0913, PLR0917  (all that tells one letter from another)
    state: MeetingState, kind: LetterKind, invitee: Identifier, requests: Sequence[ReportAsked], to: Identifier, now: Instant, cause: str
) -> LetterOrder:
    part = next(each.role for each in state.invitees if each.id == invitee)
    due = min(each.due for each in requests)
    content: dict[str, Any] = {
        "meeting": state.meeting,
        "meeting_kind": state.kind,
        "starts": None if state.starts is None else state.starts.isoformat(),
        "invitee": invitee,
        "part": part,
        "reports": len(requests),
        "due": due.isoformat(),
    }
    return LetterOrder(
        cause=f"meeting:{state.meeting}:{invitee}:{kind}:{cause}:{to}",
        kind=kind,
        recipient=to,
        at=now,
        urgent=True,
        about=f"meeting:{state.meeting}:{invitee}",
        content=content,
    )
