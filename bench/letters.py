"""Invitations written and handed over by the sender, against icalendar writing the same objects and aiosmtplib handing them over."""

import asyncio
import datetime as dt
import time
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage

import aiosmtplib
from icalendar import Calendar, Event, vCalAddress

from bench.invited import arranged
from bench.place import AUTHORITY, Place, place
from bench.rows import Row, Size
from correspondence.meetings import answering
from correspondence.mime import mailbox
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Backoff, Sender
from correspondence.settings import SenderSettings
from embedded.mail_catcher import letters as caught
from meetings import MeetingDoor
from record.letters import LEASE
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from worker import journeys_worker

INVITED = 12
"""To a conference, beside its chair."""

NEVER = asyncio.Event()


class Lost(Exception):
    """A letter was not handed over."""


async def measure(size: Size) -> list[Row]:
    """Conferences of the usual size."""
    async with place(virtual=False) as here:
        async with journeys_worker(here.client, here.pool, here.keys):
            await arranged(here, MeetingDoor(here.client, here.door_pool, AUTHORITY, here.keys), size.conferences, INVITED)
        # Nothing but the post, the record and the mail server is at work while letters go.
        ours = await _ours(here)
        files = await asyncio.to_thread(caught, here.endpoints.mailbox)
        if len(files) != (expected := size.conferences * (INVITED + 1)):
            raise Lost(f"{len(files)} of {expected} letters came")
        told = [message_from_bytes(each.read_bytes(), policy=policy.default) for each in files]
        bare = await _bare(here, [_facts(each) for each in told])
    return [Row(name="letters a second", unit="1/s", ours=len(files) / ours, bare=len(files) / bare, notes=f"{len(files)} invitations")]


async def _ours(here: Place) -> float:
    """Seconds in which the sender has handed over everything, over as many connections as it has by default."""
    url = dsn(here.endpoints.postgres_superuser_dsn, Role.post, here.keys.directory)
    many: int = SenderSettings.model_fields["mail_connections"].default
    async with await open_pool(url, "bench post", most=many + 1) as pool, AsyncExitStack() as leaving:
        outbox = Outbox(pool, AUTHORITY, here.keys, dt.timedelta(), LEASE)
        sender, second = mailbox("Siwrnai <siwrnai@enghraifft.example>"), dt.timedelta(seconds=1)
        posts = [await leaving.enter_async_context(Post(parse_smtp_url(here.endpoints.smtp_url), 30)) for _ in range(many)]
        senders = [Sender(outbox, post, sender, Backoff(second, second), answering(here.keys)) for post in posts]
        began = time.perf_counter()
        while await _waiting(pool):
            await asyncio.gather(*(each.send_all(NEVER) for each in senders))
        return time.perf_counter() - began


async def _waiting(pool: Pool) -> bool:
    """Whoever found nothing but letters to people to whom one was under way has stopped."""
    async with transaction(pool, AUTHORITY) as connection:
        return await connection.fetchval("SELECT EXISTS (SELECT FROM letters WHERE state IN ('waiting', 'deferred'))")


def _facts(letter: EmailMessage) -> tuple[str, str, str, Event]:
    """To whom, about what, in which words, and the event: what a program has that keeps no record."""
    body = letter.get_body(("plain",))
    (part,) = [each for each in letter.walk() if each.get_content_type() == "text/calendar"]
    (event,) = Calendar.from_ical(part.get_content()).events
    return str(letter["To"]), str(letter["Subject"]), "" if body is None else body.get_content(), event


async def _bare(here: Place, letters: list[tuple[str, str, str, Event]]) -> float:
    """Seconds in which each is written and handed over, over one connection, with nothing kept."""
    server = parse_smtp_url(here.endpoints.smtp_url)
    began = time.perf_counter()
    async with aiosmtplib.SMTP(hostname=server.host, port=server.port, start_tls=False) as smtp:
        for to, subject, words, event in letters:
            message = _written(to, subject, words, event)
            await smtp.sendmail("siwrnai@enghraifft.example", [to], message.as_bytes(policy=policy.SMTP))
    return time.perf_counter() - began


def _written(to: str, subject: str, words: str, event: Event) -> EmailMessage:
    calendar, meeting = Calendar(), Event()
    calendar.add("prodid", "-//Bare//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    for name in ("uid", "sequence", "dtstamp", "dtstart", "dtend", "summary", "location"):
        meeting.add(name, event.decoded(name) if name.startswith("dt") else event[name])
    meeting.add("organizer", vCalAddress(str(event["ORGANIZER"])))
    meeting.add("attendee", vCalAddress(f"mailto:{to}"), parameters={"RSVP": "TRUE"})
    calendar.add_component(meeting)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "siwrnai@enghraifft.example", to, subject
    message.set_content(words)
    message.add_alternative(calendar.to_ical().decode(), subtype="calendar", params={"method": "REQUEST"})
    return message
