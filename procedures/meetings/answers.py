"""What those who are invited answer, what an absent agency owes instead, and whether enough are expected."""

from collections.abc import Callable
from typing import Any

from procedures.meetings import forecast
from procedures.meetings.draft import Draft, known
from procedures.meetings.letters import notice
from procedures.refusals import Refused
from schemas import meeting_commands as commands
from schemas.commands.base import Command
from schemas.meetings import Answered, Invitee, MeetingKind, Reply


def _answered(draft: Draft, command: commands.AnswerInvitation) -> None:
    """Later answers replace earlier ones; one to a date that no longer stands, or given before the one that counts, is refused as stale."""
    invitee, state = known(draft.state, command.invitee), draft.state
    given = min(command.given_at or command.happened_at, draft.now)
    if command.sequence is not None and not _of_the_time_that_stands(invitee, command.sequence):
        raise Refused("stale_answer")
    if invitee.answer is not None and given < invitee.answer.at:
        raise Refused("stale_answer")
    rule = draft.around.rules.arranging[state.kind or MeetingKind.rcpc]
    if command.reply is Reply.declined and invitee.role in rule.decline_with_reason and command.reason is None:
        raise Refused("decline_needs_reason")
    answer = Answered(reply=command.reply, at=given, via=command.via, by=command.actor, proposed=command.proposed, reason=command.reason)
    said = answer.model_dump(mode="json", exclude_none=True)
    draft.enter("answered", command.happened_at, invitee=invitee.id, answer=said, confirms=command.confirms)
    if command.reply is Reply.another_time:
        draft.letters += notice(draft.state, "another_time_proposed", draft.now, happened_at=command.happened_at)
    foreseen = forecast.forecast(draft.state.invitees, draft.around.rules.quorum)
    if rule.forecast and state.forecast_told is not False and not foreseen.possible:
        tell_forecast(draft)


def _contribution(draft: Draft, command: commands.DecideContribution) -> None:
    invitee = known(draft.state, command.invitee)
    rule = draft.around.rules.invitees[draft.around.rules.arranging[draft.state.kind or MeetingKind.rcpc].invitees]
    if invitee.role not in rule.chair_decides:
        raise Refused("not_for_the_chair", absent=(invitee.role,))
    if command.reason is None:
        raise Refused("reason_needed")
    draft.enter("contribution_decided", command.happened_at, invitee=invitee.id, contribution=command.contribution, reason=command.reason)


def tell_forecast(draft: Draft) -> None:
    """The chair is told while something can still be done."""
    foreseen = forecast.forecast(draft.state.invitees, draft.around.rules.quorum)
    draft.enter("forecast", enough=foreseen.enough, coming=sorted(foreseen.coming), open=sorted(foreseen.open), needed=foreseen.needed)
    if not foreseen.enough and draft.state.chair is not None:
        draft.letters += notice(draft.state, "not_enough_expected", draft.now, to=draft.state.chair, happened_at=draft.now)


def _of_the_time_that_stands(invitee: Invitee, sequence: int) -> bool:
    last = invitee.sequence
    return last is not None and (last if invitee.since is None else invitee.since) <= sequence <= last


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {
    commands.AnswerInvitation: _answered,
    commands.DecideContribution: _contribution,
}
"""By command."""
