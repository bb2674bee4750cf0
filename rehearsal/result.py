"""What came of a rehearsal."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from record.letters import SeenLetter
from rehearsal.cast import Cast
from rehearsal.expectations import Refusal
from rehearsal.reading import Play, Turn
from schemas.meetings import MeetingEntry
from schemas.timeline import RecordedEntry


class Difference(NamedTuple):
    """What happened is not what the script expects."""

    turn: Turn | None
    """The step; none where it was found at the end."""
    child: str
    says: str


@dataclass(frozen=True)
class Result:
    """Timelines, letters and refusals by the script's keys, and each difference from the script."""

    play: Play
    cast: Cast
    timelines: Mapping[str, Sequence[RecordedEntry]]
    meetings: Mapping[str, Sequence[MeetingEntry]]
    """The log of each meeting that was arranged."""
    letters: Sequence[SeenLetter]
    refusals: Sequence[Refusal]
    differences: Sequence[Difference]
    wakes: int
    """Journeys woken for something that was due."""
    seconds: float
    """Real time from the first step to the last."""

    @property
    def ended_at(self) -> dt.datetime:
        """The virtual instant of the last thing that was recorded, or of the last step where that was later."""
        entries = [entry.recorded_at for timeline in self.timelines.values() for entry in timeline]
        said = [entry.decided_at for log in self.meetings.values() for entry in log]
        return max(self.play.turns[-1].when, *entries, *said)

    @property
    def sentences(self) -> list[str]:
        """Each difference as one sentence: where in the script, which child, what."""
        return [self._sentence(each) for each in self.differences]

    def _sentence(self, difference: Difference) -> str:
        place = f"{self.play.file}, {difference.turn.name if difference.turn else 'at the end'}"
        child = self.play.script.children[difference.child].name if difference.child else "the run"
        return f"{place}, {child}: {difference.says}."
