"""The words of the letters exist in Welsh and in English, for every kind, notice and correction."""

import ast
import tomllib
from pathlib import Path

import pytest

import procedures
from correspondence.catalogue import LANGUAGES, CatalogueError, catalogue, knows, placeholders, problems, say
from correspondence.letters import DIGEST_ROWS, ROWS, TELL
from correspondence.wording import invitee
from schemas.letters import LetterKind
from tests.correspondence.examples import KINDS, KNOWN


def notices() -> list[str]:
    return sorted({key.split(".")[1] for key in catalogue() if key.startswith("notice.")})


def test_every_phrase_stands_in_welsh_and_in_english_with_the_same_place_holders() -> None:
    assert problems(catalogue()) == []


def test_no_welsh_phrase_is_left_in_english() -> None:
    same = {key for key, pair in catalogue().items() if pair["cy"] == pair["en"]}
    assert same == {"value.next", "value.more", "value.more_of_meeting"}, "only an order of place-holders and a command may be the same"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"k": {"en": "Due"}}, "k has no words in cy"),
        ({"k": {"cy": "", "en": "Due"}}, "k has no words in cy"),
        ({"k": {"cy": "{n} awr", "en": "hours"}}, "k differs in its place-holders (n)"),
        ({"k": {"cy": {"two": "{n} ddiwrnod"}, "en": "{n} days"}}, "k has no form `other` in cy"),
    ],
)
def test_a_phrase_that_lacks_a_language_a_place_holder_or_a_plural_is_named(entries: dict[str, dict[str, str]], said: str) -> None:
    assert any(said in problem for problem in problems(entries))


def test_a_phrase_without_languages_is_refused_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def loads(_: str) -> dict[str, dict[str, str]]:
        return {"subject": {"reminder": "Due"}}

    monkeypatch.setattr("correspondence.catalogue.tomllib.loads", loads)
    with pytest.raises(CatalogueError, match=r"subject\.reminder: expected words as"):
        catalogue.__wrapped__()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_letter_has_its_subject_heading_and_opening(kind: LetterKind) -> None:
    assert all(knows(f"{part}.{kind}") for part in ("subject", "heading", "intro"))


def test_every_fact_that_a_letter_states_has_a_label() -> None:
    stated = {name for rows in ROWS.values() for name in rows} | set(DIGEST_ROWS)
    assert stated == set(TELL), "each row that is told is used, and each that is used is told"
    assert all(knows(f"label.{name}") for name in stated | {"children", "was_due"})


@pytest.mark.parametrize("notice", notices())
def test_every_notice_is_named_says_what_happened_and_what_to_do(notice: str) -> None:
    assert all(knows(f"notice.{notice}.{part}") for part in ("title", "what", "do"))


TO_SOCIAL_WORKERS = {"tell_social_workers", "owe_paper"}
"""Through what the social workers are told of the family."""


def raised() -> set[str]:
    """The keys of all notices that decisions raise, and of the timescales that only watch."""
    root = Path(procedures.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in root.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    told = {call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "tells" and call.args}
    noticed = {word.value for call in calls if ast.unparse(call.func) == "Notice" for word in call.keywords if word.arg == "about"}
    of_meetings = {call.args[1] for call in calls if ast.unparse(call.func) == "notice" and len(call.args) > 1}
    to_workers = {arg for call in calls if ast.unparse(call.func).rpartition(".")[2] in TO_SOCIAL_WORKERS for arg in call.args[1:]}
    defined = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in TO_SOCIAL_WORKERS]
    usual = {default for each in defined for default in each.args.defaults}
    keys = {str(node.value) for node in told | noticed | of_meetings | to_workers | usual if isinstance(node, ast.Constant)}
    clocks = tomllib.loads((root / "wales.toml").read_text(encoding="utf-8"))["clocks"]
    return keys | {name for name, clock in clocks.items() if clock.get("watch")}


def test_every_notice_that_the_procedures_raise_has_words_of_its_own() -> None:
    assert raised() - set(notices()) == set()


def test_no_notice_is_kept_that_nothing_raises() -> None:
    assert set(notices()) - raised() == {"other"}


@pytest.mark.parametrize("known", KNOWN)
def test_every_correction_says_what_is_known_and_what_to_do(known: str) -> None:
    assert all(knows(f"correction.{known}.{part}") for part in ("what", "do"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subject_has_a_place_for_anything_personal(kind: LetterKind, language: str) -> None:
    assert placeholders(catalogue()[f"subject.{kind}"][language]) == set()


@pytest.mark.parametrize(
    ("key", "n", "cy", "en"),
    [
        ("value.minutes", 1, "1 munud", "1 minute"),
        ("value.minutes", 2, "2 funud", "2 minutes"),
        ("value.minutes", 3, "3 munud", "3 minutes"),
    ],
)
def test_numbers_mutate_in_welsh_as_they_should(key: str, n: int, cy: str, en: str) -> None:
    assert (say(key, "cy", n=n), say(key, "en", n=n)) == (cy, en)


FORBIDDEN = ("referral clock", "rung", "clock", "removed", "key worker", "statutory")


def test_the_letters_use_the_words_of_the_field() -> None:
    english = " ".join(str(pair["en"]).lower() for pair in catalogue().values())
    assert [word for word in FORBIDDEN if word in english] == []


@pytest.mark.parametrize(("n", "cy"), [(1, "1 papur"), (2, "2 bapur"), (3, "3 phapur"), (4, "4 papur"), (6, "6 phapur")])
def test_papers_mutate_after_their_number(n: int, cy: str) -> None:
    assert say("value.papers", "cy", n=n) == cy


@pytest.mark.parametrize(
    ("part", "cy", "en"),
    [
        ("parents", "rhiant neu ofalwr", "parent or carer"),
        ("child_where_appropriate", "y plentyn", "the child"),
        ("police", "yr heddlu", "police"),
        ("unheard_of", "person arall", "somebody else"),
    ],
)
def test_one_person_is_not_invited_as_several(part: str, cy: str, en: str) -> None:
    assert (invitee(part, "cy"), invitee(part, "en")) == (cy, en)
