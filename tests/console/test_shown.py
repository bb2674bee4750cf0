"""What a person is shown of a journey: what is overdue says so, and what was done says what it came to."""

import datetime as dt
import re
from pathlib import Path

from console import showing
from console.language import knows
from procedures import decisions
from schemas.letters import LetterKind
from tests.console.conftest import Desk

WORDS = "A bruise on the left arm."
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def ago(**before: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**before)).isoformat(timespec="seconds")


async def report(desk: Desk, child: str, huw: str, **before: int) -> str:
    said = ("--how", "telephone", "--words", WORDS, "--happened-at", ago(**before))
    return await desk.gets("journey", "report", child, "--actor", huw, *said)


def test_every_kind_of_letter_has_a_name() -> None:
    assert all(knows(f"letter.{kind}") for kind in LetterKind)


def test_how_long_something_is_overdue_is_told_in_days_or_hours() -> None:
    overdue = [showing.overdue_by(NOW - late, NOW) for late in (dt.timedelta(0), dt.timedelta(minutes=5), dt.timedelta(hours=23))]
    assert overdue == [None, "overdue by less than an hour", "overdue by 23 hours"]
    assert showing.overdue_by(NOW - dt.timedelta(days=2, hours=3), NOW) == "overdue by 2 days"


async def test_what_is_overdue_says_so_in_words_and_comes_first(desk: Desk, huw: str, child: str) -> None:
    answer = await report(desk, child, huw, days=7, hours=1)
    due = answer.split("Next due")[1].splitlines()[1]
    assert " – overdue by " in due
    shown = await desk.gets("--language", "cy", "journey", "show", child)
    running = shown.split("Amserlenni ar waith")[1].strip().splitlines()
    assert running[0].startswith("Yn hwyr ers ")
    listed = await desk.gets("journey", "list")
    assert " – overdue by " in " ".join(listed.split(child)[1].split())


async def test_the_timeline_says_what_was_decided_and_done_in_either_language(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw, hours=2)
    await desk.gets("journey", "allocated", child, "--actor", huw, "--role", "social_worker", "--person", huw)
    await desk.gets("journey", "visit", child, "--actor", huw, "--no-seen", "--place", "home", "--not-seen-because", "no_access")
    english, welsh = await desk.gets("journey", "show", child), await desk.gets("--language", "cy", "journey", "show", child)
    assert "– social worker; Huw Bevan" in english
    assert "– tried, not seen; at home; no access" in english
    assert "– ceisiwyd, heb ei weld; gartref; dim mynediad" in welsh


def test_every_note_that_a_decision_gives_is_a_sentence() -> None:
    folder = Path(decisions.__file__).parent
    given = {note for path in folder.glob("*.py") for note in re.findall(r'notes\("(\w+)"', path.read_text(encoding="utf-8"))}
    assert given
    assert [note for note in sorted(given) if not knows(f"notes.{note}")] == []


def test_every_kind_of_letter_has_a_word() -> None:
    assert [kind for kind in LetterKind if not knows(f"letter.{kind}")] == []


async def test_who_acts_is_looked_up_in_the_directory_and_an_expected_date_is_not_long_ago(desk: Desk, huw: str, child: str) -> None:
    assert "see siwrnai directory people" in (await desk.runs("journey", "found", child)).err
    long_ago = await desk.runs("child", "register", "--actor", huw, "--expected", "2020-01-01")
    assert long_ago.err.startswith("--expected: 2020-01-01 is more than a month ago")
