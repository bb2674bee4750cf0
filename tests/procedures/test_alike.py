"""The same words for two children: told apart by letters alone, and only where there are enough of them."""

import pytest

from procedures.alike import alike, likened


@pytest.mark.parametrize("words", ["Wants to stay with  Nain.", "wants to stay, with nain", "WANTS\nto stay – with Nain!"])
def test_case_spaces_and_punctuation_make_no_difference(words: str) -> None:
    assert likened(words, 5) == "wants to stay with nain"


def test_letters_with_accents_are_letters_however_they_are_written() -> None:
    assert likened("mae tŷ Nain yn dawel", 5) == likened("mae ty\u0302 Nain yn dawel", 5) != likened("mae ty Nain yn dawel", 5)


def test_a_few_words_may_be_the_same() -> None:
    assert (likened("To stay at home.", 5), likened("To stay at home.", 4)) == (None, "to stay at home")
    assert alike({"c-1": ["To stay at home."], "c-2": ["To stay at home."]}, 5) == frozenset()


def test_those_with_the_same_words_are_named_and_no_others() -> None:
    said = {
        "c-1": ["He shouts at night and I hide.", "School."],
        "c-2": ["he shouts, at night, and I hide"],
        "c-3": ["I hide when he shouts at night"],
    }
    assert alike(said, 5) == {"c-1", "c-2"}
    assert alike({"c-1": ["one two three four five", "one two three four five"]}, 5) == frozenset()
