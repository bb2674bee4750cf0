"""A record that somebody with full rights on the database can tamper with, and what `audit verify` then says of it."""

import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from activities.anchors import FolderPlace
from activities.checkpoints import Checkpoints
from console.audit_verify import Verifying
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import Connection, Pool, open_pool
from record.roles import Role, dsn, passwords
from record.timeline import append
from schemas.auditing import Verified
from schemas.checkpoints import CheckpointRequest
from tests.record.conftest import new_database
from tests.record.examples import AUTHORITY, flush, new_child

MADE_UP = {"unreadable", "digest_differs"}
"""The entries of these tests say nothing that a journey could fold."""


@dataclass
class Place:
    """A record of three children, each with four entries."""

    journey: Pool
    door: Pool
    superuser: Connection
    keys: KeyRing
    folder: Path
    address: str
    """The superuser's DSN."""
    children: tuple[str, ...] = ()

    async def registered(self) -> None:
        """The three children."""
        for _ in range(3):
            child = await new_child(self.door, self.keys)
            await append(self.journey, flush(child, 0, 4), self.keys)
            self.children = (*self.children, child.child)

    async def checkpoint(self) -> None:
        work = Checkpoints(self.journey, self.keys, [FolderPlace(self.folder)])
        await work.make(CheckpointRequest(authority=AUTHORITY))
        await work.anchor(AUTHORITY)

    async def does(self, *statements: str, values: Sequence[object] | None = None) -> None:
        """As the superuser, whom no foreign key holds up."""
        async with self.superuser.transaction():
            await self.superuser.execute("SET LOCAL session_replication_role = replica")
            for each in statements:
                await self.superuser.execute(each, *(values if values is not None else self.children[:1]))

    async def verified(self, *, anchors: bool = True) -> Verified:
        verifying = Verifying(self.door, AUTHORITY, self.keys, reader="p-arolygydd", purpose="audit verify")
        await verifying.of_all()
        return await verifying.against_checkpoints(sorted(self.folder.glob("*.jsonl")) if anchors else [])

    async def found(self, *, anchors: bool = True) -> set[tuple[str, str | None, int | None, int | None]]:
        """What, child, entry, checkpoint."""
        found = (await self.verified(anchors=anchors)).findings
        return {(each.what, each.child, each.entry, each.checkpoint) for each in found if each.what not in MADE_UP}


@asynccontextmanager
async def tampered(server: str, keys: KeyRing, folder: Path) -> AsyncGenerator[Place]:
    """With nobody in it yet."""
    # A role's password belongs to the whole server: with another one no other test could log in.
    passwords(keys.directory)
    shutil.copytree(keys.directory / "roles", folder / "keys" / "roles")
    keys, address = KeyRing(folder / "keys"), new_database(server)
    await migrate(address, keys, Deployment(authority=AUTHORITY))
    connection = await asyncpg.connect(address)
    try:
        async with (
            await open_pool(dsn(address, Role.journey, keys.directory), "tests") as journey,
            await open_pool(dsn(address, Role.door, keys.directory), "tests") as door,
        ):
            yield Place(journey, door, connection, keys, folder / "anchors", address)
    finally:
        await connection.close()
