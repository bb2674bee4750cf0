"""The mail and calendar programs of everybody whom a run writes to, and the service's own reader of what they answer."""

import datetime as dt
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from temporalio.client import Client

from commands import NotTaken
from correspondence.answers import Inbox
from correspondence.mailboxes import FolderMailbox
from correspondence.replies import Reader
from correspondence.sender import Sender
from meetings import MeetingDoor
from record.keys import KeyRing
from record.pool import Pool
from rehearsal.calendars import SERVER, CalendarAnswer, NothingToAnswer, answer
from rehearsal.letterbox import Letterbox
from rehearsal.stage import Stage
from schemas.base import Identifier
from schemas.letters import DeliveryState


@dataclass(frozen=True)
class Post:
    """Where a run's letters lie, and how what is answered comes back."""

    mailbox: Path
    """The mail catcher's folder."""
    pool: Pool
    """As the role of the reader of answers."""


@dataclass(frozen=True)
class Programs:
    """What invited people do with their mail."""

    letterbox: Letterbox
    sender: Sender
    reader: Reader

    async def answer(self, address: str, invitee: Identifier, said: CalendarAnswer, at: dt.datetime) -> None:
        """Answer the last invitation that came to that address for that invitee, by mail to its organiser.

        Raises:
            NotTaken: there is none, or the mail server did not take the answer.
        """
        try:
            mail = answer(self.letterbox.of(address), self.sender.answering.replies.uid(invitee), said, at)
        except NothingToAnswer:
            raise NotTaken("no invitation came that a calendar could answer") from None
        outcome = await self.sender.post.deliver(mail.as_bytes(policy=SMTP), address, str(mail["To"]))
        if outcome.state is not DeliveryState.sent:
            raise NotTaken(f"the mail server did not take the answer ({outcome.detail})")

    async def read(self) -> None:
        """The service reads what came back."""
        await self.reader.look()

    def letters(self, address: str) -> list[EmailMessage]:
        """What came to that address, in the order in which it came."""
        return self.letterbox.of(address)


def programs(client: Client, post: Post, sender: Sender, keys: KeyRing, stage: Stage) -> Programs:
    """Those of one run. Answers are read at the stage's virtual instant."""
    door = MeetingDoor(client, post.pool, sender.outbox.authority, keys, now=stage.clock)
    inbox = Inbox(door, sender.answering.replies, frozenset({SERVER}))
    return Programs(Letterbox(post.mailbox), sender, Reader(inbox, FolderMailbox(post.mailbox), poll=1))
