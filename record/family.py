"""A child's family, sealed under the child's key. The latest entry on a person counts; earlier ones are kept."""

from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter

from record.canonical import canonical
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.sealing import decrypt, encrypt
from schemas.base import Identifier
from schemas.family import FamilyMember, together

LATEST = """
SELECT DISTINCT ON (person) entry, person, sealed FROM family_members WHERE child = $1 ORDER BY person, entry DESC
"""


async def put(conn: Connection, child: Identifier, member: FamilyMember, keys: KeyRing, actor: str) -> None:
    """What is known of that person from now on.

    Raises:
        LookupError: no such child is registered in this authority.
    """
    sealed = encrypt(keys.child_key(child), canonical(member.model_dump(mode="json")), f"{child}|family|{member.person}")
    entry = await conn.fetchval(
        "INSERT INTO family_members (child, authority, team, person, sealed, recorded_by) "
        "SELECT child, authority, team, $2, $3, $4 FROM children WHERE child = $1 RETURNING entry",
        *(child, member.person, sealed, actor),
    )
    if entry is None:
        raise LookupError(f"child {child} is not registered in this authority")


async def members(conn: Connection, child: Identifier, keys: KeyRing) -> dict[Identifier, FamilyMember]:
    """The family of that child by person, without those who are not to be invited any more."""
    return {each.person: each for _, each in await _latest(conn, child, keys)}


async def everybody(conn: Connection, children: Iterable[Identifier], keys: KeyRing) -> dict[Identifier, FamilyMember]:
    """The families of these children by person. Where a person's entries differ from child to child, the most careful way counts."""
    found = defaultdict[Identifier, list[tuple[int, FamilyMember]]](list)
    for child in children:
        for entry, each in await _latest(conn, child, keys):
            found[each.person].append((entry, each))
    return {person: together([each for _, each in sorted(entries, key=itemgetter(0))]) for person, entries in found.items()}


async def ever(conn: Connection, children: Iterable[Identifier]) -> frozenset[Identifier]:
    """Whoever was ever recorded in the families of these children, those too who are not to be invited any more."""
    rows = await conn.fetch("SELECT DISTINCT person FROM family_members WHERE child = ANY ($1)", list(children))
    return frozenset(row["person"] for row in rows)


async def _latest(conn: Connection, child: Identifier, keys: KeyRing) -> list[tuple[int, FamilyMember]]:
    rows = await conn.fetch(LATEST, child)
    try:
        keys.child_key(child)
    except KeyMissing:  # What is destroyed is nobody's way any more: nobody is written to.
        return []
    found = [(row["entry"], _opened(child, row["person"], row["sealed"], keys)) for row in rows]
    return [(entry, each) for entry, each in found if not each.gone]


def _opened(child: Identifier, person: Identifier, sealed: bytes, keys: KeyRing) -> FamilyMember:
    return FamilyMember.model_validate_json(decrypt(keys.child_key(child), sealed, f"{child}|family|{person}"))
