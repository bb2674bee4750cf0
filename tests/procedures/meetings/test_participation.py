"""How each child takes part: chosen by the child before, recorded after with what changed; said no twice, the chair is told."""

from typing import Any

import pytest

from procedures.meetings.participation import said_no
from procedures.refusals import Refused
from schemas.letters import LetterKind
from schemas.meetings import Participation, TakingPart
from tests.procedures.meetings.table import Table


def held(table: Table, **fields: Any) -> tuple[str, ...]:
    """The meeting is held, with somebody there."""
    attendance = [{"invitee": table.guest("social_worker").id, "how": "there"}]
    return table.does("held", "2026-12-15 12:00", attendance=attendance, **fields).notes


def test_the_latest_choice_counts_and_each_child_has_its_own() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    for child, how in (("c-1", "attends"), ("c-2", "advocate"), ("c-1", "video")):
        table.does("participation_chosen", child=child, how=how)
    assert {child: each.chosen for child, each in table.state.participation.items()} == {"c-1": "video", "c-2": "advocate"}


def test_what_became_of_it_is_recorded_on_the_day_with_what_changed() -> None:
    table = Table()
    table.arranged()
    table.does("participation_chosen", child="c-1", how="attends")
    notes = held(table, participation=[{"child": "c-1", "how": "written", "changed": "text:a#b"}])
    assert "participation_unknown" not in notes
    assert table.state.participation["c-1"] == Participation(chosen=TakingPart.attends, took=TakingPart.written, changed="text:a#b")


def test_a_child_of_whose_part_nothing_is_said_is_asked_for_and_stops_nothing() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    assert "participation_unknown" in held(table, participation=[{"child": "c-1", "how": "declined"}])
    assert table.state.stage == "held"


def test_a_child_that_says_no_twice_is_brought_to_the_chair_once() -> None:
    table = Table()
    table.arranged()
    assert table.does("participation_chosen", child="c-1", how="declined").notes == ()
    assert table.does("participation_chosen", child="c-1", how="declined").notes == ("child_declined_twice",)
    table.does("participation_chosen", child="c-1", how="declined")
    assert [each.about for each in table.sent(LetterKind.notice, "p-nia")] == ["child_declined_twice"]


def test_a_child_that_the_meeting_is_not_about_is_refused() -> None:
    table = Table()
    table.arranged()
    with pytest.raises(Refused) as caught:
        table.does("participation_chosen", child="c-9", how="attends")
    assert caught.value.code == "outcome_of_other_child"
    with pytest.raises(Refused):
        held(table, participation=[{"child": "c-9", "how": "attends"}])


def test_who_said_no_is_told_to_the_journeys_whenever_it_was_said() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    table.does("participation_chosen", child="c-1", how="attends")
    assert said_no(table.entries) == []
    table.does("participation_chosen", child="c-2", how="declined")
    assert said_no(table.entries[-1:]) == ["c-2"]
    held(table, participation=[{"child": "c-1", "how": "declined"}, {"child": "c-2", "how": "advocate"}])
    assert said_no(table.entries[-1:]) == ["c-1"]


def test_the_same_words_for_two_children_are_told_to_the_chair_and_the_arranger() -> None:
    table = Table(children=("c-1", "c-2"))
    table.arranged()
    assert "same_words" in held(table, same_words=["c-1", "c-2"])
    assert sorted(each.recipient for each in table.sent(LetterKind.notice) if each.about == "same_words") == ["p-mari", "p-nia"]
