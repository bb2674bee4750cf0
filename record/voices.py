"""What the other children of a family said: opened at the door alone, to see that each child was heard by itself. Nothing of it is kept."""

from record import children, texts, timeline
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.texts import Reference
from schemas.base import Identifier

VOICE = "voice_recorded"
WORDS = ("worries", "matters", "wishes")


async def of_siblings(conn: Connection, child: Identifier, keys: KeyRing) -> dict[Identifier, list[str]]:
    """By child: the words that stand on the timelines of the other children of that child's family. A child whose key is destroyed has none."""
    family = (await children.get(conn, child)).family
    found: dict[Identifier, list[str]] = {}
    for sibling in await children.family(conn, family):
        if sibling != child:
            found[sibling] = await _of(conn, sibling, keys)
    return found


async def _of(conn: Connection, child: Identifier, keys: KeyRing) -> list[str]:
    try:
        keys.child_key(child)
    except KeyMissing:
        return []
    bodies = [entry.content.get("body", {}) for entry in await timeline.read(conn, child, keys) if entry.kind == VOICE]
    written = [str(body[name]) for body in bodies for name in WORDS if name in body]
    return [await texts.get(conn, child, _reference(each), keys) for each in written]


def _reference(written: str) -> Reference:
    id, _, sha256 = written.removeprefix("text:").partition("#")
    return Reference(id, sha256)
