"""A mail server's address as one line: `smtp://…`, `imaps://…`. STARTTLS is required, unless the server is this machine's own."""

import ipaddress
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class ServerUrlError(ValueError):
    """The address cannot be used; says what is wrong and what would be right."""


class Protocol(NamedTuple):
    """Which of the two it is, and the ports where it is spoken by default."""

    scheme: str
    port: int
    """Where TLS begins once both have said that they can."""
    secure_port: int
    """Where TLS stands from the first byte on."""


SMTP = Protocol("smtp", 587, 465)

IMAP = Protocol("imap", 143, 993)


class ServerUrl(NamedTuple):
    """What an address says."""

    host: str
    port: int
    username: str
    """Empty where none is named, as the password."""
    password: str
    path: str
    implicit_tls: bool
    start_tls: bool


def parse(url: str, protocol: Protocol, right: str) -> ServerUrl:
    """Take an address apart.

    Args:
        url: `scheme://[user:password@]host[:port][/path][?starttls=no]`.
        protocol: what is spoken there.
        right: what an address looks like, for whoever gave another.

    Raises:
        ServerUrlError: another scheme, no host, or mail would cross a network in the clear.
    """
    parts, secure = urlsplit(url), f"{protocol.scheme}s"
    if parts.scheme not in {protocol.scheme, secure} or not parts.hostname:
        raise ServerUrlError(right)
    asked = parse_qs(parts.query).get("starttls", ["yes"])[-1]
    if asked not in {"yes", "no"}:
        raise ServerUrlError("starttls is yes (the default) or no")
    implicit = parts.scheme == secure
    if asked == "no" and not implicit and not _is_here(parts.hostname):
        raise ServerUrlError(f"starttls=no is for a mail server on this machine only; leave it out, or use {secure}://")
    try:
        port = parts.port or (protocol.secure_port if implicit else protocol.port)
    except ValueError as error:
        raise ServerUrlError("the port is a number from 1 to 65535") from error
    return ServerUrl(
        host=parts.hostname,
        port=port,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=unquote(parts.path.lstrip("/")),
        implicit_tls=implicit,
        start_tls=not implicit and asked == "yes",
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
