"""An arranged meeting on the real engine and record, and the mails with which those who are invited to it answer."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from activities.bounces import Bounces
from correspondence.answers import Inbox
from correspondence.calendars.mails import LARGEST_MAIL
from correspondence.calendars.reply_addresses import ReplyAddresses
from correspondence.mailboxes import Mailbox
from embedded.stack import Endpoints
from meetings import MeetingDoor
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from schemas.meetings import Invitee
from tests.correspondence.calendars.answers import calendar, mail, vevent
from tests.workflows.test_meetings_arranged import Around, around, arranging

MAILBOX = "atebion@enghraifft.example"
SERVER = "mx.enghraifft.example"
VOUCHED = f"Authentication-Results: {SERVER}; dmarc=pass header.from=enghraifft.example"


@dataclass
class Invited:
    """A meeting to which police and school are invited, and the reader of what they answer by mail."""

    there: Around
    pool: Pool
    """As the reader's own role."""
    inbox: Inbox = field(init=False)
    replies: ReplyAddresses = field(init=False)

    def __post_init__(self) -> None:
        here = self.there.here
        self.replies = ReplyAddresses(here.keys.links, MAILBOX)
        self.inbox = self.reader()

    def reader(self) -> Inbox:
        """What a process of its own begins with."""
        here = self.there.here
        door = MeetingDoor(here.client, self.pool, here.authority, here.keys)
        return Inbox(door, self.replies, frozenset({SERVER}))

    async def guest(self, person: str) -> Invitee:
        """As the meeting has that person now."""
        return next(each for each in (await self.there.state()).invitees if each.person == person)

    async def reply(self, person: str, partstat: str = "ACCEPTED", *more: str, ago: int = 0, **changed: Any) -> bytes:
        """The person's calendar answers, so many seconds ago. `changed`: sequence, sender, attendee, uid, to, headers, method, without."""
        guest = await self.guest(person)
        said: dict[str, Any] = {
            "sequence": guest.sequence,
            "attendee": f"{person}@enghraifft.example",
            "uid": self.replies.uid(guest.id),
            **changed,
        }
        to = said.get("to", self.replies.of(guest.id))
        method = said.get("method", "REPLY")
        stamp = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ago)).strftime("%Y%m%dT%H%M%SZ")
        lines = (
            f"ATTENDEE;PARTSTAT={partstat}:mailto:{said['attendee']}",
            f"UID:{said['uid']}",
            f"SEQUENCE:{said['sequence']}",
            f"DTSTAMP:{stamp}",
            *more,
        )
        body = calendar(vevent(*lines, without="ATTENDEE UID SEQUENCE DTSTAMP"), method=method)
        raw = mail(
            body,
            method=method,
            sender=said.get("sender", f"{person}@enghraifft.example"),
            headers=said.get("headers", (VOUCHED, "Received: from mx.enghraifft.example")),
        )
        return raw.replace(b"To: cyfarfodydd@siwrnai.example", f"To: {to}".encode())

    async def bounced(self, person: str, action: str = "failed") -> bytes:
        """A mail server reports on a letter to that person."""
        return report(self.replies.of((await self.guest(person)).id), f"{person}@enghraifft.example", action)

    async def comes(self, *mails: bytes) -> None:
        """These mails are read and passed on."""
        for each in mails:
            await self.inbox.take(each)
        await self.inbox.settle_all()

    async def read(self, mailbox: Mailbox) -> None:
        """Everything in the mailbox is read, marked and passed on."""
        async for came in mailbox.unread(LARGEST_MAIL + 1):
            await self.inbox.take(came.raw)
            await mailbox.mark(came)
        await self.inbox.settle_all()

    async def said(self, person: str) -> str | None:
        """What counts as that person's answer."""
        answer = (await self.guest(person)).answer
        return None if answer is None else str(answer.reply)

    async def rows(self) -> list[tuple[str, str, str | None]]:
        """What mails were, and what became of them."""
        async with transaction(self.pool, self.there.here.authority) as connection:
            return [tuple(row) for row in await connection.fetch("SELECT kind, state, came_to FROM inbox ORDER BY entry")]

    async def notices(self) -> list[str]:
        """What whoever arranged it was told at once."""
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            rows = await connection.fetch("SELECT about FROM letter_orders WHERE recipient = 'p-mari' AND kind = 'notice' ORDER BY at")
        return [row["about"] for row in rows]

    def bounces(self) -> Bounces:
        """The worker's look for refused letters."""
        here = self.there.here
        door = MeetingDoor(here.client, here.journey_pool, here.authority, here.keys)
        return Bounces(here.journey_pool, here.client, here.authority, door)


def report(to: str, recipient: str, action: str = "failed") -> bytes:
    """A report on a letter's delivery as RFC 3464 has it, with the letter that came back."""
    letter = EmailMessage()
    letter["Subject"] = "Siwrnai: gwahoddiad i gyfarfod"
    letter.set_content("Gwahoddiad.")
    status = f"Reporting-MTA: dns; mx.arall.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
    lines = [
        "From: MAILER-DAEMON@mx.arall.example",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status;",
        ' boundary="b1"',
        *("", "--b1", "Content-Type: text/plain", "", "I am sorry.", "", "--b1"),
        *("Content-Type: message/delivery-status", "", status, "--b1"),
        *("Content-Type: message/rfc822", "", letter.as_string(), "--b1--", ""),
    ]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def invited(stack: Endpoints, *, arranged: bool = True, **fields: Any) -> AsyncGenerator[Invited]:
    """Invitations have been ordered."""
    async with around(stack) as there:
        if arranged:
            await there.does("arranged", **arranging(there, **fields))
        pool = await open_pool(dsn(there.here.superuser, Role.replies, stack.keys), "tests replies", most=10)
        try:
            yield Invited(there, pool)
        finally:
            await pool.close()
