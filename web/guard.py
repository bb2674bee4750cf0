"""What stands around every answer of the pages: headers that let a page do and tell nothing more than it must, and a line in the log."""

import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

OVER_TLS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}


class Guard:
    """Wraps an application."""

    def __init__(self, application: ASGIApp, *, tls: bool) -> None:
        """`tls` says that people reach the pages over https."""
        self._application = application
        self._headers = {**HEADERS, **OVER_TLS} if tls else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. The log names its route, never its path: that holds the link."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._application(scope, receive, guarded)
        finally:
            route = getattr(scope.get("route"), "name", "none")
            log.info("page", route=route, status=status, seconds=round(time.monotonic() - began, 4))
