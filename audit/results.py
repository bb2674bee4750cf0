"""What audits found, by theme: how often each grade was given, and what is still to be put right."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from audit.forms import Form
from schemas.audits import Action, Answered, ThemeResult


def by_theme(asked: Form, answers: Iterable[Answered], actions: Iterable[Action], today: dt.date) -> Iterator[ThemeResult]:
    """Every theme, in the order of the form; those that nobody has answered are there too, with nothing."""
    known = [each for each in answers if each.question in asked.questions]
    raised = [each for each in actions if each.question in asked.questions]
    for theme in asked.themes:
        mine = asked.asked_of(theme)
        of_theme = [each for each in known if each.question in mine]
        to_do = [each for each in raised if each.question in mine]
        counted = Counter(each.grade for each in of_theme)
        yield ThemeResult(
            theme=theme,
            answers=len(of_theme),
            grades={grade: counted[grade] for grade in asked.grades if counted[grade]},
            cases=len({(each.draw, each.child) for each in of_theme}),
            actions=len(to_do),
            open=sum(each.is_open() for each in to_do),
            overdue=sum(each.is_overdue(today) for each in to_do),
        )
