"""The process that hands letters to the mail server: `python -m correspondence.sender`.

Claim, check that the cause still stands, render once, send, mark. After a crash between the server's yes and our mark the same
bytes go again under the same Message-ID; in every other case a letter goes once.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Callable
from email.headerregistry import Address
from typing import NamedTuple

import structlog

from correspondence.mime import BadAddress, build, mailbox
from correspondence.outbox import Claimed, Outbox, TellRefused
from correspondence.post import Outcome, Post
from schemas.letters import DeliveryState

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


class Sender:
    """Sends what waits in the outbox, and tells the journeys of what was refused."""

    def __init__(self, outbox: Outbox, post: Post, mail_from: Address, backoff: Backoff, tell_refused: TellRefused) -> None:
        self._outbox, self._post, self._mail_from = outbox, post, mail_from
        self._backoff, self._tell_refused = backoff, tell_refused

    async def send_all(self, stop: asyncio.Event) -> None:
        """Sends until nothing waits, or until told to stop; then tells of refusals."""
        while not stop.is_set() and (claimed := await self._outbox.claim()) is not None:
            await self._send(claimed)
        await self._tell_of_refusals()

    async def _send(self, claimed: Claimed) -> None:
        outcome = await self._outcome(claimed)
        attempts = claimed.attempts + 1
        retry_in = self._backoff.wait(attempts) if outcome.state is DeliveryState.deferred else None
        await self._outbox.mark(claimed.letter.id, outcome.state, outcome.detail, retry_in)
        log.info("letter", letter=claimed.letter.id, state=outcome.state, detail=outcome.detail, attempts=attempts)

    async def _outcome(self, claimed: Claimed) -> Outcome:
        try:
            recipient = mailbox(claimed.address or "")
        except BadAddress:
            return Outcome(DeliveryState.refused, "bad_address")
        letter = await self._outbox.standing(claimed.letter)
        if not letter.items:
            return Outcome(DeliveryState.stale, "cause_gone")
        try:
            message = claimed.message or build(letter, self._mail_from, recipient)
        except Exception as error:  # One letter that cannot be written must not hold up the others.
            log.error("letter_not_written", letter=letter.id, error=type(error).__name__)
            return Outcome(DeliveryState.deferred, f"not_written:{type(error).__name__}")
        message = await self._outbox.store_rendered(letter.id, message)
        return await self._post.deliver(message, self._mail_from.addr_spec, recipient.addr_spec)

    async def _tell_of_refusals(self) -> None:
        for refusal in await self._outbox.untold_refusals():
            try:
                await self._tell_refused(refusal)
            except Exception as error:  # It stays untold, and is told at the next round.
                log.error("refusal_not_told", letter=refusal.letter, error=type(error).__name__)
                continue
            await self._outbox.mark_told(refusal)
