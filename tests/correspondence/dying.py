"""The sender, killed in the instant between the mail server's 250 and our mark: `python -m tests.correspondence.dying`."""

import os
import signal
import sys

from correspondence import sender
from correspondence.post import Outcome, Post


class DyingPost(Post):
    """Delivers, and does not live to tell."""

    async def deliver(self, message: bytes, sender: str, recipient: str) -> Outcome:
        outcome = await super().deliver(message, sender, recipient)
        os.kill(os.getpid(), signal.SIGKILL)
        return outcome


if __name__ == "__main__":
    sender.Post = DyingPost
    sys.exit(sender.main())
