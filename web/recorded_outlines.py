"""Why a conference is held, as the record has it sealed: the port of `web/answering.py`."""

from dataclasses import dataclass

import structlog

from commands import CommandRefused, NotTaken
from entitlement.asking import entitlement
from meetings import MeetingDoor
from procedures.in_force import rules_in_force
from record import children, meetings, outlines, reads
from record.keys import KeyMissing
from record.outlines import Try
from record.pool import Connection, transaction
from report_pages import label
from schemas.base import Identifier, Instant
from schemas.entitlement import Fact
from schemas.meeting_commands import OutlineLocked
from schemas.meetings import Invitee, MeetingState
from schemas.outlines import ChildOutline, OutlineRead, Tried
from schemas.timeline import SERVICE

log = structlog.get_logger()

NOTHING = OutlineRead(tried=Tried.no_code)


@dataclass(frozen=True)
class RecordedOutlines:
    """Reads the record; tells the meeting of a page that was locked."""

    door: MeetingDoor

    async def read(self, invitee: Identifier, code: str, now: Instant) -> OutlineRead:
        """What the code opens: of each child of whom that person may be told, and nothing of a brother or sister of whom it may not."""
        async with transaction(self.door.pool, self.door.authority) as connection:
            state = await meetings.of_invitee(connection, invitee)
            guest = None if state is None else state.invitee(invitee)
            if state is None or guest is None or not may_read(state, guest, now):
                return NOTHING
            told = await entitlement(connection, guest.children)
            of = told.of(guest.person, Fact.outline, guest.children)
            if not of:
                return NOTHING
            most_wrong = (await self.door.rules(connection)).codes.most_wrong
            found = await outlines.try_code(connection, state.meeting, invitee, code, self.door.keys, most_wrong)
            shown = await self._words(connection, state, of) if found.tried is Tried.opened else ()
            if found.tried is Tried.opened:
                await reads.log(connection, guest.person, "outline of reason on the signed page", [state.meeting, *of])
        if found.tried is Tried.locked:
            await tell_of_lock(self.door, state.meeting, invitee, found)
        return OutlineRead(tried=found.tried, left=found.left, children=shown)

    async def _words(self, connection: Connection, state: MeetingState, of: tuple[Identifier, ...]) -> tuple[ChildOutline, ...]:
        found: list[ChildOutline] = []
        for child in of:
            try:
                words = await outlines.get(connection, state.meeting, child, self.door.keys)
                details = await children.details(connection, child, self.door.keys)
            except KeyMissing:
                continue
            if words is not None and state.starts is not None:
                found.append(ChildOutline(label=label(details, child, state.starts), words=words))
        return tuple(found)


async def tell_of_lock(door: MeetingDoor, meeting: Identifier, invitee: Identifier, found: Try) -> None:
    """Once for each code, whoever goes on trying; where the meeting cannot be told now, the next try tells it."""
    if found.locked_at is None:
        return
    said = OutlineLocked(actor=SERVICE, happened_at=found.locked_at, invitee=invitee)
    try:
        await door.submit(meeting, said, f"outline-locked-{invitee}-{found.code}")
    except (CommandRefused, NotTaken) as error:
        log.warning("lock_not_told", error=type(error).__name__)


def may_read(state: MeetingState, guest: Invitee, now: Instant) -> bool:
    """While the meeting is still to be held, once the invitation went out, and for the parts that the procedures name."""
    stands = state.open and guest.sequence is not None and state.ends is not None and now < state.ends
    return stands and guest.role in rules_in_force().outline.told
