"""A timeline's line says what was decided or done: every choice of every command has its words in both languages."""

import datetime as dt
from typing import Any

import pytest
from pydantic import AwareDatetime

from console.fields import Field, fields
from procedures import outcomes
from procedures.outcomes import choices_of, table
from schemas.clocks import Language
from schemas.commands import COMMANDS

EVERYWHERE = {"actor", "happened_at"}
OUTCOMES = [
    ("visit", {"seen": True, "alone": "alone", "place": "home", "bedroom_seen": True}, "seen; alone; at home; bedroom seen"),
    ("visit", {"seen": False, "alone": "no", "place": "home", "not_seen_because": "no_access"}, "tried, not seen; at home; no access"),
    ("allocated", {"person": "p-mari", "role": "social_worker"}, "social worker; Mari Puw"),
    ("allocated", {"role": "chair"}, "chair; nobody any more"),
    ("advocacy_offered", {"answer": "declined"}, "declined"),
    ("screened", {"decision": "strategy", "rationale": "text:1#ab"}, "decision: strategy discussion"),
    (
        "conference_held",
        {
            "chair": "p-mari",
            "attendance": [{"agency": "police", "by": "present"}, {"agency": "gp", "by": "written"}],
            "decision": "register",
            "conference": "icpc",
            "categories": ["emotional", "neglect"],
        },
        "initial conference; decision: register; categories: emotional/psychological, neglect; chair: Mari Puw; there: police, GP (in writing)",
    ),
    ("determined", {"outcome": "not_substantiated", "ratified_by": "p-mari"}, "concerns not substantiated; ratified by: Mari Puw"),
    (
        "review_held",
        {"decision": "deregister", "evidence": [{"concern": "neglect", "change": "text:1#ab"}]},
        "evidence of change for: neglect",
    ),
    ("plan_agreed", {"plan": [{"change_needed": "text:1#ab"}, {"change_needed": "text:2#cd"}]}, "lines of the plan: 2"),
    (
        "conference_arranged",
        {"conference": "rcpc", "planned_at": "2027-01-08T10:30:00+00:00"},
        "planned for: Friday 8 January 2027 at 10:30",
    ),
    ("report", {"how": "telephone", "reporter": "public", "possible_crime": False}, "by telephone; from a member of the public"),
]


def name(id: str) -> str:
    return {"p-mari": "Mari Puw"}.get(id, id)


@pytest.mark.parametrize(("kind", "body", "said"), OUTCOMES)
def test_a_line_tells_the_outcome_with_people_by_name_and_no_words_of_people(kind: str, body: dict[str, Any], said: str) -> None:
    line = "; ".join(outcomes.outcomes(kind, body, "en", name))
    assert said in line
    assert "text:" not in line


@pytest.mark.parametrize("language", ["cy", "en"])
@pytest.mark.parametrize("kind", list(COMMANDS))
def test_every_field_of_every_command_has_words_or_a_reason_for_having_none(kind: str, language: Language) -> None:
    beside = {"seen": True} if kind == "visit" else {}
    for field in fields(COMMANDS[kind]):
        if field.name in EVERYWHERE or field.is_text or field.name in table("unsaid"):
            continue
        known = choices_of(kind, field.name) or {}
        for value in _values(field) if field.choices or field.is_flag or not known else known:
            said = list(outcomes.outcomes(kind, beside | {field.name: value}, language, name))
            assert len(said) >= len(beside | {field.name: value}), f"{kind}.{field.name}: {value!r}"


def _values(field: Field) -> list[Any]:
    """Every choice; of a flag what it says when it is set; else one value."""
    if field.model is not None:
        parts = {part.name: part for part in fields(field.model)}
        choice = parts.get("agency") or parts.get("concern")
        return [[{choice.name: each} for each in choice.choices]] if choice else [[{}]]
    if field.choices:
        return [[each] if field.many else each for each in field.choices]
    examples: dict[Any, Any] = {bool: True, AwareDatetime: "2027-01-08T10:30:00+00:00", dt.date: "2027-01-08", int: 1}
    return [examples.get(field.base, "p-mari")]


def test_no_word_is_there_that_no_command_uses() -> None:
    used = {name for model in COMMANDS.values() for name in model.model_fields}
    shared = {"unsaid", "is", "nobody", "agencies", "attended", "readers"}
    for key, words in outcomes.tables().items():
        if key in COMMANDS:
            own = {field.name: field for field in fields(COMMANDS[key])}
            assert {each: set(words[each]) for each in words} == {each: set(own[each].choices) for each in words}
        else:
            assert key in shared | used
    assert set(table("is")) | set(table("unsaid")) <= used
    assert all(choices_of("visit", each) is not None for each in ("seen", "alone", "place"))
