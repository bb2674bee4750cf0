"""Which children who are invited to a conference are not of an age to read a paper of their own."""

from datetime import date

from procedures.meetings.papers import is_childs, is_unknown_child, reads_by
from procedures.rules import Papers
from procedures.times import local
from record import children
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from schemas.base import Identifier
from schemas.meetings import MeetingState


async def too_young(connection: Connection, state: MeetingState, rule: Papers, keys: KeyRing) -> frozenset[Identifier]:
    """By person. Of whom nothing is known any more, as the record is destroyed, no paper goes out either."""
    if state.starts is None:
        return frozenset()
    day, found = local(state.starts).date(), set[Identifier]()
    for guest in state.invitees:
        if is_childs(guest) and not is_unknown_child(guest) and not await _reads(connection, guest.children[0], day, rule, keys):
            found.add(guest.person)
    return frozenset(found)


async def _reads(connection: Connection, child: Identifier, day: date, rule: Papers, keys: KeyRing) -> bool:
    try:
        born_on = (await children.details(connection, child, keys)).born_on
    except KeyMissing:
        return False
    return reads_by(born_on, day, rule)
