"""What each command comes to: `decide` gives the decision, or refuses in the field's words and changes nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType, ModuleType
from typing import Any

from procedures.decisions import conferences, enquiries, moves, reports, taking_over
from procedures.decisions.draft import Decision, Draft, Event, Notice
from procedures.in_force import rules_in_force
from procedures.refusals import Refused
from procedures.rules import Rules
from procedures.times import local
from schemas.base import Identifier
from schemas.commands import COMMANDS, Command
from schemas.state import JourneyState

__all__ = ["Decision", "Event", "Notice", "Refused", "decide", "refused_at_the_edge"]

ROOMS: tuple[ModuleType, ...] = (reports, enquiries, conferences, moves, taking_over)

DECISIONS: dict[str, Callable[[Draft, Any], None]] = {
    name: next(getattr(room, name) for room in ROOMS if hasattr(room, name)) for name in COMMANDS
}
"""The function that decides a command has the command's name."""

OPENING = frozenset({"report", "moved_in", "taken_over"})
AFTER_CLOSING = OPENING | {
    "restriction_made",
    "restriction_lifted",
    "corrected",
    "letter_refused",
    "written_report",
    "report_acknowledged",
    "conference_record_circulated",
    "allocated",
}
NOBODY: Mapping[str, Identifier] = MappingProxyType({})

AFTER_ENDING = frozenset({"corrected", "letter_refused", "ended_in_error", "restriction_made", "restriction_lifted"})

LONG_AGO = timedelta(days=365)
"""What is said to have happened longer ago than this may have a mistyped year: it wants a reason."""

FROM_LONG_AGO = frozenset({"taken_over", "corrected", "letter_refused"})

CLOCK_SKEW = timedelta(minutes=2)
"""How far ahead of ours another machine's clock may be."""


SETTLED_LATER = frozenset({"not_quorate", "hold_must_expire"})
"""Refusals that turn on an authority's settings or directory: they are given where those are known, not at the edge."""


def decide(state: JourneyState, command: Command, now: datetime, rules: Rules, posts: Mapping[str, Identifier] = NOBODY) -> Decision:
    """What the command comes to. `posts` are those of the child's team, by role, where they are known.

    Raises:
        Refused: with a code and a sentence in both languages; nothing has changed.
    """
    if command.happened_at > now + CLOCK_SKEW:
        raise Refused("in_the_future", at=local(command.happened_at).isoformat(timespec="minutes"))
    if now - command.happened_at > LONG_AGO and command.reason is None and command.name not in FROM_LONG_AGO:
        raise Refused("long_ago", at=local(command.happened_at).isoformat(timespec="minutes"))
    if command.actor in state.told_nothing:
        raise Refused("shut_out")
    if state.ended is not None and command.name not in AFTER_ENDING:
        raise Refused("journey_ended")
    if state.journey == 0 and command.name not in OPENING | {"allocated"}:
        raise Refused("no_journey")
    if state.closed and command.name not in AFTER_CLOSING:
        raise Refused("journey_closed")
    draft = Draft(state, command, now, rules, posts)
    DECISIONS[command.name](draft, command)
    return draft.decision


def refused_at_the_edge(state: JourneyState, command: Command, now: datetime) -> None:
    """What can be refused knowing neither settings nor directory, before anything is written to history.

    Raises:
        Refused: as `decide` does, but for what is settled later.
    """
    try:
        decide(state, command, now, rules_in_force())
    except Refused as refused:
        if refused.code not in SETTLED_LATER:
            raise
