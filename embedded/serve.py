"""`siwrnai serve`: the live stack and its services, until Ctrl-C."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

from destruction import go_on
from embedded.kept import kept_in
from embedded.pages import URL, told_of_pages
from embedded.services import prepare_record, put_rules_in_force, start_services
from embedded.settings import Settings
from embedded.stack import Endpoints, Given, Stack
from embedded.supervisor import CannotStart, Say
from embedded.upgrade import begin_version, pass_the_gate
from engine.leaving import settle
from record.deployment import Deployment
from record.migrate import NotThisDatabase

FirstStart = Callable[[Endpoints], Awaitable[None]]
"""What is done once, when a new directory has come up for the first time."""

LOOK_FOR_PARENT = 0.5
"""Seconds between two looks whether the parent is still there."""

FIRST_START_DONE = "first-start-done"

STARTED = {
    "postgres": "PostgreSQL is up: the record",
    "engine": "Temporal is up: the engine, which runs the journeys' time",
    "mail-catcher": "The mail catcher is up: it keeps letters, and sends none on",
    "worker": "The worker is up: it runs the journeys",
    "sender": "The sender is up: it sends the letters",
    "pages": "The pages are up: they are for whoever has a link from a letter",
    "replies": "The reader of answers by mail is up",
}
"""What is said of each process when it is ready."""


def serve(settings: Settings, first_start: FirstStart) -> int:
    """Run everything in the foreground; 0 after SIGINT or SIGTERM, 1 where something does not start, which it says in one sentence."""
    code = asyncio.run(_until_stopped(_live(settings, first_start, _say), settings.stop_with_parent))
    settle()
    return code


async def _live(settings: Settings, first_start: FirstStart, say: Say) -> None:
    _make_sure_of(settings.home)
    say(f"Siwrnai starts; its data are in {settings.home}")
    given = Given(settings.temporal_address, settings.database_url, settings.smtp_url)
    stack = Stack(
        settings.home,
        settings.temporal_namespace,
        time_skipping=False,
        durable=True,
        cache=settings.cache,
        keys=settings.keys,
        given=given,
        started=lambda name: say(STARTED[name]),
    )
    async with stack.running(say) as endpoints:
        authority = settings.authority
        # The former version takes no database that a newer one has changed: so the gate is asked while it could still go on.
        await prepare_record(endpoints, Deployment(authority=authority), lambda: pass_the_gate(endpoints, authority))
        await put_rules_in_force(endpoints, authority, settings.procedures)
        await start_services(stack, endpoints)
        await begin_version(endpoints)
        say(_where(endpoints, given))
        if _is_new(settings.home):
            await first_start(endpoints)
            mark_as_known(settings.home)
        await _destroy_what_was_signed(endpoints, settings.authority, say)
        say("Siwrnai runs. Ctrl-C stops it.")
        await asyncio.Event().wait()


def _make_sure_of(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise CannotStart(f"SIWRNAI_HOME: {home} cannot be written to ({error.strerror}); name a folder that can.") from None
    if kept_in(home) is not None:
        raise CannotStart(f"In {home} lies a rehearsal that is over, to be looked at alone: set SIWRNAI_HOME to another folder")


async def _destroy_what_was_signed(endpoints: Endpoints, authority: str, say: Say) -> None:
    """Words and keys whose time is over wait for nobody to give the line again; and whatever goes wrong with them, journeys are served."""
    try:
        async for child, failure in go_on(endpoints, authority):
            if failure is None:
                say(f"The destruction of the record of {child} was broken off: it is at its end now")
            else:
                say(
                    f"The destruction of the record of {child} is not at its end yet: {type(failure).__name__} (siwrnai audit destructions)"
                )
    except Exception as error:
        say(f"What was signed to be destroyed could not be looked for: {type(error).__name__} (siwrnai audit destructions)")


def _is_new(home: Path) -> bool:
    return not (home / FIRST_START_DONE).exists()


def mark_as_known(home: Path) -> None:
    """From now on a start there is not the first."""
    (home / FIRST_START_DONE).touch()


async def _until_stopped(serving: Awaitable[None], stop_with_parent: bool) -> int:
    task, stop = asyncio.ensure_future(serving), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    stopping = [asyncio.ensure_future(stop.wait())]
    if stop_with_parent:
        stopping.append(asyncio.ensure_future(_parent_is_gone(os.getppid())))
    await asyncio.wait([task, *stopping], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        _say("Siwrnai stops")
        task.cancel()
    for each in stopping:
        each.cancel()
    try:
        await task
    except asyncio.CancelledError:
        _say("Siwrnai has stopped; everything is kept")
    except (CannotStart, NotThisDatabase) as error:
        print(f"Siwrnai does not start: {error}", file=sys.stderr)
        return 1
    return 0


async def _parent_is_gone(parent: int) -> Literal[True]:
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it on every system.
        await asyncio.sleep(LOOK_FOR_PARENT)
    return True


def _where(endpoints: Endpoints, given: Given) -> str:
    letters = f"caught in {endpoints.mailbox} and sent to no one" if given.smtp_url is None else "sent by SMTP_URL"
    return (
        f"Engine: {endpoints.temporal_address}, namespace {endpoints.namespace}. Letters: {letters}. "
        f"Pages: {told_of_pages(endpoints.directory)[URL]}. Logs: {endpoints.directory / 'logs'}"
    )


def _say(text: str) -> None:
    with suppress(BrokenPipeError):  # Journeys do not stop where nobody listens any more.
        print(text, flush=True)
