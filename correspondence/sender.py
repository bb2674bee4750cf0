"""The process that hands letters to the mail server: `python -m correspondence.sender`.

Claim, check that the cause still stands, write once, send, mark. After a crash between the server's yes and our mark the same
bytes go again under the same Message-ID; in every other case a letter goes once.
"""

import asyncio
import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.headerregistry import Address
from functools import partial
from typing import NamedTuple

import structlog
from opentelemetry.trace import SpanKind

import process
from correspondence.letters import Letter
from correspondence.measures import Measures
from correspondence.meetings import Answering, answering, invitation, returns_to
from correspondence.mime import BadAddress, build, mailbox
from correspondence.outbox import Claimed, Outbox
from correspondence.post import Outcome, Post
from correspondence.settings import SenderSettings
from observing import clocks, metrics, traces
from observing.sampling import sampling
from procedures.in_force import put_in_force
from procedures.rules import load
from record import versions
from record.deployment import Deployment, deployment
from record.keys import KeyRing
from record.pool import Pool, open_pool
from schemas.letters import DeliveryState, LetterKind

log = structlog.get_logger()


class Backoff(NamedTuple):
    """How long a deferred letter waits: twice as long each time up to a cap, shortened by chance by up to half; it never gives up."""

    first: dt.timedelta
    cap: dt.timedelta
    chance: Callable[[], float] = random.random

    def wait(self, attempts: int) -> dt.timedelta:
        """The wait after that many tries, one or more."""
        doubled = self.first.total_seconds() * 2 ** min(attempts - 1, 32)
        return dt.timedelta(seconds=min(doubled, self.cap.total_seconds()) * (1 - self.chance() / 2))


@dataclass(frozen=True)
class Sender:
    """Sends what waits in the outbox, one letter after the other; several with one outbox send side by side.

    What a mail server refuses for good is marked so; a worker tells the journeys of it.
    """

    outbox: Outbox
    post: Post
    mail_from: Address
    backoff: Backoff
    answering: Answering

    async def serve(self, stop: asyncio.Event, poll: float) -> None:
        """Looks into the outbox every `poll` seconds, until told to stop. A record that is away is waited for."""
        while not stop.is_set():
            try:
                await self.send_all(stop)
            except Exception as error:  # Whatever it is: the letters wait in the record, and the next look finds them.
                log.error("outbox_not_read", error=type(error).__name__, exc_info=error)
            await _sleep(stop, poll)

    async def send_all(self, stop: asyncio.Event) -> None:
        """Sends until nothing waits, or until told to stop."""
        while not stop.is_set() and (claimed := await self.outbox.claim()) is not None:
            try:
                await self._send(claimed)
            finally:
                self.outbox.let_go(claimed.letter.id)

    async def _send(self, claimed: Claimed) -> None:
        letter = claimed.letter
        with traces.span(f"letter {letter.kind}", claimed.traces, SpanKind.PRODUCER, letter=letter.id):
            await self._try(claimed)

    async def _try(self, claimed: Claimed) -> None:
        began = time.monotonic()
        letter, outcome, attempts = claimed.letter, await self._outcome(claimed), claimed.attempts + 1
        retry_in = self.backoff.wait(attempts) if outcome.state is DeliveryState.deferred else dt.timedelta()
        await self.outbox.mark(letter.id, outcome.state, outcome.detail, retry_in)
        metrics.count(metrics.LETTER_TRIES, letter.kind, outcome.state)
        if attempts > 1:
            metrics.count(metrics.LETTER_REPEATS, letter.kind)
        seconds = round(time.monotonic() - began, 4)
        log.info(
            "letter", letter=letter.id, kind=letter.kind, state=outcome.state, detail=outcome.detail, attempts=attempts, seconds=seconds
        )

    async def _outcome(self, claimed: Claimed) -> Outcome:
        if claimed.has_left:
            return Outcome(DeliveryState.refused, "left_directory")
        try:
            recipient = mailbox(claimed.address or "")
        except BadAddress:
            return Outcome(DeliveryState.refused, "bad_address")
        letter = await self.outbox.standing(claimed.letter)
        if not letter.items:
            return Outcome(DeliveryState.stale, "cause_gone")
        try:
            message = claimed.message or await self._written(letter, recipient)
        except Exception as error:  # One letter that cannot be written must not hold up the others.
            log.error("letter_not_written", letter=letter.id, error=type(error).__name__, exc_info=error)
            return Outcome(DeliveryState.deferred, f"not_written:{type(error).__name__}")
        message = await self.outbox.store_rendered(letter, message)
        return await self.post.deliver(message, self._returns_to(letter), recipient.addr_spec)

    def _returns_to(self, letter: Letter) -> str:
        """Where a mail server reports what it cannot deliver: of a letter to somebody who is invited, to that person's own address."""
        return returns_to(letter, self.answering.replies) or self.mail_from.addr_spec

    async def _written(self, letter: Letter, recipient: Address) -> bytes:
        letter = await self.outbox.with_words(letter, self.answering)
        if letter.kind is LetterKind.invitation:
            return invitation(letter, recipient.addr_spec, self.answering.replies)
        return build(letter, self.mail_from, recipient)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def run(settings: SenderSettings) -> None:
    """Send letters until told to stop (SIGTERM or SIGINT)."""
    put_in_force(load(settings.procedures))
    stop = process.told_to_stop()
    pool = await open_pool(settings.database_url, "siwrnai post", most=settings.mail_connections + 1)
    try:
        async with pool.acquire() as connection:
            of = await deployment(connection)
            await clocks.compare(partial(versions.now, connection))
        async with AsyncExitStack() as leaving:
            await leaving.enter_async_context(sampling(settings.metrics, Measures(pool, of.authority).take))
            posts = [Post(settings.smtp_url, settings.mail_timeout) for _ in range(settings.mail_connections)]
            for post in posts:
                await leaving.enter_async_context(post)
            serving = asyncio.gather(*(each.serve(stop, settings.mail_poll) for each in _senders(settings, of, pool, posts)))
            log.info("sender_ready")
            process.tell_ready(settings.ready_file)
            await stop.wait()
            await process.finished(serving)
    finally:
        await pool.close()
    log.info("sender_stopped")


def _senders(settings: SenderSettings, of: Deployment, pool: Pool, posts: Sequence[Post]) -> list[Sender]:
    """One a connection, all of one outbox."""
    first, cap = (dt.timedelta(seconds=each) for each in (settings.mail_retry_first, settings.mail_retry_cap))
    settle = dt.timedelta(seconds=settings.mail_settle)
    keys = KeyRing(settings.keys)
    outbox = Outbox(pool, of.authority, keys, settle, settings.lease)
    ways = answering(keys, settings.web_url, settings.replies)
    return [Sender(outbox, post, settings.mail_from, Backoff(first, cap), ways) for post in posts]


def main() -> int:
    """Run it, as a process."""
    return process.main("sender", SenderSettings, lambda settings: settings.metrics, run)


if __name__ == "__main__":
    sys.exit(main())
