"""How an entry is sealed, chained and signed, and opened again.

The header is in the clear: who, when, which kind, which rules. In it stands, for each part of the entry's content, a commitment
SHA-256(salt, name, value); salts and values themselves are encrypted under the child's key. So a part can be dropped, or the key
destroyed, and the header still hashes as it did. Each hash takes in the one before it, and is signed (Ed25519).
"""

import base64
import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from record.canonical import canonical
from schemas.timeline import Entry, RecordedEntry

NONCE_BYTES = 12
SALT_BYTES = 16


class CannotOpen(ValueError):
    """The sealed bytes were not sealed by that key for that place: they were changed or moved."""


class Part(NamedTuple):
    """One part of an entry's content, with the salt of its commitment."""

    salt: bytes
    value: Any


class ChainedEntry(NamedTuple):
    """What an entry says, chained to the one before and signed."""

    canonical: bytes
    hash: bytes
    signature: bytes


class SealedEntry(NamedTuple):
    """An entry of a timeline as the database stores it."""

    canonical: bytes
    sealed: bytes
    hash: bytes
    signature: bytes


class Place(NamedTuple):
    """Where a chain goes on: for which child, when, after which hash."""

    child: str
    recorded_at: dt.datetime
    previous: bytes


class Secrets(NamedTuple):
    """What sealing needs of the key ring."""

    child_key: bytes
    signing_key: Ed25519PrivateKey


def genesis(chain: str) -> bytes:
    """The hash before the first entry: SHA-256 of the chain's name, so that none can be passed off as another child's, or as a meeting's."""
    return hashlib.sha256(chain.encode()).digest()


def encrypt(key: bytes, words: bytes, place: str) -> bytes:
    """AES-256-GCM; `place` says what it belongs to and must be given again to open it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, words, place.encode())


def decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    """What was sealed.

    Raises:
        CannotOpen: another key, another place, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"what is sealed for {place} does not open") from error


def commitment(name: str, part: Part) -> str:
    """Binds a part without telling it (hexadecimal)."""
    return hashlib.sha256(part.salt + name.encode() + b"\0" + canonical(part.value)).hexdigest()


def chain_hash(previous: bytes, header: bytes) -> bytes:
    """The hash of an entry: over the hash before it and its own canonical header."""
    return hashlib.sha256(previous + header).digest()


def chain(said: Mapping[str, Any], previous: bytes, signing_key: Ed25519PrivateKey) -> ChainedEntry:
    """What an entry says, in the place after that hash."""
    header = canonical({**said, "previous": previous.hex()})
    digest = chain_hash(previous, header)
    return ChainedEntry(header, digest, signing_key.sign(digest))


def seal(entries: Sequence[Entry], place: Place, secrets_: Secrets) -> list[SealedEntry]:
    """The entries, one chained to the other from that place on."""
    sealed: list[SealedEntry] = []
    for entry in entries:
        sealed.append(_seal(entry, place, secrets_))
        place = place._replace(previous=sealed[-1].hash)
    return sealed


def _seal(entry: Entry, place: Place, secrets_: Secrets) -> SealedEntry:
    parts = {name: Part(secrets.token_bytes(SALT_BYTES), value) for name, value in entry.content.items()}
    said = {
        **entry.model_dump(exclude={"content"}),
        "child": place.child,
        "recorded_at": place.recorded_at,
        "commitments": {name: commitment(name, part) for name, part in parts.items()},
    }
    chained = chain(said, place.previous, secrets_.signing_key)
    return SealedEntry(
        canonical=chained.canonical,
        sealed=_seal_parts(parts, secrets_.child_key, f"{place.child}|{entry.seq}"),
        hash=chained.hash,
        signature=chained.signature,
    )


def _seal_parts(parts: dict[str, Part], key: bytes, place: str) -> bytes:
    plain = {name: [base64.b64encode(part.salt).decode(), part.value] for name, part in parts.items()}
    return encrypt(key, canonical(plain), place)


def open_parts(sealed: bytes, key: bytes, child: str, seq: int) -> dict[str, Part]:
    """The parts of an entry's content that are still there.

    Raises:
        CannotOpen: they were changed, or moved from another entry.
    """
    plain = orjson.loads(decrypt(key, sealed, f"{child}|{seq}"))
    return {name: Part(base64.b64decode(salt), value) for name, (salt, value) in plain.items()}


def without(sealed: bytes, key: bytes, child: str, seq: int, names: Container[str]) -> bytes:
    """The sealed content with these parts left out: what a redaction stores instead. Their commitments stay in the chain."""
    parts = open_parts(sealed, key, child, seq)
    return _seal_parts({name: part for name, part in parts.items() if name not in names}, key, f"{child}|{seq}")


def recorded(stored: SealedEntry, key: bytes | None) -> RecordedEntry:
    """The entry as a reader sees it. Without the child's key, and where a part was redacted, its content lacks what is gone."""
    said = orjson.loads(stored.canonical)
    del said["commitments"]
    parts = {} if key is None else open_parts(stored.sealed, key, said["child"], said["seq"])
    content = {name: part.value for name, part in parts.items()}
    return RecordedEntry.model_validate({**said, "content": content, "hash": stored.hash.hex(), "signature": stored.signature.hex()})


def same(entry: Entry, stored: RecordedEntry) -> bool:
    """True where what is stored is this entry: all that the journey said, whenever it was recorded."""
    return _said(entry) == _said(stored)


def _said(entry: Entry) -> bytes:
    return canonical(entry.model_dump(include=set(Entry.model_fields)))
