"""A bundle to take away: whole where nothing is installed, not whole with one byte changed, and for the entitled alone."""

import datetime as dt
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.manifest import verifier
from audit.verifier import verify
from console.bundle_files import Folder
from console.endings import Code
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


async def test_it_verifies_where_nothing_is_installed(desk: Desk, court: Bundle) -> None:
    ran = alone(court)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "WHOLE: " in ran.stdout
    published = await desk.gets("audit", "key")
    fingerprint = ran.stdout.splitlines()[0].partition(": ")[2]
    assert fingerprint in published
    assert alone(court, "--fingerprint", fingerprint).returncode == 0
    assert alone(court, "--fingerprint", "00" * 32).returncode == 1
    assert "CYFAN: " in alone(court, "--cymraeg").stdout
    assert verify.check(court.archive) == 0


async def test_the_verifier_in_it_is_the_one_that_is_published(desk: Desk, court: Bundle) -> None:
    assert (court.folder / "verify.py").read_bytes() == verifier()
    assert re.search(r"SHA-256 of verify.py: [0-9a-f]{64}", await desk.gets("audit", "key", SIWRNAI_LANGUAGE="en"))


def test_a_court_is_given_everything_under_names(court: Bundle, known: Known) -> None:
    assert [each.get("words") for each in court.lines("words") if "words" in each][:2] == [WORDS, SCREENED]
    (report,) = court.lines("documents")
    assert report["words"] == {"harm": REPORTED, "impact": KEPT}
    assert {"file", "calendar"} <= set(next(each for each in court.lines("letters") if each["to"] == known.worker))
    assert (court.folder / "calendar" / "00001-1.ics").exists() or list((court.folder / "calendar").iterdir())
    assert (court.folder / "letters").is_dir()
    assert list((court.folder / "rules").glob("*.toml"))
    page = (court.folder / "english.html").read_text()
    assert all(each in page for each in ("Ela Prys", "Nia Pugh", SCREENED, REPORTED, "&lt;L-one@enghraifft.example&gt;"))
    # What the child said is for its social worker: whoever made this is not that, and the list says so.
    assert {each["why"] for each in court.lines("withheld")} == {"voice"}
    assert "gweiddi" not in court.all_of_it()


def test_a_copy_of_ones_own_record_tells_nothing_of_others(own: Bundle, known: Known) -> None:
    ran = alone(own)
    assert ran.returncode == 0, ran.stdout
    assert "entry 1, part body: redacted, proven to have stood there" in ran.stdout
    assert "withheld whole, proven to have stood there" in ran.stdout
    said = own.all_of_it()
    for secret in (
        "neighbour",
        known.school,
        known.accused,
        "Gwyn",
        "Huw",
        "Nia Pugh",
        "Parry",
        "allegation",
        "designated officer",
        "gweiddi",
    ):
        assert secret not in said, secret
    assert "Siân Prys was not there." in said, "whoever it is given to keeps their own name"


def test_a_section_that_is_kept_from_its_reader_is_not_even_named(court: Bundle, own: Bundle) -> None:
    (whole,), (report,) = court.lines("documents"), own.lines("documents")
    assert report["copy"] == {"harm": REPORTED}
    assert report["hashes"] == {"harm": whole["hashes"]["harm"]}
    # Whoever has both can tell that it is the same document.
    assert report["withheld"]["hash"] == verify.whole_document(whole["hashes"])
    said = own.all_of_it()
    assert REPORTED in said
    for each in ("impact", "Impact", "effaith", "Effaith", whole["hashes"]["impact"], KEPT):
        assert each not in said, each


async def test_what_is_kept_is_not_named_where_it_is_left_out_besides(desk: Desk, huw: str, known: Known, tmp_path: Path) -> None:
    more = ("--given-to", known.mother, "--redact", "document:1:impact")
    bundle = await exported(desk, known, tmp_path / "b", "subject-access", "--actor", huw, *more)
    assert alone(bundle).returncode == 0
    assert "impact" not in bundle.all_of_it()


async def test_the_social_worker_hands_on_the_childs_words(desk: Desk, known: Known, tmp_path: Path) -> None:
    bundle = await exported(desk, known, tmp_path / "b", "court", "--actor", known.worker)
    assert "Mae Mam yn gweiddi." in bundle.all_of_it()
    assert bundle.lines("withheld") == []


def test_names_of_files_tell_nothing(court: Bundle, known: Known) -> None:
    with zipfile.ZipFile(court.archive) as archive:
        names = " ".join(archive.namelist())
    assert not any(each in names for each in (known.child, known.mother, "Ela", "Prys"))


@pytest.fixture(scope="module")
async def removed(desk: Desk, huw: str, known: Known, court: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A court's bundle without one letter, named by its id, and without one section of a report."""
    letter = next(each for each in court.lines("letters") if "file" in each)
    given = ("--redact", f"letter:{letter['letter']}", "--redact", "document:1:harm")
    return await exported(desk, known, tmp_path_factory.mktemp("removed") / "b", "court", "--actor", huw, *given)


def test_a_letter_and_a_section_are_removed_and_their_hash_stays(court: Bundle, removed: Bundle) -> None:
    ran = alone(removed)
    assert ran.returncode == 0, ran.stdout
    shown = next(each for each in court.lines("letters") if "file" in each)
    gone = next(each for each in removed.lines("letters") if each["letter"] == shown["letter"])
    assert "file" not in gone
    # Whoever is shown the letter later, with the salt of the other bundle, can tell that it was this one.
    content = (court.folder / shown["file"]).read_bytes()
    assert gone["withheld"]["hash"] == shown["hash"] == hashlib.sha256(bytes.fromhex(shown["salt"]) + content).hexdigest()
    assert f"letter {gone['number']}: removed, hash {shown['hash']}: whoever made the bundle left it out" in ran.stdout
    (report,) = removed.lines("documents")
    assert report["words"] == {"impact": KEPT}
    hash = report["removed"]["harm"]["hash"]
    assert hash == court.lines("documents")[0]["hashes"]["harm"]
    assert f"document 1, section harm: removed, hash {hash}" in ran.stdout
    assert "tynnwyd allan, hash" in alone(removed, "--cymraeg").stdout
    said = removed.all_of_it()
    assert REPORTED not in said
    assert said.count(hash) >= 4, "in documents, in the list of what is withheld, and on both pages"


def test_who_was_invited_and_answered_what_stands_in_the_bundle_with_the_meetings_own_log(court: Bundle) -> None:
    (meeting,) = court.lines("meetings")
    called = json.loads((court.folder / "people.json").read_text())
    invited = {called[each["person"]]: each for each in meeting["invitees"] if each["person"] in called}
    assert {"Gwen Parry", "Enfys Rees", "Siân Prys"} <= invited.keys()
    assert invited["Gwen Parry"]["answer"]["reply"] == "accepted"
    assert [each["seq"] for each in meeting["log"]] == [*range(1, len(meeting["log"]) + 1)]
    assert {"arranged", "asked", "answered", "report_given"} <= {each["kind"] for each in meeting["log"]}
    assert [*meeting["words"].values()] == [PLACE]
    page = html.unescape((court.folder / "english.html").read_text())
    assert "Meeting 1: initial child protection conference" in page
    assert re.search(r"Gwen Parry – will be there \(answered: .*, told to somebody who recorded it\)", page)
    assert re.search(r"answered – will be there\. By: Gwen Parry\.", page)
    assert PLACE in page
    assert "Cyfarfod 1: cynhadledd amddiffyn plant gychwynnol" in html.unescape((court.folder / "cymraeg.html").read_text())


def test_a_copy_of_ones_own_record_tells_nobody_of_a_meeting_to_which_they_have_not_been_asked_yet(own: Bundle) -> None:
    """The mother is invited, and the social worker has not told her: nor does it say that there is a meeting."""
    assert own.lines("meetings") == []
    assert not any(each["what"] == "meeting" for each in own.lines("withheld"))
    assert json.loads((own.folder / "manifest.json").read_bytes())["logs"] == []
    assert PLACE not in own.all_of_it()


async def test_of_a_meeting_the_child_reads_its_own_invitation_alone(desk: Desk, known: Known, court: Bundle, tmp_path: Path) -> None:
    bundle = await exported(desk, known, tmp_path / "b", "subject-access", "--actor", known.worker)
    (meeting,) = bundle.lines("meetings")
    assert (meeting["kind"], [each["person"] for each in meeting["invitees"]]) == ("icpc", [known.itself])
    assert json.loads((bundle.folder / "people.json").read_text())[known.itself] == "Ela Prys", "whose own record it is"
    assert {"log", "chair"}.isdisjoint(meeting)
    assert meeting["words"] == {}, "it has said nothing in words"
    (whole,) = court.lines("meetings")
    # Whoever is shown the meeting later, with the salt of the other bundle, can tell that it was this one.
    said = {name: each for name, each in whole.items() if name not in {"number", "meeting", "salt", "hash", "chain"}}
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert meeting["withheld"]["hash"] == whole["hash"] == hashlib.sha256(bytes.fromhex(whole["salt"]) + plain).hexdigest()
    assert alone(bundle).returncode == 0


async def test_a_meeting_is_removed_whole_and_a_person_left_out_is_a_number_in_it(
    desk: Desk, huw: str, known: Known, court: Bundle, tmp_path: Path
) -> None:
    bundle = await exported(desk, known, tmp_path / "b", "court", "--actor", huw, "--redact", "meeting:1")
    (meeting,) = bundle.lines("meetings")
    assert (meeting.keys(), meeting["withheld"]["why"]) == ({"number", "meeting", "withheld", "chain"}, "asked")
    (whole,) = court.lines("meetings")
    # Headers hold ids and answers: none is there. Whoever is shown the log later comes to the same end of its chain.
    assert meeting["chain"] == [{**whole["chain"][-1], "header": None}]
    assert not any(each["header"] in bundle.all_of_it() for each in whole["chain"])
    ran = alone(bundle)
    assert (ran.returncode, f"meeting 1, log 1–{len(whole['log'])}: redacted, its last entry signed" in ran.stdout) == (0, True)
    without = await exported(desk, known, tmp_path / "c", "court", "--actor", huw, "--without", known.mother)
    (meeting,) = without.lines("meetings")
    assert known.mother not in json.dumps(meeting)
    assert meeting["withheld"]["why"] == "third_party"
    assert len(meeting["invitees"]) == len(whole["invitees"])
    assert [each["seq"] for each in meeting["log"]] == [each["seq"] for each in whole["log"]]
    as_signed = [each["seq"] for each in meeting["chain"] if each["header"] is not None]
    assert as_signed == [each["seq"] for each in whole["log"] if known.mother not in json.dumps(each)] != []
    ran = alone(without)
    assert ran.returncode == 0
    assert "meeting 1, log 1: redacted, proven to have stood there\n    what is shown in its place is vouched for by" in ran.stdout


async def test_each_entry_of_a_meetings_log_stands_as_it_was_signed(desk: Desk, court: Bundle) -> None:
    (meeting,) = court.lines("meetings")
    connection = await asyncpg.connect(desk.endpoints.postgres_superuser_dsn)
    try:
        signed = "SELECT canonical, hash, signature FROM record.meeting_log WHERE meeting = $1 ORDER BY seq"
        kept = [tuple(row) for row in await connection.fetch(signed, meeting["meeting"])]
    finally:
        await connection.close()
    assert [(each["header"].encode(), *(bytes.fromhex(each[name]) for name in ("hash", "signature"))) for each in meeting["chain"]] == kept
    assert json.loads((court.folder / "manifest.json").read_bytes())["logs"] == [len(kept)]
    ran = alone(court).stdout
    assert f"WHOLE: {len(court.lines('timeline')) + len(kept)} entries chained and signed" in ran


def _rehashed(lines: list[dict[str, Any]]) -> None:
    """Another answer, and all hashes, headers and the meeting's own hash made to follow from it: all but the signatures."""
    (line,) = lines
    next(each for each in line["log"] if each["kind"] == "answered")["content"]["answer"]["reply"] = "declined"
    previous = hashlib.sha256(f"meeting/{line['meeting']}".encode()).digest()
    for entry, said in zip(line["chain"], line["log"], strict=True):
        header = json.loads(entry["header"]) | said | {"previous": previous.hex()}
        entry["header"] = json.dumps(header)
        previous = hashlib.sha256(previous + entry["header"].encode()).digest()
        entry["hash"] = previous.hex()
    said = {name: each for name, each in line.items() if name not in {"number", "meeting", "salt", "hash", "chain"}}
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    line["hash"] = hashlib.sha256(bytes.fromhex(line["salt"]) + plain).hexdigest()


def _swapped(lines: list[dict[str, Any]]) -> None:
    chain = lines[0]["chain"]
    chain[1], chain[2] = chain[2] | {"seq": 2}, chain[1] | {"seq": 3}


def _linked(lines: list[dict[str, Any]], seq: int) -> dict[str, Any]:
    return lines[0]["chain"][seq - 1]


NOT_ITS_HASH = "meeting 1: is not what its hash says"
MEETING: dict[str, tuple[Changing, str]] = {
    "an answer": (
        lambda lines: next(each["answer"] for each in lines[0]["invitees"] if "answer" in each).update(reply="declined"),
        NOT_ITS_HASH,
    ),
    "an entry of the log": (lambda lines: lines[0]["log"].pop(), NOT_ITS_HASH),
    "words": (lambda lines: lines[0]["words"].update({next(iter(lines[0]["words"])): PLACE + "!"}), NOT_ITS_HASH),
    "a header": (
        lambda lines: _linked(lines, 2).update(
            header=_linked(lines, 2)["header"].replace("siwrnai", "siwrnaj", 1).replace('"seq"', '"sep"')
        ),
        "meeting 1, entry 2: its hash does not follow",
    ),
    "a hash": (lambda lines: _other_hash(_linked(lines, 2)), "meeting 1, entry 2: its signature is not by this key"),
    "a signature": (
        lambda lines: _linked(lines, 2).update(signature=_linked(lines, 3)["signature"]),
        "meeting 1, entry 2: its signature is not by this key",
    ),
    "a header in silence": (
        lambda lines: _linked(lines, 2).update(header=None),
        "meeting 1, entry 2: is neither shown nor said to be withheld",
    ),
    "a link taken away": (lambda lines: lines[0]["chain"].pop(1), "meeting 1, entry 3: entry 2 should stand here"),
    "the last link taken away": (lambda lines: lines[0]["chain"].pop(), "is told of, and does not stand in the chain"),
    "the end of the log": (lambda lines: (lines[0]["chain"].pop(), lines[0]["log"].pop()), "were signed"),
    "two exchanged": (_swapped, "meeting 1, entry 2: its header does not say what its place says"),
    "what is told": (
        lambda lines: lines[0]["log"][1].update(happened_at=lines[0]["log"][1]["happened_at"].replace("+00:00", "+01:00")),
        "meeting 1, entry 2: what is told of it is not what was signed",
    ),
    "what is told of in silence": (
        lambda lines: lines[0]["log"][1].pop("content"),
        "meeting 1, entry 2: what is told of it is not what was signed",
    ),
    "another meeting": (lambda lines: lines[0].update(meeting="m-other"), "meeting 1, entry 1: its hash does not follow"),
    "all of it without the key": (_rehashed, "meeting 1, entry 1: its signature is not by this key"),
    "a meeting taken away": (lambda lines: lines.pop(), "meeting 1: its log has 0 entries, and"),
    "not a link": (lambda lines: _linked(lines, 2).update(hash="z"), "meeting 1, entry 2: cannot be read (ValueError)"),
    "no chain": (lambda lines: lines[0].pop("chain"), "meetings.jsonl, line 1: cannot be read (KeyError)"),
}


@pytest.mark.parametrize("which", MEETING)
def test_a_changed_meeting_is_named(court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str) -> None:
    change, said = MEETING[which]
    named(changed_lines(court, tmp_path, "meetings", change), "meetings", said, capsys)


async def test_a_document_is_removed_whole(desk: Desk, huw: str, known: Known, court: Bundle, tmp_path: Path) -> None:
    reference = court.lines("documents")[0]["reference"]
    bundle = await exported(desk, known, tmp_path / "b", "court", "--actor", huw, "--redact", f"document:{reference}")
    (report,) = bundle.lines("documents")
    assert {"words", "copy", "hashes", "salts"}.isdisjoint(report)
    assert report["withheld"]["hash"] == verify.whole_document(court.lines("documents")[0]["hashes"])
    ran = alone(bundle)
    assert (ran.returncode, f"document 1: removed, hash {report['withheld']['hash']}" in ran.stdout) == (0, True)


def _other_hash(line: dict[str, Any]) -> None:
    line["hash"] = "0" + line["hash"][1:] if line["hash"][0] != "0" else "1" + line["hash"][1:]


OTHERS: dict[str, tuple[str, Changing, str]] = {
    "hash of a letter": (
        "letters",
        lambda lines: [_other_hash(each["withheld"]) for each in lines if "withheld" in each],
        "withheld.jsonl",
    ),
    "salt": ("letters", lambda lines: [each.update(salt="00") for each in lines if "salt" in each], "is not what its hash says"),
    "hash of a section": ("documents", lambda lines: _other_hash(lines[0]["removed"]["harm"]), "document 1, section harm: is not what"),
    "a section in silence": ("documents", lambda lines: lines[0]["removed"].clear(), "document 1: shows other sections"),
    "the list": ("withheld", lambda lines: [_other_hash(each) for each in lines if each["what"] == "section"], "section 1: withheld.jsonl"),
    "a line of the list": ("withheld", lambda lines: lines.pop(), "withheld.jsonl does not say"),
}


def named(changed: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle is not whole: the verifier says where, and which file was changed."""
    assert verify.check(changed) == 1
    out = capsys.readouterr().out
    assert said in out
    assert f"{name}.jsonl: was changed" in out


@pytest.mark.parametrize("which", OTHERS)
def test_a_changed_proof_of_what_is_removed_is_named(
    removed: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    name, change, said = OTHERS[which]
    named(changed_lines(removed, tmp_path, name, change), name, said, capsys)


def test_a_changed_section_is_named(court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = changed_lines(court, tmp_path, "documents", lambda lines: lines[0]["words"].update(harm=REPORTED + "!"))
    assert verify.check(changed) == 1
    assert "document 1, section harm: is not what its hash says" in capsys.readouterr().out


def test_a_changed_letter_is_named(court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "b"
    shutil.copytree(court.folder, folder)
    line = next(each for each in court.lines("letters") if "file" in each)
    (folder / line["file"]).write_bytes((folder / line["file"]).read_bytes() + b" ")
    assert verify.check(folder) == 1
    assert f"letter {line['number']}: is not what its hash says" in capsys.readouterr().out


PLACES = ("first", "middle", "last")


EVERY_FILE = (
    "README.txt",
    "cymraeg-01.pdf",
    "cymraeg.html",
    "documents.jsonl",
    "english-01.pdf",
    "english.html",
    "letters.jsonl",
    "manifest.json",
    "manifest.sig",
    "meetings.jsonl",
    "people.json",
    "public-key.txt",
    "reads.jsonl",
    "timeline.jsonl",
    "verify.py",
    "withheld.jsonl",
    "words.jsonl",
    "letters/00001.eml",
    "rules/settings-1.json",
    "rules/calendar-1.json",
)


def test_every_file_is_tried(court: Bundle) -> None:
    there = {path.relative_to(court.folder).as_posix() for path in court.folder.rglob("*") if path.is_file()}
    tried = set(EVERY_FILE)
    assert not {each for each in there - tried if not re.match(r"letters/|calendar/|rules/[0-9a-f]+\.toml", each)}


@pytest.mark.parametrize("name", EVERY_FILE)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("bit", [0x01, 0x20], ids=["one", "case"])
def test_one_byte_changed_is_found_and_named(
    court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, place: str, bit: int
) -> None:
    folder = tmp_path / "b"
    shutil.copytree(court.folder, folder)
    if name.startswith("letters/") and not (folder / name).exists():
        name = next(path.relative_to(folder).as_posix() for path in (folder / "letters").iterdir())
    written = bytearray((folder / name).read_bytes())
    at = {"first": 0, "middle": len(written) // 2, "last": len(written) - 1}[place]
    written[at] ^= bit
    (folder / name).write_bytes(written)
    assert verify.check(folder) == 1
    assert name in capsys.readouterr().out


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_byte_of_the_archive_changed_is_found(court: Bundle, tmp_path: Path, data: st.DataObject) -> None:
    written = bytearray(court.archive.read_bytes())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    changed = tmp_path / "changed.zip"
    changed.write_bytes(written)
    assert verify.check(changed) == 1


@pytest.mark.parametrize("more", [b"\0", b"PK\5\6" + b"\0" * 18])
def test_nothing_hides_in_the_archive(court: Bundle, tmp_path: Path, more: bytes) -> None:
    for written in (court.archive.read_bytes() + more, more + court.archive.read_bytes()):
        changed = tmp_path / "changed.zip"
        changed.write_bytes(written)
        assert verify.check(changed) == 1


def changed_lines(bundle: Bundle, tmp_path: Path, name: str, change: Changing) -> Path:
    """The bundle with the lines of one file changed."""
    folder = tmp_path / "b"
    shutil.copytree(bundle.folder, folder)
    lines = bundle.lines(name)
    change(lines)
    (folder / f"{name}.jsonl").write_bytes(b"".join(json.dumps(each).encode() + b"\n" for each in lines))
    return folder


CHANGES: dict[str, tuple[str, Changing, str]] = {
    "an entry taken away": ("timeline", lambda lines: lines.pop(2), "entry 4: entry 3 should stand here"),
    "the last taken away": ("timeline", lambda lines: lines.pop(), "entries, and"),
    "two exchanged": ("timeline", lambda lines: lines.insert(2, lines.pop(3)), "entry 4: entry 3 should stand here"),
    "a header": (
        "timeline",
        lambda lines: lines[1].update(header=lines[1]["header"].replace("2026", "2027").replace("2025", "2026")),
        "entry 2: its hash does not follow",
    ),
    "a part": ("timeline", lambda lines: lines[0]["parts"]["events"].update(said="[]"), "entry 1, part events: is not what was committed"),
    "a part in silence": ("timeline", lambda lines: lines[0]["parts"].pop("events"), "entry 1, part events: is neither shown"),
    "a signature": (
        "timeline",
        lambda lines: lines[0].update(signature=lines[1]["signature"]),
        "entry 1: its signature is not by this key",
    ),
    "words": ("words", lambda lines: lines[0].update(words="Nothing."), "words.jsonl, line 1: the words are not those to which entry 1"),
    "words of another": ("words", lambda lines: lines[0].update(seq=2), "words.jsonl, line 1: entry 2 does not refer to these words"),
}


@pytest.mark.parametrize("which", CHANGES)
def test_what_is_changed_is_named_by_its_entry(court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str) -> None:
    name, change, said = CHANGES[which]
    named(changed_lines(court, tmp_path, name, change), name, said, capsys)


def test_a_file_more_or_less_is_named(court: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "b"
    shutil.copytree(court.folder, folder)
    (folder / "more.txt").write_text("x")
    (folder / "people.json").unlink()
    assert verify.check(folder) == 1
    out = capsys.readouterr().out
    assert "more.txt: is not part of what was signed" in out
    assert "people.json: is missing" in out


async def test_an_export_is_logged_and_stands_in_the_next(desk: Desk, huw: str, known: Known, tmp_path: Path) -> None:
    bundle = await exported(desk, known, tmp_path / "b", "inspection", "--actor", huw)
    again = await exported(desk, known, tmp_path / "c", "inspection", "--actor", huw)
    assert (huw, "audit export for inspection") in [(each["by"], each["purpose"]) for each in again.lines("reads")]
    # The same record makes the same files, but for who has read it and when it was made.
    differ = {name for name in changed_files(bundle.folder, again.folder) if "/" not in name}
    assert differ <= {"reads.jsonl", "english.html", "cymraeg.html", "english-01.pdf", "cymraeg-01.pdf", "manifest.json", "manifest.sig"}
    page = (bundle.folder / "english.html").read_text()
    assert "Ela Prys" not in page.partition('<h2 id="timeline">')[0]
    assert "Nia Pugh" in page


def changed_files(one: Path, other: Path) -> Iterator[str]:
    for path in one.rglob("*"):
        name = path.relative_to(one)
        if path.is_file() and path.read_bytes() != (other / name).read_bytes():
            yield name.as_posix()


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    made: list[bytes] = []
    for each in ("one", "two"):
        (tmp_path / each).mkdir()
        folder = Folder(tmp_path / each)
        folder.put("b/c.txt", b"x" * 3)
        folder.put("a.txt", [b"1", b"2"])
        folder.pack(tmp_path / f"{each}.zip")
        made.append((tmp_path / f"{each}.zip").read_bytes())
    assert made[0] == made[1]


async def refused(desk: Desk, tmp_path: Path, child: str, *more: str, for_: str = "court") -> tuple[int, str]:
    out = tmp_path / "refused.zip"
    ran = await desk.runs("audit", "export", child, "--for", for_, "--out", str(out), *more, SIWRNAI_LANGUAGE="en")
    assert os.listdir(tmp_path) == [], "nothing is left, neither archive nor folder"
    return ran.code, ran.err


async def test_whoever_is_shut_out_makes_none(desk: Desk, known: Known, tmp_path: Path) -> None:
    code, said = await refused(desk, tmp_path, known.child, "--actor", known.accused)
    assert code == Code.refused
    assert "nothing is shown" in said


async def test_whoever_holds_no_such_post_makes_none(desk: Desk, known: Known, tmp_path: Path) -> None:
    outsider = await desk.gets("directory", "add-person", "--name", "Out Sider", "--email", "out@enghraifft.example")
    code, said = await refused(desk, tmp_path, known.child, "--actor", outsider)
    assert (code, "may not make a bundle for" in said and "head of service" in said) == (Code.refused, True)
    code, said = await refused(desk, tmp_path, known.child, "--actor", known.worker, for_="inspection")
    assert (code, "may not make a bundle for" in said and "head of service" in said) == (Code.refused, True)


async def test_nobody_makes_one_without_a_name(desk: Desk, known: Known, tmp_path: Path) -> None:
    code, said = await refused(desk, tmp_path, known.child)
    assert (code, "--actor is missing" in said) == (Code.mistake, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--redact", "1:bdy"), "entry 1 has no bdy"),
        (("--redact", "body"), "is not an entry and a part"),
        (("--redact", "letter:999"), "there is no letter:999"),
        (("--redact", "document:1:hram"), "there is no document:1:hram"),
        (("--given-to", "f-1"), "goes with --for subject-access alone"),
        (("--without", "p-nobody"), "p-nobody"),
    ],
)
async def test_what_would_leave_out_nothing_is_refused(
    desk: Desk, huw: str, known: Known, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    code, sentence = await refused(desk, tmp_path, known.child, "--actor", huw, *more)
    assert (code, said in sentence) == (Code.mistake, True), sentence


async def test_nobody_is_given_a_copy_who_may_know_nothing(desk: Desk, huw: str, known: Known, tmp_path: Path) -> None:
    child = await desk.gets("child", "register", "--actor", huw, "--name", "Tomos Prys", "--born", "2015-05-03")
    father = await desk.gets("child", "family-member", child, "--actor", huw, "--relation", "parent", "--name", "Dai", "--way", "none")
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "Heard.")
    restriction = ("--person", father, "--hidden", "everything", "--because", "bail")
    await desk.gets("journey", "restriction-made", child, "--actor", huw, *restriction)
    code, said = await refused(desk, tmp_path, child, "--actor", huw, "--given-to", father, for_="subject-access")
    assert (code, "may be told nothing" in said) == (Code.refused, True)
    code, said = await refused(desk, tmp_path, child, "--actor", huw, "--given-to", known.mother, for_="subject-access")
    assert (code, "on record as family" in said) == (Code.mistake, True)
