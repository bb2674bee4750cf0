"""A meeting's log on record, written as a meeting's worker writes it."""

from collections.abc import Sequence

from procedures.meetings.fold import fold
from record import meetings
from record.keys import KeyRing
from record.pool import Pool, transaction
from schemas.meetings import MeetingAnswer, MeetingEntry, MeetingFlush, MeetingState
from tests.procedures.meetings.table import Table
from tests.record.examples import AUTHORITY

MEETING = "m-1"
"""As the table calls its meeting."""


def held_by(*children: str) -> Table:
    """A conference that was arranged, and three of whose invitees answered."""
    table = Table(children=children)
    table.arranged()
    for role in ("police", "education", "gp"):
        table.answers(role)
    return table


def called_off(*children: str) -> Table:
    """The same conference, which was called off then."""
    table = held_by(*children)
    table.does("called_off", reason="text:a#b")
    return table


def flushed(table: Table, head: int, upto: int | None = None) -> MeetingFlush:
    """What the meeting has to record after that entry, with the state after the last."""
    entries = tuple(table.entries[head:upto])
    return MeetingFlush(state=folded(table.entries[:upto]), expected_head=head, entries=entries)


def folded(entries: Sequence[MeetingEntry], meeting: str = MEETING) -> MeetingState:
    """Where it stands after them."""
    return fold(MeetingState(meeting=meeting, authority=AUTHORITY), entries)


async def on_record(door: Pool, journey: Pool, table: Table, keys: KeyRing) -> None:
    """The meeting with its whole log."""
    async with transaction(door, AUTHORITY) as connection:
        await meetings.begin(connection, MEETING, "t-north", table.children, keys)
    await append(journey, flushed(table, 0), keys)


async def append(journey: Pool, flush: MeetingFlush, keys: KeyRing) -> MeetingAnswer | None:
    """As the activity does."""
    async with transaction(journey, AUTHORITY) as connection:
        return await meetings.append(connection, flush, keys)
