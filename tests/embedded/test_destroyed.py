"""A backup of before the destruction of a record brings neither its words nor its key back, and says that it tried."""

import asyncio
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.backup import read_manifest
from embedded.stack import endpoints_of
from record import children
from record.children import ChildDetails
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.projections import Whose
from record.roles import Role, dsn
from tests.console.test_destroyed import KILLED
from tests.embedded.processes import SERVE, python, said
from tests.embedded.test_backup import Desk, served, stop, until_posted

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("backup")]

CHILD = "c-of-long-ago"


async def registered_long_ago(home: Path, actor: str) -> None:
    """A child who is grown up by now."""
    there = endpoints_of(home)
    assert there is not None
    authority = "enghraifft"
    whose = Whose(child=CHILD, family="f-1", authority=authority, team="duty")
    known = ChildDetails(name="Ela Prys", born_on=dt.date(2000, 1, 1), language="cy")
    pool = await open_pool(dsn(there.postgres_superuser_dsn, Role.door, there.keys), "tests", most=1)
    async with pool, transaction(pool, authority) as connection:
        await children.register(connection, whose, known, KeyRing(there.keys), actor)


def closed_long_ago(desk: Desk, home: Path) -> tuple[str, str]:
    """A closed record whose time is over, and the two who may sign."""
    worker = desk.gets("directory", "add-person", "--name", "Huw", "--role", "duty_manager", "--email", "huw@enghraifft.example")
    ann, bob = (
        desk.gets("directory", "add-person", "--name", name, "--role", role, "--email", f"{name.lower()}@enghraifft.example")
        for name, role in (("Ann", "register_custodian"), ("Bob", "head_of_service"))
    )
    asyncio.run(registered_long_ago(home, worker))
    for minute, (verb, *more) in enumerate(
        (
            ("report", "--how", "telephone", "--words", "Hunger."),
            ("safety-checked", "--safe"),
            ("screened", "--decision", "no_further_action", "--rationale", "No.", "--threshold-element", "significant_harm_likely"),
            ("reporter-told",),
            ("record-closed", "--rationale", "Done."),
        )
    ):
        at = f"2017-03-01T10:{minute:02}+00:00"
        desk.gets("journey", verb, CHILD, "--actor", worker, "--happened-at", at, "--reason", "From the paper file.", *more)
    until_posted(home / "mailbox")
    return ann, bob


def test_what_was_destroyed_stays_destroyed_whatever_is_restored(home: Path) -> None:
    desk, older = Desk(home), home.parent / "older"
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        ann, bob = closed_long_ago(desk, home)
        desk.gets("backup", "--with-keys", str(older))
        desk.gets("audit", "destroy-proposed", CHILD, "--actor", ann)
        confirm = [sys.executable, "-P", "-c", KILLED, "key", "audit", "destroy-confirmed", CHILD, "--actor", bob]
        assert subprocess.run(confirm, check=False, env=os.environ | served(home)).returncode == -signal.SIGKILL  # noqa: S603 - our own program.
        assert f"destroy-confirmed {CHILD} goes on" in desk.runs("audit", "destructions").stdout
        stop(serving)
    with python(SERVE, **served(home)) as serving:
        assert f"The destruction of the record of {CHILD} was broken off: it is at its end now" in said(serving, "Siwrnai runs")
        assert "goes on where" not in desk.gets("audit", "destructions")
        newer = home.parent / "newer"
        desk.gets("backup", "--with-keys", str(newer))
        stop(serving)
    assert f"keys/children/{CHILD}.key" in read_manifest(older).files
    assert f"keys/children/{CHILD}.key" not in read_manifest(newer).files
    assert f"keys/destroyed/{CHILD}.json" in read_manifest(newer).files

    # The keys as they are now, and the copy of the destroyed one put back among them.
    new = home.parent / "new"
    shutil.copytree(home / "keys", new / "keys")
    key = new / "keys" / "children" / f"{CHILD}.key"
    shutil.copy(older / "keys" / "children" / f"{CHILD}.key", key)
    elsewhere = Desk(new)
    restored = elsewhere.runs("restore", str(older))
    assert restored.returncode == 0, restored.stderr
    assert f"The record of {CHILD} was destroyed, and the backup brought it back: it is destroyed again." in restored.stderr
    assert not key.exists()
    with python(SERVE, **served(new)) as serving:
        said(serving, "Siwrnai runs")
        log = elsewhere.gets("audit", "destructions")
        assert "destroyed again after a restore" in log
        assert "Ann, Bob" in log
        shown = elsewhere.gets("journey", "show", CHILD)
        assert "The child's key is destroyed" in shown
        assert "is whole" in elsewhere.gets("journey", "verify", CHILD)
        elsewhere.gets("recover", "--check")
        stop(serving)

    # Where there are no keys but those of the backup nobody can know of what came after: it is said, and from when they are.
    alone = Desk(home.parent / "alone").runs("restore", str(older))
    assert alone.returncode == 0, alone.stderr
    made_at = read_manifest(older).made_at.isoformat(timespec="seconds")
    assert (
        f"The keys came with the backup, as they were at {made_at}: a record that was destroyed since then can be read again."
        in alone.stderr
    )
