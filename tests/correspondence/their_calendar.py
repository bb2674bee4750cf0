"""The other side of the mail: an invited person's calendar program, which is not ours, and the authority's own mail server between the two."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.correspondence.calendars.judges import tools
from tests.correspondence.mail_server import MailServer

PATIENCE = 60
"""Seconds in which the program has begun, been compiled for that, and answered, on a machine that does other things as well."""


@dataclass
class OwnServer(MailServer):
    """The mail server under whose name senders are believed (RFC 8601): what claims its name from outside it takes away.

    On one machine all connections look alike: it takes what the other side says hello as for the host that SPF would look up.
    """

    name: str = "mx.enghraifft.example"
    deliver: Callable[[bytes], None] = field(default=lambda _: None)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Write on top what was found out about the sender, and deliver."""
        assert isinstance(envelope.original_content, bytes)
        domain = (envelope.mail_from or "").rpartition("@")[2]
        found = "pass" if session.host_name == f"mail.{domain}" else "fail"
        headers = [
            f"Delivered-To: {envelope.rcpt_tos[0]}",
            f"Authentication-Results: {self.name}; spf={found} smtp.mailfrom={domain}",
            "",
        ]
        self.deliver("\r\n".join(headers).encode() + self._without_our_name(envelope.original_content))
        return "250 2.0.0 kept"

    def _without_our_name(self, raw: bytes) -> bytes:
        top, end, rest = raw.partition(b"\r\n\r\n")
        claimed = rb"^Authentication-Results:\s*" + re.escape(self.name.encode()) + rb"\b[^\n]*\n(?:[ \t][^\n]*\n)*"
        return re.sub(claimed, b"", top + b"\r\n", flags=re.IGNORECASE | re.MULTILINE).removesuffix(b"\r\n") + end + rest


class Shown(NamedTuple):
    """An event as the person sees it: its times by the clock on the wall."""

    sequence: int
    starts: str
    ends: str
    summary: str


class TheirCalendar:
    """Angus Mail reads and sends mails; ical4j reads, compares and writes what is in them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def read(self, *mails: Path) -> list[str]:
        """What became of each: "kept", "cleared", "older" than what is there, "none" where it holds no object; no fault may be found."""
        came_to: list[str] = []
        for each in mails:
            what, faults = await self._asks("read", str(each))
            assert faults == ""
            came_to.append(what)
        return came_to

    async def shows(self) -> list[Shown]:
        """The events that the person sees."""
        found = [each.split("|") for each in await self._asks("shows") if each]
        return [Shown(int(sequence), starts, ends, summary) for sequence, starts, ends, summary in found]

    async def answers(self, *said: str) -> None:
        """A REPLY goes to the organiser: ACCEPTED, DECLINED or TENTATIVE, and words, where there are any."""
        assert await self._asks("answers", *said) == ["sent"]

    async def proposes(self, later: str) -> None:
        """A COUNTER goes to the organiser, so much later, such as PT2H."""
        assert await self._asks("proposes", later) == ["sent"]

    async def _asks(self, *words: str) -> list[str]:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(("\t".join(words) + "\n").encode())
        line = await asyncio.wait_for(answered.readline(), PATIENCE)
        if not line and self._process.stderr is not None:
            raise AssertionError((await self._process.stderr.read()).decode()[-2_000:])
        return line.decode().rstrip("\r\n").split("\t")


@asynccontextmanager
async def their_calendar(address: str, port: int) -> AsyncGenerator[TheirCalendar]:
    """The program of that person, which sends to the mail server at that port of this machine."""
    pipe = asyncio.subprocess.PIPE
    command = [*tools.java("Invitee.java"), address, "127.0.0.1", str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield TheirCalendar(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
