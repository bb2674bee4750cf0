"""What a command to a meeting comes to, and what time alone brings: entries and letters. What is missing never stops a meeting; it is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from procedures.meetings import answers, arranging, chasing, papers, release, reports
from procedures.meetings.again import sent_again
from procedures.meetings.answers import tell_forecast
from procedures.meetings.around import Around
from procedures.meetings.asking import ask, chase
from procedures.meetings.chasing import Due, Step
from procedures.meetings.draft import Draft, known
from procedures.meetings.heard import answer_waits, outline_locked, undeliverable
from procedures.meetings.holding import closed, follow_up_done, held, outcomes_told
from procedures.meetings.letters import day_before
from procedures.meetings.participation import participation_chosen
from procedures.meetings.separate import attends_separately
from procedures.refusals import Refused
from procedures.times import local
from schemas import holding as day
from schemas import meeting_commands as commands
from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.letters import LetterOrder
from schemas.meetings import MeetingAnswer, MeetingEntry, MeetingState
from schemas.paper_commands import Circulate, PartOpened

TOLERANCE = timedelta(minutes=5)
"""By which clocks of people's machines may be ahead of ours."""


AFTER_HELD = (
    *(day.FinishFollowUp, day.OutcomesTold, day.CloseUntold, Circulate, PartOpened),
    *(commands.Release, commands.HandOver, commands.Undeliverable, commands.OutlineLocked),
)
"""What is still done with a meeting that was held."""


class MeetingSettlement(NamedTuple):
    """What is to be recorded."""

    state: MeetingState
    entries: tuple[MeetingEntry, ...]
    letters: tuple[LetterOrder, ...]
    answer: MeetingAnswer | None = None


def settle_command(state: MeetingState, command_id: Identifier, command: Command, now: Instant, around: Around) -> MeetingSettlement:
    """What a command comes to.

    Raises:
        Refused: it cannot be; nothing has changed.
    """
    draft = Draft(state, now, around, command_id)
    draft.command, draft.command_id = command, command_id
    if command.name != "arranged":
        if state.stage == "none":
            raise Refused("meeting_not_arranged")
        if (state.closed and isinstance(command, day.CloseUntold)) or (
            not state.open and not (state.stage == "held" and isinstance(command, AFTER_HELD))
        ):
            raise Refused("meeting_over")
    if command.happened_at > now + TOLERANCE:
        raise Refused("in_the_future", at=local(command.happened_at).isoformat(timespec="minutes"))
    DECIDED[type(command)](draft, command)
    return _settled(draft)


def settle_due(state: MeetingState, now: Instant, around: Around) -> MeetingSettlement:
    """Chasing, reminders of the day before and the forecast, as far as they are due."""
    due = [each for each in _steps(state, around) if each.at <= now]
    draft = Draft(state, now, around, f"time:{state.seq}")
    chased = [each for each in due if each.step is Step.chase]
    if chased:
        draft.enter("chased", invitees=[each.invitee for each in chased])
        for each in chased:
            chase(draft, each)
    reminded = [each for each in due if each.step is Step.day_before]
    if reminded:
        draft.enter("reminded", invitees=[each.invitee for each in reminded])
        draft.letters += [day_before(draft.state, known(draft.state, each.invitee), now) for each in reminded]
    if any(each.step is Step.forecast for each in due):
        tell_forecast(draft)
    release.settle_due(draft)
    reports.settle_due(draft)
    return _settled(draft)


def next_wake(state: MeetingState, around: Around) -> datetime | None:
    """The next instant at which time alone brings something (UTC); none where nothing more is to come."""
    steps = [each.at for each in (*_steps(state, around), *reports.steps(state, around))]
    return min((at.astimezone(UTC) for at in (*steps, *release.reminder(state, around))), default=None)


def _steps(state: MeetingState, around: Around) -> list[Due]:
    if state.kind is None:
        return []
    return list(chasing.steps(state, around.rules.arranging[state.kind], around.office))


def _settled(draft: Draft) -> MeetingSettlement:
    """All of it, with what goes out because of it."""
    ask(draft)
    reports.ask(draft)
    papers.send(draft)
    answer = None
    if draft.command_id is not None:
        numbers = tuple(entry.seq for entry in draft.entries)
        answer = MeetingAnswer(meeting=draft.state.meeting, command_id=draft.command_id, entries=numbers, notes=tuple(draft.notes))
    return MeetingSettlement(draft.state, tuple(draft.entries), tuple(draft.letters), answer)


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {
    **arranging.DECIDED,
    **answers.DECIDED,
    **release.DECIDED,
    **reports.DECIDED,
    **papers.DECIDED,
    commands.SendAgain: sent_again,
    commands.Undeliverable: undeliverable,
    commands.AnswerWaits: answer_waits,
    commands.OutlineLocked: outline_locked,
    day.Hold: held,
    day.ChooseParticipation: participation_chosen,
    day.AttendSeparately: attends_separately,
    day.FinishFollowUp: follow_up_done,
    day.OutcomesTold: outcomes_told,
    day.CloseUntold: closed,
}
"""By command."""
