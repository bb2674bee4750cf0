"""Letters that a mail server refused for good: each journey is told, so that the next rung hears of it, and each meeting of its invitees."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError

from commands import CommandRefused, NotTaken
from meetings import MeetingDoor
from record import letters
from record.letters import RefusedOrder
from record.pool import Pool, transaction
from schemas.base import Identifier
from schemas.commands import Envelope
from schemas.commands.moves import LetterRefused
from schemas.engine import Sight
from schemas.meeting_commands import Undeliverable
from schemas.timeline import SERVICE, Answer

log = structlog.get_logger()


@dataclass(frozen=True)
class Bounces:
    """Asks the record for refused letters of which the journeys do not know yet. Safe to run in several workers at once."""

    pool: Pool
    client: Client
    authority: Identifier
    door: MeetingDoor

    async def watch(self, every: float) -> None:
        """Look every so many seconds, until cancelled. What cannot be told now is told at a later look."""
        while True:
            try:
                await self.tell_all()
            except Exception as error:  # Whatever it is: the refusals wait in the record.
                log.error("bounces_not_told", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(every)

    async def tell_all(self) -> None:
        """Tell every journey once; a repeat of the same update does nothing."""
        async with transaction(self.pool, self.authority) as connection:
            refused = await letters.untold_refusals(connection)
        for each in refused:
            try:
                await (self._tell(each) if each.invitee is None else self._tell_meeting(each))
            except (WorkflowUpdateFailedError, RPCError, NotTaken) as error:
                log.error("bounce_not_told", letter=each.letter, error=type(error).__name__)
                continue
            async with transaction(self.pool, self.authority) as connection:
                await letters.mark_told(connection, each.child, each.cause)

    async def _tell_meeting(self, refused: RefusedOrder) -> None:
        """Whoever arranged it hears of it; the journey has nothing to do with it. A meeting that is over has nobody to tell."""
        if refused.meeting is None or refused.invitee is None:
            return

        async def then() -> datetime:
            return refused.at

        said = Undeliverable(actor=SERVICE, happened_at=refused.at, invitee=refused.invitee, to=refused.recipient)
        with suppress(CommandRefused):
            await replace(self.door, now=then).submit(refused.meeting, said, _command_id(refused))

    async def _tell(self, refused: RefusedOrder) -> None:
        handle = self.client.get_workflow_handle(refused.child)
        now = (await handle.query("sight", result_type=Sight)).now
        said = LetterRefused(
            actor=SERVICE,
            happened_at=now,
            recipient=refused.recipient,
            letter=refused.letter,
            instance=refused.instance,
            detail=refused.detail,
        )
        command_id = _command_id(refused)
        envelope = Envelope(command_id=command_id, name=said.name, received_at=now, body=said.model_dump(mode="json", exclude_none=True))
        await handle.execute_update("command", envelope, id=command_id, result_type=Answer)


def _command_id(refused: RefusedOrder) -> Identifier:
    return "refused-" + hashlib.sha256(f"{refused.letter}|{refused.cause}".encode()).hexdigest()[:32]
