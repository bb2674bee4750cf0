"""What is signed of a bundle: a list of its files by hash, whose record it is and how long. Pure."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.bundles import For
from audit.verifier import verify
from schemas.base import Identifier, Instant

VERIFIER = "verify.py"


class Whose(NamedTuple):
    """What a bundle is of, for what, and who made it when."""

    child: Identifier
    for_: For
    made_by: Identifier
    made_at: Instant
    entries: int
    logs: tuple[int, ...]
    """Of each meeting, in their order, how many entries its own log has."""
    given_to: Identifier | None = None


class File(NamedTuple):
    """A file of the bundle as the manifest names it."""

    size: int
    sha256: str


class Signed(NamedTuple):
    """The manifest's bytes and its signature, as the two files that stand beside what they name."""

    manifest: bytes
    signature: bytes


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The key's 32 bytes."""
    return key.public_bytes_raw()


def fingerprint(key: Ed25519PublicKey) -> str:
    """What the authority publishes, and a reader of a bundle compares."""
    return verify.fingerprint(public_bytes(key))


@cache
def verifier() -> bytes:
    """The verifier that stands in every bundle."""
    return Path(verify.__file__).read_bytes()


def verifier_sha256() -> str:
    """What the authority publishes of the verifier: whoever could change a bundle could change the verifier in it."""
    return hashlib.sha256(verifier()).hexdigest()


def signed(whose: Whose, files: Mapping[str, File], key: Ed25519PrivateKey) -> Signed:
    """The manifest over these files, and its signature. The same input gives the same bytes."""
    said = {
        "format": verify.FORMAT,
        "for": whose.for_.value,
        "child": whose.child,
        "entries": whose.entries,
        "logs": whose.logs,
        "made_by": whose.made_by,
        "made_at": whose.made_at.isoformat(timespec="microseconds"),
        "given_to": whose.given_to,
        "key": public_bytes(key.public_key()).hex(),
        "files": [{"name": name, **file._asdict()} for name, file in sorted(files.items())],
    }
    manifest = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Signed(manifest, key.sign(verify.SIGNED_FIRST + manifest).hex().encode() + b"\n")
