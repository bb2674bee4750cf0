"""A draw depends on the seed and the record alone, and on no case but those that are drawn."""

import datetime as dt
import string

from hypothesis import given
from hypothesis import strategies as st

from audit import sampling
from audit.forms import form
from audit.results import by_theme
from schemas.audits import Action, Answered, Case, Criteria, Moved, Sign
from schemas.commands import COMMANDS

NOW = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)

CHILDREN = st.lists(st.text(string.ascii_lowercase + string.digits, min_size=4, max_size=8), min_size=1, max_size=40, unique=True)


def criteria(size: int = 3, seed: str = "autumn", **more: object) -> Criteria:
    known = {"seed": seed, "size": size, "as_of": NOW, "late_within_days": 365, "long_on_register_days": 730}
    return Criteria.model_validate({**known, **more})


def case(child: str, *kinds: str, late: int = 0, moved: tuple[Moved, ...] = ()) -> Case:
    return Case(child=child, kinds=frozenset(kinds or {"report"}), late=late, moved=moved)


def moved(days_ago: int, before: str, after: str) -> Moved:
    return Moved(at=NOW - dt.timedelta(days=days_ago), before=before, after=after)


def names(cases: list[Case], asked: Criteria) -> list[str]:
    return [each.child for each in sampling.draw(sampling.frame(cases, asked), asked)]


@given(CHILDREN, st.integers(1, 50), st.randoms())
def test_the_same_seed_draws_the_same_children_in_whatever_order_the_record_gives_them(
    children: list[str], size: int, chance: "object"
) -> None:
    cases = [case(child) for child in children]
    drawn = names(cases, criteria(size))
    chance.shuffle(cases)  # type: ignore[attr-defined]
    assert names(cases, criteria(size)) == drawn
    assert len(drawn) == min(size, len(children)) == len(set(drawn))


@given(CHILDREN, st.integers(1, 5))
def test_one_case_less_moves_no_other(children: list[str], size: int) -> None:
    whole = names([case(child) for child in children], criteria(len(children)))
    less = names([case(child) for child in children[1:]], criteria(len(children)))
    assert less == [each for each in whole if each != children[0]]
    assert names([case(child) for child in children], criteria(size)) == whole[:size]


def test_another_seed_draws_others_and_each_case_is_as_likely_as_any_other() -> None:
    cases = [case(f"c-{number}") for number in range(20)]
    counted = dict.fromkeys((each.child for each in cases), 0)
    for seed in range(2000):
        for child in names(cases, criteria(5, str(seed))):
            counted[child] += 1
    # 500 are expected of each; six standard deviations.
    assert all(380 < count < 620 for count in counted.values()), counted


def test_by_theme_from_the_cases_in_which_it_arises_alone() -> None:
    cases = [case("c-1", "report", "review_held"), case("c-2", "report"), case("c-3", "deregistered")]
    assert sorted(names(cases, criteria(9, theme="optimism"))) == ["c-1", "c-3"]


def test_by_risk_those_with_the_most_signs_first_and_none_without() -> None:
    on, off = ("not_registered", "registered"), ("registered", "deregistered")
    again = (moved(2000, *on), moved(1500, *off), moved(800, "deregistered", "registered"))
    cases = [
        case("c-none"),
        case("c-late", late=2),
        case("c-worst", "conference_held", late=1, moved=again),
        case("c-unheard", "enquiries_started", late=1),
        case("c-heard", "enquiries_started", "participation_declined"),
    ]
    drawn = sampling.draw(sampling.frame(cases, criteria(9, risk=True)), criteria(9, risk=True))
    assert [each.child for each in drawn] == ["c-worst", "c-unheard", "c-late"]
    assert drawn[0].signs == (Sign.late, Sign.long_on_register, Sign.registered_again, Sign.no_voice)


def test_long_on_the_register_counts_from_when_the_name_last_came_on_it() -> None:
    on = moved(731, "not_registered", "temporarily_registered"), moved(10, "temporarily_registered", "registered")
    assert sampling.signs(case("c", moved=on), criteria()) == (Sign.long_on_register,)
    assert sampling.signs(case("c", moved=(moved(729, "not_registered", "registered"),)), criteria()) == ()
    left = moved(731, "not_registered", "registered"), moved(10, "registered", "deregistered")
    assert sampling.signs(case("c", moved=left), criteria()) == ()


def test_the_frame_is_known_again() -> None:
    cases = [case("c-1"), case("c-2")]
    assert sampling.frame_digest(cases) == sampling.frame_digest(sampling.frame(reversed(cases), criteria()))
    assert sampling.frame_digest(cases) != sampling.frame_digest(cases[:1])


def test_the_form_asks_of_what_can_happen_and_each_theme_has_a_question() -> None:
    known = form()
    assert {kind for theme in known.themes.values() for kind in theme.arises_with} <= COMMANDS.keys()
    assert {each.theme for each in known.questions.values()} == known.themes.keys()
    assert COMMANDS.keys() >= sampling.TO_BE_HEARD | sampling.HEARD
    assert any(each.wanting for each in known.grades.values())


def test_results_count_by_theme_what_was_found_and_what_is_still_to_be_done() -> None:
    def answered(child: str, question: str, grade: str) -> Answered:
        return Answered(draw="d-1", child=child, question=question, grade=grade, actor="p-nia", at=NOW)

    def action(question: str, due: dt.date, done_on: dt.date | None = None) -> Action:
        return Action(action="x", draw="d-1", child="c-1", question=question, owner="p-huw", due=due, words="Do.", done_on=done_on)

    today = NOW.date()
    given = [answered("c-1", "own_words", "improve"), answered("c-2", "own_words", "done"), answered("c-1", "voice_changed", "improve")]
    to_do = [action("own_words", today), action("own_words", today - dt.timedelta(days=1)), action("voice_changed", today, today)]
    found = {each.theme: each for each in by_theme(form(), given, to_do, today)}
    assert list(found) == list(form().themes)
    voice = found["voice"]
    assert (voice.answers, voice.cases, voice.grades) == (3, 2, {"done": 1, "improve": 2})
    assert (voice.actions, voice.open, voice.overdue) == (3, 2, 1)
    assert found["chair"].answers == 0
