"""A meeting, shared by the children it is about: arranged, answered, chased, moved or called off, held, told.

It records first and believes after, as a journey does. When it was held, what it decided for each child is told to that child's journey:
all are asked first, so that nothing is told of a meeting that one of them would refuse; then it stays open, names the child and says why.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from schemas.commands import Envelope
    from schemas.engine import Heard, MeetingHeld, MeetingOutcome, Refusal, Told
    from schemas.gathered import CameTo, Gathered, GatheredFlush
    from schemas.holding import OutcomesTold
    from schemas.meetings import MeetingAnswer, MeetingBegin, MeetingFlush, MeetingQuestion, MeetingRecorded, MeetingSight
    from schemas.timeline import SERVICE

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20))
QUICK = timedelta(seconds=30)

ASK_AGAIN = timedelta(minutes=10)
"""Between two tries where the record cannot take what is due."""

LONGEST_SLEEP = timedelta(days=365)

KNOWS_WHO_WAS_TOLD = "knows-who-was-told"
"""A meeting that was held before it was written down which journeys were told goes on as it began."""

MOST_COMMANDS = 1_500
"""Continue as new well before the engine's 2,000 updates a run."""


@workflow.defn(name="Meeting")
class Meeting:
    """Ends when it was called off, or when it was held and every journey has been told."""

    @workflow.init
    def __init__(self, begin: MeetingBegin | None = None) -> None:
        """Without a beginning: a meeting that is recorded once it was held, and was arranged elsewhere."""
        self.begin = begin
        self.state = None if begin is None else begin.state
        self.next_wake = None if begin is None else begin.next_wake
        self.commands = 0
        self.over = False
        self.turn = asyncio.Lock()
        self.telling = asyncio.Lock()

    @workflow.run
    async def run(self, begin: MeetingBegin | None = None) -> None:
        """Wake when somebody is to be asked again or reminded, until it is over."""
        while not (self.over or self._renewal_wanted()):
            if await self._woken():
                await self._kept_alive()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self.over and self.begin is not None and self.state is not None:
            begin = MeetingBegin(state=self.state, alone=False, next_wake=self.next_wake, ahead=self.begin.ahead)
            workflow.continue_as_new(begin)

    @workflow.update(name="command")
    async def command(self, envelope: Envelope) -> MeetingAnswer:
        """Take a command: it is recorded before it is answered, or refused and nothing has changed."""
        if envelope.name == "held":
            raise ApplicationError("a meeting is held by its own update, which tells the journeys", non_retryable=True)
        self.commands += 1
        try:
            async with self.turn:
                flush = await self._settled("settle_meeting", envelope)
                recorded = await self._record(flush)
                answer = flush.answer if recorded.answer is None else recorded.answer
                if answer is None:
                    raise ApplicationError("a command was settled without an answer", non_retryable=True)
            await self._tell_of(flush, recorded)
            return answer
        finally:
            # Whatever that command came to.
            self.over = self.over or self._alone

    @workflow.update(name="answers")
    async def answers(self, envelopes: list[Envelope]) -> list[CameTo]:
        """Take what many people answered, as if each had come by itself: recorded before anybody is told, or refused and nothing has changed."""
        self.commands += 1
        async with self.turn:
            gathered = await self._gathered(envelopes)
            if gathered.answers:
                await workflow.execute_activity("record_gathered", gathered, start_to_close_timeout=QUICK, retry_policy=PATIENT)
                self.state, self.next_wake = gathered.flush.state, gathered.flush.next_wake
            return list(gathered.came_to)

    @workflow.update(name="hold")
    async def hold(self, held: MeetingHeld) -> MeetingOutcome:
        """Ask all journeys; record the day; then tell them all. A repeat of the command that recorded it goes on telling."""
        refused = await workflow.execute_activity(
            "ask_journeys", held, result_type=dict[str, Refusal], start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        if self.state is not None and workflow.patched(KNOWS_WHO_WAS_TOLD):
            return await self._hold(held, refused)
        told: list[str] = []
        if not refused:
            if held.own is not None:
                await self._recorded_as_held(held.own)
            async with self.telling:
                for outcome in held.outcomes:
                    refusal = await self._tell(outcome)
                    if refusal is None:
                        told.append(outcome.child)
                    else:
                        refused[outcome.child] = refusal
        self.over = not refused
        return MeetingOutcome(meeting=held.meeting, told=tuple(told), refused=refused)

    @workflow.query(name="meeting_sight")
    def sight(self) -> MeetingSight | None:
        """The meeting as it stands; none of one that was arranged elsewhere."""
        return None if self.state is None else MeetingSight(state=self.state, now=self._now(), next_wake=self.next_wake)

    def _now(self, received_at: datetime | None = None) -> datetime:
        ahead = timedelta() if self.begin is None else self.begin.ahead
        now = workflow.now() + ahead
        return now if received_at is None else max(now, received_at)

    @property
    def _alone(self) -> bool:
        if self.begin is None or self.begin.alone is not None:
            return self.begin is not None and bool(self.begin.alone)
        return self.begin.state.stage == "held"

    def _renewal_wanted(self) -> bool:
        return self.begin is not None and (self.commands >= MOST_COMMANDS or workflow.info().is_continue_as_new_suggested())

    async def _woken(self) -> bool:
        """Sleep until the next instant. False where something else changed: then look again."""
        wake, now = self.next_wake, self._now()
        if wake is not None and wake <= now:
            return True
        timeout = LONGEST_SLEEP if wake is None else wake - now
        try:
            await workflow.wait_condition(lambda: self.over or self.next_wake != wake or self._renewal_wanted(), timeout=timeout)
        except TimeoutError:
            return wake is not None and wake <= self._now()
        return False

    async def _kept_alive(self) -> None:
        """Where the record cannot take what is due an operator must look, and until then the meeting asks again."""
        try:
            async with self.turn:
                flush = await self._settled("settle_meeting", None)
                recorded = await self._record(flush)
            await self._tell_of(flush, recorded)
        except (ActivityError, ApplicationError) as error:
            workflow.logger.error("meeting_cannot_record: %s", type(error.cause or error).__name__)
            await workflow.sleep(ASK_AGAIN)

    async def _settled(self, activity: str, envelope: Envelope | None) -> MeetingFlush:
        if self.state is None:
            raise ApplicationError("this meeting was arranged elsewhere", non_retryable=True)
        received_at = None if envelope is None else envelope.received_at
        question = MeetingQuestion(state=self.state, now=self._now(received_at), envelope=envelope)
        try:
            return await workflow.execute_local_activity(
                activity, question, result_type=MeetingFlush, start_to_close_timeout=QUICK, retry_policy=PATIENT
            )
        except ActivityError as error:
            raise error.cause or error from error

    async def _gathered(self, envelopes: list[Envelope]) -> GatheredFlush:
        if self.state is None:
            raise ApplicationError("this meeting was arranged elsewhere", non_retryable=True)
        now = self._now(max(each.received_at for each in envelopes))
        question = Gathered(state=self.state, now=now, envelopes=tuple(envelopes))
        try:
            return await workflow.execute_local_activity(
                "settle_gathered", question, result_type=GatheredFlush, start_to_close_timeout=QUICK, retry_policy=PATIENT
            )
        except ActivityError as error:
            raise error.cause or error from error

    async def _record(self, flush: MeetingFlush) -> MeetingRecorded:
        """Record first, fold after."""
        recorded = await workflow.execute_activity(
            "record_meeting", flush, result_type=MeetingRecorded, start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        if recorded.answer is None:
            self.state, self.next_wake = flush.state, flush.next_wake
            self.over = self.over or self.state.stage == "called_off" or self.state.closed
        return recorded

    async def _tell_of(self, flush: MeetingFlush, recorded: MeetingRecorded) -> None:
        """Each child's journey is told the date that is booked, in the order in which dates were: a journey that cannot be told now
        holds up what is told after it, and nobody who answers.
        """
        if recorded.answer is None and flush.tell:
            async with self.telling:
                for each in flush.tell:
                    await self._tell(each)

    async def _recorded_as_held(self, own: Envelope) -> None:
        async with self.turn:
            if self.state is not None and self.state.held_by == own.command_id:
                return
            flush = await self._settled("settle_meeting", own)
            recorded = await self._record(flush)
        await self._tell_of(flush, recorded)

    async def _hold(self, held: MeetingHeld, refused: dict[str, Refusal]) -> MeetingOutcome:
        """Until the day is recorded one journey that would refuse holds up all the others; after it each is told that can be."""
        if held.own is not None and (self.state is None or self.state.held_by != held.own.command_id):
            if refused:
                return MeetingOutcome(meeting=held.meeting, refused=refused)
            await self._recorded_as_held(held.own)
        async with self.telling:
            before = {} if self.state is None else self.state.told
            told = {each.child: each.envelope.command_id for each in held.outcomes if each.child in before}
            if told:  # Refused where one of them was told otherwise in the meantime.
                await self._note(told, {})
            untold = {child: why for child, why in refused.items() if child not in told}
            for each in held.outcomes:
                if each.child in told or each.child in untold:
                    continue
                why = await self._tell(each)
                if why is None:
                    told[each.child] = each.envelope.command_id
                else:
                    untold[each.child] = why
            self.over = not await self._note(told, untold) or self.over
        return MeetingOutcome(meeting=held.meeting, told=tuple(told), refused=untold)

    async def _note(self, told: dict[str, str], untold: dict[str, Refusal]) -> bool:
        """Write down which journeys were told. True while one is not."""
        async with self.turn:
            now, seq = self._now(), 0 if self.state is None else self.state.seq
            said = OutcomesTold(actor=SERVICE, happened_at=now, told=told, refused=untold)
            body = said.model_dump(mode="json", exclude_none=True)
            flush = await self._settled("settle_meeting", Envelope(command_id=f"told:{seq}", name=said.name, received_at=now, body=body))
            await self._record(flush)
            return bool(flush.state.untold)

    async def _tell(self, outcome: Told) -> Refusal | None:
        heard = await workflow.execute_activity(
            "tell_journey", outcome, result_type=Heard, start_to_close_timeout=QUICK, retry_policy=PATIENT
        )
        return heard.refusal
