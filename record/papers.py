"""What people get after a conference, sealed for each child in each language. The latest counts; earlier ones are kept."""

from collections import defaultdict
from typing import cast

from record.keys import KeyRing
from record.pool import Connection
from record.sealing import decrypt, encrypt
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.papers import Paper, PaperWords

LATEST = """
SELECT DISTINCT ON (language) language, sealed FROM papers WHERE meeting = $1 AND child = $2 AND paper = $3 ORDER BY language, entry DESC
"""


async def put(  # noqa: PLR0913, PLR0917  (whose words, where, and by whom)
    conn: Connection,
    meeting: Identifier,
    child: Identifier,
    paper: Paper,
    language: Language,
    words: PaperWords,
    keys: KeyRing,
    by: Identifier,
) -> None:
    """What that paper tells of that child from now on, in that language.

    Raises:
        KeyMissing: the child's key is destroyed.
    """
    sealed = encrypt(keys.child_key(child), words.model_dump_json().encode(), _place(meeting, child, paper, language))
    await conn.execute(
        "INSERT INTO papers (meeting, child, authority, paper, language, sealed, recorded_by) "
        "VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4, $5, $6)",
        *(meeting, child, paper.value, language, sealed, by),
    )


async def get(conn: Connection, meeting: Identifier, child: Identifier, paper: Paper, keys: KeyRing) -> dict[Language, PaperWords]:
    """That paper about that child by language; nothing where it is not written.

    Raises:
        KeyMissing: the child's key is destroyed.
    """
    found: dict[Language, PaperWords] = {}
    for row in await conn.fetch(LATEST, meeting, child, paper.value):
        language = cast("Language", row["language"])
        opened = decrypt(keys.child_key(child), row["sealed"], _place(meeting, child, paper, language))
        found[language] = PaperWords.model_validate_json(opened)
    return found


async def written(conn: Connection, meeting: Identifier) -> dict[Paper, frozenset[Identifier]]:
    """By paper: the children about whom it is written."""
    found = defaultdict[Paper, set[Identifier]](set)
    for row in await conn.fetch("SELECT DISTINCT paper, child FROM papers WHERE meeting = $1", meeting):
        found[Paper(row["paper"])].add(row["child"])
    return {paper: frozenset(children) for paper, children in found.items()}


def _place(meeting: Identifier, child: Identifier, paper: Paper, language: Language) -> str:
    return f"{child}|paper|{meeting}|{paper}|{language}"
