"""One set of the parts that journeys need, in one directory: PostgreSQL, the engine, a mail catcher, and what is started beside them.

The directory holds `postgres/`, `engine/`, `mailbox/`, `keys/`, `logs/`, `pids/` and, while it runs, `endpoints.json`.
"""

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path
from pydantic import BaseModel

from embedded.engine import Engine, open_namespace
from embedded.engine_binary import find_engine
from embedded.ports import HOST, free_ports
from embedded.postgres import Postgres
from embedded.program import Program, environment, python
from embedded.supervisor import CannotStart, Say, Supervisor, is_owned, together

PUBLISHED = "endpoints.json"

DATABASE = "siwrnai"
"""The database's name. Migrating makes it where it is missing."""


class Endpoints(BaseModel, frozen=True):
    """Where the parts are reached."""

    temporal_address: str
    """host:port"""
    namespace: str
    postgres_superuser_dsn: str
    """For migrations and for making roles: no process of ours logs in with it."""
    smtp_url: str
    mailbox: Path
    """Where the mail catcher keeps letters; empty where SMTP_URL names another server."""
    keys: Path
    directory: Path


class Given(NamedTuple):
    """Parts that run elsewhere and are not started here."""

    temporal_address: str | None = None
    """TEMPORAL_ADDRESS"""
    database_url: str | None = None
    """DATABASE_URL"""
    smtp_url: str | None = None
    """SMTP_URL"""


NOTHING_GIVEN = Given()


@dataclass
class Stack:
    """The parts of one directory. Where time can be skipped they are a rehearsal's, and never anything given from outside."""

    directory: Path
    namespace: str
    time_skipping: bool
    durable: bool
    """Whether everything survives a crash of the machine; a rehearsal's need not."""
    cache: Path = field(default_factory=lambda: user_cache_path("siwrnai"))
    keys: Path | None = None
    """`keys` in the directory where it is None."""
    given: Given = NOTHING_GIVEN
    started: Say | None = None
    """Hears the name of each process when it is ready for the first time."""
    _supervisor: Supervisor | None = field(default=None, init=False)

    @asynccontextmanager
    async def running(self, say: Say) -> AsyncGenerator[Endpoints]:
        """The parts, from when all are ready; on leaving they are stopped.

        Raises:
            CannotStart: says in one sentence what does not start.
        """
        # As root PostgreSQL is another user, who must pass through to its own folder.
        self.directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        self._key_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with Supervisor(self.directory, say, self.started) as supervisor:
            self._supervisor = supervisor
            endpoints = await self._start(supervisor, say)
            self._publish(endpoints)
            try:
                yield endpoints
            finally:
                self._published.unlink(missing_ok=True)

    async def child(self, name: str, argv: Sequence[str], variables: Mapping[str, str]) -> None:
        """Start one more process beside the parts, and wait until it has made the file that SIWRNAI_READY_FILE names.

        Raises:
            CannotStart: it ended, or was not ready within a minute.
        """
        if self._supervisor is None:
            raise CannotStart(f"{name} has nothing to run beside: start the stack first")
        await self._supervisor.start(Program(name=name, argv=argv, environment=environment(variables)))

    async def _start(self, supervisor: Supervisor, say: Say) -> Endpoints:
        if self.time_skipping and any(self.given):
            say("A rehearsal uses parts of its own: TEMPORAL_ADDRESS, DATABASE_URL and SMTP_URL are left alone")
            self.given = NOTHING_GIVEN
        temporal_address, dsn, smtp_url = await together(
            self._start_engine(supervisor, say), self._start_postgres(supervisor, say), self._start_mail_catcher(supervisor)
        )
        return Endpoints(
            temporal_address=temporal_address,
            namespace=self.namespace,
            postgres_superuser_dsn=dsn,
            smtp_url=smtp_url,
            mailbox=self._mailbox,
            keys=self._key_folder,
            directory=self.directory,
        )

    async def _start_engine(self, supervisor: Supervisor, say: Say) -> str:
        address = self.given.temporal_address
        if address is None:
            binary = await find_engine(self.cache, say)
            engine = Engine(binary, self.directory / "engine", self.namespace, time_skipping=self.time_skipping, durable=self.durable)
            await supervisor.start(engine.program())
            address = engine.address
        await open_namespace(address, self.namespace)
        return address

    async def _start_postgres(self, supervisor: Supervisor, say: Say) -> str:
        if self.given.database_url is not None:
            return self.given.database_url
        postgres = Postgres(self.directory / "postgres", *free_ports(1), durable=self.durable)
        await postgres.prepare(say)
        await supervisor.start(postgres.program())
        return postgres.dsn(DATABASE)

    async def _start_mail_catcher(self, supervisor: Supervisor) -> str:
        self._mailbox.mkdir(mode=0o700, exist_ok=True)
        if self.given.smtp_url is not None:
            return self.given.smtp_url
        (port,) = free_ports(1)
        argv = python("-m", "embedded.mail_catcher", "--port", str(port), "--mailbox", str(self._mailbox))
        await supervisor.start(Program(name="mail-catcher", argv=argv, environment=environment()))
        return f"smtp://{HOST}:{port}?starttls=no"

    @property
    def _mailbox(self) -> Path:
        return self.directory / "mailbox"

    @property
    def _key_folder(self) -> Path:
        return self.keys or self.directory / "keys"

    @property
    def _published(self) -> Path:
        return self.directory / PUBLISHED

    def _publish(self, endpoints: Endpoints) -> None:
        """For other commands on this machine; it holds a password."""
        draft = self._published.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(endpoints.model_dump_json(indent=2))
        draft.replace(self._published)


def endpoints_of(directory: Path) -> Endpoints | None:
    """Where the parts of that directory are reached, if they run now."""
    published = directory / PUBLISHED
    try:
        written = published.read_bytes()
    except FileNotFoundError:
        return None
    return Endpoints.model_validate_json(written) if is_owned(directory) else None
