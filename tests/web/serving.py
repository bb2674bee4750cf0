"""The pages on a real server, in a thread of their own."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from record.keys import KeyRing
from tests.web.invitations import EXPIRES, NOW, Kept, three
from web.app import pages
from web.links import Links
from web.process import configuration


class Served(NamedTuple):
    """Where the pages are, what they open, and what they kept."""

    base: str
    kept: Kept
    links: Links

    def link(self, invitee: str) -> str:
        """The invitee's link, good until the meeting begins."""
        return self.links.link(invitee, EXPIRES)


@contextmanager
def served(keys: Path) -> Generator[Served]:
    """Serve on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = "http://127.0.0.1:{1}".format(*listening.getsockname())
    kept, links = Kept(three()), Links(KeyRing(keys).links, base)
    config = configuration(pages(kept, links, tls=False, now=lambda: NOW))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield Served(base, kept, links)
    finally:
        server.should_exit = True
        thread.join()
