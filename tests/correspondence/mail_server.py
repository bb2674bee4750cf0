"""A real mail server on this machine whose answers a test chooses."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

LOST = "lost"
"""In place of an answer: the connection breaks after the message was kept."""

Answer = Callable[[str], Awaitable[str]]


async def yes(recipient: str) -> str:
    """250 to everything."""
    return "250 2.0.0 kept"


def says(answer: str) -> Answer:
    """Always the same."""

    async def answer_it(recipient: str) -> str:
        return answer

    return answer_it


@dataclass
class MailServer:
    """What it got, and how it answers at RCPT and after the message."""

    at_recipient: Answer = yes
    after_message: Answer = yes
    got: list[tuple[str, bytes]] = field(default_factory=lambda: [])
    """What it said 250 to, or would have."""
    kept: list[bytes] = field(default_factory=lambda: [])
    """Every message that reached it."""
    port: int = 0
    connections: list["Session"] = field(default_factory=lambda: [])

    @property
    def url(self) -> str:
        """As SMTP_URL has it."""
        return f"smtp://127.0.0.1:{self.port}?starttls=no"

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        self.connections.append(session)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        answer = await self.at_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        if isinstance(envelope.original_content, bytes):
            self.kept.append(envelope.original_content)
        answer = await self.after_message(recipient)
        if answer.startswith(("2", LOST)) and isinstance(envelope.original_content, bytes):
            self.got.append((recipient, envelope.original_content))
        if answer == LOST and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer


@asynccontextmanager
async def serving(server: MailServer, tls: ssl.SSLContext | None = None) -> AsyncGenerator[MailServer]:
    """The server, listening until the end of the block; with STARTTLS, which it then insists on, where it has a certificate."""
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(server, hostname="localhost", loop=loop, tls_context=tls, require_starttls=tls is not None)

    listening = await loop.create_server(connection, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
