"""Agencies' reports to a meeting: each on one child, sealed under that child's key; drafts of them; and how often the thresholds were opened."""

import hashlib
import hmac

from record.commands import SameIdOtherContent
from record.keys import KeyRing
from record.pool import Connection
from record.sealing import CannotOpen, decrypt, encrypt
from record.texts import Reference
from schemas.base import Identifier, Instant
from schemas.reporting import Whose
from schemas.reports import ReportWords

MOST_DRAFTS = 20
"""Of one report: whoever holds its link can save some, and cannot fill the record."""

PUT = """
INSERT INTO reports (id, meeting, child, authority, invitee, sealed, sha256)
VALUES ($1, $2, $3, current_setting('siwrnai.authority'), $4, $5, $6) ON CONFLICT DO NOTHING
"""

SAVE = """
INSERT INTO report_drafts (meeting, invitee, child, authority, sealed, code)
VALUES ($1, $2, $3, current_setting('siwrnai.authority'), $4, $5)
ON CONFLICT (meeting, invitee, child, code) DO UPDATE SET sealed = excluded.sealed, wrong_codes = 0, saved_at = clock_timestamp()
"""


OLD_DRAFTS = """
DELETE FROM report_drafts WHERE meeting IN (
    SELECT meeting FROM meeting_log WHERE kind IN ('held', 'called_off') GROUP BY meeting HAVING max(decided_at) < $1
)
"""


async def put(conn: Connection, whose: Whose, id: str, words: str, keys: KeyRing) -> Reference:
    """Keep words of a report, or of the chair who returns it, once under that id.

    Raises:
        SameIdOtherContent: other words are kept under it.
        KeyMissing: the child's key is destroyed.
    """
    key = keys.child_key(whose.child)
    sealed = encrypt(key, words.encode(), _place(whose.child, id))
    await conn.execute(PUT, id, whose.meeting, whose.child, whose.invitee, sealed, hashlib.sha256(sealed).hexdigest())
    there = await conn.fetchrow("SELECT child, sealed, sha256 FROM reports WHERE id = $1", id)
    if there is None or there["child"] != whose.child or decrypt(key, there["sealed"], _place(whose.child, id)).decode() != words:
        raise SameIdOtherContent(f"other words are kept under {id}")
    return Reference(id, there["sha256"])


async def get(conn: Connection, child: Identifier, reference: str, keys: KeyRing) -> str:
    """The words that `report:<id>#<sha256>` refers to.

    Raises:
        LookupError: there are none, or the child's key is destroyed.
        CannotOpen: they are not what was referred to.
    """
    id, _, digest = reference.removeprefix("report:").partition("#")
    sealed = await conn.fetchval("SELECT sealed FROM reports WHERE child = $1 AND id = $2", child, id)
    if sealed is None:
        raise LookupError(f"no report {id}")
    if hashlib.sha256(sealed).hexdigest() != digest:
        raise CannotOpen(f"report {id} is not the one that was referred to")
    return decrypt(keys.child_key(child), sealed, _place(child, id)).decode()


async def save_draft(conn: Connection, whose: Whose, words: ReportWords, code: str, keys: KeyRing) -> None:
    """Keep a draft in place of the one with that code, which alone opens it; beside any other."""
    key = keys.child_key(whose.child)
    sealed = encrypt(key, words.model_dump_json(exclude_defaults=True).encode(), _draft(whose))
    await conn.execute(SAVE, *whose, sealed, _mark(key, code))


async def draft_count(conn: Connection, whose: Whose) -> int:
    """How many drafts of that report there are, with those that cannot be opened any more."""
    return await conn.fetchval("SELECT count(*) FROM report_drafts WHERE meeting = $1 AND invitee = $2 AND child = $3", *whose)


async def has_draft(conn: Connection, whose: Whose, most_wrong: int) -> bool:
    """Whether there is a draft that can still be opened."""
    found = "SELECT EXISTS (SELECT FROM report_drafts WHERE meeting = $1 AND invitee = $2 AND child = $3 AND wrong_codes < $4)"
    return await conn.fetchval(found, *whose, most_wrong)


async def open_draft(conn: Connection, whose: Whose, code: str, keys: KeyRing, most_wrong: int) -> ReportWords | None:
    """The draft; none where the code is wrong, which counts against every draft of that report: after so many none can be opened any more,
    and a new one can be saved beside them.
    """
    rows = await conn.fetch(
        "SELECT sealed, code FROM report_drafts WHERE meeting = $1 AND invitee = $2 AND child = $3 AND wrong_codes < $4 FOR UPDATE",
        *(*whose, most_wrong),
    )
    if not rows:
        return None
    key = keys.child_key(whose.child)
    row = next((each for each in rows if hmac.compare_digest(each["code"], _mark(key, code))), None)
    if row is None:
        await conn.execute(
            "UPDATE report_drafts SET wrong_codes = wrong_codes + 1 WHERE meeting = $1 AND invitee = $2 AND child = $3", *whose
        )
        return None
    return ReportWords.model_validate_json(decrypt(key, row["sealed"], _draft(whose)))


async def drop_draft(conn: Connection, whose: Whose, code: str, keys: KeyRing) -> None:
    """The report was given: the draft that it was made of goes. Any other stays, which may be somebody else's."""
    await conn.execute(
        "DELETE FROM report_drafts WHERE meeting = $1 AND invitee = $2 AND child = $3 AND code = $4",
        *(*whose, _mark(keys.child_key(whose.child), code)),
    )


async def drop_old_drafts(conn: Connection, before: Instant) -> int:
    """The drafts for meetings that were over before then go; how many they were."""
    done = await conn.execute(OLD_DRAFTS, before)
    return int(done.rpartition(" ")[2])


async def drafts(conn: Connection, meeting: Identifier) -> set[tuple[Identifier, Identifier]]:
    """Whose reports on whom are begun: invitee and child. Nothing of what they say."""
    rows = await conn.fetch("SELECT invitee, child FROM report_drafts WHERE meeting = $1", meeting)
    return {(row["invitee"], row["child"]) for row in rows}


async def thresholds_opened(conn: Connection, meeting: Identifier, invitee: Identifier, edition: str) -> None:
    """Somebody with that invitee's link opened the thresholds."""
    await conn.execute(
        "INSERT INTO threshold_openings (meeting, invitee, authority, edition) VALUES ($1, $2, current_setting('siwrnai.authority'), $3)",
        *(meeting, invitee, edition),
    )


async def openings(conn: Connection, meeting: Identifier) -> dict[Identifier, int]:
    """How often each invitee's link to the thresholds was opened."""
    rows = await conn.fetch("SELECT invitee, count(*) AS times FROM threshold_openings WHERE meeting = $1 GROUP BY invitee", meeting)
    return {row["invitee"]: row["times"] for row in rows}


def _place(child: Identifier, id: str) -> str:
    return f"{child}|report|{id}"


def _draft(whose: Whose) -> str:
    return f"{whose.child}|draft|{whose.meeting}|{whose.invitee}"


def _mark(key: bytes, code: str) -> str:
    """Tells nothing of the code to whoever has the database alone."""
    return hmac.new(key, b"draft|" + code.encode(), hashlib.sha256).hexdigest()
