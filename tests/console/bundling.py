"""A child whose record is taken away in bundles, and how a bundle is made, checked and changed."""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from audit.verifier import verify
from record import letters
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from schemas.letters import DeliveryState
from tests.console.conftest import Desk

WORDS = "Siân Prys said that Ela fell; a neighbour heard it."
SCREENED = "A bruise that nobody explains."
REPORTED = "It does not sleep at home."
PLACE = "The room above the library."
KEPT = "It flinches when it is fetched."
"""A section of the school's report, impact, that the mother is not to read."""


Changing = Callable[[list[dict[str, Any]]], object]


class Known(NamedTuple):
    """A child with a journey, a conference, a report, an allegation; and who is who."""

    child: str
    worker: str
    mother: str
    accused: str
    school: str
    itself: str
    """The child, among its family."""


class Bundle(NamedTuple):
    """An archive, and what is in it."""

    archive: Path
    folder: Path

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / f"{name}.jsonl").read_bytes().splitlines()]

    def all_of_it(self) -> str:
        """Everything that can be read as text."""
        said = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix not in {".pdf", ".py", ".toml"})
        return "\n".join(path.read_text(errors="replace") for path in said)


@pytest.fixture(scope="module")
async def known(desk: Desk, huw: str) -> Known:
    by = ("--actor", huw)
    worker = await desk.gets("directory", "add-person", "--name", "Nia Pugh", "--email", "nia@enghraifft.example")
    accused = await desk.gets("directory", "add-person", "--name", "Gwyn Accused", "--email", "gwyn@enghraifft.example")
    chair = await desk.gets("directory", "add-person", "--name", "Enfys Rees", "--email", "enfys@enghraifft.example")
    agency = await desk.gets("directory", "add-agency", "--name-cy", "Ysgol", "--name-en", "School", "--kind", "school")
    head = await desk.gets("directory", "add-person", "--name", "Gwen Parry", "--email", "gwen@enghraifft.example", "--agency", agency)
    child = await desk.gets("child", "register", *by, "--name", "Ela Prys", "--born", "2014-05-03", "--language", "cy")
    await desk.gets("child", "agencies", child, *by, "--agency", f"part=education,agency={agency}")
    mother = await desk.gets("child", "family-member", child, *by, "--relation", "parent", "--name", "Siân Prys", "--way", "by_hand")
    itself = await desk.gets("child", "family-member", child, *by, "--relation", "child", "--name", "Ela Prys", "--way", "by_hand")
    await desk.gets("journey", "report", child, *by, "--how", "telephone", "--words", WORDS, "--agency", agency)
    await desk.gets("journey", "screened", child, *by, "--decision", "strategy", "--rationale", SCREENED)
    await desk.gets("journey", "allocated", child, *by, "--role", "social_worker", "--person", worker)
    await desk.gets("journey", "voice-recorded", child, "--actor", worker, "--how", "in_person", "--worries", "Mae Mam yn gweiddi.")
    await desk.gets("journey", "visit", child, "--actor", worker, "--seen", "--place", "school", "--words", "Siân Prys was not there.")
    await desk.gets("journey", "allegation-against-professional", child, *by, "--against", accused, "--words", "Heard.")
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=21)).isoformat(timespec="minutes")
    when = ("--starts", starts, "--place", PLACE)
    said = await desk.gets("meeting", "arranged", *by, "--kind", "icpc", "--children", child, "--chair", chair, *when)
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    shown = await desk.gets("meeting", "show", meeting, *by)
    invitee, parent, young = [
        next(line.split()[0] for line in shown.splitlines() if line.startswith("i-") and name in line)
        for name in ("Gwen Parry", "Siân Prys", "Ela Prys")
    ]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    await desk.gets("meeting", "released", meeting, "--actor", worker, "--invitee", young, "--spoken-at", now)
    await desk.gets("meeting", "answered", meeting, "--actor", head, "--invitee", invitee, "--reply", "accepted")
    said = ("--harm", REPORTED, "--impact", KEPT, "--keep", f"section=impact,person={parent}")
    await desk.gets("meeting", "report", meeting, "--actor", head, "--invitee", invitee, "--child", child, *said)
    await posted(desk, worker)
    return Known(child, worker, mother, accused, agency, itself)


async def posted(desk: Desk, recipient: str) -> None:
    """The sender rendered a letter to that person and handed it over."""
    letter = EmailMessage()
    letter["Message-ID"], letter["Subject"] = "<L-one@enghraifft.example>", "Something waits"
    letter.set_content("Something waits.")
    letter.add_attachment(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", maintype="text", subtype="calendar", filename="invite.ics")
    keys = KeyRing(desk.endpoints.keys)
    address = dsn(desk.endpoints.postgres_superuser_dsn, Role.post, desk.endpoints.keys)
    async with await open_pool(address, "tests", most=1) as pool, transaction(pool, desk.authority) as connection:
        ids = await connection.fetch("SELECT id FROM letters WHERE recipient = $1", recipient)
        for row in ids:
            await letters.store_rendered(connection, row["id"], letter.as_bytes(), "cy", keys)
            await letters.mark(connection, row["id"], DeliveryState.sent, "250")
    assert ids


async def exported(desk: Desk, known: Known, place: Path, for_: str, *more: str) -> Bundle:
    os.mkdir(place)
    archive = place / "bundle.zip"
    await desk.gets("audit", "export", known.child, "--for", for_, "--out", str(archive), *more)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(place / "opened")
    return Bundle(archive, place / "opened")


@pytest.fixture(scope="module")
async def court(desk: Desk, huw: str, known: Known, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return await exported(desk, known, tmp_path_factory.mktemp("court") / "b", "court", "--actor", huw)


@pytest.fixture(scope="module")
async def own(desk: Desk, huw: str, known: Known, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return await exported(desk, known, tmp_path_factory.mktemp("own") / "b", "subject-access", "--actor", huw, "--given-to", known.mother)


def alone(bundle: Bundle, *more: str) -> subprocess.CompletedProcess[str]:
    """The verifier as an auditor runs it: Python without its site, in the folder of the bundle."""
    command = (sys.executable, "-I", "-S", "verify.py", *more)
    return subprocess.run(command, cwd=bundle.folder, capture_output=True, text=True, encoding="utf-8", env={}, check=False)  # noqa: S603


def named(changed: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle is not whole: the verifier says where, and which file was changed."""
    assert verify.check(changed) == 1
    out = capsys.readouterr().out
    assert said in out
    assert f"{name}.jsonl: was changed" in out


def changed_lines(bundle: Bundle, tmp_path: Path, name: str, change: Changing) -> Path:
    """The bundle with the lines of one file changed."""
    folder = tmp_path / "b"
    shutil.copytree(bundle.folder, folder)
    lines = bundle.lines(name)
    change(lines)
    (folder / f"{name}.jsonl").write_bytes(b"".join(json.dumps(each).encode() + b"\n" for each in lines))
    return folder


def other_hash(line: dict[str, Any]) -> None:
    """Its hash is another."""
    line["hash"] = "0" + line["hash"][1:] if line["hash"][0] != "0" else "1" + line["hash"][1:]
