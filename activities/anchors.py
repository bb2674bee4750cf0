"""Places outside the database where checkpoints are kept: a folder, or an address. Each takes a line at least once, never less."""

import asyncio
import base64
import hashlib
import http.client
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from procedures.times import local
from schemas.checkpoints import Anchored

PATIENCE = 30.0
"""Seconds that an address may take to answer."""


class NotTaken(Exception):
    """The address answered, but did not take it. Says the HTTP status, and nothing of the address."""

    ids_only = True


class Place(Protocol):
    """Where a checkpoint is kept."""

    @property
    def name(self) -> str:
        """Which kind of place, and a fingerprint of where: another place takes everything anew."""
        ...

    async def keep(self, checkpoint: Anchored) -> None:
        """Keep it, on disk or at the other end, before this returns.

        Raises:
            OSError: it is not kept.
            NotTaken: nor here.
        """
        ...


def line(checkpoint: Anchored) -> bytes:
    """What is kept: JSON in one line."""
    return checkpoint.model_dump_json().encode() + b"\n"


@dataclass(frozen=True)
class FolderPlace:
    """A folder, best of another machine, with a file for each day (Europe/London) to which lines are added and of which none is ever changed."""

    folder: Path

    @property
    def name(self) -> str:
        """As `Place.name`."""
        return f"folder:{_fingerprint(str(self.folder))}"

    async def keep(self, checkpoint: Anchored) -> None:
        """Add its line to the file of its day."""
        await asyncio.to_thread(self._add, checkpoint)

    def _add(self, checkpoint: Anchored) -> None:
        said = checkpoint.said
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{said.authority}.{local(said.at).date()}.jsonl"
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b", buffering=0) as there:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            whole = (b"\n" if torn else b"") + line(checkpoint)
            while whole:
                whole = whole[there.write(whole) :]
            os.fsync(descriptor)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True)
class AddressPlace:
    """An address that the authority names: each checkpoint is posted there. An answer of 200 to 299 says that it is kept."""

    url: str

    @property
    def name(self) -> str:
        """As `Place.name`."""
        return f"address:{_fingerprint(self.url)}"

    async def keep(self, checkpoint: Anchored) -> None:
        """Post it. A repeat has the same `Idempotency-Key`, its hash."""
        await asyncio.to_thread(self._post, checkpoint)

    def _post(self, checkpoint: Anchored) -> None:
        parts = urlsplit(self.url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        headers = {"Content-Type": "application/json", "Idempotency-Key": checkpoint.hash}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        try:
            connection.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", line(checkpoint), headers)
            status = connection.getresponse().status
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        finally:
            connection.close()
        if not 200 <= status <= 299:
            raise NotTaken(f"HTTP {status}")


def places(folder: Path | None, url: str | None) -> tuple[Place, ...]:
    """Those that are named."""
    found: Sequence[Place | None] = (None if folder is None else FolderPlace(folder), None if url is None else AddressPlace(url))
    return tuple(each for each in found if each is not None)


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=PATIENCE)


def _fingerprint(where: str) -> str:
    """Tells two places apart in the record without saying where they are: an address may hold a password."""
    return hashlib.sha256(where.encode()).hexdigest()[:12]
