"""The letters' place in the record, as the sender sees it. Each step is a transaction of its own, so that a crash loses at most one step."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from correspondence import meetings
from correspondence.letters import Item, Letter
from correspondence.meetings import Answering
from entitlement.asking import entitlement
from procedures.meetings.chasing import NEVER_CHASED
from record import letters
from record.deployment import clock
from record.keys import KeyRing
from record.letters import LetterToSend
from record.pool import Connection, Pool, transaction
from schemas.base import Identifier, Instant
from schemas.entitlement import Fact
from schemas.family import Way
from schemas.letters import DeliveryState, LetterKind


class Claimed(NamedTuple):
    """A letter that this sender, and no other, is to send now."""

    letter: Letter
    address: str | None
    """The recipient's mailbox as the directory has it; none where it has none."""
    message: bytes | None
    """The bytes of the first try; none where there was no try yet."""
    attempts: int
    """How often it was tried before."""
    has_left: bool = False
    """The directory says that the recipient is not there any more: nothing goes to the mailbox that was theirs."""
    traces: tuple[str, ...] = ()
    """The traces of what ordered it, the first order's first."""


@dataclass(frozen=True)
class Outbox:
    """What waits to be sent in one authority's record."""

    pool: Pool
    authority: Identifier
    keys: KeyRing
    settle: dt.timedelta
    """How long a new letter is left alone, so that siblings' orders come together in it."""
    lease: dt.timedelta
    """How long a claimed letter is this sender's own: longer than a try can take."""
    clock: Callable[[Connection], Awaitable[dt.datetime | None]] = clock
    """Whether a reminder comes too late is asked of the record's clock, not of the machine's that sends."""
    _claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    _under_way: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By letter: to whom. Letters that go side by side go to different people, so that each gets what is theirs in its order."""

    async def claim(self) -> Claimed | None:
        """The next letter whose time has come, urgent ones first; none where nothing waits but for people to whom one is under way."""
        async with self._claiming:
            async with self._transaction() as connection:
                found = await letters.claim(connection, self.keys, 1, self.settle, self.lease, self._under_way.values())
                claimed = await self._addressed(connection, found[0]) if found else None
            self._under_way.update((each.id, each.recipient) for each in found)
        return claimed

    async def _addressed(self, connection: Connection, found: LetterToSend) -> Claimed:
        """To somebody of a family by the mail that is safe now, as the child's record has it; to anybody else as the directory has it."""
        claimed = _claimed(found)
        facts = claimed.letter.items[0].facts
        if facts.part not in NEVER_CHASED or facts.silent is not None:
            return claimed
        member = await meetings.of_the_family(connection, facts.meeting, found.recipient, self.keys)
        if member is None:
            return claimed
        address = member.email if member.way is Way.email else None
        return claimed._replace(letter=claimed.letter.model_copy(update={"language": member.language}), address=address, has_left=False)

    def let_go(self, letter: Identifier) -> None:
        """The try is over: the next letter to that person may go."""
        self._under_way.pop(letter, None)

    async def standing(self, letter: Letter) -> Letter:
        """The letter with those items alone whose cause still stands.

        What its reader may not be told of, as things stand now, is left out. A timescale that was met or moved has nothing more to
        remind of; a reminder is too late once its due time is past (never in a rehearsal, where letters go in the instant they are
        ordered); a correction needs a letter that went before it.
        """
        async with self._transaction() as connection:
            stand, now = await letters.standing(connection, letter.id), await self.clock(connection)
            items = [item for item in letter.items if (item.child, item.order.cause) in stand and not _too_late(item, now)]
            items = [item for item in items if await meetings.stands(connection, item)]
            told = await entitlement(connection, {item.child for item in items})
            items = [item for item in items if told.may(item.order.recipient, Fact.case, [item.child])]
            if letter.kind is LetterKind.correction:
                items = await _following(connection, items)
        return letter.model_copy(update={"items": tuple(items)})

    async def with_words(self, letter: Letter, answering: Answering) -> Letter:
        """The letter with what only the record and the keys know of the meetings it is about."""
        async with self._transaction() as connection:
            return await meetings.with_words(connection, letter, self.keys, answering)

    async def store_rendered(self, letter: Letter, message: bytes) -> bytes:
        """Keeps the message of that letter, once, with the language it is in: gives back what was kept first."""
        async with self._transaction() as connection:
            return await letters.store_rendered(connection, letter.id, message, letter.language or "both", self.keys)

    async def mark(self, letter: Identifier, state: DeliveryState, detail: str, retry_in: dt.timedelta) -> None:
        """What became of this try. A deferred letter comes up again after `retry_in`."""
        async with self._transaction() as connection:
            await letters.mark(connection, letter, state, detail, retry_in)

    def _transaction(self) -> AbstractAsyncContextManager[Connection]:
        return transaction(self.pool, self.authority)


def _claimed(found: LetterToSend) -> Claimed:
    items = tuple(Item(child=each.child, order=each.order, put_off=each.put_off) for each in found.orders)
    letter = Letter(id=found.id, kind=found.kind, language=found.language, at=found.at, items=items)
    traces = tuple(dict.fromkeys(each.trace for each in found.orders if each.trace is not None))
    return Claimed(letter, found.email, found.message, found.attempts, found.has_left, traces)


def _too_late(item: Item, now: Instant | None) -> bool:
    due = item.order.due
    return now is not None and item.order.kind is LetterKind.reminder and due is not None and due <= now


async def _following(connection: Connection, items: Iterable[Item]) -> list[Item]:
    """Corrections of letters that went, each with the instant of that letter."""
    found = [(item, await _corrected(connection, item)) for item in items]
    return [_with(item, letter_at=at.isoformat()) for item, at in found if at is not None]


async def _corrected(connection: Connection, item: Item) -> Instant | None:
    order = item.order
    sent = [
        each.at
        for each in await letters.seen(connection, [item.child])
        if (each.recipient, each.about, each.state) == (order.recipient, order.about, DeliveryState.sent)
        and each.kind is not LetterKind.correction
        and each.at <= order.at
    ]
    return max(sent, default=None)


def _with(item: Item, **facts: Any) -> Item:
    return item.model_copy(update={"order": item.order.model_copy(update={"content": {**item.order.content, **facts}})})
