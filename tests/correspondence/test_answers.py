"""Answers and letters that come back by mail, on the real engine, record and mailbox: each counts once, and only where it is certain."""

import asyncio
import datetime as dt
from pathlib import Path

from correspondence.mailboxes import FolderMailbox, ImapMailbox, parse_imap_url
from embedded.stack import Endpoints
from record import letters
from record.pool import transaction
from tests.correspondence.dovecot import dovecot
from tests.correspondence.invited import invited, report

POLICE, SCHOOL = "p-arolygydd", "p-pennaeth"


async def test_accept_decline_and_perhaps_are_read_from_the_mailbox_and_counted(stack: Endpoints) -> None:
    async with invited(stack) as here:
        with dovecot() as there:
            mailbox = ImapMailbox(parse_imap_url(there.url), 10)
            there.deliver(await here.reply(POLICE))
            there.deliver(await here.reply(SCHOOL, "DECLINED", "COMMENT:Mae'r ysgol ar gau.", ago=5))
            await here.read(mailbox)
            assert (await here.said(POLICE), await here.said(SCHOOL)) == ("accepted", "declined")
            there.deliver(await here.reply(SCHOOL, "TENTATIVE"))
            await here.read(mailbox)
            assert await here.said(SCHOOL) == "tentative", "the later answer replaces the earlier"
            assert there.unread() == 0
            await mailbox.close()
        answer = (await here.guest(POLICE)).answer
        assert answer is not None
        assert (answer.via, answer.by) == ("calendar", POLICE)


async def test_another_time_is_proposed_and_whoever_arranges_hears_of_it(stack: Endpoints) -> None:
    async with invited(stack) as here:
        later = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=12)
        times = (f"DTSTART:{later:%Y%m%dT%H%M%SZ}", f"DTEND:{later + dt.timedelta(hours=1):%Y%m%dT%H%M%SZ}")
        mail = await here.reply(POLICE, "NEEDS-ACTION", *times, method="COUNTER")
        await here.comes(mail, mail.replace(b"Received: from mx", b"Received: from my"))
        answer = (await here.guest(POLICE)).answer
        assert answer is not None
        assert (answer.reply, answer.proposed) == ("another_time", later)
        assert await here.notices() == ["another_time_proposed"]
        assert await here.rows() == [("answer", "done", "taken"), ("answer", "set_aside", "doubled")]


async def test_a_mail_read_twice_is_one_answer(stack: Endpoints) -> None:
    """As after a crash between the row and the mailbox's mark, and between the meeting and our note of it."""
    async with invited(stack) as here:
        mail = await here.reply(POLICE)
        await here.comes(mail)
        await here.comes(mail)
        assert await here.rows() == [("answer", "done", "taken")]
        async with here.there.here.superuser_connection() as connection:
            await connection.execute("UPDATE record.inbox SET state = 'to_do', came_to = NULL")
        before = (await here.there.state()).seq
        await here.comes()
        assert await here.rows() == [("answer", "done", "taken")]
        assert (await here.there.state()).seq == before


async def test_what_nobody_vouches_for_waits_for_a_person_who_is_told_once(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await here.comes(await here.reply(POLICE, headers=()), await here.reply(POLICE, "DECLINED", headers=()))
        guest = await here.guest(POLICE)
        assert (guest.answer, guest.waits) == (None, True)
        assert await here.notices() == ["answer_to_confirm"]
        assert {state for _, state, _ in await here.rows()} == {"held"}
        await here.comes(await here.reply(POLICE))
        guest = await here.guest(POLICE)
        assert guest.answer is not None
        assert not guest.waits


FORGED = "Authentication-Results: mx.arall.example; dmarc=pass header.from=enghraifft.example"


async def test_strangers_forgers_and_the_stale_change_nothing(stack: Endpoints) -> None:
    async with invited(stack) as here:
        first = await here.reply(POLICE, ago=5)
        await here.there.does("moved", starts=(await here.there.state()).starts + dt.timedelta(hours=3))  # type: ignore[operator]
        before = await here.there.state()
        police, school = [here.replies.of((await here.guest(each)).id) for each in (POLICE, SCHOOL)]
        own, _, domain = police.partition("@")
        await here.comes(
            first,
            await here.reply(POLICE, sender="drwg@arall.example", attendee="drwg@arall.example"),
            await here.reply(POLICE, to=school),
            await here.reply(POLICE, uid="i-0123456789@enghraifft.example"),
            await here.reply(POLICE, to=f"{own[:-1]}{'0' if own[-1] != '0' else '1'}@{domain}"),
        )
        assert [came_to for _, _, came_to in await here.rows()] == ["stale", "stranger", "unknown_meeting", "unknown_meeting"]
        assert await here.there.state() == before
        await here.comes(await here.reply(POLICE, headers=(FORGED,)))
        assert (await here.guest(POLICE)).answer is None, "another server's word counts for nothing"


async def test_hostile_mails_are_refused_counted_and_hold_nobody_up(stack: Endpoints) -> None:
    async with invited(stack) as here:
        before, plain = await here.there.state(), await here.reply(POLICE)
        bomb = b"RDATE:" + b",".join(b"20270101T%06dZ" % each for each in range(2_000))
        nested = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
        hostile = {
            "recurring": plain.replace(b"END:VEVENT", b"RRULE:FREQ=SECONDLY\r\nEND:VEVENT"),
            "too_complex": plain.replace(b"END:VEVENT", bomb + b"\r\nEND:VEVENT"),
            "too_large": plain + b"x" * 2 * 1024 * 1024,
            "unreadable": plain.replace(b"END:VCALENDAR", b"END:VALARM"),
            "wrong_encoding": plain.replace(b"charset=utf-8; method", b"charset=utf-7; method"),
            "of_an_organiser": plain.replace(b"METHOD:REPLY", b"METHOD:CANCEL").replace(b"method=REPLY", b"method=CANCEL"),
            "not_one_event": plain.replace(b"END:VEVENT", b"END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT"),
            "no_sender": plain.replace(b"From: ", b"From: a@b.example\r\nFrom: "),
            "mail_within_mail": plain.replace(b"Content-Type: text/plain", b"Content-Type: message/rfc822"),
        }
        deep = plain.partition(b"Content-Type")[0] + b"".join(nested % (each, each) for each in range(200))
        with dovecot() as there:
            mailbox = ImapMailbox(parse_imap_url(there.url), 10)
            for each in (*hostile.values(), deep):
                there.deliver(each)
            there.deliver(await here.reply(SCHOOL))
            async with asyncio.timeout(60):
                await here.read(mailbox)
            assert there.unread() == 0
            await mailbox.close()
        assert [came_to for _, _, came_to in await here.rows()][:-2] == list(hostile)
        assert await here.said(SCHOOL) == "accepted"
        state = await here.there.state()
        assert state.invitee((await here.guest(POLICE)).id) == next(each for each in before.invitees if each.person == POLICE)


async def test_what_looks_like_html_stays_words(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await here.comes(
            await here.reply(POLICE, "DECLINED", "COMMENT:<img src=x onerror=alert(1)>", sender=f'"<b>" <{POLICE}@enghraifft.example>')
        )
        answer = (await here.guest(POLICE)).answer
        assert answer is not None
        assert answer.reason is not None
        assert answer.reason.startswith("text:")


async def test_nothing_that_a_person_wrote_or_is_called_stands_in_the_inbox(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await here.comes(await here.reply(POLICE, "DECLINED", "COMMENT:Mae ar ei wyliau.", headers=()))
        async with transaction(here.pool, here.there.here.authority) as connection:
            rows = await connection.fetch("SELECT i::text AS row FROM inbox i")
        whole = "\n".join(row["row"] for row in rows)
        for secret in ("enghraifft.example", "wyliau", "DECLINED"):
            assert secret not in whole
            assert secret.encode().hex() not in whole


async def test_a_police_refusal_of_a_review_without_a_reason_waits_for_a_person(stack: Endpoints) -> None:
    async with invited(stack, kind="rcpc") as here:
        await here.comes(await here.reply(POLICE, "DECLINED"))
        assert (await here.guest(POLICE)).waits
        assert await here.rows() == [("answer", "held", "to_be_confirmed")]
        await here.comes(await here.reply(POLICE, "DECLINED", "COMMENT:On leave; the report is sent."))
        assert await here.said(POLICE) == "declined"


async def test_a_letter_that_comes_back_shows_at_once_and_is_told_once(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await here.comes(await here.bounced(POLICE, "delayed"))
        assert not (await here.guest(POLICE)).undeliverable
        await here.comes(await here.bounced(POLICE), (await here.bounced(POLICE)).replace(b"I am sorry.", b"Sorry."))
        assert (await here.guest(POLICE)).undeliverable
        assert await here.notices() == ["invitation_undeliverable"]
        assert await here.rows() == [
            ("bounce", "set_aside", "not_final"),
            ("bounce", "done", "not_delivered"),
            ("bounce", "set_aside", "known"),
        ]
        await here.comes(await here.reply(POLICE))
        assert not (await here.guest(POLICE)).undeliverable, "whoever answers can be reached"


async def test_a_report_on_a_letter_that_was_not_ours_changes_nothing(stack: Endpoints) -> None:
    """It was sent to the right address, which stands in every invitation that is passed on."""
    async with invited(stack) as here:
        own = here.replies.of((await here.guest(POLICE)).id)
        mailbox = f"{POLICE}@enghraifft.example"
        await here.comes(
            report(own, "rhywun@arall.example"),
            report(own, mailbox).replace(b"Subject: Siwrnai", b"Message-ID: <a1@arall.example>\r\nSubject: Siwrnai"),
        )
        assert await here.rows() == [("bounce", "set_aside", "not_ours")] * 2
        assert not (await here.guest(POLICE)).undeliverable
        assert await here.notices() == []
        marked = f"Message-ID: <l-1@enghraifft.example>\r\nX-Siwrnai-Letter: l-1\r\nTo: {mailbox.upper()}\r\nSubject: Siwrnai"
        await here.comes(report(own, "alias@arall.example").replace(b"Subject: Siwrnai", marked.encode()))
        assert (await here.guest(POLICE)).undeliverable, "passed on by their own server, and our letter came back"


async def test_nobody_can_report_for_an_address_that_is_not_theirs(stack: Endpoints) -> None:
    async with invited(stack) as here:
        await here.comes(report("atebion+i-0123.0123456789abcdef@enghraifft.example", "x@enghraifft.example"))
        assert await here.rows() == []


async def test_a_letter_that_a_mail_server_refused_shows_on_the_meeting(stack: Endpoints) -> None:
    async with invited(stack) as here:
        there = here.there.here
        async with there.superuser_connection() as connection:
            await connection.execute("SET search_path = record")
            refused = await connection.fetchval("SELECT letter FROM letter_orders WHERE recipient = $1 AND kind = 'invitation'", POLICE)
            await connection.execute("UPDATE letters SET state = 'refused' WHERE id = $1", refused)
            await connection.execute(
                "INSERT INTO deliveries (letter, authority, team, recipient, state, detail) "
                "SELECT id, authority, team, recipient, 'refused', '550 5.1.1' FROM letters WHERE id = $1",
                refused,
            )
        await here.bounces().tell_all()
        await here.bounces().tell_all()
        assert (await here.guest(POLICE)).undeliverable
        assert await here.notices() == ["invitation_undeliverable"]
        async with transaction(there.journey_pool, there.authority) as connection:
            assert await letters.untold_refusals(connection) == []


async def test_a_letter_to_somebody_in_their_stead_that_was_refused_leaves_the_invitee_as_they_were(stack: Endpoints) -> None:
    """As the report that is asked for from a school's holiday contact."""
    async with invited(stack) as here:
        there = here.there.here
        async with there.superuser_connection() as connection:
            await connection.execute("SET search_path = record")
            refused = await connection.fetchval(
                "UPDATE letter_orders SET recipient = 'p-sarjant' WHERE recipient = $1 AND kind = 'report_request' RETURNING letter", SCHOOL
            )
            await connection.execute("UPDATE letters SET state = 'refused' WHERE id = $1", refused)
            await connection.execute(
                "INSERT INTO deliveries (letter, authority, team, recipient, state, detail) "
                "SELECT id, authority, team, 'p-sarjant', 'refused', '550 5.1.1' FROM letters WHERE id = $1",
                refused,
            )
        await here.bounces().tell_all()
        guest = await here.guest(SCHOOL)
        assert (guest.undeliverable, guest.contact_undeliverable) == (False, True)
        assert await here.notices() == ["contact_undeliverable"]


async def test_after_the_meeting_is_called_off_nothing_counts(stack: Endpoints) -> None:
    async with invited(stack) as here:
        mail, bounce = await here.reply(POLICE), await here.bounced(SCHOOL)
        await here.there.does("called_off", reason="The chair is ill.")
        await here.comes(mail, bounce)
        assert [came_to for _, _, came_to in await here.rows()] == ["stale", "meeting_over"]


async def test_the_catchers_folder_is_read_once(stack: Endpoints, tmp_path: Path) -> None:
    async with invited(stack) as here:
        (tmp_path / "000001-20270101T000000Z-aaaaaaaa.eml").write_bytes(b"To: huw@enghraifft.example\r\n\r\nA letter.\r\n")
        (tmp_path / "000002-20270101T000000Z-bbbbbbbb.eml").write_bytes(await here.reply(POLICE))
        await here.read(FolderMailbox(tmp_path))
        assert await here.said(POLICE) == "accepted"
        assert [each async for each in FolderMailbox(tmp_path).unread(10)] == []
        (tmp_path / "1000000-20270101T000000Z-cccccccc.eml").write_bytes(await here.reply(SCHOOL))
        await here.read(FolderMailbox(tmp_path))
        assert await here.said(SCHOOL) == "accepted"
