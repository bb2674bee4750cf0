"""There and back: invitations go out by SMTP, a calendar program that is not ours takes them in and answers by SMTP, and the meeting knows.

The real engine, record, sender, mail catcher, mailbox and reader; nothing but the program's own mails stands between them.
"""

import asyncio
import datetime as dt
import email
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from correspondence.mailboxes import FolderMailbox, ImapMailbox, parse_imap_url
from correspondence.meetings import answering
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Sender
from embedded.mail_catcher import letters, messages
from embedded.stack import Endpoints
from procedures.times import LONDON, local
from record.letters import LEASE
from record.pool import open_pool
from record.roles import Role, dsn
from tests.correspondence.calendars.judges import tools
from tests.correspondence.conftest import FROM, SOON
from tests.correspondence.dovecot import Dovecot, dovecot
from tests.correspondence.invited import MAILBOX, SERVER, Invited, invited
from tests.correspondence.mail_server import serving
from tests.correspondence.test_sender import NEVER
from tests.correspondence.their_calendar import OwnServer, TheirCalendar, their_calendar

POLICE = "p-arolygydd"


@dataclass
class Between:
    """A meeting, the mail of those who are invited, and the mailbox to which they answer."""

    here: Invited
    stack: Endpoints
    sender: Sender
    dovecot: Dovecot
    mailbox: ImapMailbox
    police: TheirCalendar

    async def sent(self, person: str = POLICE) -> list[Path]:
        """The calendar's mails that the post hands over now to that person."""
        had = len(letters(self.stack.mailbox))
        await self.sender.send_all(NEVER)
        new = zip(letters(self.stack.mailbox)[had:], messages(self.stack.mailbox)[had:], strict=True)
        to = f"{person}@enghraifft.example"
        return [path for path, mail in new if mail["To"] == to and any(part.get_content_type() == "text/calendar" for part in mail.walk())]

    async def read(self) -> str | None:
        """Every answer that came is read; what counts as the police's."""
        await self.here.read(self.mailbox)
        assert self.dovecot.unread() == 0
        return await self.here.said(POLICE)


@asynccontextmanager
async def between(stack: Endpoints, **fields: Any) -> AsyncGenerator[Between]:
    async with AsyncExitStack() as leaving:
        here = await leaving.enter_async_context(invited(stack, **fields))
        live = here.there.here
        pool = await leaving.enter_async_context(await open_pool(dsn(live.superuser, Role.post, stack.keys), "tests post", most=2))
        post = await leaving.enter_async_context(Post(parse_smtp_url(stack.smtp_url), 10))
        outbox = Outbox(pool, live.authority, live.keys, dt.timedelta(), LEASE)
        there = leaving.enter_context(dovecot())
        server = await leaving.enter_async_context(serving(OwnServer(name=SERVER, deliver=there.deliver)))
        police = await leaving.enter_async_context(their_calendar(f"{POLICE}@enghraifft.example", server.port))
        mailbox = ImapMailbox(parse_imap_url(there.url), 10)
        leaving.push_async_callback(mailbox.close)
        sender = Sender(outbox, post, FROM, SOON, answering(live.keys, replies=MAILBOX))
        yield Between(here, stack, sender, there, mailbox, police)


async def next_second() -> None:
    """Calendars stamp what they answer to the second."""
    await asyncio.sleep(1.05 - dt.datetime.now(dt.UTC).microsecond / 1_000_000)


async def test_what_another_calendar_answers_reaches_the_meeting(stack: Endpoints) -> None:
    async with between(stack) as mail:
        assert await mail.police.read(*await mail.sent()) == ["kept"]
        for partstat, said in (("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "tentative")):
            await next_second()
            await mail.police.answers(partstat, "Mae'r <b>tŷ</b> ar gau; diolch, Siân.")
            assert await mail.read() == said
        answer = (await mail.here.guest(POLICE)).answer
        assert answer is not None
        assert (answer.via, answer.by) == ("calendar", POLICE)
        await next_second()
        await mail.police.proposes("PT2H")
        assert await mail.read() == "another_time"
        answer, starts = (await mail.here.guest(POLICE)).answer, (await mail.here.there.state()).starts
        assert answer is not None
        assert starts is not None
        assert answer.proposed == starts + dt.timedelta(hours=2)
        assert await mail.here.notices() == ["another_time_proposed"]
        assert {came_to for _, _, came_to in await mail.here.rows()} == {"taken"}


async def test_an_answer_to_the_date_before_is_stale_and_one_to_the_new_date_counts(stack: Endpoints) -> None:
    async with between(stack) as mail:
        await mail.police.read(*await mail.sent())
        there = mail.here.there
        await there.does("moved", starts=(await there.state()).starts + dt.timedelta(hours=3))  # type: ignore[operator]
        await mail.police.answers("ACCEPTED")
        assert await mail.read() is None
        assert await mail.police.read(*await mail.sent()) == ["kept"]
        await mail.police.answers("DECLINED")
        assert await mail.read() == "declined"
        assert [came_to for _, _, came_to in await mail.here.rows()] == ["stale", "taken"]


async def test_moved_and_called_off_the_calendar_never_holds_two_whatever_comes_first(stack: Endpoints) -> None:
    async with between(stack) as mail:
        there = mail.here.there
        first = await mail.sent()
        await there.does("moved", starts=(await there.state()).starts + dt.timedelta(hours=3))  # type: ignore[operator]
        moved = await mail.sent()
        assert await mail.police.read(*moved, *first) == ["kept", "older"]
        (shown,) = await mail.police.shows()
        starts = (await there.state()).starts
        assert starts is not None
        assert (shown.sequence, shown.starts) == (1, f"{local(starts):%Y-%m-%dT%H:%M:%S}")
        await there.does("called_off", reason="The chair is ill.")
        assert await mail.police.read(*await mail.sent(), *moved, *first) == ["cleared", "older", "older"]
        assert await mail.police.shows() == []


async def test_somebody_who_is_left_out_is_cleared_from_the_calendar_and_comes_back_into_it_once(stack: Endpoints) -> None:
    async with between(stack) as mail:
        await mail.police.read(*await mail.sent())
        await mail.here.there.does("left_out", invitee=(await mail.here.guest(POLICE)).id, reason="Somebody else comes.")
        assert await mail.police.read(*await mail.sent()) == ["cleared"]
        assert await mail.police.shows() == []
        await mail.here.there.does("invited", who={"role": "police", "person": POLICE})
        assert await mail.police.read(*await mail.sent()) == ["kept"]
        assert [each.sequence for each in await mail.police.shows()] == [2]
        await mail.police.answers("ACCEPTED")
        assert await mail.read() == "accepted"


async def test_with_no_mail_server_that_vouches_the_answer_waits_for_a_person(stack: Endpoints) -> None:
    """As on one machine, where calendars answer to the mail catcher."""
    async with between(stack) as mail:
        async with their_calendar(f"{POLICE}@enghraifft.example", parse_smtp_url(stack.smtp_url).port) as police:
            await police.read(*await mail.sent())
            await police.answers("ACCEPTED")
        await mail.here.read(FolderMailbox(stack.mailbox))
        guest = await mail.here.guest(POLICE)
        assert (guest.answer, guest.waits) == (None, True)
        assert await mail.here.rows() == [("answer", "held", "to_be_confirmed")]


def monday_after(year: int, month: int) -> dt.datetime:
    """10:00 on the first Monday with the other clock."""
    last = dt.date(year, month, 31)
    sunday = last - dt.timedelta(days=(last.weekday() + 1) % 7)
    return dt.datetime.combine(sunday + dt.timedelta(days=1), dt.time(10), LONDON)


@pytest.mark.parametrize("month", [3, 10])
async def test_ten_on_the_monday_after_the_clocks_change_is_ten_in_every_calendar_that_gets_the_mail(
    stack: Endpoints, month: int, tmp_path: Path
) -> None:
    this_year = dt.datetime.now(LONDON).year
    starts = monday_after(this_year + 1, month)
    async with between(stack, starts=starts, reason="The chair is away until then.") as mail:
        (path,) = await mail.sent()
        await mail.police.read(path)
        (shown,) = await mail.police.shows()
    expected = f"{starts:%Y-%m-%d}T10:00:00"
    assert shown.starts == expected
    (part,) = [each for each in email.message_from_bytes(path.read_bytes()).walk() if each.get_content_type() == "text/calendar"]
    written = part.get_payload(decode=True)
    assert isinstance(written, bytes)
    assert tools.by_node(tmp_path, {"sent.ics": written})["sent.ics"]["wall"] == expected
    (event,) = Calendar.from_ical(written).events
    assert event.start == starts
    assert f"{event.start:%Y-%m-%dT%H:%M:%S}" == expected
