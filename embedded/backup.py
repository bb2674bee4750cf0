"""A backup of what one machine keeps: the record (pg_dump), the engine's store (SQLite's own copy of a store in use), caught letters.

It is made while everything runs. The engine's store is copied first, so that the record is never the older of the two: the record wins.
Keys are in it only where that is asked for: whoever has keys and data together can read everything.
"""

import asyncio
import datetime as dt
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import AwareDatetime, BaseModel, ValidationError

from embedded.engine import STORE as ENGINE_STORE
from embedded.engine import VISIBILITY
from embedded.mail_catcher import letters
from embedded.postgres import binary
from embedded.program import environment
from embedded.stack import Endpoints
from record.keys import KeyRing

MANIFEST = "backup.json"
RECORD = "record.dump"
KEYS = "keys"
MAILBOX = "mailbox"

CHUNK = 1 << 20


class CannotBackUp(RuntimeError):
    """One sentence: what is wrong with the folder, or which part could not be copied."""


class Manifest(BaseModel, extra="forbid", frozen=True):
    """What a backup is, and the SHA-256 of each of its files, so that a damaged one is never restored."""

    siwrnai: str
    """The version that made it."""
    made_at: AwareDatetime
    """When it was begun (UTC): nothing recorded before is missing."""
    authority: str
    public_key: str
    """Of the key that signs timelines (hexadecimal): which keys belong to it."""
    with_keys: bool
    files: dict[str, str]


class Step(NamedTuple):
    """One part, and how it is copied."""

    name: str
    copy: Callable[[], Awaitable[None]]


def steps(endpoints: Endpoints, folder: Path, *, with_keys: bool) -> list[Step]:
    """What is to be done, in this order."""
    made = [
        Step("engine", lambda: asyncio.to_thread(_copy_engine, endpoints.directory / "engine", folder)),
        Step("record", lambda: _dump(endpoints.postgres_superuser_dsn, folder / RECORD)),
        Step("mailbox", lambda: asyncio.to_thread(_copy_mailbox, endpoints.mailbox, folder / MAILBOX)),
    ]
    if with_keys:
        made.append(Step("keys", lambda: asyncio.to_thread(_copy_keys, endpoints.keys, folder / KEYS)))
    return made


async def back_up(endpoints: Endpoints, authority: str, folder: Path, *, with_keys: bool, told: Callable[[str], None]) -> Manifest:
    """Make a backup in a new or empty folder, readable by us alone. `told` hears the name of each part that is begun.

    Raises:
        CannotBackUp: the folder is not empty, or a part could not be copied; what was made is no backup, and has no manifest.
    """
    made_at = dt.datetime.now(dt.UTC)
    _make(folder)
    for step in steps(endpoints, folder, with_keys=with_keys):
        told(step.name)
        try:
            await step.copy()
        except (OSError, sqlite3.Error) as error:
            raise CannotBackUp(f"{step.name}: {error}") from None
    return await asyncio.to_thread(write_manifest, folder, made_at, authority, public_key(endpoints.keys), with_keys)


def write_manifest(folder: Path, made_at: dt.datetime, authority: str, public: str, with_keys: bool) -> Manifest:
    """Say what the folder holds, last of all: without this it is no backup."""
    files = {str(path.relative_to(folder)): _sha256(path) for path in _files(folder)}
    manifest = Manifest(
        siwrnai=version("siwrnai"), made_at=made_at, authority=authority, public_key=public, with_keys=with_keys, files=files
    )
    draft = folder / f".{MANIFEST}"
    draft.touch(mode=0o600)
    draft.write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    os.sync()  # Its files are on disk before it says so.
    draft.replace(folder / MANIFEST)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """What the backup says of itself, once each of its files was looked at.

    Raises:
        CannotBackUp: it is none, or it is damaged.
    """
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise CannotBackUp(f"{folder} is no backup: it has no {MANIFEST}. Name the folder that siwrnai backup made.") from None
    except ValidationError as error:
        raise CannotBackUp(f"{folder / MANIFEST} cannot be read ({error.error_count()} mistakes): use another backup.") from None
    for name, hash in manifest.files.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != hash:
            raise CannotBackUp(f"{path} is missing, or not what was backed up: use another backup.")
    return manifest


def public_key(keys: Path) -> str:
    """Which keys these are (hexadecimal)."""
    return KeyRing(keys).public_key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def login(dsn: str) -> tuple[str, dict[str, str]]:
    """The DSN without its password, for a command line that others can see, and the environment that holds it."""
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{host}")), environment({"PGPASSWORD": unquote(password)})


async def run_tool(name: str, *arguments: str, dsn: str) -> None:
    """Run one of PostgreSQL's own tools on that database.

    Raises:
        CannotBackUp: with its last words.
    """
    address, variables = login(dsn)
    process = await asyncio.create_subprocess_exec(
        *(str(binary(name)), *arguments, "--dbname", address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=variables,
    )
    try:
        _, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise CannotBackUp(f"{name} failed: {' '.join(complaint.decode(errors='replace').split())[-500:]}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if any(folder.iterdir()):
            raise CannotBackUp(f"{folder} is not empty: name a new folder for the backup.")
    except OSError as error:
        raise CannotBackUp(f"{folder} cannot be written to: {error.strerror}.") from None


def _copy_engine(store: Path, folder: Path) -> None:
    for name in (ENGINE_STORE, VISIBILITY):
        with (
            closing(sqlite3.connect(f"file:{store / name}?mode=ro", uri=True, timeout=30)) as there,
            closing(sqlite3.connect(folder / name)) as here,
        ):
            # All at once: a copy in steps would begin anew at each write of the engine.
            there.backup(here)
        (folder / name).chmod(0o600)


async def _dump(dsn: str, file: Path) -> None:
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    await run_tool("pg_dump", "--format=custom", f"--file={file}", dsn=dsn)


def _copy_mailbox(mailbox: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for path in (*letters(mailbox), mailbox / "rules.json"):
        if path.exists():
            shutil.copy2(path, folder / path.name)


def _copy_keys(keys: Path, folder: Path) -> None:
    shutil.copytree(keys, folder, ignore=shutil.ignore_patterns(".*"))
    folder.chmod(0o700)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
