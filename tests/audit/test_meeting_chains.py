"""A meeting's log in a bundle: what the verifier says of entries that are withheld, and of those that were taken over."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.verifier.verify import LOGGED, Findings, Log, logged
from record import sealing
from schemas.chains import Chain
from schemas.meetings import MeetingEntry

KEY = Ed25519PrivateKey.generate()
COPIED = "what is shown in its place is vouched for by the bundle's signature alone"


def line(*withheld: int, entries: int = 6, copied: bool = False, **more: Any) -> dict[str, Any]:
    """A meeting's line; of entries that are withheld one after the other the last keeps its hash."""
    made: dict[str, Any] = {"number": 2, "meeting": "m-1", "chain": [], "log": [], **({"withheld": {}} if withheld else {})}
    previous = sealing.genesis(Chain(meeting="m-1").name)
    for seq in range(1, entries + 1):
        entry = sealing.chain({"seq": seq, "kind": "answered", "content": {"by": f"p-{seq}"}, "meeting": "m-1", **more}, previous, KEY)
        previous = entry.hash
        if seq not in withheld or copied:
            made["log"].append(logged(json.loads(entry.canonical)) | ({"content": {}} if seq in withheld else {}))
        if seq not in withheld or seq + 1 not in withheld:
            header = None if seq in withheld else entry.canonical.decode()
            made["chain"].append({"seq": seq, "header": header, "hash": entry.hash.hex(), "signature": entry.signature.hex()})
    return made


def checked(said: dict[str, Any], language: int = 0) -> Findings:
    found = Findings(language)
    Log(said, KEY.public_key().public_bytes_raw(), found).check(said["chain"])
    return found


def test_a_line_says_all_that_an_entry_says() -> None:
    assert set(LOGGED) == set(MeetingEntry.model_fields)


def test_what_is_withheld_before_an_entry_that_is_shown_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    found = checked(line(2, 3, 5))
    assert (found.wrong, found.entries, found.withheld) == ([], 3, 3)
    assert capsys.readouterr().out.splitlines() == [
        "meeting 2, log 2–3: redacted, proven to have stood there",
        "meeting 2, log 5: redacted, proven to have stood there",
    ]
    assert checked(line(1), language=1).wrong == []
    assert capsys.readouterr().out == "cyfarfod 2, log 1: wedi'i olygu, profwyd iddo sefyll yno\n"


def test_of_what_is_withheld_at_the_end_no_more_is_said_than_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    found = checked(line(*range(1, 7)))
    assert (found.wrong, found.entries, found.withheld) == ([], 0, 0)
    assert "meeting 2, log 1–6: redacted, its last entry signed with this key" in capsys.readouterr().out


def test_of_a_copy_it_is_said_who_vouches_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(line(2, copied=True)).wrong == []
    assert COPIED in capsys.readouterr().out
    checked(line(2))
    assert COPIED not in capsys.readouterr().out


def test_what_was_taken_over_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    said = line(entries=3, taken_over=True)
    assert checked(said).wrong == []
    assert capsys.readouterr().out.startswith("meeting 2: 3 entries of its log were written by an earlier version without a signature")
    checked(said, language=1)
    assert capsys.readouterr().out.startswith("cyfarfod 2: 3 cofnod o'i log a ysgrifennwyd gan fersiwn gynharach heb lofnod")


@pytest.mark.parametrize(
    ("at", "change", "wrong"),
    [
        (1, {"hash": "00" * 32}, "meeting 2, entry 3: its signature is not by this key"),
        (1, {"seq": 2}, "meeting 2, entry 4: entry 3 should stand here"),
        (1, {"seq": 4}, "meeting 2, entry 4: entry 5 should stand here"),
        (1, {"seq": 1}, "meeting 2, entry 1: entry 2 should stand here"),
    ],
)
def test_a_changed_place_of_what_is_withheld_is_named(at: int, change: dict[str, Any], wrong: str) -> None:
    said = line(2, 3)
    said["chain"][at] |= change
    assert wrong in checked(said).wrong
