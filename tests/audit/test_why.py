"""From an effect back to the person behind it."""

import pytest

from audit.why import NotThere, decisions, of_entry, of_letter, of_refusal, of_timescale
from schemas.letters import LetterKind
from schemas.replay import RefusedThen
from tests.audit.recorded import journey_of, recorded
from tests.procedures.child import Child, at, registered


@pytest.fixture(scope="module")
def child() -> Child:
    """A registered child whose first core group nobody held."""
    child = registered()
    child.wait("2027-01-12 12:00")
    return child


def test_an_alert_goes_back_to_the_conference_and_its_chair(child: Child) -> None:
    journey = journey_of(child)
    alert = next(each for each in child.letters if each.kind is LetterKind.alert and each.about == "core_group_first")
    links = of_letter(journey, alert.cause).links
    assert [each.kind for each in links] == ["clock", "clock", "conference_held"]
    assert [each.rule for each in links] == ["core_group_first", "core_group_first", None]
    assert links[0].source is not None and links[0].source.startswith("WSP s4 p4")
    held = next(each for each in child.entries if each.kind == "conference_held")
    assert (links[-1].actor, links[-1].command_id) == (held.actor, held.command_id)
    assert links[-1].words["rationale"] == "Why."
    by_letter = next(each.letter for each in journey.beside.letters if each.cause == alert.cause)
    assert of_letter(journey, str(by_letter)).links == links


def test_a_due_date_goes_back_to_what_started_it(child: Child) -> None:
    links = of_timescale(recorded(child.entries), "core_group_first/1").links
    assert [(each.kind, each.rule) for each in links] == [("clock", "core_group_first"), ("conference_held", None)]


def test_every_letter_and_every_entry_has_a_person_or_time_behind_it(child: Child) -> None:
    journey = journey_of(child)
    for letter in child.letters:
        assert of_letter(journey, letter.cause).links, letter.cause
    for entry in child.entries:
        links = of_entry(journey.entries, entry.seq).links
        assert links[-1].command_id is not None, "all that time brings was begun by somebody"


def test_each_decision_says_why_and_who_dissented() -> None:
    child = registered()
    dissent = [{"agency": "police", "reason": "The risk stays."}]
    there = [{"agency": "social_services"}, {"agency": "police"}, {"agency": "school"}]
    child.does("review_held", "2027-03-01 10:00", chair="p-nia", attendance=there, decision="stay", rationale="Too early.", dissent=dissent)
    found = decisions(recorded(child.entries))
    assert [each.links[0].kind for each in found] == ["screened", "strategy_held", "determined", "conference_held", "review_held"]
    assert found[-1].links[0].words == {"rationale": "Too early.", "dissent": "police", "dissent 2": "The risk stays."}


def test_a_refusal_tells_what_was_said_and_where_the_child_stood(child: Child) -> None:
    said = {"cy": "Na.", "en": "No."}
    refused = RefusedThen.model_validate(
        {"entry": 7, "command_id": "k", "name": "record_closed", "code": "open", "sentences": said, "actor": "p-huw", "at": child.now}
    )
    journey = journey_of(child)
    journey = type(journey)(journey.begun, journey.entries, journey.beside.model_copy(update={"refusals": (refused,)}))
    why = of_refusal(journey, 7)
    assert why.sentences == said
    assert [each.kind for each in why.links] == ["conference_held"]


def test_what_is_not_there_is_said_with_what_is(child: Child) -> None:
    journey = journey_of(child)
    with pytest.raises(NotThere, match=f"1–{len(child.entries)}"):
        of_entry(journey.entries, 0)
    with pytest.raises(NotThere, match="core_group_first/1"):
        of_timescale(journey.entries, "core_group_first/9")
    with pytest.raises(NotThere):
        of_letter(journey, "l-none")
    with pytest.raises(NotThere):
        of_refusal(journey, 1)
    assert at("2027-01-12 12:00") == child.now
