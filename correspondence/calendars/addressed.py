"""To whose address a mail came: its headers name it, whatever name the mailbox has in which it was found."""

import re

from correspondence.calendars.reply_addresses import ReplyAddresses
from schemas.base import Identifier

NAMED_IN = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
"""Headers in which mail programs and servers name to whom a mail goes."""

LONGEST_HEADERS = 128 * 1024
"""Bytes that are looked at."""

MOST = 20
"""Addresses that are looked at: an answer has one or two."""

HEADER = re.compile(rf"^(?:{'|'.join(NAMED_IN)}):((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]{1,64}\+[A-Za-z0-9-]{1,40}\.[0-9A-Fa-f]{16}@[A-Za-z0-9.-]{1,253}")


def addressed(raw: bytes, replies: ReplyAddresses) -> list[Identifier]:
    """The invited people to whose addresses the mail came, each once. Anybody can write headers, and nobody else can make a token."""
    headers = re.split(rb"\r?\n\r?\n", raw[:LONGEST_HEADERS], maxsplit=1)[0].decode("latin-1")
    named = [address for values in HEADER.findall(headers) for address in ADDRESS.findall(values)]
    found = (replies.read(address) for address in dict.fromkeys(named[:MOST]))
    return list(dict.fromkeys(invitee for invitee in found if invitee is not None))
