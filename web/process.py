"""The process that serves the pages, whoever keeps the invitations."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import structlog
import uvicorn
from starlette.types import ASGIApp

from embedded.settings import BadSettings, read
from observing import logs
from record.keys import KeyRing
from web.answering import Invitations, Outlines, Papers
from web.app import pages
from web.links import Links
from web.reporting import Reports
from web.settings import WebSettings

log = structlog.get_logger()

GRACE = 10
"""Seconds that a request in hand may take when the process is told to stop."""


class Ports(NamedTuple):
    """What the pages are joined to."""

    invitations: Invitations
    reports: Reports | None = None
    outlines: Outlines | None = None
    papers: Papers | None = None


Opening = Callable[[WebSettings], AbstractAsyncContextManager[Ports]]
"""Opens them for as long as the pages are served."""


class CannotServe(Exception):
    """The address cannot be used."""


class _Server(uvicorn.Server):
    """Says when the pages can be opened."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


async def run(settings: WebSettings, opening: Opening) -> None:
    """Serve until told to stop (SIGTERM or SIGINT).

    Raises:
        CannotServe: nothing can listen on that address.
    """

    def ready() -> None:
        log.info("pages_ready")
        if settings.ready_file is not None:
            settings.ready_file.touch()

    for each in (signal.SIGTERM, signal.SIGINT):
        # The server stops by itself, and then sends itself the signal again, which is to find somebody.
        asyncio.get_running_loop().add_signal_handler(each, log.debug, "told_to_stop")
    with _listening(settings.address) as listening:
        async with opening(settings) as ports:
            links = Links(KeyRing(settings.keys).links, settings.web_url)
            tls = settings.web_url.startswith("https:")
            application = pages(ports.invitations, links, tls=tls, reports=ports.reports, outlines=ports.outlines, papers=ports.papers)
            await _Server(configuration(application), ready).serve([listening])
    log.info("pages_stopped")


def configuration(application: ASGIApp) -> uvicorn.Config:
    """How the server runs."""
    # No access log of the server's own: it names paths, and a path holds a link.
    return uvicorn.Config(
        application,  # pyright: ignore[reportArgumentType] - its own type for applications is narrower than the standard's.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )


def _listening(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family)
    except (OSError, OverflowError) as error:
        raise CannotServe(
            f"SIWRNAI_WEB_ADDRESS: nothing can listen on {address}: {error}; name an address of this machine that is free"
        ) from None


def main(opening: Opening) -> int:
    """Serve the pages; 2 where the settings are wrong, said in one sentence each."""
    try:
        settings = read(WebSettings)
        logs.configure("pages", settings.log_level)
        asyncio.run(run(settings, opening))
    except (BadSettings, CannotServe) as error:
        print(error, file=sys.stderr)
        return 2
    return 0
