"""A bundle to take away: whole where nothing is installed, not whole with one byte changed, and for the entitled alone."""

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.manifest import verifier
from audit.verifier import verify
from console.bundle_files import Folder
from console.endings import Code
from tests.console.bundling import (
    KEPT,
    REPORTED,
    SCREENED,
    WORDS,
    Bundle,
    Changing,
    Known,
    alone,
    changed_lines,
    court,
    exported,
    known,
    named,
    other_hash,
    own,
)
from tests.console.conftest import Desk

__all__ = ["court", "known", "own"]


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


async def test_a_document_is_removed_whole(desk: Desk, huw: str, known: Known, court: Bundle, tmp_path: Path) -> None:
    reference = court.lines("documents")[0]["reference"]
    bundle = await exported(desk, known, tmp_path / "b", "court", "--actor", huw, "--redact", f"document:{reference}")
    (report,) = bundle.lines("documents")
    assert {"words", "copy", "hashes", "salts"}.isdisjoint(report)
    assert report["withheld"]["hash"] == verify.whole_document(court.lines("documents")[0]["hashes"])
    ran = alone(bundle)
    assert (ran.returncode, f"document 1: removed, hash {report['withheld']['hash']}" in ran.stdout) == (0, True)


OTHERS: dict[str, tuple[str, Changing, str]] = {
    "hash of a letter": (
        "letters",
        lambda lines: [other_hash(each["withheld"]) for each in lines if "withheld" in each],
        "withheld.jsonl",
    ),
    "salt": ("letters", lambda lines: [each.update(salt="00") for each in lines if "salt" in each], "is not what its hash says"),
    "hash of a section": ("documents", lambda lines: other_hash(lines[0]["removed"]["harm"]), "document 1, section harm: is not what"),
    "a section in silence": ("documents", lambda lines: lines[0]["removed"].clear(), "document 1: shows other sections"),
    "the list": ("withheld", lambda lines: [other_hash(each) for each in lines if each["what"] == "section"], "section 1: withheld.jsonl"),
    "a line of the list": ("withheld", lambda lines: lines.pop(), "withheld.jsonl does not say"),
}


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
