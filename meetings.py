"""The door to meetings: takes a command, checks who is named, keeps the words in the record, and passes it on to the meeting.

As at the door to journeys a command is a row first: the same id again gets the first answer, with other content it is refused.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from temporalio.client import Client, RPCTimeoutOrCancelledError, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.surroundings import Library
from commands import CommandRefused, EngineAway, IdTaken, RecordAway, referenced
from gathering import Gathering
from named import check_named
from procedures.refusals import Refused
from procedures.rules import Rules
from record import children, family, meetings, versions
from record.canonical import canonical
from record.commands import SameIdOtherContent
from record.keys import KeyRing
from record.meetings import MeetingCommand
from record.pool import AWAY, Connection, Pool, transaction
from recovery import Clock
from schemas.base import Identifier
from schemas.commands.base import Command, Envelope
from schemas.engine import JOURNEYS
from schemas.gathered import GATHERED, CameTo
from schemas.holding import FinishFollowUp
from schemas.meeting_commands import AnswerInvitation, Arrange, HandOver, OutlineLocked, Release, Undeliverable
from schemas.meetings import MeetingAnswer, MeetingBegin, MeetingSight, MeetingState
from schemas.paper_commands import Circulate, PartOpened
from workflows.refusal import refusal_in, refusal_of

PATIENCE = timedelta(seconds=30)

RUNS_AGAIN = (FinishFollowUp, Circulate, PartOpened, Release, HandOver, Undeliverable, OutlineLocked)
"""A meeting ends when it was held: for each of these it runs again from the record, for that alone."""


def workflow_of(meeting: Identifier) -> str:
    """The workflow's id."""
    return f"meeting:{meeting}"


@dataclass(frozen=True)
class MeetingDoor:
    """Passes commands on to meetings of one authority."""

    client: Client
    pool: Pool
    authority: Identifier
    keys: KeyRing
    now: Clock | None = None
    """A rehearsal's virtual clock; in life the database's."""
    ahead: timedelta = timedelta()
    library: Library = field(default_factory=Library)

    async def rules(self, connection: Connection) -> Rules:
        """Those in force, with the authority's settings."""
        return await self.library.in_force(connection)

    @cached_property
    def _gathering(self) -> Gathering:
        return Gathering(self._together)

    @staticmethod
    def new_id() -> Identifier:
        """For a meeting that is to be arranged."""
        return f"m-{secrets.token_hex(8)}"

    async def submit(self, meeting: Identifier, command: Command, command_id: Identifier) -> MeetingAnswer:
        """Take one command to one meeting.

        Raises:
            NotTaken: it did not get as far as the meeting; nothing has changed.
            CommandRefused: it cannot be; says what would be right. Nothing has changed.
        """
        try:
            pending = await self.enter(meeting, command, command_id)
        except AWAY as error:
            raise RecordAway(
                f"The record cannot be reached ({type(error).__name__}). Send it again under the same id ({command_id})."
            ) from error
        return pending if isinstance(pending, MeetingAnswer) else await self._send(meeting, command, pending)

    async def sight(self, meeting: Identifier) -> MeetingSight | None:
        """The meeting as it stands in the engine; none where it runs no more."""
        try:
            return await self.client.get_workflow_handle(workflow_of(meeting)).query("meeting_sight", result_type=MeetingSight)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def enter(self, meeting: Identifier, command: Command, command_id: Identifier) -> MeetingAnswer | Envelope:
        """The command's row with its words in the record, or its first answer."""
        async with transaction(self.pool, self.authority) as connection:
            now = await (versions.now(connection) if self.now is None else self.now())
            state = None if isinstance(command, Arrange) else await meetings.state(connection, meeting)
            if not command.service and not _own_answer(command, state):
                await check_named(connection, command, now, lambda: self._family(connection, command, state))
            if isinstance(command, Arrange):
                await self._begin(connection, meeting, command)
            elif state is None:
                raise CommandRefused(refusal_of(Refused("meeting_not_arranged")))
            content = canonical([command.name, command.model_dump(mode="json", exclude_none=True)])
            row = MeetingCommand(
                meeting, command_id, command.name, hmac.new(self.keys.child_key(meeting), content, hashlib.sha256).hexdigest(), now
            )
            try:
                given = await meetings.give(connection, row)
            except SameIdOtherContent as error:
                raise IdTaken(str(error)) from None
            if given.answer is not None:
                return given.answer

            async def keep(words: str) -> str:
                reference = await meetings.put_words(connection, meeting, words, self.keys)
                return f"text:{reference.id}#{reference.sha256}"

            body = await referenced(command, keep)
        return Envelope(command_id=command_id, name=command.name, received_at=given.received_at, body=body)

    async def _family(self, connection: Connection, command: Command, state: MeetingState | None) -> frozenset[Identifier]:
        """Of the children whom the meeting is about, and whoever is invited already."""
        about = command.children if isinstance(command, Arrange) else () if state is None else [each.child for each in state.about]
        invited = () if state is None else (each.person for each in state.invitees)
        return frozenset(invited) | (await family.everybody(connection, about, self.keys)).keys()

    async def _begin(self, connection: Connection, meeting: Identifier, command: Arrange) -> None:
        teams: list[str] = []
        for child in command.children:
            try:
                teams.append((await children.get(connection, child)).team)
            except LookupError:
                raise CommandRefused(refusal_of(Refused("no_journey"))) from None
        await meetings.begin(connection, meeting, teams[0], command.children, self.keys)

    async def _send(self, meeting: Identifier, command: Command, envelope: Envelope) -> MeetingAnswer:
        try:
            held = await self._held(meeting) if isinstance(command, RUNS_AGAIN) else None
            if held is not None or command.name not in GATHERED:
                return await self._update(meeting, command, envelope, held)
            came_to = await self._gathering.submit(meeting, envelope)
            if came_to.answer is not None:
                return came_to.answer
            refusal = came_to.refusal
        except WorkflowUpdateFailedError as failed:
            refusal = refusal_in(failed.cause)
            if refusal is None:
                raise
        except (RPCTimeoutOrCancelledError, RPCError) as error:
            if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
                refusal = refusal_of(Refused("meeting_over"))
            else:
                raise EngineAway(f"The engine did not answer. Send it again under the same id ({envelope.command_id}).") from error
        async with transaction(self.pool, self.authority) as connection:
            if (first := await meetings.answered(connection, meeting, envelope.command_id)) is not None:
                return first
        if refusal is None:
            raise ValueError("a command came to neither an answer nor a refusal")
        raise CommandRefused(refusal)

    async def _together(self, meeting: Identifier, envelopes: list[Envelope]) -> list[CameTo]:
        handle = self.client.get_workflow_handle(workflow_of(meeting))
        return await handle.execute_update("answers", envelopes, result_type=list[CameTo], rpc_timeout=PATIENCE)

    async def _update(self, meeting: Identifier, command: Command, envelope: Envelope, held: MeetingState | None) -> MeetingAnswer:
        options: dict[str, Any] = {"id": envelope.command_id, "result_type": MeetingAnswer, "rpc_timeout": PATIENCE}
        if isinstance(command, Arrange):
            begin, reuse = MeetingState(meeting=meeting, authority=self.authority), WorkflowIDReusePolicy.REJECT_DUPLICATE
        elif held is not None:
            begin, reuse = held, WorkflowIDReusePolicy.ALLOW_DUPLICATE
        else:
            return await self.client.get_workflow_handle(workflow_of(meeting)).execute_update("command", envelope, **options)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Meeting",
            MeetingBegin(state=begin, alone=held is not None, ahead=self.ahead),
            id=workflow_of(meeting),
            task_queue=JOURNEYS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=reuse,
        )
        return await self.client.execute_update_with_start_workflow("command", envelope, start_workflow_operation=start, **options)

    async def _held(self, meeting: Identifier) -> MeetingState | None:
        async with transaction(self.pool, self.authority) as connection:
            state = await meetings.state(connection, meeting)
        return state if state is not None and state.stage == "held" else None


def _own_answer(command: Command, state: MeetingState | None) -> bool:
    """Whoever is invited answers for themselves, the family too, who stand in no directory."""
    if state is None or not isinstance(command, AnswerInvitation):
        return False
    invitee = state.invitee(command.invitee)
    return invitee is not None and command.actor == invitee.person
