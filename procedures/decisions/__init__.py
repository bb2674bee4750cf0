"""What each command comes to: `decide` gives the decision, or refuses in the field's words and changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from procedures.decisions import conferences, enquiries, moves, reports
from procedures.decisions.draft import Decision, Draft, Event, Notice
from procedures.refusals import Refused
from procedures.rules import Rules
from procedures.times import local
from schemas.commands import COMMANDS, Command
from schemas.state import JourneyState

__all__ = ["Decision", "Event", "Notice", "Refused", "decide"]

ROOMS: tuple[ModuleType, ...] = (reports, enquiries, conferences, moves)

DECISIONS: dict[str, Callable[[Draft, Any], None]] = {
    name: next(getattr(room, name) for room in ROOMS if hasattr(room, name)) for name in COMMANDS
}
"""The function that decides a command has the command's name."""

OPENING = frozenset({"report", "moved_in"})
AFTER_CLOSING = OPENING | {
    "corrected",
    "letter_refused",
    "written_report",
    "report_acknowledged",
    "conference_record_circulated",
    "allocated",
}
AFTER_ENDING = frozenset({"corrected", "letter_refused"})

CLOCK_SKEW = timedelta(minutes=2)
"""How far ahead of ours another machine's clock may be."""


def decide(state: JourneyState, command: Command, now: datetime, rules: Rules) -> Decision:
    """What the command comes to.

    Raises:
        Refused: with a code and a sentence in both languages; nothing has changed.
    """
    if command.happened_at > now + CLOCK_SKEW:
        raise Refused("in_the_future", at=local(command.happened_at).isoformat(timespec="minutes"))
    if command.actor in state.shut_out:
        raise Refused("shut_out")
    if state.ended is not None and command.name not in AFTER_ENDING:
        raise Refused("journey_ended")
    if state.journey == 0 and command.name not in OPENING | {"allocated"}:
        raise Refused("no_journey")
    if state.closed and command.name not in AFTER_CLOSING:
        raise Refused("journey_closed")
    draft = Draft(state, command, now, rules)
    DECISIONS[command.name](draft, command)
    return draft.decision
