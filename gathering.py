"""Commands to one meeting that come at the same time go to it together, since the engine takes ten updates of a workflow at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from schemas.base import Identifier
from schemas.commands.base import Envelope
from schemas.gathered import MOST, CameTo

Send = Callable[[Identifier, list[Envelope]], Awaitable[list[CameTo]]]


class _Waiting(NamedTuple):
    envelope: Envelope
    came_to: asyncio.Future[CameTo]


class Gathering:
    """Of one process. The first command goes at once; what comes while it is under way goes together after it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: dict[Identifier, list[_Waiting]] = defaultdict(list)
        self._sending: dict[Identifier, asyncio.Task[None]] = {}

    async def submit(self, meeting: Identifier, envelope: Envelope) -> CameTo:
        """What the command came to. Whatever is raised by the sending is raised to everybody whose command went with it."""
        waiting = _Waiting(envelope, asyncio.get_running_loop().create_future())
        self._waiting[meeting].append(waiting)
        if meeting not in self._sending:
            self._sending[meeting] = asyncio.create_task(self._send_all(meeting))
        return await waiting.came_to

    async def _send_all(self, meeting: Identifier) -> None:
        try:
            while together := self._waiting[meeting][:MOST]:
                del self._waiting[meeting][: len(together)]
                await self._send_together(meeting, together)
        finally:
            del self._sending[meeting]
            for each in self._waiting.pop(meeting, []):
                each.came_to.cancel()

    async def _send_together(self, meeting: Identifier, together: list[_Waiting]) -> None:
        try:
            found = await self._send(meeting, [each.envelope for each in together])
        except Exception as error:
            for each in together:
                if not each.came_to.done():
                    each.came_to.set_exception(error)
            return
        for each, came_to in zip(together, found, strict=True):
            if not each.came_to.done():
                each.came_to.set_result(came_to)
