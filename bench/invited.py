"""Meetings to which many are invited, or many to which few are."""

import asyncio
import datetime as dt

from bench.place import AUTHORITY, Place
from bench.registered import on_record, opaque
from meetings import MeetingDoor
from record import directory
from record.pool import transaction
from schemas.meeting_commands import Added, Arrange
from schemas.meetings import MeetingKind
from schemas.timeline import SERVICE
from tests.live import EARLY

DOMAIN = "enghraifft.example"

SIBLINGS = 12
IN_DAYS = dt.timedelta(days=9)

AT_ONCE = 8
"""Meetings that are arranged at a time."""


async def arranged(here: Place, door: MeetingDoor, many: int, invited: int) -> list[str]:
    """Meetings of which invitations have been ordered: one about all siblings, or many about one child."""
    children, people = [opaque() for _ in range(SIBLINGS)], [f"p-{opaque()}" for _ in range(invited)]
    await on_record(here, children)
    async with transaction(here.door_pool, AUTHORITY) as connection:
        for person in people:
            row = directory.Person(person=person, name=person, email=f"{person}@{DOMAIN}", language="cy", valid_from=EARLY)
            await directory.put_person(connection, row, SERVICE)
    slots, found = asyncio.Semaphore(AT_ONCE), [MeetingDoor.new_id() for _ in range(many)]

    async def arrange(meeting: str) -> None:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        said = Arrange(
            actor="p-mari",
            happened_at=now,
            kind=MeetingKind.core_group,
            children=tuple(children) if many == 1 else (children[0],),
            starts=now + IN_DAYS,
            place="Canolfan Deulu Enghraifft",
            chair="p-mari",
            add=tuple(Added(role="practitioners", person=person) for person in people),
        )
        async with slots:
            await door.submit(meeting, said, opaque())

    await asyncio.gather(*map(arrange, found))
    return found
