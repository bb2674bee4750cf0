"""Letters of invented children, as the record would hand them to the post."""

import datetime as dt
from typing import Any, get_args

from correspondence.letters import Item, Letter
from procedures.times import LONDON
from schemas.clocks import ClockPlan, Explanation, Language, Rung
from schemas.letter_facts import Known
from schemas.letters import LetterKind, LetterOrder

DUE = dt.datetime(2027, 1, 8, 23, 59, 59, tzinfo=LONDON)
BEFORE = dt.datetime(2027, 1, 5, 8, 30, tzinfo=LONDON)
AFTER = dt.datetime(2027, 1, 11, 8, 30, tzinfo=LONDON)
KNOWN: tuple[str, ...] = get_args(Known)

EXPLANATION = Explanation(
    clock="seen_alone",
    started_by="child_seen_alone",
    started_at=dt.datetime(2026, 12, 22, 10, 30, tzinfo=LONDON),
    day_one=dt.date(2026, 12, 23),
    limit=10,
    unit="working_days",
    convention="event_day_is_day_zero",
    source="WSP s4 p3, p7",
    trust="V",
    local_setting=False,
    calendar_version=1,
)

RUNGS = tuple(
    Rung(number=number, role=role, at=dt.datetime(2027, 1, day, 8, 30, tzinfo=LONDON))
    for number, role, day in ((1, "social_worker", 11), (2, "team_manager", 11), (3, "service_manager", 13), (4, "head_of_service", 15))
)

PLAN = ClockPlan(due=DUE, reminders=(BEFORE,), rungs=RUNGS, explanation=EXPLANATION)

FACTS: dict[str, Any] = {
    "plan": PLAN.model_dump(mode="json"),
    "ladder": "child",
    "role": "team_manager",
    "rung": 2,
    "next_rung": RUNGS[2].model_dump(mode="json"),
}

PERSONAL = {"name": "Tomos Prys", "address": "2 Heol Fawr", "text": "bruise on the arm"}
"""What must never stand in a letter, should it ever come with an order."""


def item(
    kind: str,
    about: str,
    child: str = "c-7f3a",
    *,
    due: dt.datetime | None = DUE,
    at: dt.datetime = AFTER,
    urgent: bool = False,
    put_off: bool = False,
    **facts: Any,
) -> Item:
    """One reason to write, with the facts above unless others are given."""
    order = LetterOrder(
        cause=f"{about}/1:{kind}:{child}",
        kind=LetterKind(kind),
        recipient="p-huw",
        at=at,
        urgent=urgent,
        about=about,
        instance=f"{about}/1",
        due=due,
        content={**FACTS, **facts, **PERSONAL},
    )
    return Item(child=child, order=order, put_off=put_off)


def letter(*items: Item, kind: str | None = None, language: Language | None = "en", at: dt.datetime = AFTER) -> Letter:
    """A letter to one recipient."""
    return Letter(id="l-0001", kind=LetterKind(kind or items[0].order.kind), language=language, at=at, items=items)


def every_kind(language: Language | None) -> dict[str, Letter]:
    """One letter of each kind."""
    done = "2027-01-08T16:00:00+00:00"
    return {
        "reminder": letter(item("reminder", "seen_alone", role="social_worker", rung=None, next_rung=None), at=BEFORE, language=language),
        "alert": letter(
            item("alert", "seen_alone"), item("alert", "seen_alone", "c-91bb"), item("alert", "core_group_next"), language=language
        ),
        "notice": letter(item("notice", "tried_not_seen", due=None, happened_at=done, because="no_access", plan=None), language=language),
        "digest": letter(
            item("alert", "conference_record", ladder="quiet"),
            item("alert", "seen_alone"),
            item("reminder", "outline_plan", due=AFTER + dt.timedelta(days=2), ladder="work"),
            item("reminder", "seen_at_home", due=AFTER + dt.timedelta(days=3), put_off=True),
            kind="digest",
            language=language,
        ),
        "correction": letter(
            item("correction", "seen_alone", letter_at="2027-01-11T08:30:00+00:00", met_at=done),
            language=language,
        ),
    }
