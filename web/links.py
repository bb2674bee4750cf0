"""Signed links: each opens one thing for one person until an instant. They hold an opaque id and that instant, and nothing else.

The keys are files of the key ring; a link of any key still there is good, so a new key can be made without breaking links that
are out, and a key that got known is deleted.
"""

import datetime as dt
import hashlib
from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from record.keys import Ring
from schemas.answering import InBoth
from schemas.base import Identifier, Instant


class Purpose(NamedTuple):
    """What links are for."""

    salt: str
    """Part of the signature, so that a link for something else can never pass for one."""
    path: str


ANSWER = Purpose("siwrnai: answer an invitation", "answer")
REPORT = Purpose("siwrnai: give a report", "report")
PAPERS = Purpose("siwrnai: read the papers of a conference", "papers")
THRESHOLDS = Purpose("siwrnai: open the thresholds", "thresholds")

_CONTENT = TypeAdapter(tuple[Identifier, int])


def of_meeting(meeting: Identifier, invitee: Identifier) -> Identifier:
    """The id in a link about a report, or to the thresholds."""
    return f"{meeting}:{invitee}"


def in_both(link: str) -> InBoth:
    """The link, opening what it leads to in each language."""
    return InBoth(cy=f"{link}?lang=cy", en=f"{link}?lang=en")


def meeting_and_invitee(id: Identifier) -> tuple[Identifier, Identifier]:
    """What is in such an id."""
    meeting, _, invitee = id.rpartition(":")
    return meeting, invitee


class Forged(ValueError):
    """No key of ours signed this for this purpose."""


class Expired(Exception):
    """It was good once."""

    def __init__(self, invitee: Identifier) -> None:
        super().__init__("the link has expired")
        self.invitee = invitee


class Links:
    """Makes and reads links of one purpose."""

    def __init__(self, keys: Ring, base: str, purpose: Purpose = ANSWER) -> None:
        """`base` is where people reach the pages, as https://host."""
        self._keys = keys
        self._purpose = purpose
        self._base = base.rstrip("/")

    def for_(self, purpose: Purpose) -> "Links":
        """Links of the same deployment for something else."""
        return Links(self._keys, self._base, purpose)

    def link(self, invitee: Identifier, expires: Instant) -> str:
        """The address that the invitee, and nobody else, is sent."""
        self._keys.current()
        return f"{self._base}/{self._purpose.path}/{self._signer().dumps((invitee, int(expires.timestamp())))}"

    def on_to_thresholds(self, token: str, reader: Identifier) -> str:
        """Their path, for a page that is opened by that token of these links: good for as long as the page is."""
        return self.for_(THRESHOLDS).link(reader, self.until(token)).removeprefix(self._base)

    def shown(self) -> "Links":
        """The same links without what makes them somebody's: for whoever looks at what another person is sent."""
        return ShownLinks(self._keys, self._base, self._purpose)

    def read(self, token: str, now: Instant) -> Identifier:
        """Whose link it is.

        Raises:
            Forged: it is not one of ours, or was altered.
            Expired: its time has passed.
        """
        try:
            invitee, expires = _CONTENT.validate_python(self._signer().loads(token))
        except (BadData, ValidationError):
            raise Forged from None
        if now >= dt.datetime.fromtimestamp(expires, dt.UTC):
            raise Expired(invitee)
        return invitee

    @property
    def base(self) -> str:
        """Where people reach the pages."""
        return self._base

    def until(self, token: str) -> Instant:
        """When a good link ends."""
        _, expires = _CONTENT.validate_python(self._signer().loads(token))
        return dt.datetime.fromtimestamp(expires, dt.UTC)

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._keys.all(), salt=self._purpose.salt, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )


class ShownLinks(Links):
    """Opens nothing."""

    def for_(self, purpose: Purpose) -> Links:
        """As shown, for something else."""
        return ShownLinks(self._keys, self._base, purpose)

    def link(self, invitee: Identifier, expires: Instant) -> str:
        """Where the link leads, without the invitee and the signature."""
        return f"{self._base}/{self._purpose.path}/…"
