"""The sender as a process that sends while a gate is open: in a rehearsal letters go when all journeys have settled, so that siblings'
orders have come together. `python -m tests.chaos.posting`; the gate is the file that SIWRNAI_TEST_GATE names."""

import asyncio
import os
import sys

from correspondence import sender
from correspondence.sender import Sender

GATE = "SIWRNAI_TEST_GATE"


class GatedSender(Sender):
    """Looks into the outbox where the gate is open."""

    async def send_all(self, stop: asyncio.Event) -> None:
        """Send what waits, or nothing."""
        if os.path.exists(os.environ[GATE]):  # noqa: ASYNC240 - a look takes no time.
            await super().send_all(stop)


if __name__ == "__main__":
    sender.Sender = GatedSender
    sys.exit(sender.main())
