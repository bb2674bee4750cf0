"""Letters that are caught: on disk before the answer, each kept, refused where told to."""

import asyncio
import os
import smtplib
import stat
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from correspondence.mailboxes import FolderMailbox
from embedded.mail_catcher import Catcher, letters, messages, number, refuse
from embedded.ports import HOST, free_ports
from tests.embedded.processes import eventually

ADDRESS = "huw.bevan@enghraifft.example"


def letter(number: int = 1) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "siwrnai@enghraifft.example", ADDRESS
    message["Message-ID"], message["Subject"] = f"<{number}@enghraifft.example>", "Mae gennych dasg"
    message.set_content("Annwyl gydweithiwr — dŵr, tŷ")
    return message


class Caught:
    """A running catcher."""

    def __init__(self, mailbox: Path) -> None:
        self.mailbox = mailbox
        (self.port,) = free_ports(1)
        ready = mailbox.with_suffix(".ready")
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(  # noqa: S603 - our own program.
            [sys.executable, "-m", "embedded.mail_catcher", "--port", str(self.port), "--mailbox", str(mailbox)],
            env=os.environ | {"SIWRNAI_READY_FILE": str(ready)},
        )
        assert eventually(ready.exists)

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP(HOST, self.port) as smtp:
            smtp.send_message(message)


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Caught]:
    running = Caught(tmp_path / "mailbox")
    yield running
    running.process.kill()
    running.process.wait()


def test_a_letter_can_be_read_as_it_was_sent(catcher: Caught) -> None:
    catcher.send(letter())
    (found,) = messages(catcher.mailbox)
    assert found["To"] == ADDRESS
    assert found.get_content().strip() == "Annwyl gydweithiwr — dŵr, tŷ"


def test_a_letter_that_comes_twice_under_one_message_id_is_kept_twice(catcher: Caught) -> None:
    for each in (1, 2, 1):
        catcher.send(letter(each))
    assert [found["Message-ID"][1] for found in messages(catcher.mailbox)] == ["1", "2", "1"]


@pytest.mark.parametrize("read", [True, False])
def test_an_emptied_mailbox_gives_no_number_again_so_that_its_reader_misses_no_letter(catcher: Caught, read: bool) -> None:
    async def unread(mailbox: FolderMailbox) -> list[str]:
        found = [came async for came in mailbox.unread(100_000)]
        for each in found:
            await mailbox.mark(each)
        return [each.id for each in found]

    reader = FolderMailbox(catcher.mailbox)
    for each in (1, 2):
        catcher.send(letter(each))
    before = asyncio.run(unread(reader)) if read else [path.name for path in letters(catcher.mailbox)]
    catcher.process.kill()
    catcher.process.wait()
    for path in letters(catcher.mailbox):
        path.unlink()
    again = Caught(catcher.mailbox)
    try:
        again.send(letter(3))
    finally:
        again.process.terminate()
        again.process.wait()
    (after,) = asyncio.run(unread(reader))
    assert number(after) > max(number(each) for each in before)


def test_letters_are_in_the_order_of_their_numbers_however_many_came(tmp_path: Path) -> None:
    for each in ("1000000-b.eml", "999999-a.eml"):
        (tmp_path / each).touch()
    assert [path.name for path in letters(tmp_path)] == ["999999-a.eml", "1000000-b.eml"]


def test_a_letter_answered_250_is_there_after_kill_9_and_later_ones_come_after_it(catcher: Caught) -> None:
    catcher.send(letter(1))
    catcher.process.kill()
    catcher.process.wait()
    again = Caught(catcher.mailbox)
    try:
        again.send(letter(2))
    finally:
        again.process.terminate()
        again.process.wait()
    assert again.process.wait() == 0
    assert [found["Message-ID"][1] for found in messages(catcher.mailbox)] == ["1", "2"]


async def test_file_and_folder_are_on_disk_before_250(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        named = bool(letters(tmp_path))
        synced.append(f"folder, letter named: {named}" if is_folder else f"file of {os.fstat(descriptor).st_size} bytes")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    catcher, envelope = Catcher(tmp_path), Envelope()
    envelope.content = bytes(letter())
    answer = await catcher.handle_DATA(SMTP(catcher), Session(None), envelope)  # pyright: ignore[reportArgumentType]
    assert answer.startswith("250")
    assert synced == ["file of 1 bytes", f"file of {len(envelope.content)} bytes", "folder, letter named: True"]


def test_the_name_of_a_file_says_nothing_of_the_recipient(catcher: Caught) -> None:
    catcher.send(letter())
    (file,) = letters(catcher.mailbox)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(part not in file.name.lower() for part in ("huw", "bevan", "enghraifft", "dasg"))


def test_recipients_are_refused_as_the_rules_say_until_they_are_changed(catcher: Caught) -> None:
    refuse(catcher.mailbox, {ADDRESS.upper(): (451, "4.2.1 try later")})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as deferred:
        catcher.send(letter())
    assert deferred.value.recipients[ADDRESS] == (451, b"4.2.1 try later")
    refuse(catcher.mailbox, {ADDRESS: (550, "5.1.1 no such mailbox")})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as final:
        catcher.send(letter())
    assert final.value.recipients[ADDRESS][0] == 550
    refuse(catcher.mailbox, {})
    catcher.send(letter())
    assert len(messages(catcher.mailbox)) == 1


def test_rules_that_cannot_be_read_lose_no_letter(catcher: Caught) -> None:
    (catcher.mailbox / "rules.json").write_text("{")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as deferred:
        catcher.send(letter())
    assert deferred.value.recipients[ADDRESS][0] == 451
