"""The address to which one invited person's calendar answers: the service's mailbox with a token that nobody else can make."""

import hashlib
import hmac
import re

from record.keys import Ring
from schemas.base import Identifier
from schemas.calendars import Mailbox, Uid

PURPOSE = b"siwrnai: an answer by mail|"
"""Part of what is signed, so that a token for something else can never pass for one."""

MAC = 16
"""Hex digits: 64 bits. Each guess is a mail, and each wrong one is counted."""

LONGEST_NAME = 24
"""Characters of the mailbox's name: with the token it stays below the 64 that a mail server takes (RFC 5321 4.5.3.1.1)."""

_TOKEN = re.compile(r"(?P<invitee>[a-z0-9-]{1,40})\.(?P<mac>[0-9a-f]{16})")


class ReplyAddresses:
    """Makes and reads addresses of invited people under one mailbox, `name@domain`."""

    def __init__(self, keys: Ring, mailbox: Mailbox) -> None:
        self._keys = keys
        self._name, _, self.domain = mailbox.partition("@")

    def of(self, invitee: Identifier) -> Mailbox:
        """`name+token@domain`: the organiser's address in this person's calendar object."""
        return f"{self._name}+{invitee}.{_mac(self._keys.current().key, invitee)}@{self.domain}"

    def uid(self, invitee: Identifier) -> Uid:
        """The meeting in this person's calendar, for good: two who share a mailbox hold two objects."""
        return f"{invitee}@{self.domain}"

    def read(self, address: str) -> Identifier | None:
        """Whose address it is; none where it is not one of ours. Case does not count: mail servers change it."""
        name, _, domain = address.lower().partition("@")
        prefix, _, token = name.partition("+")
        found = _TOKEN.fullmatch(token)
        if found is None or (prefix, domain) != (self._name.lower(), self.domain.lower()):
            return None
        given, invitee = found["mac"], found["invitee"]
        return invitee if any(hmac.compare_digest(given, _mac(key, invitee)) for key in self._keys.all()) else None


def _mac(key: bytes, invitee: Identifier) -> str:
    return hmac.new(key, PURPOSE + invitee.encode(), hashlib.sha256).hexdigest()[:MAC]
