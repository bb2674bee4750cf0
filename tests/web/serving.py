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
from tests.web.asked_reports import MEETING, KeptReports
from tests.web.invitations import EXPIRES, NOW, Kept, three
from tests.web.kept_outlines import KeptOutlines
from tests.web.kept_papers import KeptPapers
from web.app import pages
from web.links import PAPERS, REPORT, THRESHOLDS, Links, of_meeting
from web.process import configuration


class Served(NamedTuple):
    """Where the pages are, what they open, and what they kept."""

    base: str
    kept: Kept
    links: Links
    reports: KeptReports
    outlines: KeptOutlines
    papers: KeptPapers

    def link(self, invitee: str) -> str:
        """The invitee's link, good until the meeting begins."""
        return self.links.link(invitee, EXPIRES)

    def report_link(self, invitee: str) -> str:
        """The link by which that invitee gives reports."""
        return self.links.for_(REPORT).link(of_meeting(MEETING, invitee), EXPIRES)

    def papers_link(self, invitee: str) -> str:
        """The link by which that invitee reads what came of a conference."""
        return self.links.for_(PAPERS).link(invitee, EXPIRES)

    def thresholds_link(self, invitee: str) -> str:
        """The link by which that invitee's opening of the thresholds is counted."""
        return self.links.for_(THRESHOLDS).link(of_meeting(MEETING, invitee), EXPIRES)


@contextmanager
def served(keys: Path) -> Generator[Served]:
    """Serve on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = "http://127.0.0.1:{1}".format(*listening.getsockname())
    kept, links = Kept(three()), Links(KeyRing(keys).links, base)
    reports, outlines, papers = KeptReports(), KeptOutlines(), KeptPapers()
    config = configuration(pages(kept, links, tls=False, reports=reports, outlines=outlines, papers=papers, now=lambda: NOW))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield Served(base, kept, links, reports, outlines, papers)
    finally:
        server.should_exit = True
        thread.join()
