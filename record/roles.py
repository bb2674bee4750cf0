"""The database's roles. Processes log in as roles that own nothing; what owns cannot log in."""

import secrets
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from record.keys import keep_secret

OWNER = "siwrnai_owner"
"""Owns the tables and functions; nobody logs in as it."""


class Role(StrEnum):
    """Who logs in. None is superuser, owns anything or bypasses row-level security."""

    journey = "siwrnai_journey"
    """The worker: appends to timelines, orders letters, keeps the projections."""
    door = "siwrnai_door"
    """The one door: command rows, texts, children, directory; reads what pages show."""
    post = "siwrnai_post"
    """The sender of letters."""
    pages = "siwrnai_pages"
    """The pages that people outside open by a link: meetings; of the directory and of children those alone whom a meeting still to be held has to do
    with, or one whose papers may still be read, and of people those of a meeting that is just over, whose links say so."""
    replies = "siwrnai_replies"
    """The reader of what comes back by mail: meetings and their people, and nothing of a child."""
    auditor = "siwrnai_auditor"
    """Reads timelines, each reading logged by the database itself."""
    custodian = "siwrnai_custodian"
    """Appends to the log of holds and destructions, and sees no words of anybody."""
    exporter = "siwrnai_exporter"
    """Reads what was sent of a child for a bundle to take away, and nothing else."""


def passwords(keys: Path) -> dict[Role, str]:
    """Each login role's password, made once and kept in the directory of keys."""
    return {role: _password(role, keys) for role in Role}


def dsn(superuser_dsn: str, role: Role, keys: Path) -> str:
    """The same database, logged in as that role."""
    parts = urlsplit(superuser_dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(_password(role, keys), safe='')}@{host}"))


def _password(role: Role, keys: Path) -> str:
    return keep_secret(keys / "roles" / role, lambda: secrets.token_urlsafe(32).encode()).decode()
