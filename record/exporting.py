"""What a bundle to take away is made from, row by row: a journey of years is never in memory whole. Reads alone."""

from collections.abc import AsyncIterator
from itertools import groupby
from typing import NamedTuple

from record.children import ChildDetails
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.sealing import SealedEntry, decrypt
from schemas.base import Identifier, Instant
from schemas.clocks import WrittenIn
from schemas.family import FamilyMember, Relation

AT_ONCE = 50
"""Rows that are fetched at once."""

ENTRIES = "SELECT canonical, sealed, hash, signature FROM timeline WHERE child = $1 ORDER BY seq"

LETTERS = """
SELECT l.id, l.kind, l.recipient, l.at, l.state, l.language, l.message, l.message_key,
    ARRAY(SELECT DISTINCT o.about FROM letter_orders o WHERE o.letter = l.id AND o.child = $1 ORDER BY 1) AS about,
    ARRAY(SELECT DISTINCT o.child FROM letter_orders o WHERE o.letter = l.id ORDER BY 1) AS children
FROM letters l WHERE EXISTS (SELECT FROM letter_orders o WHERE o.letter = l.id AND o.child = $1) ORDER BY l.at, l.id
"""

TRIES = "SELECT at, state, detail FROM deliveries WHERE letter = $1 ORDER BY entry"

READS = "SELECT r.actor, r.purpose, r.read_at, r.role FROM reads_shown s JOIN reads r USING (entry) WHERE s.shown = $1 ORDER BY entry"

DETAILS = "SELECT sealed FROM child_details WHERE child = $1 ORDER BY entry"

FAMILY = "SELECT person, sealed FROM family_members WHERE child = $1 ORDER BY person, entry"

PEOPLE = "SELECT person, name FROM people ORDER BY person, valid_from, entry"

AGENCIES = "SELECT agency, name_cy, name_en FROM agencies ORDER BY agency, valid_from, entry"

CAME_FOR = "SELECT person, array_agg(DISTINCT agency) AS agencies FROM people WHERE agency IS NOT NULL GROUP BY person"


class Try(NamedTuple):
    """One try to hand a letter over, and what came of it."""

    at: Instant
    state: str
    detail: str


class LetterSent(NamedTuple):
    """A letter as it was sent."""

    id: Identifier
    kind: str
    recipient: Identifier
    at: Instant
    state: str
    about: tuple[str, ...]
    children: tuple[Identifier, ...]
    language: WrittenIn | None
    message: bytes | None
    """The bytes, identical on every try; none where it was never rendered."""
    tries: tuple[Try, ...]


class Read(NamedTuple):
    """One reading of the record."""

    actor: str
    purpose: str
    read_at: Instant
    role: str
    """The login under which it was read."""


class Named(NamedTuple):
    """Somebody with all names that were ever entered, the latest last."""

    id: Identifier
    names: tuple[str, ...]
    relation: Relation | None = None
    """To the child, of a member of the family."""


async def entries(conn: Connection, child: Identifier) -> AsyncIterator[SealedEntry]:
    """The child's timeline in order."""
    async for row in conn.cursor(ENTRIES, child, prefetch=AT_ONCE):
        yield SealedEntry(*row)


async def letters(conn: Connection, child: Identifier, keys: KeyRing) -> AsyncIterator[LetterSent]:
    """Every letter about the child in the order of time, and what became of it."""
    async for row in conn.cursor(LETTERS, child, prefetch=AT_ONCE):
        tries = [Try(*each) for each in await conn.fetch(TRIES, row["id"])]
        message = None if row["message"] is None else decrypt(keys.post.get(row["message_key"]), row["message"], row["id"])
        yield LetterSent(
            *(row["id"], row["kind"], row["recipient"], row["at"], row["state"]),
            about=tuple(row["about"]),
            children=tuple(row["children"]),
            language=row["language"],
            message=message,
            tries=tuple(tries),
        )


async def reads_of(conn: Connection, child: Identifier) -> AsyncIterator[Read]:
    """Who read what of the child, in order."""
    async for row in conn.cursor(READS, child, prefetch=AT_ONCE):
        yield Read(*row)


async def child_names(conn: Connection, child: Identifier, keys: KeyRing) -> Named:
    """The child itself."""
    try:
        key = keys.child_key(child)
    except KeyMissing:
        return Named(child, ())
    opened = [ChildDetails.model_validate_json(decrypt(key, row["sealed"], f"{child}|details")) for row in await conn.fetch(DETAILS, child)]
    return Named(child, _distinct([each.name for each in opened if each.name]))


async def family_names(conn: Connection, child: Identifier, keys: KeyRing) -> list[Named]:
    """Everybody who is or was on record as the child's family."""
    try:
        key = keys.child_key(child)
    except KeyMissing:
        return []
    rows = await conn.fetch(FAMILY, child)
    found: list[Named] = []
    for person, of_person in groupby(rows, key=lambda row: row["person"]):
        opened = [FamilyMember.model_validate_json(decrypt(key, row["sealed"], f"{child}|family|{person}")) for row in of_person]
        found.append(Named(person, _distinct([each.name for each in opened]), opened[-1].relation))
    return found


async def professional_names(conn: Connection) -> list[Named]:
    """Everybody who is or was in the directory."""
    rows = await conn.fetch(PEOPLE)
    return [Named(person, _distinct([row["name"] for row in of])) for person, of in groupby(rows, key=lambda row: row["person"])]


async def agency_names(conn: Connection) -> dict[Identifier, tuple[str, ...]]:
    """Every agency that is or was in the directory, with all its names in Welsh and English, the latest last."""
    rows = await conn.fetch(AGENCIES)
    return {
        agency: _distinct([name for row in of for name in (row["name_cy"], row["name_en"])])
        for agency, of in groupby(rows, key=lambda row: row["agency"])
    }


async def came_for(conn: Connection) -> dict[Identifier, frozenset[Identifier]]:
    """By professional: the agencies for which they come, or ever came."""
    return {row["person"]: frozenset(row["agencies"]) for row in await conn.fetch(CAME_FOR)}


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
