"""A backup brought back, in a folder where nothing runs: all of it, or nothing, and engine and record in agreement before anybody is served."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from destruction import destroy_again
from embedded.backup import KEYS, MAILBOX, RECORD, CannotBackUp, Manifest, public_key, read_manifest, run_tool
from embedded.engine import STORE, VISIBILITY
from embedded.program import python
from embedded.serve import mark_as_known
from embedded.services import SERVICES, prepare_record, put_rules_in_force, variables
from embedded.settings import Settings
from embedded.stack import Endpoints, Stack
from embedded.supervisor import CannotStart, Say, Supervisor
from embedded.upgrade import begin_version, pass_the_gate
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import NotThisDatabase, make_empty

DRAFT = "restoring"
"""Where it is put together, within the folder of data. What an attempt that was broken off left there is thrown away."""

PARTS = ("postgres", "engine", "mailbox")

Result = TypeVar("Result")


async def restore(settings: Settings, folder: Path, agree: Callable[[Endpoints], Awaitable[Result]], say: Say) -> Result:
    """Bring the backup back into the folder of data; gives what `agree` made of the two stores, while the worker ran and no letter went.

    Raises:
        CannotBackUp: the backup is damaged, there are data already, or the keys are not those of the backup; nothing has changed.
        CannotStart: Siwrnai runs in that folder, a part does not start, the backup is a newer version's, or this version cannot go on with
            what is open in it.
    """
    manifest = await asyncio.to_thread(read_manifest, folder)
    _check(settings, manifest)
    draft = settings.home / DRAFT
    # As root PostgreSQL is another user, who must pass through to its own folder.
    settings.home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    async with Supervisor(settings.home, say):
        if await asyncio.to_thread(_lay_out, settings, folder, manifest, draft):
            say(
                f"The keys came with the backup, as they were at {manifest.made_at.isoformat(timespec='seconds')}: a record that was destroyed "
                "since then can be read again. Destroy it again: siwrnai audit destroy-proposed."
            )
        stack = Stack(draft, settings.temporal_namespace, time_skipping=False, durable=True, cache=settings.cache, keys=settings.keys)
        async with stack.running(say) as endpoints:
            await _fill_record(settings, folder, manifest, endpoints)
            for child in await destroy_again(endpoints, manifest.authority):
                say(f"The record of {child} was destroyed, and the backup brought it back: it is destroyed again.")
            # The backup may be of another version: what is open in it goes on with this one, or nothing is brought back.
            await pass_the_gate(endpoints, manifest.authority)
            worker = next(each for each in SERVICES if each.name == "worker")
            await stack.child(worker.name, python("-m", worker.module), variables(worker, endpoints))
            await begin_version(endpoints)
            result = await agree(endpoints)
        await asyncio.to_thread(_put_in_place, settings.home, draft)
    return result


def _check(settings: Settings, manifest: Manifest) -> None:
    if manifest.authority != settings.authority:
        raise CannotBackUp(
            f"The backup is of authority {manifest.authority}, not {settings.authority}: set SIWRNAI_AUTHORITY={manifest.authority}"
        )
    there = [name for name in PARTS if (settings.home / name).exists()]
    if there:
        raise CannotBackUp(f"{settings.home} has data already ({', '.join(there)}): move them away, or set SIWRNAI_HOME to another folder.")
    has_keys = (settings.keys / "signing.key").exists()
    if not has_keys and not manifest.with_keys:
        raise CannotBackUp(f"The backup has no keys, and there are none in {settings.keys}: put the keys there first.")
    if has_keys and public_key(settings.keys) != manifest.public_key:
        raise CannotBackUp(f"The keys in {settings.keys} are not those of the backup: put its own keys there.")


def _lay_out(settings: Settings, folder: Path, manifest: Manifest, draft: Path) -> bool:
    """Lay out the parts, and the keys where there are none; says whether those of the backup were taken."""
    if draft.exists():
        shutil.rmtree(draft)
    (draft / "engine").mkdir(mode=0o700, parents=True)
    draft.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for name in (STORE, VISIBILITY):
        shutil.copyfile(folder / name, draft / "engine" / name)
    shutil.copytree(folder / MAILBOX, draft / MAILBOX)
    if manifest.with_keys and not (settings.keys / "signing.key").exists():
        shutil.copytree(folder / KEYS, settings.keys, dirs_exist_ok=True)
        settings.keys.chmod(0o700)
        return True
    return False


async def _fill_record(settings: Settings, folder: Path, manifest: Manifest, endpoints: Endpoints) -> None:
    dsn = endpoints.postgres_superuser_dsn
    await make_empty(dsn, KeyRing(endpoints.keys))
    await run_tool("pg_restore", "--single-transaction", "--exit-on-error", str(folder / RECORD), dsn=dsn)
    # A backup by an older version is brought up to date.
    try:
        await prepare_record(endpoints, Deployment(authority=manifest.authority))
    except NotThisDatabase as error:
        raise CannotStart(f"The backup in {folder} cannot be brought back: {error}") from None
    await put_rules_in_force(endpoints, manifest.authority, settings.procedures)


def _put_in_place(home: Path, draft: Path) -> None:
    for name in PARTS:
        (draft / name).rename(home / name)
    shutil.rmtree(draft)
    mark_as_known(home)
    os.sync()
