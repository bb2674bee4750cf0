"""What many answers to one meeting come to, worked out one after the other and written in one transaction."""

from collections import defaultdict
from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.arranging import Arranging, by_child
from procedures.meetings.around import Around
from procedures.meetings.decide import MeetingSettlement, next_wake, settle_command
from procedures.refusals import Refused
from record import meetings
from record.meetings import HeadDiffers
from record.pool import transaction
from schemas.base import Identifier
from schemas.commands.base import Envelope
from schemas.gathered import CameTo, Gathered, GatheredFlush
from schemas.letters import LetterOrder
from schemas.meeting_commands import MEETING_COMMANDS
from schemas.meetings import MeetingAnswer, MeetingEntry, MeetingFlush, MeetingKind
from workflows.refusal import refusal_of


@dataclass(frozen=True)
class Gathering:
    """Settles and records what is taken together."""

    arranging: Arranging

    @activity.defn(name="settle_gathered")
    async def settle(self, question: Gathered) -> GatheredFlush:
        """Each as it would be by itself: a repeat gets its first answer, a refusal changes nothing and holds up no other."""
        state = question.state
        async with transaction(self.arranging.pool, state.authority) as connection:
            about = [each.child for each in state.about]
            around = await self.arranging.around(connection, state.kind or MeetingKind.icpc, about, question.now, state)
            ids = [each.command_id for each in question.envelopes]
            known = await meetings.answers(connection, state.meeting, ids)
        return _settled(question, around, known)

    @activity.defn(name="record_gathered")
    async def write(self, gathered: GatheredFlush) -> None:
        """Write once, however often it is asked.

        Raises:
            ApplicationError: final, where meeting and record disagree on where the log ends: an operator must look.
        """
        flush = gathered.flush
        try:
            async with transaction(self.arranging.pool, flush.state.authority) as connection:
                await meetings.append(connection, flush, self.arranging.keys)
                await meetings.keep_answers(connection, flush.state.meeting, gathered.answers)
        except HeadDiffers as error:
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error


def _settled(question: Gathered, around: Around, known: dict[Identifier, MeetingAnswer]) -> GatheredFlush:
    state, came_to = question.state, list[CameTo]()
    entries, letters = list[MeetingEntry](), defaultdict[Identifier, list[LetterOrder]](list)
    fresh: dict[Identifier, MeetingAnswer] = {}
    for envelope in question.envelopes:
        first = known.get(envelope.command_id) or fresh.get(envelope.command_id)
        if first is not None:
            came_to.append(CameTo(answer=first))
            continue
        try:
            settled = _one(question.model_copy(update={"state": state}), envelope, around)
        except Refused as refused:
            came_to.append(CameTo(refusal=refusal_of(refused)))
            continue
        state = settled.state
        entries += settled.entries
        for child, orders in by_child(settled).items():
            letters[child] += orders
        came_to.append(CameTo(answer=settled.answer))
        if settled.answer is not None:
            fresh[envelope.command_id] = settled.answer
    flush = MeetingFlush(
        state=state,
        expected_head=question.state.seq,
        entries=tuple(entries),
        letters={child: tuple(orders) for child, orders in letters.items()},
        next_wake=next_wake(state, around),
    )
    return GatheredFlush(flush=flush, answers=fresh, came_to=tuple(came_to))


def _one(question: Gathered, envelope: Envelope, around: Around) -> MeetingSettlement:
    said = MEETING_COMMANDS[envelope.name].model_validate(envelope.body)
    return settle_command(question.state, envelope.command_id, said, question.now, around)
