"""A mail server that keeps every letter as a file and passes none on: `python -m embedded.mail_catcher --port N --mailbox DIR`.

A letter is on disk before it says 250. What comes twice is kept twice. A file's name says when it came and nothing of whom it is to.
It begins with a number that no other letter ever had there, though the folder was emptied: readers remember how far they came.
"""

import argparse
import asyncio
import datetime as dt
import email
import email.policy
import hashlib
import os
import signal
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import BaseModel, ValidationError

from embedded.ports import HOST

LARGEST = 33_554_432
"""Bytes of the largest letter taken."""


LAST = ".last"
"""In the mailbox: the highest number that was ever given."""

READ = ".read"
"""In the mailbox: the name of the last letter that was read, where somebody reads it."""


class Rules(BaseModel, extra="forbid", frozen=True):
    """`rules.json` in the mailbox, read anew for each recipient."""

    refuse: Mapping[str, tuple[int, str]] = {}
    """Address (in small letters) to the answer it gets: a final one such as [550, "5.1.1 no such mailbox"], or [451, "try later"]."""


class Catcher:
    """Keeps what it is handed in one folder."""

    def __init__(self, mailbox: Path) -> None:
        self._mailbox = mailbox
        mailbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sequence = max((*(number(path.name) for path in letters(mailbox)), _noted(mailbox / LAST), _noted(mailbox / READ)))

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        """Answer a recipient."""
        try:
            refused = _rules(self._mailbox).refuse.get(address.lower())
        except ValidationError:
            return "451 4.3.5 rules.json cannot be read"
        if refused is not None:
            return f"{refused[0]} {refused[1]}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer a letter, once it is kept."""
        try:
            self._keep(cast(bytes, envelope.content))
        except OSError as error:
            return f"452 4.3.1 not kept: {error.strerror}"
        return "250 OK"

    def _keep(self, content: bytes) -> None:
        self._sequence += 1
        _write(self._mailbox / f"{LAST}.draft", str(self._sequence).encode())
        (self._mailbox / f"{LAST}.draft").replace(self._mailbox / LAST)
        name = f"{self._sequence:06}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{hashlib.sha256(content).hexdigest()[:8]}.eml"
        draft = self._mailbox / f".{name}"
        _write(draft, content)
        draft.rename(self._mailbox / name)
        _sync(self._mailbox)


def letters(mailbox: Path) -> list[Path]:
    """The files of the letters, in the order in which they came."""
    return sorted((path for path in mailbox.glob("*.eml") if path.name.partition("-")[0].isdigit()), key=lambda path: number(path.name))


def number(name: str) -> int:
    """A letter's number, with which its file's name begins."""
    return int(name.partition("-")[0])


def messages(mailbox: Path) -> list[EmailMessage]:
    """The letters, in the order in which they came."""
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in letters(mailbox)]


def refuse(mailbox: Path, answers: Mapping[str, tuple[int, str]]) -> None:
    """From now on give these addresses these answers, and take letters for all others."""
    draft = mailbox / ".rules.json"
    draft.write_text(Rules(refuse={address.lower(): answer for address, answer in answers.items()}).model_dump_json())
    draft.replace(mailbox / "rules.json")


def _rules(mailbox: Path) -> Rules:
    file = mailbox / "rules.json"
    return Rules.model_validate_json(file.read_bytes()) if file.exists() else Rules()


def _noted(file: Path) -> int:
    return number(file.read_text(encoding="utf-8")) if file.exists() else 0


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def catch(port: int, mailbox: Path, ready: Callable[[], None]) -> None:
    """Take letters on 127.0.0.1 until told to stop by SIGTERM or SIGINT; calls `ready` once it does."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    catcher = Catcher(mailbox)
    server = await loop.create_server(
        lambda: SMTP(catcher, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="localhost", loop=loop), HOST, port
    )
    ready()
    await stop.wait()
    server.close()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Keeps every letter as a file, and passes none on.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--mailbox", type=Path, required=True, help="the folder that letters are kept in")
    chosen = parser.parse_args()
    asyncio.run(catch(chosen.port, chosen.mailbox, _tell_ready))


def _tell_ready() -> None:
    if file := os.environ.get("SIWRNAI_READY_FILE"):
        Path(file).touch()


if __name__ == "__main__":
    main()
