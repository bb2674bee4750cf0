"""What a moment of a meeting comes to, as it is being decided: entries, each folded as it is made, letters and notes."""

from typing import Any

from procedures.meetings.around import Around
from procedures.meetings.fold import apply
from procedures.refusals import Refused
from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.letters import LetterOrder
from schemas.meetings import Invitee, MeetingEntry, MeetingState
from schemas.timeline import SERVICE


class Draft:
    """Entries of one moment, each folded as it is made."""

    def __init__(self, state: MeetingState, now: Instant, around: Around, cause: str) -> None:
        self.before = self.state = state
        self.now, self.around, self.cause = now, around, cause
        self.entries: list[MeetingEntry] = []
        self.letters: list[LetterOrder] = []
        self.notes: list[str] = []
        self.command: Command | None = None
        self.command_id: Identifier | None = None

    def enter(self, what: str, happened_at: Instant | None = None, /, **content: Any) -> None:
        """Another entry."""
        entry = MeetingEntry(
            seq=self.state.seq + 1,
            kind=what,
            happened_at=happened_at or self.now,
            decided_at=self.now,
            actor=SERVICE if self.command is None else self.command.actor,
            cause=f"{self.cause}#{len(self.entries) + 1}",
            command_id=self.command_id,
            content={key: value for key, value in content.items() if value is not None},
        )
        self.state = apply(self.state, entry)
        self.entries.append(entry)


def known(state: MeetingState, invitee: Identifier | None) -> Invitee:
    """Who is invited under that id.

    Raises:
        Refused: nobody is.
    """
    found = None if invitee is None else state.invitee(invitee)
    if found is None:
        raise Refused("no_such_invitee")
    return found
