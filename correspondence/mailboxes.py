"""Where mail comes back to: a mailbox over IMAP, or the folder of the mail catcher. Mail is read, marked as read, and never taken away."""

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from correspondence.server_urls import IMAP, ServerUrl, ServerUrlError, parse
from embedded.mail_catcher import READ, letters, number

AWAY = (OSError, imaplib.IMAP4.error, EOFError)
"""What is raised while the mailbox is away, or refuses."""

Result = TypeVar("Result")


class Came(NamedTuple):
    """A mail that has not been marked as read."""

    id: str
    """By which the mailbox knows it, while this connection lasts."""
    raw: bytes
    """As it came, up to the most that was asked for."""


class Mailbox(Protocol):
    """What the reader of answers asks of a mailbox."""

    def unread(self, most: int) -> AsyncIterator[Came]:
        """Each mail that is not marked as read, the oldest first, each up to so many bytes.

        Raises:
            OSError, imaplib.IMAP4.error, EOFError: it cannot be reached; the next look opens it anew.
        """
        ...

    async def mark(self, came: Came) -> None:
        """Mark it as read."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


def parse_imap_url(url: str) -> ServerUrl:
    """`imaps://user:password@host[:port][/folder]`, or `imap://…` with STARTTLS, unless it is this machine's own with `?starttls=no`.

    Raises:
        ServerUrlError: another scheme, no host or user, or answers would cross a network in the clear.
    """
    right = "expected imaps://user:password@host:port/folder, or imap:// for STARTTLS"
    server = parse(url, IMAP, right)
    if not server.username:
        raise ServerUrlError(right)
    return server


class ImapMailbox:
    """One folder of one account, kept open between looks."""

    def __init__(self, server: ServerUrl, timeout: float) -> None:
        self._server, self._timeout = server, timeout
        self._imap: imaplib.IMAP4 | None = None

    async def unread(self, most: int) -> AsyncIterator[Came]:
        """Each mail without the flag \\Seen."""
        found: list[str] = await self._ask(_unseen)
        for id in found:
            raw = await self._ask(lambda imap, id=id: _fetched(imap, id, most))
            # Somebody has taken it away meanwhile.
            if raw is not None:
                yield Came(id, raw)

    async def mark(self, came: Came) -> None:
        """Set the flag \\Seen."""
        await self._ask(lambda imap: _done(imap.uid("STORE", came.id, "+FLAGS.SILENT", r"(\Seen)")))

    async def close(self) -> None:
        """End the connection."""
        imap, self._imap = self._imap, None
        if imap is not None:
            with suppress(*AWAY):
                await asyncio.to_thread(imap.logout)

    async def _ask(self, work: Callable[[imaplib.IMAP4], Result]) -> Result:
        """Ask the server, in a thread; a connection that failed is not used again."""
        try:
            if self._imap is None:
                self._imap = await asyncio.to_thread(_opened, self._server, self._timeout)
            return await asyncio.to_thread(work, self._imap)
        except AWAY:
            imap, self._imap = self._imap, None
            if imap is not None:
                with suppress(*AWAY):
                    await asyncio.to_thread(imap.shutdown)
            raise


class FolderMailbox:
    """The mail catcher's folder. How far it is read stands beside the letters: their names are numbered in the order in which they came."""

    MARK = READ

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def unread(self, most: int) -> AsyncIterator[Came]:
        """Each letter after the last that was marked."""
        for path in await asyncio.to_thread(self._after_mark):
            yield Came(path.name, await asyncio.to_thread(_beginning, path, most))

    async def mark(self, came: Came) -> None:
        """Everything up to this letter is read."""
        await asyncio.to_thread(self._mark, came.id)

    async def close(self) -> None:
        """Nothing is held."""

    def _after_mark(self) -> list[Path]:
        mark = self._folder / self.MARK
        last = number(mark.read_text(encoding="utf-8")) if mark.exists() else 0
        return [path for path in letters(self._folder) if number(path.name) > last]

    def _mark(self, name: str) -> None:
        draft = self._folder / f"{self.MARK}.draft"
        draft.write_text(name, encoding="utf-8")
        draft.replace(self._folder / self.MARK)


def _beginning(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _opened(server: ServerUrl, timeout: float) -> imaplib.IMAP4:
    if server.implicit_tls:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(server.host, server.port, ssl_context=ssl.create_default_context(), timeout=timeout)
    else:
        imap = imaplib.IMAP4(server.host, server.port, timeout=timeout)
    try:
        if server.start_tls:
            imap.starttls(ssl.create_default_context())
        imap.login(server.username, server.password)
        folder = (server.path or "INBOX").replace("\\", r"\\").replace('"', r"\"")
        _done(imap.select(f'"{folder}"'))
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _unseen(imap: imaplib.IMAP4) -> list[str]:
    # Without it some servers tell of nothing that came since the folder was opened.
    _done(imap.noop())
    return [each.decode() for line in _done(imap.uid("SEARCH", "UNSEEN")) if line for each in line.split()]


def _fetched(imap: imaplib.IMAP4, id: str, most: int) -> bytes | None:
    answer: list[object] = _done(imap.uid("FETCH", id, f"(BODY.PEEK[]<0.{most}>)"))
    return next((cast("tuple[bytes, bytes]", part)[1] for part in answer if isinstance(part, tuple)), None)


def _done(answer: tuple[str, Any]) -> Any:
    status, data = answer
    if status != "OK":
        # What the server says may hold an address.
        raise imaplib.IMAP4.error(f"answered {re.sub('[^A-Z]', '', status)}")
    return data
