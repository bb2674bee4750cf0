"""A record to tell in pages, without a database."""

from collections.abc import Iterator

from audit.bundles import For, bundles
from audit.redaction import Line, Text
from audit.told import Front, Record, Teller
from schemas.clocks import Language
from tests.audit.test_redaction import REFERENCE, opened, redaction, report

AT = "2026-11-30T07:21:24+00:00"


def front(for_: For = For.court) -> Front:
    return Front(bundles().kinds[for_], "Ela Prys", AT, "Huw Bevan", "7fcc b0a2", "ab" * 32, (("rules/ab12.toml", "cd" * 32),))


def record(entries: int = 3) -> Record:
    """A report, a visit, then as many visits as are asked for; a letter, a report, a reading."""
    redacts = redaction(For.court, withheld=frozenset({(2, "body")}))
    lines = [redacts.entry(report()), redacts.entry(opened(2, "visit", body={"seen": True, "place": "home"}))]
    words = redacts.text(Text(1, "report", REFERENCE, ()), "<b>Hit</b> twice.\n#strong[On the arm] $x$ \\ @f", "00", reads_voice=True)
    visit = redacts.entry(opened(3, "visit", body={"seen": True, "alone": "alone", "place": "school"}))
    letter: Line = {
        "number": 1,
        "at": AT,
        "to": "p-huw",
        "message_id": "<L1@x>",
        "tries": [{"at": AT, "state": "sent"}],
        "file": "letters/1",
    }
    meeting: Line = {
        "number": 1,
        "kind": "icpc",
        "stage": "held",
        "starts": AT,
        "chair": "p-huw",
        "invitees": [
            {
                "id": "i-1",
                "role": "police",
                "person": "p-huw",
                "answer": {"reply": "another_time", "proposed": AT, "at": AT, "via": "calendar", "by": "p-huw"},
                "took": "sent_somebody",
            },
            {"id": "i-2", "role": "chair", "person": "p-nia"},
        ],
        "log": [
            {"seq": 1, "kind": "asked", "happened_at": AT, "actor": "siwrnai", "content": {"invitees": ["i-1", "i-2"]}},
            {"seq": 2, "kind": "moved", "happened_at": AT, "actor": "p-huw", "content": {"place": REFERENCE}},
        ],
        "words": {REFERENCE: "The <b>library</b>."},
        "hash": "ab" * 32,
    }
    document: Line = {"number": 1, "kind": "report", "by": "p-huw", "at": AT, "words": {"harm": "A bruise."}}

    def timeline() -> Iterator[Line]:
        yield from lines
        for seq in range(3, entries + 1):
            yield {**visit, "seq": seq}

    return Record(
        timeline=timeline,
        words=lambda: [words],
        meetings=lambda: [meeting],
        letters=lambda: [letter],
        documents=lambda: [document],
        reads=lambda: [{"at": AT, "by": "p-huw", "purpose": "journey show"}],
        withheld=lambda: [{"what": "part", "number": 2, "part": "body", **redacts.why("asked")}],
    )


def teller(language: Language) -> Teller:
    return Teller(language, front(), lambda id: "Huw Bevan" if id == "p-huw" else id)
