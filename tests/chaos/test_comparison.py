"""The comparison of a disturbed run with an undisturbed one finds what is missing, doubled, moved or changed: otherwise `make chaos` proves nothing."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from schemas.timeline import SERVICE
from tests.chaos.comparison import Fact, Facts, differences, posted, spelt
from tests.procedures.child import at

THEN = at("2026-11-20 17:40")

TOLD = Fact("police_told", None, None, None, "huw", THEN)
OVERDUE = Fact("clock", "screening/1", "overdue", "2026-11-23T23:59:59+00:00", SERVICE, THEN)
LETTER = ("osian", "screening/1:overdue", "huw", "alert", "sent")
SECOND = dt.timedelta(seconds=1)


def run(*entries: Fact, letters: int = 1, refused: int = 0) -> Facts:
    return Facts({"osian": list(entries)}, Counter({LETTER: letters}), Counter({("osian", "screened", "too_early"): refused}))


UNDISTURBED = run(TOLD, OVERDUE)


@pytest.mark.parametrize("found", [UNDISTURBED, run(TOLD, OVERDUE._replace(happened_at=THEN + SECOND))])
def test_what_is_the_same_but_for_when_the_service_did_it_is_no_difference(found: Facts) -> None:
    assert list(differences(UNDISTURBED, found)) == []


@pytest.mark.parametrize(
    "found",
    [
        run(TOLD),
        run(TOLD, OVERDUE, OVERDUE),
        run(OVERDUE, TOLD),
        run(TOLD, OVERDUE._replace(kind="watch")),
        run(TOLD, OVERDUE._replace(instance="screening/2")),
        run(TOLD, OVERDUE._replace(state="escalated")),
        run(TOLD, OVERDUE._replace(due="2026-11-24T23:59:59+00:00")),
        run(TOLD._replace(actor="delyth"), OVERDUE),
        run(TOLD._replace(happened_at=THEN + SECOND), OVERDUE),
        run(TOLD, OVERDUE._replace(happened_at=THEN + dt.timedelta(minutes=11))),
        run(TOLD, OVERDUE, letters=0),
        run(TOLD, OVERDUE, letters=2),
        run(TOLD, OVERDUE, refused=1),
    ],
    ids=[
        *("entry lost", "entry too many", "order", "kind", "clock", "state", "due", "actor", "happened", "too late"),
        *("letter lost", "letter too many", "refused"),
    ],
)
def test_each_thing_that_is_compared_can_differ(found: Facts) -> None:
    assert len(list(differences(UNDISTURBED, found))) >= 1


def caught(mailbox: Path, number: int, id: str, words: bytes) -> None:
    (mailbox / f"{number:06}-20261120T174000Z-00000000.eml").write_bytes(b"Message-ID: <" + id.encode() + b"@siwrnai>\r\n\r\n" + words)


def test_letters_that_never_came_or_came_again_otherwise_are_wrong_and_the_same_again_is_counted(tmp_path: Path) -> None:
    for number, (id, words) in enumerate([("a", b"x"), ("a", b"x"), ("b", b"x"), ("b", b"y"), ("of another run", b"x")]):
        caught(tmp_path, number, id, words)
    found = posted(tmp_path, {"a", "b", "c"})
    assert (found.letters, found.repeats) == (2, 2)
    assert found.wrong == ["letter c counts as sent and never came", "letter b came again with other bytes"]


def test_the_cause_of_a_meetings_letter_is_the_same_in_two_runs() -> None:
    first = spelt("meeting:84798491c617f718:i-f0cca95be72bb0732021:0:REQUEST", {"84798491c617f718": "first_conference"}, {})
    again = spelt("meeting:b6c7e2519a32037a:i-238350d3c0a3dd0193d5:0:REQUEST", {"b6c7e2519a32037a": "first_conference"}, {})
    assert first == again == "meeting:first_conference:invitee:0:REQUEST"
    assert spelt("meeting:b6c7e2519a32037a:i-238350d3c0a3dd0193d5:1:REQUEST", {"b6c7e2519a32037a": "first_conference"}, {}) != first
