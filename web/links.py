"""Signed links: each opens one person's invitation until an instant. They hold an opaque id and that instant, and nothing else.

The keys are files of the key ring; a link of any key still there is good, so a new key can be made without breaking links that
are out, and a key that got known is deleted.
"""

import datetime as dt
import hashlib

from itsdangerous import BadData, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from record.keys import Ring
from schemas.base import Identifier, Instant

ANSWER = "siwrnai: answer an invitation"
"""What the links are for: part of the signature, so that a link for something else can never pass for one."""

_CONTENT = TypeAdapter(tuple[Identifier, int])


class Forged(ValueError):
    """No key of ours signed this for this purpose."""


class Expired(Exception):
    """It was good once."""

    def __init__(self, invitee: Identifier) -> None:
        super().__init__("the link has expired")
        self.invitee = invitee


class Links:
    """Makes and reads links for answering an invitation."""

    def __init__(self, keys: Ring, base: str) -> None:
        """`base` is where people reach the pages, as https://host."""
        self._keys = keys
        self._base = base.rstrip("/")

    def link(self, invitee: Identifier, expires: Instant) -> str:
        """The address that the invitee, and nobody else, is sent."""
        self._keys.current()
        return f"{self._base}/answer/{self._signer().dumps((invitee, int(expires.timestamp())))}"

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

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys.all(), salt=ANSWER, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256})
