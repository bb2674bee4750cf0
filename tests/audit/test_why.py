"""From an effect back to the person behind it."""

import pytest

from audit.standing import Journey
from audit.why import NotThere, decisions, of_entry, of_letter, of_refusal, of_timescale
from schemas.letters import LetterKind
from schemas.replay import Away, PostHeld, RefusedThen
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
    why = of_letter(journey, alert.cause, child.now)
    links = why.links
    assert [each.kind for each in links] == ["clock", "clock", "conference_held"]
    assert [each.rule for each in links] == ["core_group_first", "core_group_first", None]
    assert links[0].source is not None and links[0].source.startswith("WSP s4 p4")
    held = next(each for each in child.entries if each.kind == "conference_held")
    assert (links[-1].actor, links[-1].command_id) == (held.actor, held.command_id)
    assert links[-1].words["rationale"] == (("Why.",),)
    assert links[-1].words["dissent"] == (), "that nobody dissented is said"
    assert why.written is not None
    assert (why.written.letter.recipient, why.written.about, why.written.letter.state) == (
        alert.recipient,
        (("alert", "core_group_first"),),
        "waiting",
    )
    by_letter = next(each.letter for each in journey.beside.letters if each.cause == alert.cause)
    assert of_letter(journey, str(by_letter), child.now).links == links


def test_a_due_date_goes_back_to_what_started_it(child: Child) -> None:
    links = of_timescale(recorded(child.entries), "core_group_first/1").links
    assert [(each.kind, each.rule) for each in links] == [("clock", "core_group_first"), ("conference_held", None)]


def test_every_letter_and_every_entry_has_a_person_or_time_behind_it(child: Child) -> None:
    journey = journey_of(child)
    for letter in child.letters:
        assert of_letter(journey, letter.cause, child.now).links, letter.cause
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
    assert found[-1].links[0].words == {"rationale": (("Too early.",),), "evidence": (), "dissent": (("police", "The risk stays."),)}


def test_a_refusal_tells_what_was_said_and_where_the_child_stood(child: Child) -> None:
    said = {"cy": "Na.", "en": "No."}
    refused = RefusedThen.model_validate(
        {"entry": 7, "command_id": "k", "name": "record_closed", "code": "open", "sentences": said, "actor": "p-huw", "at": child.now}
    )
    journey = journey_of(child)
    journey = type(journey)(journey.begun, journey.entries, journey.beside.model_copy(update={"refusals": (refused,)}))
    why = of_refusal(journey, 7)
    assert why.refused is not None and why.refused.sentences == said
    assert why.stages == child.state.stages
    assert [each.kind for each in why.links] == ["conference_held"]


def test_what_is_not_there_is_said_with_what_is(child: Child) -> None:
    journey = journey_of(child)
    with pytest.raises(NotThere, match=f"1–{len(child.entries)}"):
        of_entry(journey.entries, 0)
    with pytest.raises(NotThere, match="core_group_first/1"):
        of_timescale(journey.entries, "core_group_first/9")
    with pytest.raises(NotThere):
        of_letter(journey, "l-none", child.now)
    with pytest.raises(NotThere):
        of_refusal(journey, 1)
    assert at("2027-01-12 12:00") == child.now


def test_a_letter_is_named_with_the_roles_of_whoever_got_it_as_they_were_known_then(child: Child) -> None:
    journey = journey_of(child)
    alert = next(each for each in child.letters if each.kind is LetterKind.alert and each.about == "core_group_first")
    held = {"valid_from": at("2026-01-01 09:00"), "valid_to": None}
    post = PostHeld.model_validate({**held, "role": "director", "of_team": False, "person": alert.recipient, "recorded_at": alert.at})
    later = PostHeld.model_validate({**held, "role": "auditor", "of_team": False, "person": alert.recipient, "recorded_at": child.now})
    away = Away(person=alert.recipient, away_from=alert.at, away_to=child.now, deputy="p-carys", recorded_at=alert.at)
    beside = journey.beside.model_copy(update={"posts": (post, later), "absences": (away,)})
    written = of_letter(Journey(journey.begun, journey.entries, beside), alert.cause, child.now).written
    assert written is not None
    assert "director" in written.roles and "auditor" not in written.roles
    to_the_deputy = next(each for each in journey.beside.letters if each.cause == alert.cause).model_copy(update={"recipient": "p-carys"})
    beside = beside.model_copy(update={"letters": (to_the_deputy,)})
    written = of_letter(Journey(journey.begun, journey.entries, beside), alert.cause, child.now).written
    assert written is not None and written.deputy_for == ("director",)
