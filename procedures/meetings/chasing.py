"""When those who are silent are asked again, and everybody is reminded of the day before. Parents and children are never chased."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from procedures.office import Office
from procedures.rule_models import Arranging
from procedures.times import local
from schemas.base import Identifier
from schemas.meetings import Invitee, MeetingState, Reply

NEVER_CHASED = frozenset({"parents", "child_where_appropriate", "child_or_advocate", "supporter", "family", "foster_carer"})
"""Parts of the family, and of who stands by it: the social worker speaks with them. Who is in one is family where no agency is named
for that person; nothing else than `is_family` and `is_at_home` says so.
"""


class Step(StrEnum):
    """What the service does by itself before a meeting."""

    chase = "chase"
    day_before = "day_before"
    forecast = "forecast"


class Due(NamedTuple):
    """What is to be done, when (Europe/London), and for whom; the forecast is told to the chair."""

    step: Step
    at: datetime
    invitee: Identifier | None = None


def steps(state: MeetingState, rule: Arranging, office: Office) -> Iterator[Due]:
    """Everything that time alone will still bring to this meeting. What would come only after it has begun is left out."""
    if not state.open or state.starts is None:
        return
    for each in state.invitees:
        yield from (due for due in _of_invitee(each, rule, office, state.starts) if due.at < state.starts)
    if rule.forecast and state.forecast_told is None:
        at = working_days_before(state.starts, rule.forecast, office)
        if at < state.starts:
            yield Due(Step.forecast, at)


def is_family(invitee: Invitee) -> bool:
    """The family, and who stands by it; somebody of an agency is written to, and asked again, as any professional is."""
    return invitee.role in NEVER_CHASED and invitee.agency is None


def is_chased(invitee: Invitee) -> bool:
    """True for who is asked again when silent: nobody of the family, and nobody whose mailbox refuses letters."""
    return not is_family(invitee) and not invitee.undeliverable


def is_at_home(invitee: Invitee) -> bool:
    """Somebody at home who comes by an agency, such as its foster carer: invited as its professionals are, asked again by way of the agency."""
    return invitee.role in NEVER_CHASED and invitee.agency is not None


def _of_invitee(each: Invitee, rule: Arranging, office: Office, starts: datetime) -> Iterator[Due]:
    if each.asked_at is None or each.on_paper:
        return
    if each.silent and is_chased(each) and each.chased < len(rule.chased_after):
        day, _ = office.calendar.add(local(each.asked_at).date(), rule.chased_after[each.chased])
        yield Due(Step.chase, office.next_open(office.opening(day)), each.id)
    if (
        not each.reminded
        and each.contribution == "attend"
        and (each.answer is None or each.answer.reply in {Reply.accepted, Reply.tentative})
    ):
        yield Due(Step.day_before, working_days_before(starts, 1, office), each.id)


def working_days_before(starts: datetime, count: int, office: Office) -> datetime:
    """The opening of the office so many working days before (Europe/London)."""
    day, _ = office.calendar.subtract(local(starts).date(), count)
    while not office.is_open_on(day):
        day, _ = office.calendar.subtract(day, 1)
    return office.opening(day)
