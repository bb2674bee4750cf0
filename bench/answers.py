"""Answers by mail, read and counted by their meetings, against icalendar reading the same mails and one plain update for each."""

import asyncio
import datetime as dt
import email
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from icalendar import Calendar
from temporalio.client import WorkflowHandle

from bench.bare import BARE
from bench.bare_worker import Activities, Step, bare_worker
from bench.invited import DOMAIN, arranged
from bench.place import AUTHORITY, Place, place
from bench.registered import opaque
from bench.rows import Row, Size
from correspondence.answers import Inbox
from correspondence.calendars.reply_addresses import ReplyAddresses
from meetings import MeetingDoor
from record import meetings
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.correspondence.calendars.answers import calendar, mail, vevent
from worker import journeys_worker

SERVER = "mx.enghraifft.example"
VOUCHED = f"Authentication-Results: {SERVER}; dmarc=pass header.from={DOMAIN}"

FAR = "2100-01-01T00:00:00+00:00"

AT_ONCE = 8
"""Plain updates under way for one workflow: the engine takes ten."""

SMALL = 2
"""Who is invited to each of many meetings, beside its chair."""


class Lost(Exception):
    """An answer was not counted."""


@dataclass(frozen=True)
class Reading:
    """The reader of answers, and the door."""

    here: Place
    door: MeetingDoor
    inbox: Inbox
    replies: ReplyAddresses


async def measure(size: Size) -> list[Row]:
    """One meeting to which many are invited, and many meetings to which few are."""
    async with place(virtual=False) as here, _reading(here) as reading:
        step = Step({"letters": [], "clocks": [], "summary": {}, "answer": {"taken": True}, "command_id": "k"}, (), None)
        activities = Activities(here.plain, here.pool, {"command": [step]})
        async with journeys_worker(here.client, here.pool, here.keys), bare_worker(activities):
            return [
                await _row(reading, f"answers a second, {size.invited} invited to one meeting", 1, size.invited),
                await _row(reading, f"answers a second, {size.meetings} meetings at once", size.meetings, SMALL),
            ]


@asynccontextmanager
async def _reading(here: Place) -> AsyncGenerator[Reading]:
    url = dsn(here.endpoints.postgres_superuser_dsn, Role.replies, here.keys.directory)
    async with await open_pool(url, "bench replies") as pool:
        replies = ReplyAddresses(here.keys.links, f"atebion@{DOMAIN}")
        inbox = Inbox(MeetingDoor(here.client, pool, AUTHORITY, here.keys), replies, frozenset({SERVER}))
        yield Reading(here, MeetingDoor(here.client, here.door_pool, AUTHORITY, here.keys), inbox, replies)


async def _row(reading: Reading, name: str, many: int, invited: int) -> Row:
    found = await arranged(reading.here, reading.door, many, invited)
    mails = [raw for meeting in found for raw in await _mails(reading, meeting)]
    ours = await _ours(reading, mails)
    if (counted := sum([await _counted(reading, meeting) for meeting in found])) != len(mails):
        raise Lost(f"{counted} of {len(mails)} answers were counted")
    bare = await _bare(reading.here, mails, many)
    return Row(name=name, unit="1/s", ours=len(mails) / ours, bare=len(mails) / bare, notes=f"{len(mails)} mails")


async def _mails(reading: Reading, meeting: str) -> list[bytes]:
    """Everybody's calendar accepts."""
    async with transaction(reading.here.door_pool, AUTHORITY) as connection:
        state = await meetings.state(connection, meeting)
    if state is None:
        raise Lost(f"meeting {meeting} is not on record")
    stamp = f"DTSTAMP:{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    found: list[bytes] = []
    for each in state.invitees:
        who = f"{each.person}@{DOMAIN}"
        lines = (f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}", f"UID:{reading.replies.uid(each.id)}", f"SEQUENCE:{each.sequence}", stamp)
        body = calendar(vevent(*lines, without="ATTENDEE UID SEQUENCE DTSTAMP"))
        raw = mail(body, sender=who, headers=(VOUCHED, f"Delivered-To: {reading.replies.of(each.id)}"))
        found.append(raw)
    return found


async def _counted(reading: Reading, meeting: str) -> int:
    async with transaction(reading.here.door_pool, AUTHORITY) as connection:
        state = await meetings.state(connection, meeting)
    return 0 if state is None else sum(each.comes for each in state.invitees)


async def _ours(reading: Reading, mails: Sequence[bytes]) -> float:
    """Seconds; read one after the other, as a mailbox gives them, and passed on together."""
    began = time.perf_counter()
    for raw in mails:
        await reading.inbox.take(raw)
    await reading.inbox.settle_all()
    return time.perf_counter() - began


async def _bare(here: Place, mails: Sequence[bytes], many: int) -> float:
    """Seconds; each mail read by icalendar and told to its workflow, with nothing written down before."""
    handles = [
        await here.plain.start_workflow("BareAlert", args=[id, FAR], id=id, task_queue=BARE) for id in (opaque() for _ in range(many))
    ]
    slots = asyncio.Semaphore(AT_ONCE if many == 1 else 10 * AT_ONCE)

    async def tell(handle: WorkflowHandle[object, object], said: dict[str, str]) -> None:
        async with slots:
            await handle.execute_update("command", said)

    began = time.perf_counter()
    share = len(mails) // many
    await asyncio.gather(*(tell(handles[number // share], _read(raw)) for number, raw in enumerate(mails)))
    return time.perf_counter() - began


def _read(raw: bytes) -> dict[str, str]:
    """What a program reads that trusts everybody."""
    (part,) = [each for each in email.message_from_bytes(raw).walk() if each.get_content_type() == "text/calendar"]
    (event,) = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")  # pyright: ignore[reportArgumentType] - bytes, of a part.
    return {"uid": str(event["UID"]), "answer": str(event["ATTENDEE"].params["PARTSTAT"])}
