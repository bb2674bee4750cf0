"""A running deployment, as a verb of the command line reaches it: the record as the role of the one door, and the engine."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import asyncpg
from temporalio.runtime import Runtime, TelemetryConfig

from console.data_folder import is_named
from console.endings import Code, Ended, Mistake
from console.language import say
from embedded.kept import kept_in, opened
from embedded.settings import BadSettings, Settings, read
from embedded.stack import Endpoints, endpoints_of
from embedded.supervisor import CannotStart
from engine import leaving
from observing import traces
from record.deployment import deployment
from record.keys import KeyRing
from record.pool import AWAY, Connection, Pool, open_pool, transaction
from record.roles import Role, dsn

APPLICATION = "siwrnai command"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Record:
    """The record of one authority, with its keys."""

    pool: Pool
    """As the door's role."""
    authority: str
    keys: KeyRing

    @asynccontextmanager
    async def record(self) -> AsyncGenerator[Connection]:
        """A transaction on the record."""
        async with transaction(self.pool, self.authority) as connection:
            yield connection


@dataclass(frozen=True)
class Running(Record):
    """The deployment that a verb speaks with."""

    endpoints: Endpoints


def settings() -> Settings:
    """The settings from the environment.

    Raises:
        Mistake: one of them cannot be used.
    """
    try:
        return read(Settings)
    except BadSettings as error:
        raise Mistake(str(error)) from None


def settings_of_services() -> Settings:
    """The settings, with those of every process that `siwrnai serve` will start looked at before anything is.

    Raises:
        Mistake: one of them cannot be used.
    """
    from correspondence.reply_settings import ReplySettings
    from correspondence.settings import SenderSettings
    from embedded.settings import WorkerSettings, check
    from web.settings import WebSettings

    found = settings()
    try:
        check((WorkerSettings, SenderSettings, WebSettings, ReplySettings))
    except BadSettings as error:
        raise Mistake(str(error)) from None
    return found


def endpoints() -> Endpoints:
    """Where the parts are: as TEMPORAL_ADDRESS and DATABASE_URL name them, else as `siwrnai serve` of this home has published them.

    Raises:
        Ended: nothing runs here.
        Mistake: as `of_one_place`.
    """
    given = of_one_place(settings())
    if given.temporal_address is not None and given.database_url is not None:
        return Endpoints(
            temporal_address=given.temporal_address,
            namespace=given.temporal_namespace,
            postgres_superuser_dsn=given.database_url,
            smtp_url=given.smtp_url or "",
            mailbox=given.home / "mailbox",
            keys=given.keys,
            directory=given.home,
        )
    published = endpoints_of(given.home)
    if published is None:
        raise Ended(Code.away, say("away.not_running", folder=given.home))
    return published


def keys_here() -> KeyRing:
    """The keys of what runs here, or of the rehearsal that was kept in SIWRNAI_HOME.

    Raises:
        Ended: nothing runs here.
        Mistake: as `of_one_place`.
    """
    home = settings().home
    return KeyRing(endpoints().keys if kept_in(home) is None else home / "keys")


def of_one_place(given: Settings) -> Settings:
    """The settings, where it is certain whose data are meant: a folder that is named is never taken for what the environment names beside it.

    Raises:
        Mistake: `--data` names no folder of data, or the environment names parts elsewhere.
    """
    if is_named():
        if not (given.home / "keys").is_dir() and not (given.home / "postgres").is_dir():
            raise Mistake(say("away.no_data", folder=given.home))
        if elsewhere := [
            name for name, value in (("TEMPORAL_ADDRESS", given.temporal_address), ("DATABASE_URL", given.database_url)) if value
        ]:
            raise Mistake(say("away.two_places", folder=given.home, names=", ".join(elsewhere)))
    return given


@asynccontextmanager
async def running() -> AsyncGenerator[Running]:
    """The deployment, with the record open; or the rehearsal that was kept in SIWRNAI_HOME, whose parts run as long as this does.

    Raises:
        Ended: nothing runs here, or the record cannot be reached.
        Mistake: as `of_one_place`.
    """
    home = settings().home
    kept = kept_in(home)
    if kept is None:
        async with reached(endpoints()) as here:
            yield here
        return
    hush_client()
    try:
        async with opened(kept, home, _building) as there, reached(there) as here:
            yield here
    except CannotStart as error:
        raise Ended(Code.away, str(error)) from None


@asynccontextmanager
async def reached(there: Endpoints) -> AsyncGenerator[Running]:
    """The deployment whose parts are there, with the record open.

    Raises:
        Ended: the record cannot be reached.
    """
    try:
        pool = await open_pool(dsn(there.postgres_superuser_dsn, Role.door, there.keys), APPLICATION, most=3)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Ended(Code.away, say("away.record", why=type(error).__name__)) from None
    try:
        async with pool.acquire() as connection:
            authority = (await deployment(connection)).authority
        yield Running(pool, authority, KeyRing(there.keys), there)
    except BrokenPipeError:
        raise  # Nobody reads on: of standard output, not of the record.
    except AWAY as error:
        raise Ended(Code.away, say("away.severed", why=type(error).__name__)) from None
    finally:
        # Where the record is gone no session ends well; what the verb came to stands.
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), timeout=5)


def on_deployment(work: Callable[[Running], Awaitable[Result]]) -> Result:
    """Do a verb's work on the running deployment, and give its result.

    Raises:
        Ended: in one sentence, why it could not be done.
    """

    traces.start("command")
    _hush_libraries()

    async def whole() -> Result:
        async with running() as here:
            return await work(here)

    try:
        return asyncio.run(whole())
    finally:
        settle()


def _building(words: str) -> None:
    """What is said while parts start: standard output is the verb's own."""
    print(words, file=sys.stderr)


def debugging() -> bool:
    """Whether everything is to be told, also what may hold words of people."""
    return os.environ.get("SIWRNAI_LOG_LEVEL") == "debug"


@cache
def hush_client() -> None:
    """The engine's client prints each of its own tries where nobody has asked for them."""
    if not debugging():
        with suppress(RuntimeError):  # This process has a runtime already, with a log of its own.
            Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))


def _hush_libraries() -> None:
    """Where nobody has asked for logs, Python prints what libraries log, with tracebacks: to a person one sentence is said."""
    if not logging.getLogger().handlers and not debugging():
        logging.getLogger().addHandler(logging.NullHandler())


def settle() -> None:
    """Where the engine's client was used, leave as it needs."""
    if "temporalio" in sys.modules:
        leaving.settle()
