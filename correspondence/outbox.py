"""What the sender needs of the record: letters to send, and a durable word on what became of each."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from correspondence.letters import Letter
from schemas.base import Identifier
from schemas.letters import DeliveryState


class Claimed(NamedTuple):
    """A letter that this sender, and no other, is to send now."""

    letter: Letter
    address: str | None
    """The recipient's mailbox as the directory has it; none where it has none."""
    message: bytes | None
    """The bytes of the first try; none where there was no try yet."""
    attempts: int
    """How often it was tried before."""


class Refusal(NamedTuple):
    """One order whose letter was refused for good, of which the child's journey has not been told yet."""

    child: Identifier
    cause: str
    letter: Identifier
    detail: str


TellRefused = Callable[[Refusal], Awaitable[None]]
"""Tells the child's journey that the letter of that order was refused, so that the next in line is told. May be called again
for the same order after a crash: the journey does nothing on a repeat. Raises where the journey could not be told."""


class Outbox(Protocol):
    """The letters' place in the record."""

    async def claim(self) -> Claimed | None:
        """The next letter whose time has come, urgent ones first; none where nothing waits."""
        ...

    async def store_rendered(self, letter: Identifier, message: bytes) -> bytes:
        """Keeps the message of that letter, once: gives back what was kept first."""
        ...

    async def standing(self, letter: Letter) -> Letter:
        """The letter with those items alone whose cause still stands."""
        ...

    async def mark(self, letter: Identifier, state: DeliveryState, detail: str, retry_in: dt.timedelta | None = None) -> None:
        """What became of this try. A deferred letter comes up again after `retry_in`."""
        ...

    async def untold_refusals(self) -> Sequence[Refusal]:
        """Refused orders of which the journeys have not been told, the oldest first."""
        ...

    async def mark_told(self, refusal: Refusal) -> None:
        """That order's journey knows."""
        ...
