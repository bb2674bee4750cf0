"""The mail server: one letter in, one answer out. What the server says is kept as a code, since its text may hold an address."""

import asyncio
import re
from types import TracebackType
from typing import NamedTuple, Self

import aiosmtplib

from correspondence.server_urls import SMTP, ServerUrl, parse
from schemas.letters import DeliveryState

ENHANCED = re.compile(r"^\s*(\d\.\d{1,3}\.\d{1,3})\b")
"""RFC 3463: the second number of an answer, as in `550 5.1.1`."""

FINAL = 500
"""From this code on an answer is final."""


class Outcome(NamedTuple):
    """What became of one try."""

    state: DeliveryState
    """sent, deferred (to be tried again) or refused (final)."""
    detail: str
    """The server's code, or the kind of failure; `left_directory` where the reader is not there any more. Never a server's words."""


def parse_smtp_url(url: str) -> ServerUrl:
    """`smtp://[user:password@]host[:port][?starttls=no]` or `smtps://…`. STARTTLS is required, unless the server is this machine's own.

    Raises:
        ServerUrlError: another scheme, no host, or letters would cross a network in the clear.
    """
    return parse(url, SMTP, "expected smtp://host:port or smtps://host:port, with user:password@ if needed")


class Post:
    """A connection to the mail server, opened when first needed and kept for the next letter."""

    def __init__(self, server: ServerUrl, timeout: float) -> None:
        self._server, self._timeout = server, timeout
        self._smtp: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def deliver(self, message: bytes, sender: str, recipient: str) -> Outcome:
        """Hands one message over, within the time that a try may take. Trouble of any kind is an outcome."""
        try:
            async with asyncio.timeout(self._timeout):
                smtp = await self._connected()
                await smtp.sendmail(sender, [recipient], message)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as error:
            return Outcome(DeliveryState.refused if _is_final(error) else DeliveryState.deferred, _detail(error))
        except (aiosmtplib.SMTPException, OSError) as error:
            # Also a 5xx: a wrong password, a missing STARTTLS or a refused sender says nothing of this letter.
            await self.close()
            return Outcome(DeliveryState.deferred, _detail(error))
        return Outcome(DeliveryState.sent, "250")

    async def close(self) -> None:
        """Says goodbye; a server that is gone already is no trouble."""
        smtp, self._smtp = self._smtp, None
        if smtp is None or not smtp.is_connected:
            return
        try:
            async with asyncio.timeout(1):
                await smtp.quit()
        except (aiosmtplib.SMTPException, OSError):
            smtp.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is None or not self._smtp.is_connected:
            server = self._server
            self._smtp = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.username or None,
                password=server.password or None,
                use_tls=server.implicit_tls,
                start_tls=server.start_tls,
                timeout=self._timeout,
            )
            await self._smtp.connect()
        return self._smtp


def _is_final(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError) -> bool:
    codes = [each.code for each in error.recipients] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else [error.code]
    return min(codes) >= FINAL


def _detail(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    code, words = getattr(error, "code", None), getattr(error, "message", "")
    if code is None:
        return type(error).__name__
    enhanced = ENHANCED.match(str(words))
    return f"{code} {enhanced[1]}" if enhanced else str(code)
