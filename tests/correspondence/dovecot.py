"""Debian's Dovecot with one mailbox, run by a plain user on a port of its own. Mail is put into it as a mail server delivers it."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded.ports import HOST, free_ports

WITHIN = 20.0

USER, PASSWORD = "atebion", "cyfrinach/@:%"
"""A password with all that an address of a mailbox must escape."""

CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = {host}
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{home}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """One mailbox."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As SIWRNAI_IMAP_URL names it."""
        return f"imap://{USER}:cyfrinach%2F%40%3A%25@{HOST}:{self.port}/INBOX?starttls=no"

    def deliver(self, raw: bytes) -> None:
        """A mail comes."""
        name = f"{time.time_ns()}.{secrets.token_hex(6)}.enghraifft"
        draft = self.home / "mail" / "tmp" / name
        draft.write_bytes(raw)
        os.chown(draft, *_plain())
        draft.rename(self.home / "mail" / "new" / name)

    def unread(self) -> int:
        """How many mails are not marked as read: those that nobody has seen, and those without the flag S."""
        mail = self.home / "mail"
        known = [path.name.partition(":2,")[2] for path in (mail / "cur").iterdir()]
        return len(list((mail / "new").iterdir())) + sum("S" not in flags for flags in known)

    def start(self) -> None:
        """It serves again."""
        uid, gid = _plain()
        command = [_program(), "-F", "-c", str(self.home / "dovecot.conf")]
        self.process = subprocess.Popen(command, user=uid, group=gid, extra_groups=[])  # noqa: S603 - our own configuration.
        until = time.monotonic() + WITHIN
        while not _listens(self.port):
            assert self.process.poll() is None, (self.home / "log").read_text()
            assert time.monotonic() < until, "Dovecot does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        """It is away."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(WITHIN)
            self.process = None


@contextmanager
def dovecot() -> Generator[Dovecot]:
    """Serving, with an empty mailbox."""
    uid, gid = _plain()
    home = Path(tempfile.mkdtemp(prefix="siwrnai-dovecot-"))
    (port,) = free_ports(1)
    there = Dovecot(home, port)
    try:
        for each in ("mail", "mail/tmp", "mail/new", "mail/cur", "run", "state"):
            (home / each).mkdir()
        user, group = pwd.getpwuid(uid).pw_name, _group(gid)
        filled = CONFIGURATION.format(
            home=home, host=HOST, user=user, group=group, uid=uid, gid=gid, port=port, password=PASSWORD.replace("%", "%%")
        )
        (home / "dovecot.conf").write_text(filled)
        for path in (home, *home.rglob("*")):
            os.chown(path, uid, gid)
        there.start()
        yield there
    finally:
        there.stop()
        shutil.rmtree(home, ignore_errors=True)


def _plain() -> tuple[int, int]:
    """Who runs it: whoever runs the tests, unless that is root."""
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _program() -> str:
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found is not None, "Dovecot is needed: apt-get install dovecot-imapd, or .ci/run"
    return found


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
