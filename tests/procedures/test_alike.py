"""The same words for two children: told apart by letters alone, and only where there are enough of them."""

import pytest

from procedures.alike import alike, likened
from procedures.in_force import put_in_force, rules_in_force


@pytest.mark.parametrize("words", ["Wants to stay with  Nain.", "wants to stay, with nain", "WANTS\nto stay – with Nain!"])
def test_case_spaces_and_punctuation_make_no_difference(words: str) -> None:
    assert likened(words) == "wants to stay with nain"


def test_letters_with_accents_are_letters_however_they_are_written() -> None:
    assert likened("mae tŷ Nain yn dawel") == likened("mae ty\u0302 Nain yn dawel") != likened("mae ty Nain yn dawel")


def test_a_few_words_may_be_the_same() -> None:
    assert likened("To stay at home.") is None
    assert alike({"c-1": ["To stay at home."], "c-2": ["To stay at home."]}) == frozenset()


def test_those_with_the_same_words_are_named_and_no_others() -> None:
    said = {
        "c-1": ["He shouts at night and I hide.", "School."],
        "c-2": ["he shouts, at night, and I hide"],
        "c-3": ["I hide when he shouts at night"],
    }
    assert alike(said) == {"c-1", "c-2"}
    assert alike({"c-1": ["one two three four five", "one two three four five"]}) == frozenset()


def test_how_few_words_tell_nothing_is_in_the_rules() -> None:
    rules = rules_in_force()
    put_in_force(rules.model_copy(update={"same_words": rules.same_words.model_copy(update={"fewest": 4})}))
    try:
        assert likened("To stay at home.") == "to stay at home"
    finally:
        put_in_force(rules)
