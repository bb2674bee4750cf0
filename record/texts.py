"""Words of people: sealed under the child's key, kept as a draft until an entry refers to them."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from record.keys import KeyRing
from record.pool import Connection
from record.sealing import SALT_BYTES, CannotOpen, decrypt, encrypt


class Reference(NamedTuple):
    """How the engine and the timeline name a text."""

    id: str
    sha256: str
    """Of a salt and the words after it: it binds the words and tells nothing about them, and whoever is given both can check it.
    Of a text kept by an earlier version, of its sealed bytes."""


class Kept(NamedTuple):
    """A text, and the salt with which its reference is checked."""

    words: str
    salt: bytes | None
    """None where an earlier version kept it: its reference binds the sealed bytes alone."""


async def put(conn: Connection, child: str, words: str, keys: KeyRing) -> Reference:
    """Keep the words as a draft.

    Raises:
        LookupError: no such child is registered in this authority, or its key is destroyed.
    """
    id = secrets.token_hex(16)
    salted = secrets.token_bytes(SALT_BYTES) + words.encode()
    sealed = encrypt(keys.child_key(child), salted, f"{child}|text|{id}")
    digest = hashlib.sha256(salted).hexdigest()
    stored = await conn.execute(
        "INSERT INTO texts (id, child, authority, team, sealed, sha256) "
        "SELECT $1, child, authority, team, $3, $4 FROM children WHERE child = $2",
        *(id, child, sealed, digest),
    )
    if stored == "INSERT 0 0":
        raise LookupError(f"child {child} is not registered in this authority")
    return Reference(id, digest)


async def get(conn: Connection, child: str, reference: Reference, keys: KeyRing) -> str:
    """The words.

    Raises:
        LookupError: there is no such text, or the child's key is destroyed.
        CannotOpen: it is not the text that was referred to.
    """
    return (await kept(conn, child, reference, keys)).words


async def kept(conn: Connection, child: str, reference: Reference, keys: KeyRing) -> Kept:
    """The words, with what proves that they are those that were referred to.

    Raises:
        LookupError: there is no such text, or the child's key is destroyed.
        CannotOpen: it is not the text that was referred to.
    """
    sealed = await conn.fetchval("SELECT sealed FROM texts WHERE child = $1 AND id = $2", child, reference.id)
    if sealed is None:
        raise LookupError(f"no text {reference.id}")
    opened = decrypt(keys.child_key(child), sealed, f"{child}|text|{reference.id}")
    if hashlib.sha256(opened).hexdigest() == reference.sha256:
        return Kept(opened[SALT_BYTES:].decode(), opened[:SALT_BYTES])
    if hashlib.sha256(sealed).hexdigest() == reference.sha256:
        return Kept(opened.decode(), None)
    raise CannotOpen(f"text {reference.id} is not the one that was referred to")


async def link(conn: Connection, child: str, ids: Sequence[str], seq: int) -> None:
    """From now on the texts belong to that entry, and are never purged."""
    if ids:
        await conn.execute("UPDATE texts SET linked_by = $3 WHERE child = $1 AND id = ANY($2) AND linked_by IS NULL", child, list(ids), seq)


async def purge(conn: Connection, before: dt.datetime) -> int:
    """Delete drafts made before that instant to which no entry refers. Returns how many."""
    deleted = await conn.fetch("DELETE FROM texts WHERE linked_by IS NULL AND created_at < $1 RETURNING id", before)
    return len(deleted)
