"""Words of people are bound by what stands in the entry: whoever is given them and the salt can check them."""

import hashlib
import secrets

import pytest

from record import texts
from record.keys import KeyRing
from record.pool import Connection, Pool, transaction
from record.projections import Whose
from record.sealing import CannotOpen, encrypt
from record.texts import Reference
from tests.record.examples import AUTHORITY, WORDS, new_child


async def test_the_reference_is_a_commitment_to_the_words(door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        one, other = [await texts.put(conn, whose.child, WORDS, keys) for _ in range(2)]
        kept = await texts.kept(conn, whose.child, one, keys)
    assert kept.salt is not None
    assert hashlib.sha256(kept.salt + kept.words.encode()).hexdigest() == one.sha256
    assert one.sha256 != other.sha256, "the same words are not told to be the same"


async def earlier(conn: Connection, whose: Whose, keys: KeyRing, words: str) -> Reference:
    """A text as an earlier version kept it: its reference binds the sealed bytes."""
    id = secrets.token_hex(16)
    sealed = encrypt(keys.child_key(whose.child), words.encode(), f"{whose.child}|text|{id}")
    reference = Reference(id, hashlib.sha256(sealed).hexdigest())
    row = (id, whose.child, AUTHORITY, whose.team, sealed, reference.sha256)
    await conn.execute("INSERT INTO texts (id, child, authority, team, sealed, sha256) VALUES ($1, $2, $3, $4, $5, $6)", *row)
    return reference


async def test_words_of_an_earlier_version_are_read_and_have_no_salt(door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        reference = await earlier(conn, whose, keys, WORDS)
        assert await texts.kept(conn, whose.child, reference, keys) == texts.Kept(WORDS, None)
        with pytest.raises(CannotOpen):
            await texts.get(conn, whose.child, reference._replace(sha256="00" * 32), keys)
