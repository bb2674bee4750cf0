"""What the journeys of children say of who may be told: what the one check before every output is asked with."""

from collections.abc import Iterable

from record.pool import Connection
from schemas.base import Identifier
from schemas.entitlement import Hidden, Rights


async def rights(conn: Connection, children: Iterable[Identifier]) -> dict[Identifier, Rights]:
    """By child. One that is not on record is left out: of it nobody is told anything."""
    rows = await conn.fetch("SELECT child, told_nothing, hidden FROM rights_of($1)", list(children))
    return {row["child"]: Rights(frozenset(row["told_nothing"]), _hidden(row["hidden"])) for row in rows}


def _hidden(rows: list[dict[str, str]]) -> dict[Identifier, frozenset[Hidden]]:
    people = {row["person"] for row in rows}
    return {person: frozenset(Hidden(row["hidden"]) for row in rows if row["person"] == person) for person in people}
