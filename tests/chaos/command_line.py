"""One command through the one door, as `siwrnai journey` sends it, at a virtual instant: it lives for that command, and may be killed in it.

`python -m tests.chaos.command_line` reads what to send on standard input.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from commands import CommandRefused, Door
from engine.connect import connect
from engine.leaving import settle
from record.keys import KeyRing
from record.pool import open_pool
from schemas.base import Instant
from schemas.commands import COMMANDS


class Errand(BaseModel):
    """What it is to send, and where."""

    temporal_address: str
    namespace: str
    dsn: str
    keys: Path
    authority: str
    child: str
    name: str
    body: dict[str, Any]
    command_id: str
    now: Instant


async def send(errand: Errand) -> None:
    """Send it; a refusal is an answer too."""
    keys = KeyRing(errand.keys)
    client = await connect(errand.temporal_address, errand.namespace, keys)

    async def now() -> Instant:
        return errand.now

    async with await open_pool(errand.dsn, "siwrnai command", most=2) as pool:
        door = Door(client, pool, errand.authority, keys, now=now)
        try:
            await door.submit(errand.child, COMMANDS[errand.name].model_validate(errand.body), errand.command_id)
        except CommandRefused:
            return


if __name__ == "__main__":
    asyncio.run(send(Errand.model_validate_json(sys.stdin.read())))
    settle()
