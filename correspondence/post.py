"""The mail server: one letter in, one answer out. What the server says is kept as a code, since its text may hold an address."""

import asyncio
import ipaddress
import re
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from schemas.letters import DeliveryState

ENHANCED = re.compile(r"^\s*(\d\.\d{1,3}\.\d{1,3})\b")
"""RFC 3463: the second number of an answer, as in `550 5.1.1`."""

FINAL = 500
"""From this code on an answer is final."""


class SmtpUrlError(ValueError):
    """SMTP_URL cannot be used; says what is wrong and what would be right."""


class MailServer(NamedTuple):
    """Where letters are handed over, and how."""

    host: str
    port: int
    username: str | None
    password: str | None
    implicit_tls: bool
    start_tls: bool


class Outcome(NamedTuple):
    """What became of one try."""

    state: DeliveryState
    """sent, deferred (to be tried again) or refused (final)."""
    detail: str
    """The server's code, or the kind of failure; `left_directory` where the reader is not there any more. Never a server's words."""


def parse_smtp_url(url: str) -> MailServer:
    """`smtp://[user:password@]host[:port][?starttls=no]` or `smtps://…`. STARTTLS is required, unless the server is this machine's own.

    Raises:
        SmtpUrlError: another scheme, no host, or letters would cross a network in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SmtpUrlError("SMTP_URL: expected smtp://host:port or smtps://host:port, with user:password@ if needed")
    asked = parse_qs(parts.query).get("starttls", ["yes"])[-1]
    if asked not in {"yes", "no"}:
        raise SmtpUrlError("SMTP_URL: starttls is yes (the default) or no")
    if asked == "no" and parts.scheme == "smtp" and not _is_here(parts.hostname):
        raise SmtpUrlError("SMTP_URL: starttls=no is for a mail server on this machine only; leave it out, or use smtps://")
    implicit = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if implicit else 587)
    except ValueError as error:
        raise SmtpUrlError("SMTP_URL: the port is a number from 1 to 65535") from error
    return MailServer(
        host=parts.hostname,
        port=port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=implicit,
        start_tls=not implicit and asked == "yes",
    )


class Post:
    """A connection to the mail server, opened when first needed and kept for the next letter."""

    def __init__(self, server: MailServer, timeout: float) -> None:
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
                username=server.username,
                password=server.password,
                use_tls=server.implicit_tls,
                start_tls=server.start_tls,
                timeout=self._timeout,
            )
            await self._smtp.connect()
        return self._smtp


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
