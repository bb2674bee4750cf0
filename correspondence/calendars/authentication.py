"""Whether the own mail server vouches for the domain that a mail says it is from (RFC 8601)."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

ALIGNED = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}
"""The properties of each method that name a domain which it has proven."""


class _Result(NamedTuple):
    method: str
    result: str
    domains: dict[str, set[str]]
    """What each property says, without what stands before an @."""


def vouched_for(headers: Sequence[str], servers: Collection[str], domain: str) -> bool:
    """True where the topmost Authentication-Results of one of our servers says that the mail comes from the domain.

    One pass of DKIM, SPF or DMARC for exactly this domain is enough, unless DMARC failed. Whatever cannot be read vouches for nothing.

    Args:
        headers: the mail's Authentication-Results, topmost first. Those further down may be anybody's.
        servers: the authserv-ids of the mail servers that are believed. They must take away what claims to be theirs from outside.
        domain: that of the mail's From.
    """
    known = {server.casefold() for server in servers}
    for header in headers:
        server, results = _read(header)
        if server in known:
            failed = any(each.method == "dmarc" and each.result == "fail" for each in results)
            return not failed and any(_proves(each, domain.casefold()) for each in results)
    return False


def _proves(result: _Result, domain: str) -> bool:
    said = [result.domains[name] for name in ALIGNED.get(result.method, ()) if name in result.domains]
    return result.result == "pass" and {domain} in said


def _read(header: str) -> tuple[str | None, list[_Result]]:
    """The authserv-id and the results."""
    server, *results = [part.casefold().split() for part in _plain(header).split(";")]
    if not server or server[1:] not in ([], ["1"]):
        return None, []
    return server[0], [_result(words) for words in results if words]


def _result(words: list[str]) -> _Result:
    method, _, result = words[0].partition("=")
    domains: dict[str, set[str]] = {}
    for name, _, value in (word.partition("=") for word in words[1:]):
        domains.setdefault(name, set()).add(value.rpartition("@")[2])
    return _Result(method.partition("/")[0], result, domains)


def _plain(header: str) -> str:
    """Without comments, and with each quoted string as one word; nothing where quotes or brackets do not close."""
    plain: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in header:
        if escaped:
            escaped = False
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
            plain.append("" if char in '"; \t\r\n' else char)
        elif char == '"' and not depth:
            quoted = True
        elif char in "()":
            depth += 1 if char == "(" else -1
            plain.append(" ")
            if depth < 0:
                return ""
        elif not depth:
            plain.append(char)
    return "" if depth or quoted else "".join(plain)
