"""Hostile mails by their whole way: SMTP, the authority's mail server, the mailbox, the reader's process, the record.

Each is refused or waits for a person, each is counted, and none changes what the meeting knows.
"""

import asyncio
import datetime as dt
import urllib.request
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import aiosmtplib

from embedded.ports import HOST, free_ports
from embedded.stack import Endpoints
from tests.correspondence.dovecot import dovecot
from tests.correspondence.invited import SERVER, Invited, invited
from tests.correspondence.mail_server import MailServer, serving
from tests.correspondence.test_replies_process import reader, settled
from tests.correspondence.their_calendar import OwnServer

POLICE, SCHOOL = "p-arolygydd", "p-pennaeth"
TO, SENDER = "atebion@enghraifft.example", f"{POLICE}@enghraifft.example"
PASSED = "spf=pass smtp.mailfrom=enghraifft.example"


async def arrives(server: MailServer, mails: Sequence[bytes], says_hello: str) -> None:
    """By SMTP, each from a machine that says that this is its name."""
    async with aiosmtplib.SMTP(hostname=HOST, port=server.port, local_hostname=says_hello, start_tls=False, timeout=60) as smtp:
        for each in mails:
            await smtp.sendmail(SENDER, [TO], each)


async def counted(port: int) -> Counter[str]:
    """What the reader's process says that mails came to, for Prometheus."""
    url = f"http://{HOST}:{port}/metrics"
    page = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read().decode())
    found: Counter[str] = Counter()
    for line in page.splitlines():
        if line.startswith("siwrnai_replies") and "came_to=" in line:
            found[line.partition('came_to="')[2].partition('"')[0]] += int(float(line.rpartition(" ")[2]))
    return found


@asynccontextmanager
async def read_to_the_end(here: Invited, says_hello: str, mails: Sequence[bytes], rows: int) -> AsyncGenerator[Counter[str]]:
    """All of them arrive and are settled; what they were counted as."""
    (port,) = free_ports(1)
    with dovecot() as there:
        async with serving(OwnServer(name=SERVER, deliver=there.deliver)) as server:
            await arrives(server, mails, says_hello)
        async with reader(here, there.url, SIWRNAI_REPLIES_METRICS=f"{HOST}:{port}"):
            await settled(here, there, rows)
            yield await counted(port)


async def refused(here: Invited, other: str) -> list[tuple[str, bytes]]:
    """Each with what it is to come to; `other` is the UID of somebody else's invitation."""
    plain, end = await here.reply(POLICE), b"END:VEVENT"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (each, each) for each in range(5_000))
    dates = b"".join(b"RDATE:20270101T%06dZ\r\n" % each for each in range(500))
    zone = b"BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\n" + dates * 60 + b"END:STANDARD\r\nEND:VTIMEZONE\r\n"
    return [
        ("stale", await here.reply(POLICE, sequence=0)),
        ("stranger", await here.reply(POLICE, sender="drwg@arall.example", attendee="drwg@arall.example")),
        ("unknown_meeting", await here.reply(POLICE, uid=other)),
        ("too_large", plain + (b"x" * 70 + b"\r\n") * (30 * 1024 * 1024 // 72)),
        ("too_complex", plain.partition(b"Content-Type")[0] + nested),
        ("too_complex", plain.replace(b"BEGIN:VEVENT", zone + b"BEGIN:VEVENT")),
        ("recurring", plain.replace(end, dates + end)),
        ("recurring", plain.replace(end, b"RRULE:FREQ=SECONDLY\r\n" + end)),
        ("wrong_encoding", plain.replace(b"charset=utf-8; method", b"charset=utf-7; method")),
        ("wrong_encoding", plain.replace(end, b"COMMENT:t\xff\xfe\r\n" + end)),
        ("method_mismatch", plain.replace(b"method=REPLY", b"method=COUNTER")),
        ("of_an_organiser", plain.replace(b"METHOD:REPLY", b"METHOD:CANCEL").replace(b"method=REPLY", b"method=CANCEL")),
        ("not_one_event", plain.replace(end, end + b"\r\nBEGIN:VEVENT\r\nUID:x\r\n" + end)),
        ("not_one_attendee", plain.replace(end, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{SCHOOL}@enghraifft.example\r\n".encode() + end)),
        ("no_sender", plain.replace(b"From: ", b"From: Huw Bevan <a@b.example>\r\nFrom: ")),
        ("mail_within_mail", plain.replace(b"Content-Type: text/plain", b"Content-Type: message/rfc822")),
        ("absurd_date", await here.reply(POLICE, ago=-400 * 86_400)),
    ]


async def test_what_is_hostile_is_refused_and_counted_and_changes_nothing(stack: Endpoints) -> None:
    async with invited(stack) as here:
        there = here.there
        school = here.replies.uid((await here.guest(SCHOOL)).id)
        await there.does("moved", starts=(await there.state()).starts + dt.timedelta(hours=3))  # type: ignore[operator]
        mails, before = await refused(here, school), await there.state()
        async with read_to_the_end(here, "mail.enghraifft.example", [raw for _, raw in mails], len(mails)) as metric:
            assert Counter(came_to for _, _, came_to in await here.rows()) == Counter(name for name, _ in mails)
            assert {state for _, state, _ in await here.rows()} == {"set_aside"}
            assert metric == Counter(name for name, _ in mails)
        assert await there.state() == before
        assert await here.notices() == []


async def forged(here: Invited) -> list[bytes]:
    """Mails that claim to come from the police, and that nobody vouches for: with no proof, another server's, and our own as if it were."""
    others, own = f"Authentication-Results: mx.arall.example; {PASSED}", f"Authentication-Results: {SERVER}; {PASSED}"
    folded = f"Authentication-Results:\r\n {SERVER};\r\n {PASSED}"
    claims = [(), (others,), (own,), (folded,), (own.lower(),), (others, own) * 10]
    return [await here.reply(POLICE, ago=each, headers=claimed) for each, claimed in enumerate(claims)]


async def test_forged_senders_and_forged_proofs_wait_for_a_person(stack: Endpoints) -> None:
    async with invited(stack) as here:
        mails = await forged(here)
        async with read_to_the_end(here, "anywhere.arall.example", mails, len(mails)) as metric:
            assert await here.rows() == [("answer", "held", "to_be_confirmed")] * len(mails)
            assert metric == Counter(to_be_confirmed=len(mails))
        guest = await here.guest(POLICE)
        assert (guest.answer, guest.waits) == (None, True)
        assert await here.notices() == ["answer_to_confirm"]


async def test_the_answer_of_another_waits_and_the_same_answer_again_changes_nothing(stack: Endpoints) -> None:
    async with invited(stack) as here:
        first = await here.reply(POLICE, sender=f'"<script>alert(1)</script>" <{SENDER}>', headers=("Received: one",))
        named = first.replace(b"ATTENDEE;", b'ATTENDEE;CN="<img src=x onerror=alert(1)>";')
        again = named.replace(b"Received: one", b"Received: two")
        of_another = await here.reply(POLICE, "DECLINED", attendee=f"{SCHOOL}@enghraifft.example", headers=())
        by_another = await here.reply(POLICE, "TENTATIVE", sender=f"{SCHOOL}@enghraifft.example", headers=())
        mails = [named, named, again, of_another, by_another]
        async with read_to_the_end(here, "mail.enghraifft.example", mails, 4) as metric:
            assert metric == Counter(taken=1, doubled=1, to_be_confirmed=2)
        state = await here.there.state()
        police, school = (next(each for each in state.invitees if each.person == person) for person in (POLICE, SCHOOL))
        assert police.answer is not None
        assert (police.answer.reply, police.answer.reason) == ("accepted", None)
        assert school.answer is None
        assert await here.rows() == [
            ("answer", "done", "taken"),
            ("answer", "set_aside", "doubled"),
            *[("answer", "held", "to_be_confirmed")] * 2,
        ]
