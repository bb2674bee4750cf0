"""Backup while everything runs, restore where nothing does: what was recorded is there, the two stores agree, nobody is written to twice."""

import datetime as dt
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from embedded.backup import MANIFEST, read_manifest, write_manifest
from embedded.engine import STORE
from embedded.mail_catcher import letters
from record.migrate import MIGRATIONS
from tests.embedded.processes import SERVE, python, said
from tests.embedded.test_serve import OUTSIDE
from tests.embedded.test_versions import copy

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("backup")]


class Desk:
    """The command, for one folder of data."""

    def __init__(self, home: Path, **more: str) -> None:
        self.variables = {"SIWRNAI_HOME": str(home), "SIWRNAI_LANGUAGE": "en", **OUTSIDE, **more}

    def runs(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `siwrnai`."""
        argv = [sys.executable, "-P", "-m", "cli", *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=False, env=os.environ | self.variables)  # noqa: S603

    def gets(self, *arguments: str) -> str:
        """Run it; it must succeed."""
        ran = self.runs(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def reported(self) -> tuple[str, str]:
        """A worker, and a child of whom a report was made 90 minutes ago: its first timescale is overdue, and the worker told."""
        worker = self.gets("directory", "add-person", "--name", "Huw", "--role", "duty_manager", "--email", "huw@enghraifft.example")
        child = self.gets("child", "register", "--actor", worker, "--name", "Ela Prys", "--born", "2019-03-12", "--language", "cy")
        earlier = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=90)).isoformat(timespec="seconds")
        self.gets("journey", "report", child, "--actor", worker, "--how", "telephone", "--words", "Hunger.", "--happened-at", earlier)
        return worker, child


def served(home: Path) -> dict[str, str]:
    return {"SIWRNAI_HOME": str(home), **OUTSIDE}


def stop(serving: "subprocess.Popen[str]") -> None:
    """Stop it, and all that it runs, before its folder goes."""
    serving.terminate()
    serving.wait()


def until_posted(mailbox: Path, most: float = 60) -> int:
    """How many letters there are, once no more come."""
    until, before = time.monotonic() + most, -1
    while time.monotonic() < until and (before < 1 or len(letters(mailbox)) != before):
        before = len(letters(mailbox))
        time.sleep(6)
    return len(letters(mailbox))


def test_what_was_backed_up_while_everything_ran_is_restored_whole(home: Path) -> None:
    desk, folder, older = Desk(home), home.parent / "backup", home.parent / "older"
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        worker, child = desk.reported()
        posted = until_posted(home / "mailbox")
        assert posted >= 1
        desk.gets("backup", str(older))
        desk.gets("journey", "police-told", child, "--actor", worker)
        made = desk.runs("backup", str(folder))
        assert made.returncode == 0, made.stderr
        assert f"The keys are not in it, and without them no timeline can be read: keep a copy of {home / 'keys'}" in made.stdout
        shown = desk.gets("journey", "show", child)
        # Neither into a folder that holds something, nor over what runs.
        again = desk.runs("backup", str(folder))
        assert (again.returncode, again.stderr.splitlines()[-1]) == (1, f"{folder} is not empty: name a new folder for the backup.")
        running = desk.runs("restore", str(folder))
        assert running.returncode == 1
        assert "has data already" in running.stderr
        stop(serving)
    private = [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert private == [], "readable by others"
    assert not (folder / "keys").exists()
    assert no_words_of_people(folder)

    new = home.parent / "new"
    elsewhere = Desk(new)
    without_keys = elsewhere.runs("restore", str(folder))
    assert (without_keys.returncode, "put the keys there first" in without_keys.stderr) == (1, True)
    shutil.copytree(home / "keys", new / "keys")
    # The engine's store of one backup and the record of another: what a restore of unequal parts comes to.
    shutil.copy2(older / STORE, folder / STORE)
    damaged = elsewhere.runs("restore", str(folder))
    assert (damaged.returncode, "not what was backed up" in damaged.stderr) == (1, True)
    was = read_manifest(older)
    (folder / MANIFEST).unlink()
    write_manifest(folder, was.made_at, was.authority, was.public_key, with_keys=False)
    # Brought back by another version than the one that made it.
    restored = Desk(new, PYTHONPATH=str(copy(home.parent, "comment"))).runs("restore", str(folder))
    assert restored.returncode == 0, restored.stderr
    (differed, summed, *_) = restored.stdout.splitlines()
    assert differed.startswith(f"{child}: the engine stands at entry")
    assert differed.endswith("the engine is older than the record. It goes on from the record.")
    assert "Journeys: 1. As the record has them: 1, of which started now: 1." in summed
    with python(SERVE, **served(new)) as serving:
        assert "first start" not in said(serving, "Siwrnai runs")
        assert elsewhere.gets("journey", "show", child) == shown
        elsewhere.gets("journey", "verify", child)
        elsewhere.gets("recover", "--check")
        elsewhere.gets("journey", "safety-checked", child, "--actor", worker, "--safe")
        elsewhere.gets("journey", "verify", child)
        assert len(letters(new / "mailbox")) == posted, "nobody was written to again"
        stop(serving)


def test_with_keys_it_can_be_restored_where_there_are_none(home: Path) -> None:
    desk, folder = Desk(home), home.parent / "backup"
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        _, child = desk.reported()
        made = desk.gets("backup", "--with-keys", str(folder))
        assert "whoever has it can read everything" in made
        stop(serving)
    former = copy(home.parent, "comment")
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    (changed,) = (former / "record" / "migrations" / "versions").glob(f"v{newest}_*.py")
    changed.unlink()
    earlier = Desk(home.parent / "earlier", PYTHONPATH=str(former)).runs("restore", str(folder))
    why = f"The backup in {folder} cannot be brought back: a newer version of Siwrnai has brought this database up to date"
    assert (earlier.returncode, why in earlier.stderr.splitlines()[-1]) == (1, True), earlier.stderr
    new = Desk(home.parent / "new")
    new.gets("restore", str(folder))
    with python(SERVE, **served(home.parent / "new")) as serving:
        said(serving, "Siwrnai runs")
        new.gets("journey", "verify", child)
        stop(serving)
    other = Desk(home.parent / "other")
    (home.parent / "other" / "keys").mkdir(parents=True)
    (home.parent / "other" / "keys" / "signing.key").write_bytes(bytes(32))
    wrong = other.runs("restore", str(folder))
    assert (wrong.returncode, "are not those of the backup" in wrong.stderr) == (1, True)


def test_where_nothing_runs_or_the_parts_are_not_ours_it_says_so(home: Path) -> None:
    desk = Desk(home)
    assert desk.runs("backup", str(home.parent / "backup")).returncode == 4
    assert "is no backup" in desk.runs("restore", str(home.parent)).stderr
    desk.variables["DATABASE_URL"] = "postgresql://a:b@db.internal/siwrnai"
    foreign = desk.runs("backup", str(home.parent / "backup"))
    assert (foreign.returncode, foreign.stderr.startswith("DATABASE_URL names a part")) == (2, True)


def no_words_of_people(folder: Path) -> bool:
    """Whether words of people stand nowhere but in caught letters: neither in the record's dump nor in the engine's store."""
    with closing(sqlite3.connect(folder / STORE)) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return not any(b"Hunger." in path.read_bytes() or b"Ela Prys" in path.read_bytes() for path in folder.iterdir() if path.is_file())
