"""The one door to a child's journey. Page, command line, rehearsal, a calendar reply and a meeting all come through here.

A command is checked, its row and the words of people go to the record, and what is left (ids, dates, enumerations, references to the words)
is sent to the journey as an update. The same id gets the same answer, however often it is sent; the same id with other content is refused.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from temporalio.client import Client, RPCTimeoutOrCancelledError, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.surroundings import Library
from engine.journeys import sight_of
from named import NotTaken, check_named, marks
from observing import traces
from procedures.alike import alike, likened
from procedures.decisions import OPENING
from procedures.refusals import Refused
from procedures.rules import Rules
from procedures.times import local
from record import children, family, meetings, texts, versions, voices
from record import commands as rows
from record.canonical import canonical
from record.commands import CommandRow, RefusedCommand, SameIdOtherContent
from record.keys import KeyRing
from record.pool import AWAY, Connection, Pool, transaction
from record.timeline import RecordAhead, RecordBehind
from recovery import Clock, beginning
from schemas.base import FreeTextMarker, Identifier
from schemas.clocks import Language
from schemas.commands import Command, Envelope
from schemas.commands.conferences import PaperCirculated
from schemas.commands.enquiries import Visit, VoiceRecorded
from schemas.commands.moves import Ended
from schemas.engine import JOURNEYS, Begin, MeetingHeld, MeetingOutcome, Refusal, Sight, Told
from schemas.meetings import MeetingBegin
from schemas.timeline import Answer
from workflows.refusal import refusal_in, refusal_of

DISAGREE = frozenset({RecordAhead.__name__, RecordBehind.__name__})
"""Why the record takes nothing from a journey."""

STARTS_A_JOURNEY = OPENING | {"allocated"}
"""Commands that find or make the child's workflow; the others need one that is there."""


PREGNANCY = timedelta(days=365)
"""A child may be reported so long before its birth, with room to spare."""


class UnknownChild(NotTaken):
    """No child with that id is on record."""

    def __init__(self, child: Identifier) -> None:
        super().__init__(f"There is no child {child} on record. Register the child first: siwrnai child register.")
        self.child = child


class IdTaken(NotTaken):
    """The id was used before for a command with other content."""


class EngineAway(NotTaken):
    """The engine could not be reached: the same command may be sent again under the same id."""


class RecordAway(NotTaken):
    """The record could not be written to: the same command may be sent again under the same id."""


class EngineDisagrees(NotTaken):
    """The engine holds the child's journey otherwise than the record: an operator must bring them into agreement (`siwrnai recover`)."""


class NoJourney(Exception):
    """The engine knows no journey of that child."""


class CommandRefused(Exception):
    """The procedures refuse it: a code, and what is missing in either language. Nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentences["en"])
        self.refusal = refusal
        self.code = refusal.code

    def sentence(self, language: Language) -> str:
        """What is missing and what would be right."""
        return self.refusal.sentences[language]


@dataclass(frozen=True)
class Door:
    """Passes commands on. One a process; safe for many commands at once."""

    client: Client
    pool: Pool
    authority: Identifier
    keys: KeyRing
    now: Clock | None = None
    """A rehearsal's virtual clock; in life the database's."""
    patience: float = 60
    """Seconds to wait for an answer."""
    _library: Library = field(default_factory=Library, init=False, repr=False)

    async def submit(self, child: Identifier, command: Command, command_id: Identifier) -> Answer:
        """Take one command to one child's journey.

        Raises:
            NotTaken: it did not get as far as the journey; nothing has changed.
            CommandRefused: the procedures refuse it, in the field's words; nothing has changed.
        """
        with traces.span(f"command {command.name}", child=child, command_id=command_id):
            pending = await self._enter(child, command, command_id)
            if isinstance(pending, Answer):
                return pending
            return await self._send(child, command, pending)

    async def hold_meeting(self, meeting: Identifier, outcomes: Mapping[Identifier, Command]) -> MeetingOutcome:
        """Tell each child's journey what a meeting decided for it. The command's id is `meeting:child:outcome`.

        Raises:
            NotTaken: nothing was told.
        """
        with traces.span("meeting held", meeting=meeting):
            return await self._hold_meeting(meeting, outcomes)

    async def _hold_meeting(self, meeting: Identifier, outcomes: Mapping[Identifier, Command]) -> MeetingOutcome:
        return await self.tell_outcomes(meeting, outcomes, meeting)

    async def tell_outcomes(
        self,
        meeting: Identifier,
        outcomes: Mapping[Identifier, Command],
        id: Identifier,
        own: Envelope | None = None,
        begin: MeetingBegin | None = None,
    ) -> MeetingOutcome:
        """Tell each journey under the id `id:child:outcome`, once the meeting has recorded its own day, if it has one to record.

        Raises:
            NotTaken: nothing was told.
            WorkflowUpdateFailedError: the meeting refuses its own part; nothing was told.
        """
        told: list[Told] = []
        done: list[Identifier] = []
        for child, command in outcomes.items():
            pending = await self._enter(child, command, f"{id}:{child}:outcome")
            if isinstance(pending, Answer):
                done.append(child)
            else:
                told.append(Told(child=child, envelope=pending))
        if not told and own is None:
            return MeetingOutcome(meeting=meeting, told=tuple(done))
        held = MeetingHeld(meeting=meeting, outcomes=tuple(told), own=own)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Meeting",
            *(() if begin is None else (begin,)),
            id=f"meeting:{meeting}",
            task_queue=JOURNEYS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        async with self._patiently(meeting):
            outcome = await self.client.execute_update_with_start_workflow(
                "hold", held, start_workflow_operation=start, result_type=MeetingOutcome
            )
        for each in told:
            if each.child in outcome.refused:
                await self._log(each.child, outcomes[each.child], each.envelope, outcome.refused[each.child])
        return outcome.model_copy(update={"told": (*done, *outcome.told)})

    async def sight(self, child: Identifier) -> Sight | None:
        """The journey as it stands in the engine; none where it has never begun."""
        return await sight_of(self.client, child)

    async def clock(self) -> datetime:
        """The instant that counts as now: the database's clock, or a rehearsal's."""
        async with transaction(self.pool, self.authority) as connection:
            return await self._now(connection)

    async def _now(self, connection: Connection) -> datetime:
        return await (versions.now(connection) if self.now is None else self.now())

    async def _enter(self, child: Identifier, command: Command, command_id: Identifier) -> Answer | Envelope:
        try:
            return await self._entered(child, command, command_id)
        except AWAY as error:
            raise RecordAway(
                f"The record cannot be reached ({type(error).__name__}). Send it again under the same id ({command_id}): it is taken once."
            ) from error

    async def _entered(self, child: Identifier, command: Command, command_id: Identifier) -> Answer | Envelope:
        """The command's row, unique by child and id, with the words of people put in the record."""
        async with transaction(self.pool, self.authority) as connection:
            # On this very connection: one that waited for another could wait for ever.
            now = await self._now(connection)
            await self._check(connection, child, command, now)
            begun = await self._begin(connection, child, command, command_id, now)
            if begun.answer is not None:
                return begun.answer

            async def keep(words: str) -> str:
                reference = await texts.put(connection, child, words, self.keys)
                return f"text:{reference.id}#{reference.sha256}"

            body = await referenced(command, keep)
            if isinstance(command, VoiceRecorded):
                body["same_words"] = await self._same_words(connection, child, command)
            if isinstance(command, PaperCirculated):
                body.pop("sent_by", None)  # The meeting tells the journey itself, not through this door.
        return Envelope(command_id=command_id, name=command.name, received_at=begun.received_at, body=body)

    async def _same_words(self, connection: Connection, child: Identifier, said: VoiceRecorded) -> list[Identifier] | None:
        """Brothers and sisters on whose record the same words stand: compared here, before they are sealed."""
        own = [words for name in voices.WORDS if (words := getattr(said, name)) is not None]
        fewest = (await self._rules(connection)).same_words.fewest
        if not any(likened(each, fewest) for each in own):
            return None
        there = await voices.of_siblings(connection, child, self.keys)
        return sorted(each for each, words in there.items() if alike({child: own, each: words}, fewest)) or None

    async def _check(self, connection: Connection, child: Identifier, command: Command, now: datetime) -> None:
        try:
            details = await children.details(connection, child, self.keys)
        except LookupError:
            raise UnknownChild(child) from None
        if not command.service:
            await check_named(connection, command, now, lambda: _around(connection, child))
        if details.born_on is not None and not command.service:
            try:
                _check_birth(command, details.born_on)
                if isinstance(command, Visit) and command.alone == "observed_without_carers":
                    _check_age(command, details.born_on, await self._rules(connection))
            except Refused as refused:
                raise CommandRefused(refusal_of(refused)) from None

    async def _rules(self, connection: Connection) -> Rules:
        return await self._library.in_force(connection)

    async def _begin(
        self, connection: Connection, child: Identifier, command: Command, command_id: Identifier, now: datetime
    ) -> rows.Begun:
        content = canonical([command.name, command.model_dump(mode="json", exclude_none=True)])
        row = CommandRow(
            child=child,
            command_id=command_id,
            name=command.name,
            # Keyed, so that the row betrays nothing of the words.
            body_hash=hmac.new(self.keys.child_key(child), content, hashlib.sha256).hexdigest(),
            received_at=now,
        )
        try:
            return await rows.begin(connection, row)
        except SameIdOtherContent as error:
            raise IdTaken(str(error)) from None

    async def _send(self, child: Identifier, command: Command, envelope: Envelope) -> Answer:
        try:
            async with self._patiently(envelope.command_id):
                return await self._update(child, command, envelope)
        except WorkflowUpdateFailedError as failed:
            refusal = refusal_in(failed.cause)
            if refusal is None:
                raise _disagreement(child, failed) from failed
        except NoJourney:
            refusal = refusal_of(Refused("no_journey"))
        # A repeat may come to a journey that has gone on since it took the command: the first answer counts.
        if (answer := await self._answered(child, envelope.command_id)) is not None:
            return answer
        await self._log(child, command, envelope, refusal)
        raise CommandRefused(refusal)

    async def _answered(self, child: Identifier, command_id: Identifier) -> Answer | None:
        async with transaction(self.pool, self.authority) as connection:
            return await rows.answered(connection, child, command_id)

    @asynccontextmanager
    async def _patiently(self, id: Identifier) -> AsyncGenerator[None]:
        """Wait for the engine and a worker as long as a person would; what was sent may yet be taken, once, under its id."""
        again = f"Send it again under the same id ({id}) to learn what became of it: it is taken once, however often it is sent."
        try:
            async with asyncio.timeout(self.patience):
                try:
                    yield
                except RPCTimeoutOrCancelledError as error:
                    # The client wraps a cancelled wait, whoever cancelled it, in an error of its own.
                    if (task := asyncio.current_task()) is not None and task.cancelling():
                        raise asyncio.CancelledError from error
                    raise EngineAway(f"The engine did not answer. {again}") from error
        except TimeoutError as error:
            raise EngineAway(f"Nothing answered within {self.patience:.0f} seconds: is the worker running? {again}") from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NoJourney from error
            raise EngineAway(f"The engine did not answer ({error.status.name}). {again}") from error

    async def _update(self, child: Identifier, command: Command, envelope: Envelope) -> Answer:
        handle = self.client.get_workflow_handle(child)
        try:
            return await handle.execute_update("command", envelope, id=envelope.command_id, result_type=Answer)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or command.name not in STARTS_A_JOURNEY:
                raise
        return await self._start(child, envelope)

    async def _start(self, child: Identifier, envelope: Envelope) -> Answer:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Journey",
            await self._beginning(child),
            id=child,
            task_queue=JOURNEYS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        return await self.client.execute_update_with_start_workflow(
            "command", envelope, start_workflow_operation=start, id=envelope.command_id, result_type=Answer
        )

    async def _beginning(self, child: Identifier) -> Begin:
        async with transaction(self.pool, self.authority) as connection:
            # Where the engine lost the journey it goes on from the record.
            return await beginning(connection, child, self.keys, self.now)

    async def _log(self, child: Identifier, command: Command, envelope: Envelope, refusal: Refusal) -> None:
        """Refusals have a log of their own; the refused command's id may be sent again when what was missing is there."""
        refused = RefusedCommand(
            child=child,
            command_id=envelope.command_id,
            name=command.name,
            code=refusal.code,
            sentence_cy=refusal.sentences["cy"],
            sentence_en=refusal.sentences["en"],
            actor=command.actor,
            at=envelope.received_at,
        )
        async with transaction(self.pool, self.authority) as connection:
            await rows.refuse(connection, refused)


def _disagreement(child: Identifier, failed: WorkflowUpdateFailedError) -> Exception:
    """What the door says where the record did not take what the journey wanted to append; else the failure itself."""
    cause = failed.cause
    while cause is not None and not (isinstance(cause, ApplicationError) and cause.type in DISAGREE):
        cause = cause.__cause__
    if cause is None:
        return failed
    return EngineDisagrees(
        f"The engine and the record disagree on the journey of {child} ({cause}). Nothing was recorded. siwrnai recover --check says which "
        "journeys, siwrnai recover --replace lets them go on from the record; then send it again."
    )


async def referenced(model: BaseModel, keep: Callable[[str], Awaitable[str]]) -> dict[str, Any]:
    """The model as JSON with each free text put in the record and its reference in its place."""
    body: dict[str, Any] = model.model_dump(mode="json", exclude_none=True)
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None:
            continue
        if isinstance(value, str) and _is_free_text(info):
            body[name] = await keep(value)
        elif isinstance(value, BaseModel):
            body[name] = await referenced(value, keep)
        elif isinstance(value, tuple):
            body[name] = [await _within(each, plain, keep) for each, plain in zip(cast("tuple[Any, ...]", value), body[name], strict=True)]
    return body


async def _within(each: Any, plain: Any, keep: Callable[[str], Awaitable[str]]) -> Any:
    return await referenced(each, keep) if isinstance(each, BaseModel) else plain


def _is_free_text(info: FieldInfo) -> bool:
    return any(isinstance(mark, FreeTextMarker) for mark in marks(info))


async def _around(connection: Connection, child: Identifier) -> frozenset[Identifier]:
    """Whoever is, or was, of the family of the child and of its brothers and sisters, or is invited to a meeting about it."""
    whole = await children.family(connection, (await children.get(connection, child)).family)
    invited = (guest.person for meeting in await meetings.of_child(connection, child) for guest in meeting.invitees)
    return await family.ever(connection, whole) | frozenset(invited)


def _check_birth(command: Command, born: date) -> None:
    """What does not go with the date of birth, which the record alone knows.

    Raises:
        Refused: the year is mistyped, or the child was born.
    """
    on = local(command.happened_at).date()
    if on < born - PREGNANCY:
        raise Refused("before_birth", at=local(command.happened_at).isoformat(timespec="minutes"), born=born.isoformat())
    if isinstance(command, Ended) and command.ending == "stillbirth_or_miscarriage":
        raise Refused("ending_of_born")


def _check_age(visit: Visit, born: date, rules: Rules) -> None:
    """Seen alone means alone from some age on (WSP section 4 part 3: by age).

    Raises:
        Refused: the child is too old for being observed.
    """
    on = local(visit.happened_at).date()
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if age >= rules.small_child.younger_than:
        raise Refused("observed_too_old", age=age)
