"""Why a conference is held, sealed for each child, and the codes that open it: a mark of each, how many wrong ones were tried, and every try."""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from record.keys import KeyRing
from record.pool import Connection
from record.sealing import decrypt, encrypt
from schemas.base import Identifier, Instant
from schemas.outlines import OutlineWords, Tried

DIGITS = 8

LATEST_CODE = """
SELECT entry, salt, mark, wrong, locked_at FROM outline_codes WHERE meeting = $1 AND invitee = $2 ORDER BY entry DESC LIMIT 1
"""

COUNT = """
UPDATE outline_codes SET wrong = wrong + 1, locked_at = CASE WHEN wrong + 1 >= $2 THEN clock_timestamp() END
WHERE entry = $1 RETURNING wrong, locked_at
"""


class Try(NamedTuple):
    """What a code came to."""

    tried: Tried
    left: int = 0
    code: int | None = None
    """The entry of the code that it was tried against."""
    locked_at: Instant | None = None
    """When the last wrong try that is taken was made: the same however often it is asked."""


async def put(  # noqa: PLR0913, PLR0917  (whose words, where, and by whom)
    conn: Connection, meeting: Identifier, child: Identifier, words: OutlineWords, keys: KeyRing, by: Identifier
) -> None:
    """What is told of that child from now on."""
    sealed = encrypt(keys.child_key(child), words.model_dump_json().encode(), _place(meeting, child))
    await conn.execute(
        "INSERT INTO outlines (meeting, child, authority, sealed, recorded_by) VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4)",
        *(meeting, child, sealed, by),
    )


async def get(conn: Connection, meeting: Identifier, child: Identifier, keys: KeyRing) -> OutlineWords | None:
    """What is told of that child; none where nothing was recorded.

    Raises:
        KeyMissing: the child's key is destroyed.
    """
    sealed = await conn.fetchval(
        "SELECT sealed FROM outlines WHERE meeting = $1 AND child = $2 ORDER BY entry DESC LIMIT 1", meeting, child
    )
    return None if sealed is None else OutlineWords.model_validate_json(decrypt(keys.child_key(child), sealed, _place(meeting, child)))


async def give_code(conn: Connection, meeting: Identifier, invitee: Identifier, keys: KeyRing, by: Identifier) -> str:
    """A new code in place of any earlier one. It is nowhere else: whoever is given it hears it once."""
    code, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_bytes(16)
    await conn.execute(
        "INSERT INTO outline_codes (meeting, invitee, authority, salt, mark, given_by) "
        "VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4, $5)",
        *(meeting, invitee, salt, _mark(keys.child_key(meeting), salt, invitee, code), by),
    )
    return code


async def has_code(conn: Connection, meeting: Identifier, invitee: Identifier) -> bool:
    """Whether that person was given one."""
    return await conn.fetchval("SELECT EXISTS (SELECT FROM outline_codes WHERE meeting = $1 AND invitee = $2)", meeting, invitee)


async def try_code(  # noqa: PLR0913, PLR0917  (whose code, and how often it may be wrong)
    conn: Connection, meeting: Identifier, invitee: Identifier, code: str, keys: KeyRing, most_wrong: int
) -> Try:
    """Try a code. A wrong one counts, whoever sends several at once; after so many only a new one opens. Each try is logged, and the code is not."""
    row = await conn.fetchrow(f"{LATEST_CODE} FOR UPDATE", meeting, invitee)
    found = Try(Tried.no_code) if row is None else _tried(most_wrong, row["entry"], row["wrong"], row["locked_at"])
    if row is not None and found.tried is not Tried.locked:
        if hmac.compare_digest(row["mark"], _mark(keys.child_key(meeting), row["salt"], invitee, code)):
            found = found._replace(tried=Tried.opened)
        else:
            counted = await conn.fetchrow(COUNT, row["entry"], most_wrong)
            found = _tried(most_wrong, row["entry"], *counted) if counted is not None else found
    await conn.execute(
        "INSERT INTO outline_tries (meeting, invitee, authority, code, came_to) "
        "VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4)",
        *(meeting, invitee, found.code, found.tried.value),
    )
    return found


def _tried(most_wrong: int, entry: int, wrong: int, locked_at: Instant | None) -> Try:
    left = max(0, most_wrong - wrong)
    return Try(Tried.wrong if left else Tried.locked, left, entry, locked_at)


def _place(meeting: Identifier, child: Identifier) -> str:
    return f"{child}|outline|{meeting}"


def _mark(key: bytes, salt: bytes, invitee: Identifier, code: str) -> bytes:
    """Slow to make, and of no use to whoever has the database alone."""
    slow = hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    return hmac.new(key, f"outline|{invitee}|".encode() + slow, hashlib.sha256).digest()
