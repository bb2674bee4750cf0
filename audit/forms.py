"""The audit form: its themes, questions and grades, and what counts as a sign of risk, as data (`form.toml`)."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from procedures.rule_models import Counted, Key, Title
from schemas.base import Model


class Theme(Model):
    """What answers are counted by."""

    title: Title
    arises_with: tuple[Key, ...]
    """Kinds of entries: a case with none of them has nothing to say of the theme."""


class Question(Title):
    """One question of the form, in both languages."""

    theme: Key


class Grade(Model):
    """How a question may be answered."""

    title: Title
    wanting: bool = False
    """Something is to be put right."""


class Signs(Model):
    """From when on something is a sign of risk, in days."""

    late_within_days: Counted
    long_on_register_days: Counted


class Step(Model):
    """Who is told besides the owner of an action that is overdue."""

    role: Key
    after_days: Counted
    """Days after the due date."""


class Form(Model):
    """The whole form, in the order in which it is asked."""

    signs: Signs
    escalation: tuple[Step, ...]
    """From the nearest to the highest."""
    grades: Mapping[Key, Grade]
    themes: Mapping[Key, Theme]
    questions: Mapping[Key, Question]

    def escalated(self, due: dt.date, today: dt.date) -> tuple[str, ...]:
        """The roles that are told by now of an action that was due then, besides its owner."""
        return tuple(step.role for step in self.escalation if (today - due).days >= step.after_days)

    def asked_of(self, theme: Key | None) -> dict[Key, Question]:
        """The questions of one theme, or all of them."""
        return {key: each for key, each in self.questions.items() if theme in (None, each.theme)}


@cache
def form() -> Form:
    """The form as it is shipped."""
    return Form.model_validate(tomllib.loads(Path(__file__).with_name("form.toml").read_text(encoding="utf-8")))
