"""The rules of bundles: read strictly, in both languages, and true of the commands and timescales there are."""

import string
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from audit.bundles import Bundles, For, bundles
from audit.told import SECTIONS
from audit.wording import catalogue, say
from procedures import vocabulary
from procedures.in_force import rules_in_force
from schemas.clocks import ClockState
from schemas.letters import DeliveryState
from schemas.meetings import MeetingState, Reply, TookPart, Via


def shipped(**change: Any) -> dict[str, Any]:
    return bundles().model_dump(mode="json") | change


def test_every_timescale_that_is_withheld_is_one() -> None:
    named = {each for kind in bundles().kinds.values() for rule in kind.withholds for each in rule.timescales}
    assert named <= rules_in_force().clocks.keys()


def test_nobody_but_a_subject_access_is_refused_by_rule() -> None:
    """A court and an inspection are given everything; what is withheld there is listed by what it is."""
    assert [kind for kind, rules in bundles().kinds.items() if rules.withholds] == [For.subject_access]


def test_a_kind_without_rules_is_refused() -> None:
    kinds = shipped()["kinds"]
    del kinds["court"]
    with pytest.raises(ValidationError, match="no rules for court: give a table"):
        Bundles.model_validate(shipped(kinds=kinds))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"why": "mood"}, "has no words: give them under"),
        ({"entries": ["reprot"]}, "no command is called reprot"),
        ({"copies": ["moves"]}, "name it in parts too"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(change: dict[str, Any], said: str) -> None:
    kinds = shipped()["kinds"]
    kinds["subject-access"]["withholds"][1] |= change
    with pytest.raises(ValidationError, match=said):
        Bundles.model_validate(shipped(kinds=kinds))


def test_every_phrase_says_the_same_in_both_languages() -> None:
    for key, pair in catalogue().items():
        names = [{name for _, name, _, _ in string.Formatter().parse(pair[language]) if name} for language in ("en", "cy")]
        assert names[0] == names[1], key


def test_there_are_words_for_all_that_can_be_told() -> None:
    for language in ("cy", "en"):
        assert all(say(f"clock.{state.value}", language, due="x") for state in ClockState)
        assert all(say(f"state.{state.value}", language) for state in DeliveryState)
        assert all(say(f"{section}.title", language) for section in SECTIONS)
        assert all(say(f"meeting.via.{via}", language) for via in get_args(Via))
    assert {*Reply} == vocabulary.table("meeting_replies").keys()
    assert {*get_args(TookPart.model_fields["how"].annotation)} == vocabulary.table("took_part").keys()
    assert {*get_args(MeetingState.model_fields["stage"].annotation)} == {*vocabulary.table("meeting_stages"), "none"}
