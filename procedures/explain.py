"""How a due date came about, in one sentence, in Welsh or English: made from the explanation alone, so that an old one still reads true.

Parts are joined by semicolons, so that no Welsh word mutates at a joint.
"""

import re
from datetime import datetime

from procedures import words
from procedures.in_force import rules_in_force
from procedures.times import END_OF_DAY, local
from procedures.words import phrase
from schemas.clocks import Explanation, Language

WEEKEND = frozenset({"saturday", "sunday"})


def sentence(explanation: Explanation, due: datetime, language: Language) -> str:
    """When it is due, from what it was counted and how, by which rule of which source, on which version of the calendar."""
    parts = [
        _due(explanation, due, language),
        _limit(explanation, language),
        *_counting(explanation, language),
        *([phrase("not_known", language)] if explanation.not_known else []),
        _standing(explanation, language),
        phrase("calendar", language, version=explanation.calendar_version),
    ]
    return "; ".join(parts) + "."


def _due(explanation: Explanation, due: datetime, language: Language) -> str:
    there = local(due)
    clock = words.clock(explanation.clock, language)
    if there.time() == END_OF_DAY:
        return phrase("due_end", language, clock=clock, due=words.date(there.date(), language))
    return phrase("due_at", language, clock=clock, due=words.instant(due, language))


def _limit(explanation: Explanation, language: Language) -> str:
    event, started_on = words.event(explanation.started_by, language), _on(explanation.started_at, explanation.unit, language)
    limit = words.amount(explanation.limit, explanation.unit, language)
    if explanation.direction == "after":
        key = "after" if explanation.limit else "same_day"
        return phrase(key, language, limit=limit, event=event, on=started_on)
    back_from = words.word("anchors", explanation.counted_back_from or "", language)
    anchor_on = "" if explanation.anchor is None else _on(explanation.anchor, explanation.unit, language)
    key = "before" if explanation.limit else "at_anchor"
    counted = phrase(key, language, limit=limit, anchor=back_from, anchor_on=anchor_on)
    return f"{counted}; {phrase('begun', language, event=event, on=started_on)}"


def _on(instant: datetime, unit: str, language: Language) -> str:
    day = words.instant(instant, language) if unit == "hours" else words.date(local(instant).date(), language)
    return phrase("on_day", language, day=day)


def _counting(explanation: Explanation, language: Language) -> list[str]:
    if explanation.unit == "hours":
        return [phrase("elapsed", language)] if explanation.limit else []
    parts: list[str] = []
    if explanation.day_one is not None:
        parts.append(phrase("day_one", language, day=words.date(explanation.day_one, language)))
    if explanation.skipped:
        parts.append(phrase("skipped", language, days=_skipped(explanation, language)))
    if explanation.moved_earlier_from is not None:
        parts.append(phrase("moved_earlier", language, day=words.date(explanation.moved_earlier_from, language)))
    if explanation.limit:
        parts.append(words.word("conventions", explanation.convention, language))
    return parts


def _skipped(explanation: Explanation, language: Language) -> str:
    """How many days of weekends, and each holiday by name and date."""
    weekend = sum(each.why in WEEKEND for each in explanation.skipped)
    holidays = [each for each in explanation.skipped if each.why not in WEEKEND]
    named = [f"{words.holiday(each.why, language)} ({words.date(each.day, language)})" for each in holidays]
    return ", ".join(([words.amount(weekend, "weekend_days", language)] if weekend else []) + named)


def _standing(explanation: Explanation, language: Language) -> str:
    """A procedural timescale, or a local setting. Never "statutory"."""
    key = "local_setting" if explanation.local_setting else explanation.kind
    return phrase(key, language, source=source(explanation.source, language))


def source(written: str, language: Language) -> str:
    """`WSP s3.2 p4` as people read it: `Wales Safeguarding Procedures section 3.2 page 4`."""
    document, _, place = written.partition(" ")
    place = re.sub(r"\bs(?=\d)(\S+?)(?=,|\s|$)", lambda found: phrase("section", language, number=found[1]), place)
    place = re.sub(r"\bp(?=\d)(\d+)", lambda found: phrase("page", language, number=found[1]), place)
    return f"{rules_in_force().documents[document].in_(language)} {place}".strip()
