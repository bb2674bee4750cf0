"""What a bundle tells of the meetings about a child, and that what is changed of it is named."""

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.console.bundling import (
    PLACE,
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
    (report,) = own.lines("documents")
    assert "meeting" not in report, "a report goes in, and not whose meeting it was for"
    assert not any(each["purpose"].startswith("meeting") for each in own.lines("reads"))


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
    "a hash": (lambda lines: other_hash(_linked(lines, 2)), "meeting 1, entry 2: its signature is not by this key"),
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
