"""Meetings that are to be held after their due date, as the timescales run now: they may have moved since the meeting was arranged."""

from collections.abc import Collection

from console.language import say, spoken
from console.showing import clock_title, moment
from procedures import words
from procedures.in_force import rules_in_force
from procedures.meetings.dates import Late, lateness
from record import meetings, projections
from record.pool import Connection
from schemas.base import Identifier
from schemas.meetings import MeetingState


async def lateness_of(connection: Connection, state: MeetingState) -> Late | None:
    """What it is late against; of one that is over, as it stood then."""
    if state.kind is None or state.starts is None:
        return None
    limits = rules_in_force().arranging[state.kind].limits if state.open else ()
    running = await projections.running(connection, [each.child for each in state.about])
    due = [(each.clock, each.due) for each in running if each.clock in limits]
    if not due and state.due is not None:
        return lateness(state.starts, [(None, state.due)])
    return lateness(state.starts, due)


async def late_meetings(connection: Connection, children: Collection[Identifier]) -> list[tuple[MeetingState, Late]]:
    """Those still to be held about these children alone that are late, the earliest due first."""
    arranged = [each for each in await meetings.to_be_held(connection) if all(about.child in children for about in each.about)]
    found = [(each, late) for each in arranged if (late := await lateness_of(connection, each)) is not None]
    return sorted(found, key=lambda each: each[1].due)


def late_by(late: Late) -> str:
    """By how many days, against which timescale, due when."""
    what = "" if late.clock is None else f"{clock_title(late.clock)}, "
    return say("meeting.late", what=what, due=moment(late.due), amount=words.amount(late.days, "days", spoken()))
