"""The process that reads what comes back by mail: `python -m correspondence.replies`.

Fetch, write down, mark as read; then pass on to the meetings what is written down. Killed at any moment it loses nothing and doubles
nothing: a mail is marked only once its row is there, a row is there once, and a meeting takes a command of the same id once.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

import process
from correspondence.answers import Inbox
from correspondence.calendars.mails import LARGEST_MAIL
from correspondence.calendars.reply_addresses import ReplyAddresses
from correspondence.mailboxes import AWAY, FolderMailbox, ImapMailbox, Mailbox
from correspondence.reply_settings import ReplySettings
from engine.connect import connect
from meetings import MeetingDoor
from observing import clocks
from procedures.in_force import put_in_force
from procedures.rules import load
from record import versions
from record.deployment import deployment
from record.keys import KeyRing
from record.pool import open_pool

log = structlog.get_logger()


@dataclass(frozen=True)
class Reader:
    """Looks into the mailbox again and again, and beside it passes on what was written down."""

    inbox: Inbox
    mailbox: Mailbox | None
    """None where there is none to read."""
    poll: float

    async def serve(self, stop: asyncio.Event) -> None:
        """Until told to stop. What is away is waited for."""
        written = asyncio.Event()
        await asyncio.gather(
            self._again(stop, stop, partial(self._read, stop, written), "mailbox_not_read"),
            self._again(stop, written, self.inbox.settle_all, "inbox_not_passed_on"),
        )
        if self.mailbox is not None:
            await self.mailbox.close()

    async def look(self) -> None:
        """One look: what has come is written down and passed on.

        Raises:
            OSError, imaplib.IMAP4.error, EOFError: the mailbox cannot be reached.
        """
        await self._read(asyncio.Event(), asyncio.Event())
        await self.inbox.settle_all()

    async def _read(self, stop: asyncio.Event, written: asyncio.Event) -> None:
        if self.mailbox is None:
            return
        # One byte more than is read: a mail that is too large shows by that.
        async for came in self.mailbox.unread(LARGEST_MAIL + 1):
            await self.inbox.take(came.raw)
            await self.mailbox.mark(came)
            written.set()
            if stop.is_set():
                return

    async def _again(self, stop: asyncio.Event, sooner: asyncio.Event, work: Callable[[], Awaitable[None]], failed: str) -> None:
        while not stop.is_set():
            if sooner is not stop:
                sooner.clear()
            try:
                await work()
            except AWAY as error:
                log.warning(failed, error=type(error).__name__)
            except Exception as error:  # Whatever it is: mails wait in the mailbox, rows in the record, and the next look finds them.
                log.error(failed, error=type(error).__name__, exc_info=error)
            await _first_of(stop, sooner, self.poll)


async def _first_of(stop: asyncio.Event, sooner: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.ensure_future(each.wait()) for each in {stop, sooner}]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


async def run(settings: ReplySettings) -> None:
    """Read answers until told to stop (SIGTERM or SIGINT)."""
    put_in_force(load(settings.procedures))
    stop = process.told_to_stop()
    keys = KeyRing(settings.keys)
    pool = await open_pool(settings.database_url, "siwrnai replies")
    try:
        async with pool.acquire() as connection:
            of = await deployment(connection)
            await clocks.compare(partial(versions.now, connection))
        client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
        door = MeetingDoor(client, pool, of.authority, keys)
        inbox = Inbox(door, ReplyAddresses(keys.links, settings.replies), settings.servers)
        serving = asyncio.create_task(Reader(inbox, mailbox(settings), settings.poll).serve(stop))
        log.info("replies_ready")
        process.tell_ready(settings.ready_file)
        await stop.wait()
        await process.finished(serving)
    finally:
        await pool.close()
    log.info("replies_stopped")


def mailbox(settings: ReplySettings) -> Mailbox | None:
    """The mailbox that the settings name; none where they name none."""
    if settings.imap_url is not None:
        return ImapMailbox(settings.imap_url, settings.timeout)
    return None if settings.folder is None else FolderMailbox(settings.folder)


def main() -> int:
    """Run it, as a process."""
    return process.main("replies", ReplySettings, lambda settings: settings.metrics, run)


if __name__ == "__main__":
    sys.exit(main())
