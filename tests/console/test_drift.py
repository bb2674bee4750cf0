"""What a formal timescale would hide stands beside it."""

from collections.abc import Iterator

import pytest

from console import language
from console.timeline import drift_sentences
from tests.procedures.child import THERE, at, enquired_into, registered


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    language.choose("en")
    yield
    language.choose(None)


def test_a_restarted_conference_shows_the_days_since_the_first_strategy_discussion() -> None:
    child = enquired_into()
    assert list(drift_sentences(child.state, at("2026-11-26 12:00"))) == []
    child.does("strategy_held", "2026-11-26 11:00", form="meeting", attendance=THERE, outcome="another_meeting", rationale="Why.")
    assert child.due("icpc") == "2026-12-17"
    (sentence,) = drift_sentences(child.state, at("2026-11-26 12:00"))
    assert sentence == "Day 3 (working days) since the first strategy discussion, on Monday 23 November 2026"


def test_a_move_shows_the_days_since_being_told() -> None:
    child = registered()
    child.does("move_out", "2027-01-13 10:00", to_authority="a-2")
    child.does("move_permanence_agreed", "2027-01-18 10:00")
    (sentence,) = drift_sentences(child.state, at("2027-01-20 12:00"))
    assert sentence == "Day 5 (working days) since being told of the move, on Wednesday 13 January 2027"
