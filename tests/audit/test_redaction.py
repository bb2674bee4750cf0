"""What is withheld keeps its commitment, and says why; what would be told of third parties is replaced."""

import datetime as dt
import os
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.bundles import For, bundles
from audit.people import People, Somebody
from audit.redaction import Asked, Line, OpenEntry, OpenPart, Redaction, Text, texts_of
from console.audit_export import Known, Wanted, people_in
from record import sealing
from record.canonical import canonical
from record.exporting import Named
from schemas.timeline import Entry, Stages, Versions

AT = dt.datetime(2026, 11, 20, 16, 40, tzinfo=dt.UTC)
STAGES = Stages(registration="not_registered")
REFERENCE = f"text:{'ab' * 16}#{'cd' * 32}"

EVERYBODY = (
    Somebody("c-1", "child", ("Ela Prys",)),
    Somebody("c-2", "family", ("Mabli Prys",)),
    Somebody("f-1", "family", ("Siân Jones", "Siân Prys")),
    Somebody("p-huw", "professional", ("Huw Bevan",)),
)


def opened(seq: int, kind: str, rule: str | None = None, **content: Any) -> OpenEntry:
    """An entry as the record has it, opened."""
    entry = Entry(
        seq=seq,
        kind=kind,
        happened_at=AT,
        effective_from=AT,
        decided_at=AT,
        actor="p-huw",
        cause=f"cmd-{seq}#1",
        rule=rule,
        versions=Versions(rules="ab12", calendar=1, settings=1),
        before=STAGES,
        after=STAGES,
        content=content,
        digest="00" * 32,
    )
    key = os.urandom(32)
    (sealed,) = sealing.seal([entry], sealing.Place("c-1", AT, b"\0" * 32), sealing.Secrets(key, Ed25519PrivateKey.generate()))
    parts = sealing.open_parts(sealed.sealed, key, "c-1", seq)
    return OpenEntry(
        sealed.canonical.decode(),
        sealed.hash.hex(),
        sealed.signature.hex(),
        {name: OpenPart(part.salt.hex(), canonical(part.value).decode()) for name, part in parts.items()},
    )


def redaction(for_: For, left_out: frozenset[str] = frozenset(), **asked: Any) -> Redaction:
    kind = bundles().kinds[for_]
    return Redaction(bundles(), Asked(for_, **asked), People(EVERYBODY, kind, left_out, asked.get("given_to")))


def report(seq: int = 1) -> OpenEntry:
    body = {"how": "telephone", "reporter": "public", "agency": "a-school", "alleged": ["physical"], "words": REFERENCE}
    return opened(seq, "report", body=body, events=["report_received"], facts={"journey": 1}, opened={"reporter": "public", "number": 1})


def whys(line: Line) -> dict[str, str]:
    return {name: why["why"] for name, why in line["withheld"].items()}


@pytest.mark.parametrize("for_", [For.court, For.inspection])
def test_a_court_and_an_inspection_see_the_report_whole(for_: For) -> None:
    line = redaction(for_).entry(report())
    assert line["withheld"] == {}
    assert {*line["parts"]} == {"body", "events", "facts", "opened"}
    assert [text.reference for text in texts_of(line)] == [REFERENCE]


def test_a_copy_of_ones_own_record_does_not_tell_who_reported() -> None:
    redacts = redaction(For.subject_access)
    line = redacts.entry(report())
    assert whys(line) == {"body": "reporter", "events": "reporter", "opened": "reporter"}
    assert line["withheld"]["body"]["copy"] == {"alleged": ["physical"]}
    assert list(texts_of(line)) == []
    written = orjson.dumps(line).decode()
    assert "a-school" not in written
    assert "public" not in written


def test_a_correction_of_what_is_withheld_is_withheld_too() -> None:
    redacts = redaction(For.subject_access)
    redacts.entry(report())
    assert "body" in whys(redacts.entry(opened(2, "corrected", body={"entry": 1, "words": REFERENCE})))
    assert whys(redacts.entry(opened(3, "corrected", body={"entry": 2, "words": REFERENCE})))["body"] == "reporter"
    assert whys(redacts.entry(opened(4, "corrected", body={"entry": 7, "words": REFERENCE}))) == {}


@pytest.mark.parametrize("kind", ["allegation_against_professional", "restriction_made", "restriction_lifted"])
def test_what_is_closed_stands_there_by_its_hash_alone(kind: str) -> None:
    entry = opened(1, kind, body={"against": "p-huw"}, facts={"shut_out": ["p-huw"]})
    line = redaction(For.subject_access).entry(entry)
    assert line["header"] is None
    assert line["parts"] == {}
    assert line["hash"] == entry.hash
    assert whys(line) == {"*": "closed"}
    assert kind not in orjson.dumps(line).decode()


def test_a_timescale_that_an_allegation_starts_does_not_betray_it() -> None:
    entry = opened(1, "clock", rule="designated_officer", state="started")
    assert redaction(For.subject_access).entry(entry)["header"] is None
    assert redaction(For.court).entry(entry)["header"] is not None


def test_what_somebody_asks_to_leave_out_is_left_out_and_what_is_not_there_is_said() -> None:
    redacts = redaction(For.court, withheld=frozenset({(1, "facts"), (2, "all"), (1, "bdy"), (9, "all")}))
    assert whys(redacts.entry(report())) == {"facts": "asked"}
    assert redacts.entry(report(2))["header"] is None
    assert redacts.not_found == [(1, "bdy"), (9, "all")]


def test_a_part_that_is_gone_from_the_record_says_so() -> None:
    entry = report()
    line = redaction(For.court).entry(entry._replace(parts={}))
    assert {*whys(line).values()} == {"gone"}


def test_a_person_left_out_is_a_number_in_parts_too() -> None:
    line = redaction(For.court, frozenset({"f-1"})).entry(opened(1, "visit", body={"with": ["f-1", "p-huw"]}))
    assert line["withheld"]["body"]["copy"] == {"with": ["[person 3]", "p-huw"]}


def text(kind: str = "visit", *may_read: str) -> Text:
    return Text(1, kind, REFERENCE, may_read)


def test_other_peoples_names_are_replaced_in_a_copy_of_ones_own_record() -> None:
    line = redaction(For.subject_access).text(
        text(), "Siân and Huw Bevan saw Ela Prys, Mabli was out. SIÂN JONES left.", "00", reads_voice=False
    )
    assert line["copy"] == "[person 3] and [person 4] saw Ela Prys, [person 2] was out. [person 3] left."
    assert "words" not in line
    assert line["withheld"]["why"] == "third_party"


def test_words_that_name_nobody_can_be_checked() -> None:
    line = redaction(For.subject_access).text(text(), "Ela Prys was well; Hughes is another name.", "5a17", reads_voice=False)
    assert (line["words"], line["salt"]) == ("Ela Prys was well; Hughes is another name.", "5a17")


def test_whoever_the_copy_is_given_to_keeps_their_name() -> None:
    line = redaction(For.subject_access, given_to="f-1").text(text(), "Siân Prys and Mabli.", "00", reads_voice=False)
    assert line["copy"] == "Siân Prys and [person 2]."


@pytest.mark.parametrize(
    ("given_to", "may_read", "reads_voice", "shown"),
    [
        (None, ("chair",), True, True),
        (None, ("chair",), False, False),
        ("f-1", ("chair",), True, False),
        ("f-1", ("chair", "parents"), True, True),
        ("f-1", ("chair", "parents"), False, False),
    ],
)
def test_a_childs_words_are_for_those_whom_it_lets_read_them(
    given_to: str | None, may_read: tuple[str, ...], reads_voice: bool, shown: bool
) -> None:
    line = redaction(For.subject_access, given_to=given_to).text(text("voice_recorded", *may_read), "Y ci.", "00", reads_voice=reads_voice)
    assert ("words" in line) is shown


def test_what_would_betray_a_hidden_address_is_withheld() -> None:
    line = redaction(For.subject_access, hidden=frozenset({"words"}), given_to="f-1").text(
        text(), "At the school.", "00", reads_voice=False
    )
    assert line["withheld"]["why"] == "betrays_hidden"


def test_an_inspection_reads_families_by_id_and_a_court_by_name() -> None:
    labels = {for_: redaction(for_).people.labels for for_ in For}
    assert labels[For.inspection] == {"c-1": "c-1", "c-2": "c-2", "f-1": "f-1", "p-huw": "Huw Bevan"}
    assert labels[For.court] == {"c-1": "Ela Prys", "c-2": "Mabli Prys", "f-1": "Siân Prys", "p-huw": "Huw Bevan"}
    assert labels[For.subject_access] == {"c-1": "Ela Prys", "c-2": "person 2", "f-1": "person 3", "p-huw": "person 4"}


def test_the_agency_of_whoever_is_left_out_is_named_no_more_and_an_agency_can_be_left_out_by_itself() -> None:
    teacher, nurse = Named("p-1", ("Gwen Parry",)), Named("p-2", ("Enfys Rees",))
    agencies = {"a-1": ("Ysgol Glan-y-Nant", "Glan-y-Nant School"), "a-2": ("Iechyd", "Health")}
    known = Known(Named("c-1", ("Ela",)), (), (), (teacher, nurse), agencies, {"p-1": frozenset({"a-1"}), "p-2": frozenset({"a-2"})})
    for left_out in ({"p-1"}, {"a-1"}):
        people = people_in(known, bundles().kinds[For.court], Wanted("c-1", For.court, "p-9", left_out=frozenset(left_out)))
        told = people.without([{"person": "p-1", "agency": "a-1"}, {"person": "p-2", "agency": "a-2"}])
        assert "a-1" not in str(told) and told[1] == {"person": "p-2", "agency": "a-2"}
        assert people.replaced("Glan-y-Nant School rang.") == "[asiantaeth / agency 4] rang."
        assert (people.name("a-2"), "Glan" in people.name("a-1")) == ("Iechyd / Health", False)
        # Of an agency's name no part is replaced, nor withholds a letter: every school would be meant.
        assert people.replaced("The school and Nant Prys.") == "The school and Nant Prys."
        assert not people.names_left_out("Your school will ring.")
