"""Children by opaque id; what is personal is sealed under each child's own key."""

import datetime as dt
from typing import Any

from record.canonical import canonical
from record.keys import KeyRing
from record.pool import Connection
from record.projections import Whose
from record.sealing import decrypt, encrypt
from schemas.base import Identifier, Model
from schemas.clocks import Language


class ChildDetails(Model):
    """Who a child is. Nothing of it stands unencrypted in the database."""

    name: str | None = None
    """None before birth."""
    born_on: dt.date | None = None
    expected_on: dt.date | None = None
    language: Language | None = None
    sex: str | None = None
    address: str | None = None
    school: str | None = None
    agencies: dict[str, Identifier] = {}
    """Who works with this child, by the part in which they are invited to meetings: `education`, `gp`, `police` … → an agency's id."""
    more: dict[str, Any] = {}


async def register(conn: Connection, whose: Whose, details: ChildDetails, keys: KeyRing, actor: str) -> None:
    """Make the child known, with a key of its own. Repeating it changes nothing.

    Raises:
        ValueError: the child is known, in another family.
    """
    keys.make_child_key(whose.child)
    new = await conn.fetchval(
        "INSERT INTO children (child, family, authority, team) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING child",
        *(whose.child, whose.family, whose.authority, whose.team),
    )
    if new is not None:
        await put_details(conn, whose.child, details, keys, actor)
        return
    family = await conn.fetchval("SELECT family FROM children WHERE child = $1", whose.child)
    if family != whose.family:
        raise ValueError(f"child {whose.child} is known, and not in family {whose.family}")


async def put_details(conn: Connection, child: str, details: ChildDetails, keys: KeyRing, actor: str) -> None:
    """What is known of the child from now on; earlier details are kept."""
    sealed = encrypt(keys.child_key(child), canonical(details.model_dump(mode="json")), f"{child}|details")
    await conn.execute(
        "INSERT INTO child_details (child, authority, team, sealed, recorded_by) "
        "SELECT child, authority, team, $2, $3 FROM children WHERE child = $1",
        *(child, sealed, actor),
    )


async def get(conn: Connection, child: str) -> Whose:
    """Whose child it is.

    Raises:
        LookupError: no such child is registered in this authority.
    """
    row = await conn.fetchrow("SELECT child, family, authority, team FROM children WHERE child = $1", child)
    if row is None:
        raise LookupError(f"child {child} is not registered in this authority")
    return Whose.model_validate(dict(row))


async def details(conn: Connection, child: str, keys: KeyRing) -> ChildDetails:
    """What is known of the child now.

    Raises:
        LookupError: no such child, or its key is destroyed.
    """
    sealed = await conn.fetchval("SELECT sealed FROM child_details WHERE child = $1 ORDER BY entry DESC LIMIT 1", child)
    if sealed is None:
        raise LookupError(f"child {child} is not registered in this authority")
    return ChildDetails.model_validate_json(decrypt(keys.child_key(child), sealed, f"{child}|details"))


async def family(conn: Connection, family: str) -> list[str]:
    """The ids of the children of that family."""
    return [row[0] for row in await conn.fetch("SELECT child FROM children WHERE family = $1 ORDER BY child", family)]
