"""The door for the day of a meeting: its own record and each child's outcome go in together, and each journey is told once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from temporalio.client import WorkflowUpdateFailedError

from commands import CommandRefused, Door, RecordAway
from meetings import MeetingDoor
from procedures.alike import alike
from procedures.in_force import rules_in_force
from procedures.meetings.holding import outcomes_of
from procedures.refusals import Refused
from record import commands, meetings
from record.pool import AWAY, Connection, transaction
from schemas.base import Identifier
from schemas.commands.base import COMMANDS, Command, Envelope
from schemas.commands.conferences import Held
from schemas.engine import MeetingOutcome
from schemas.holding import Hold
from schemas.meetings import MeetingAnswer, MeetingBegin, MeetingState, TookPart
from workflows.refusal import refusal_in, refusal_of

OWN_WORDS = frozenset({"rationale", "voice_changed", "risk_if_support_ends", "change_needed", "progress", "change"})
"""Fields of an outcome whose words are compared between brothers and sisters before they are sealed."""


class WrongOutcome(ValueError):
    """What was said of a child is no outcome: the child, the command it should have been, and what is wrong."""

    def __init__(self, child: Identifier, model: type[Command], error: ValidationError) -> None:
        super().__init__(f"what was decided for {child} is no {model.name}")
        self.child, self.model, self.error = child, model, error


@dataclass(frozen=True)
class HoldingDoor:
    """Records that meetings were held."""

    meetings: MeetingDoor
    journeys: Door

    async def hold(
        self, meeting: Identifier, command: Hold, command_id: Identifier, said: Mapping[Identifier, Mapping[str, Any]]
    ) -> tuple[MeetingOutcome, MeetingAnswer | None]:
        """Record the day and tell each journey; repeated under the same id it goes on where it was.

        Gives which journeys were told, and what the meeting itself answered: none while a journey that would refuse keeps it open.

        Raises:
            NotTaken: it did not get as far as the meeting; nothing has changed.
            CommandRefused: the meeting refuses it; nothing has changed.
            WrongOutcome: a child's outcome is not one; nothing has changed.
        """
        try:
            state, own, outcomes = await self._entered(meeting, command, command_id, said)
            begin = MeetingBegin(state=state, alone=False, ahead=self.meetings.ahead)
            told = await self.journeys.tell_outcomes(meeting, outcomes, telling(command_id), own, begin)
            return told, await self._answer(meeting, command_id if state.open else state.held_by or command_id)
        except Refused as refused:
            raise CommandRefused(refusal_of(refused)) from None
        except WorkflowUpdateFailedError as failed:
            refusal = refusal_in(failed.cause)
            if refusal is None:
                raise
            raise CommandRefused(refusal) from None
        except AWAY as error:
            raise RecordAway(f"The record cannot be reached. Send it again under the same id ({command_id}).") from error

    async def _entered(
        self, meeting: Identifier, command: Hold, command_id: Identifier, said: Mapping[Identifier, Mapping[str, Any]]
    ) -> tuple[MeetingState, Envelope | None, dict[Identifier, Command]]:
        async with transaction(self.meetings.pool, self.meetings.authority) as connection:
            state, fewest = await meetings.state(connection, meeting), await self._fewest(connection)
        if state is None:
            raise Refused("meeting_not_arranged")
        if state.closed or state.stage == "called_off":
            raise Refused("meeting_over")
        if not state.open and state.held_by != command_id:
            return state, None, await self._anew(state, command, command_id, said)
        _not_otherwise(state.told, command_id, said)
        outcomes = _commands(state, command, said)
        same = alike({child: [*_texts(each), *_changed(command, child)] for child, each in outcomes.items()}, fewest)
        command = command.model_copy(update={"same_words": tuple(sorted(same)) or None})
        own = await self.meetings.enter(meeting, command, command_id)
        return state, own if isinstance(own, Envelope) else None, {child: _flagged(child, each, same) for child, each in outcomes.items()}

    async def _anew(
        self, state: MeetingState, command: Hold, command_id: Identifier, said: Mapping[Identifier, Mapping[str, Any]]
    ) -> dict[Identifier, Command]:
        """What was decided for children whose journeys could not take it, given once more; the day stays as it was recorded."""
        async with transaction(self.meetings.pool, self.meetings.authority) as connection:
            log, fewest = await meetings.read(connection, state.meeting), await self._fewest(connection)
            told = {each.child: id for each in state.about if (id := await _told(connection, state, each.child)) is not None}
        recorded = next(each for each in log if each.kind == "held")
        undecided = {each["child"] for each in recorded.content.get("not_decided", ())}
        untold = {each.child for each in state.about} - undecided - told.keys()
        if not untold and not any(told.get(child) == outcome_id(command_id, child) for child in said):
            raise Refused("meeting_over")
        _not_otherwise(told, command_id, said)
        if _attendance(command.attendance) != _attendance(state.attendance) or undecided != {each.child for each in command.not_decided}:
            raise Refused("day_recorded")
        outcomes = _commands(state, command.model_copy(update={"happened_at": recorded.happened_at}), said, anew=True)
        same = alike({child: [*_texts(each), *_changed(command, child)] for child, each in outcomes.items()}, fewest)
        return {child: _flagged(child, each, same) for child, each in outcomes.items()}

    async def _fewest(self, connection: Connection) -> int:
        """Of the words of two children, so many are hardly alike by chance."""
        return (await self.meetings.rules(connection)).same_words.fewest

    async def _answer(self, meeting: Identifier, command_id: Identifier) -> MeetingAnswer | None:
        async with transaction(self.meetings.pool, self.meetings.authority) as connection:
            return await meetings.answered(connection, meeting, command_id)


def telling(command_id: Identifier) -> Identifier:
    """What the ids of the outcomes begin with: of the command, so that a corrected one is another, and a repeat the same."""
    return "h-" + hashlib.sha256(command_id.encode()).hexdigest()[:16]


def outcome_id(command_id: Identifier, child: Identifier) -> Identifier:
    """Under which that child's journey is told."""
    return f"{telling(command_id)}:{child}:outcome"


def _not_otherwise(told: Mapping[Identifier, Identifier], command_id: Identifier, said: Iterable[Identifier]) -> None:
    """A journey that was told is told neither again nor otherwise; a repeat of what it was told changes nothing."""
    if otherwise := sorted(child for child in said if told.get(child, own := outcome_id(command_id, child)) != own):
        raise Refused("told_already", children=", ".join(otherwise))


async def _told(connection: Connection, state: MeetingState, child: Identifier) -> Identifier | None:
    """The id under which that journey was told. A meeting that was held on an older version does not know it itself."""
    first = outcome_id(state.held_by or "", child)
    known = state.told.get(child)
    return first if known is None and await commands.answered(connection, child, first) is not None else known


def _attendance(took: Iterable[TookPart]) -> dict[Identifier, TookPart]:
    return {each.invitee: each for each in took}


def _commands(
    state: MeetingState, command: Hold, said: Mapping[Identifier, Mapping[str, Any]], *, anew: bool = False
) -> dict[Identifier, Command]:
    made: dict[Identifier, Command] = {}
    for child, (name, fields) in outcomes_of(state, command, said, rules_in_force().quorum, anew=anew).items():
        try:
            made[child] = COMMANDS[name].model_validate(fields)
        except ValidationError as error:
            raise WrongOutcome(child, COMMANDS[name], error) from None
    return made


def _texts(said: BaseModel) -> Iterator[str]:
    """The words that ought to be each child's own. Two agencies may well dissent, and two plans name helpers, in the same ones."""
    for name in type(said).model_fields:
        value = getattr(said, name)
        if isinstance(value, str) and name in OWN_WORDS:
            yield value
        for each in value if isinstance(value, tuple) else ():  # pyright: ignore[reportUnknownVariableType]
            if isinstance(each, BaseModel):
                yield from _texts(each)


def _changed(command: Hold, child: Identifier) -> Iterator[str]:
    return (each.changed for each in command.participation if each.child == child and each.changed is not None)


def _flagged(child: Identifier, outcome: Command, same: frozenset[Identifier]) -> Command:
    """What the door knows of the words, and nobody gives."""
    if not isinstance(outcome, Held):
        return outcome
    return outcome.model_copy(update={"same_words": tuple(sorted(same - {child})) if child in same else None})
