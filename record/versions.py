"""Settings, calendars and rules, each version kept for ever: a due date is read against the versions that it was made with."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

from record.pool import Connection
from schemas.timeline import Versions

Kind = Literal["settings", "calendar"]

CURRENT: dict[Kind, str] = {
    "settings": "SELECT version, body FROM settings_versions ORDER BY version DESC LIMIT 1",
    "calendar": "SELECT version, body FROM calendar_versions ORDER BY version DESC LIMIT 1",
}

ONE = {
    "settings": "SELECT body FROM settings_versions WHERE version = $1",
    "calendar": "SELECT body FROM calendar_versions WHERE version = $1",
}

PUT = {
    "settings": """
        INSERT INTO settings_versions (authority, recorded_by, version, body)
        VALUES (current_setting('siwrnai.authority'), $1, $2, $3)
    """,
    "calendar": """
        INSERT INTO calendar_versions (authority, recorded_by, version, body)
        VALUES (current_setting('siwrnai.authority'), $1, $2, $3)
    """,
}


PRESENT = "siwrnai.present"
"""The setting of a session that looks at a rehearsal which is over: the instant at which it ended. Elsewhere it counts for nothing."""

NOW = f"SELECT coalesce((SELECT nullif(current_setting('{PRESENT}', true), '')::timestamptz FROM deployment WHERE virtual), clock_timestamp())"  # noqa: S608


class NoSuchVersion(LookupError):
    """There is no such version of the settings, the calendar or the rules."""

    ids_only = True


async def current(conn: Connection) -> Versions:
    """The versions now in force.

    Raises:
        NoSuchVersion: one of the three was never put there.
    """
    rules = await conn.fetchval("SELECT hash FROM rules_files ORDER BY entry DESC LIMIT 1")
    calendar = await conn.fetchval(CURRENT["calendar"])
    settings = await conn.fetchval(CURRENT["settings"])
    if rules is None or calendar is None or settings is None:
        raise NoSuchVersion("rules, calendar and settings must be in the record before the first journey")
    return Versions(rules=rules, calendar=calendar, settings=settings)


async def of_letters(conn: Connection) -> dict[str, Any]:
    """Those settings alone that letters say: all that their sender may know of them."""
    return await conn.fetchval("SELECT body FROM settings_of_letters") or {}


async def begin(conn: Connection, rules_file: bytes, actor: str) -> Versions:
    """Put this procedures file in force, and where there are none yet the first settings and calendar, both empty."""
    await put_rules(conn, rules_file, actor)
    for kind, query in CURRENT.items():
        if await conn.fetchrow(query) is None:
            await put(conn, kind, {}, actor)
    return await current(conn)


async def put(conn: Connection, kind: Kind, body: Mapping[str, Any], actor: str) -> int:
    """Put a version in force and return its number; what is in force already is not put again."""
    await _one_at_a_time(conn, kind)
    row = await conn.fetchrow(CURRENT[kind])
    if row is not None and row["body"] == body:
        return row["version"]
    version = 1 if row is None else row["version"] + 1
    await conn.execute(PUT[kind], actor, version, body)
    return version


async def amend(conn: Connection, kind: Kind, change: Callable[[dict[str, Any]], dict[str, Any]], actor: str) -> int:
    """Put in force what is in force now, as changed by that function, and return its number. Nobody else changes it meanwhile."""
    await _one_at_a_time(conn, kind)
    row = await conn.fetchrow(CURRENT[kind])
    return await put(conn, kind, change({} if row is None else dict(row["body"])), actor)


async def get(conn: Connection, kind: Kind, version: int) -> dict[str, Any]:
    """That version's body.

    Raises:
        NoSuchVersion: there is none.
    """
    body = await conn.fetchval(ONE[kind], version)
    if body is None:
        raise NoSuchVersion(f"no version {version} of the {kind}")
    return body


async def put_rules(conn: Connection, file: bytes, actor: str) -> str:
    """Keep a procedures file and put it in force; returns its SHA-256. What is in force already is not put again."""
    await _one_at_a_time(conn, "rules")
    hash = hashlib.sha256(file).hexdigest()
    if hash != await conn.fetchval("SELECT hash FROM rules_files ORDER BY entry DESC LIMIT 1"):
        await conn.execute(
            "INSERT INTO rules_files (authority, recorded_by, hash, body) VALUES (current_setting('siwrnai.authority'), $1, $2, $3)",
            *(actor, hash, file),
        )
    return hash


async def rules(conn: Connection, hash: str) -> bytes:
    """The procedures file of that hash, or of one that begins so.

    Raises:
        NoSuchVersion: it was never put there.
    """
    body = await conn.fetchval("SELECT body FROM rules_files WHERE starts_with(hash, $1) LIMIT 1", hash)
    if body is None:
        raise NoSuchVersion(f"no procedures file {hash}")
    return body


async def now(conn: Connection) -> dt.datetime:
    """The database's clock; the instant of the session where it looks at a rehearsal that is over."""
    return await conn.fetchval(NOW)


async def _one_at_a_time(conn: Connection, kind: str) -> None:
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('siwrnai ' || $1 || current_setting('siwrnai.authority')))", kind)
