"""A rehearsal that was kept is looked at as an auditor would, as of its end, and cannot be gone on with."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from embedded.kept import Kept, kept_in, opened
from embedded.stack import Endpoints
from record import migrate
from rehearsal import run
from tests.embedded.processes import SERVE, python
from tests.rehearsal.test_runs import EXAMPLE, play

LATER = """
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    op.execute("CREATE TABLE later (id bigint)")
"""

CASE = EXAMPLE.replace("\n\nchildren:", "\n  alun: {name: Alun Tudor, post: head of service}\n\nchildren:")
"""With somebody who may audit."""

pytestmark = pytest.mark.timeout(600)

OUTSIDE = {"TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "SMTP_URL": "", "SIWRNAI_LANGUAGE": "en"}


class There(NamedTuple):
    """A rehearsal that was kept."""

    folder: Path
    kept: Kept
    said: str
    """What it said at its end."""

    @property
    def child(self) -> str:
        return self.kept.children["osian"]


def siwrnai(*arguments: str, cwd: Path | None = None, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The command, as it is typed."""
    argv = [sys.executable, "-P", "-m", "cli", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | OUTSIDE | variables)  # noqa: S603 - our own program.


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> There:
    """The example of the documentation, rehearsed and kept in a folder beside whoever asks."""
    folder = tmp_path_factory.mktemp("rehearsed")
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    ran = siwrnai("rehearse", "case.yaml", "--keep", "kept", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    kept = kept_in(folder / "kept")
    assert kept is not None
    return There(folder / "kept", kept, ran.stderr)


def test_it_says_how_it_came_out_and_each_line_that_it_says_can_be_typed(there: There, tmp_path: Path) -> None:
    assert "As expected\n" in there.said
    said = [line.strip().partition(" --data ") for line in there.said.splitlines() if " --data " in line]
    assert len(said) == 5
    assert {Path(command).name for command, _, _ in said} == {"siwrnai"}
    lines = [f"--data {rest}" for _, _, rest in said]
    for line in lines:
        ran = siwrnai(*line.replace("osian.", f"{tmp_path}/osian.").split())
        assert ran.returncode == 0, f"{line}: {ran.stdout}{ran.stderr}"
    assert there.child in (tmp_path / "osian.html").read_text(encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "osian.zip") as bundle:
        bundle.extractall(tmp_path / "bundle")
    plain = [sys.executable, "-I", str(tmp_path / "bundle" / "verify.py")]
    assert subprocess.run(plain, cwd=tmp_path / "bundle", check=False, capture_output=True).returncode == 0  # noqa: S603 - our own program.


def test_now_is_the_end_of_the_rehearsal_and_a_checkpoint_was_kept_of_it(there: There) -> None:
    shown = json.loads(siwrnai("--data", str(there.folder), "audit", "show", there.child, "--actor", there.kept.reader, "--json").stdout)
    assert shown["at"].startswith("2026-12-29")
    found = json.loads(siwrnai("--data", str(there.folder), "audit", "verify", "--json").stdout)
    assert (found["findings"], found["compared"]) == ([], ["letters", "engine", "history"])
    assert (found["vouched"]["by"], found["vouched"]["at"][:10]) == ("anchor", "2026-12-29")


def test_what_was_in_force_counts_from_the_virtual_instant_at_which_it_was_first_used(there: There) -> None:
    at = ("--at", "2026-12-24 12:00", "--json")
    shown = json.loads(siwrnai("--data", str(there.folder), "audit", "show", there.child, "--actor", there.kept.reader, *at).stdout)
    assert {kind: each["at"][:16] for kind, each in shown["in_force"].items()} == dict.fromkeys(
        ("rules", "calendar", "settings"), "2026-12-24T09:10"
    )
    assert shown["posts"]


def test_nothing_is_done_in_it(there: There) -> None:
    by = ("--actor", there.kept.reader)
    tried = (
        ("journey", "visit", there.child, *by, "--seen", "--alone", "alone", "--place", "home"),
        ("directory", "add-person", "--name", "Ann Rees", "--email", "ann@enghraifft.example"),
        ("child", "register", *by, "--name", "Ela Prys", "--born", "2019-03-12"),
        ("child", "family-member", there.child, *by, "--name", "Sian Prys", "--relation", "mother"),
        ("meeting", "arranged", *by, "--kind", "icpc", "--children", there.child, "--starts", "2027-01-05T10:00+00:00"),
        ("terms", "add", "2027-01-04", "2027-02-12", *by),
        ("settings", "set", "clocks.strategy.amount", "2", *by),
        ("audit", "checkpoint"),
        ("tell-journeys",),
    )
    for each in tried:
        ran = siwrnai("--data", str(there.folder), *each)
        assert (ran.returncode, "is over: time stands still there" in ran.stderr) == (3, True), ran.stderr
        assert "Nothing has changed." in ran.stderr
    with python(SERVE, SIWRNAI_HOME=str(there.folder), **OUTSIDE) as serving:
        _, complaint = serving.communicate()
    assert (serving.returncode, "lies a rehearsal that is over" in complaint) == (1, True)
    assert siwrnai("--data", str(there.folder), "status").returncode == 4


def test_what_is_an_auditors_own_can_be_tried_in_it(there: There) -> None:
    def done(*arguments: str) -> str:
        ran = siwrnai("--data", str(there.folder), "audit", *arguments, "--actor", there.kept.reader)
        assert ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    draw = done("draw", "--size", "1", "--seed", "a").splitlines()[0]
    answer = ("--question", "reasons_stated", "--grade", "done", "--finding", "The reasons are on record.")
    done("answer", draw, there.child, *answer)
    assert "The reasons are on record." in done("form", draw, there.child)
    done("hold", there.child, "--reason", "An inquiry asks for it.")
    assert there.child in done("destructions")
    verified = siwrnai("--data", str(there.folder), "audit", "verify", there.child)
    assert verified.returncode == 0, verified.stdout
    fingerprint = siwrnai("--data", str(there.folder), "audit", "key")
    assert (fingerprint.returncode, len(fingerprint.stdout.splitlines())) == (0, 2), fingerprint.stderr


async def test_kept_by_an_older_version_it_is_brought_up_to_date_and_kept_by_a_newer_one_it_is_refused(
    there: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a version that has one migration more, what was kept is as old as to any later one."""
    shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations")
    newest = max(re.findall(r'^revision = "(.*)"', each.read_text(), re.M)[0] for each in migrate.MIGRATIONS.glob("versions/v*.py"))
    (tmp_path / "migrations" / "versions" / "v9999_later.py").write_text(LATER.format(newest=newest))
    with monkeypatch.context() as later:
        later.setattr(migrate, "MIGRATIONS", tmp_path / "migrations")
        async with opened(there.kept, there.folder, print) as endpoints:
            connection = await asyncpg.connect(endpoints.postgres_superuser_dsn)
            assert await connection.fetchval("SELECT version_num FROM record.alembic_version") == "9999"
            await connection.close()
    ran = siwrnai("--data", str(there.folder), "journey", "show", there.child)
    assert ran.returncode == 4
    assert "a newer version of Siwrnai has brought this database up to date: use that version" in ran.stderr


async def test_what_verify_would_find_is_a_difference(stack: Endpoints) -> None:
    rehearsed, turns = play(EXAMPLE), 0

    async def lose_a_letter() -> None:
        connection = await asyncpg.connect(stack.postgres_superuser_dsn, database="postgres")
        (newest,) = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'rehearsal%' ORDER BY oid DESC LIMIT 1")
        await connection.close()
        connection = await asyncpg.connect(stack.postgres_superuser_dsn, database=newest["datname"])
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("DELETE FROM record.letter_orders")
        await connection.close()

    def look(_: object) -> None:
        nonlocal turns
        turns += 1
        if turns == len(rehearsed.turns):
            thread = threading.Thread(target=lambda: asyncio.run(lose_a_letter()))
            thread.start()
            thread.join()

    result = await run(rehearsed, stack, look)
    assert [each for each in result.sentences if "Osian Jenkins: " in each and "screening/1:reminded" in each], result.sentences
