"""Letters of invented children, as the record would hand them to the post."""

import datetime as dt
from typing import Any, get_args

from correspondence.letters import Item, Letter, MeetingWords
from procedures.due import plan as planned
from procedures.in_force import rules_in_force
from procedures.times import LONDON
from procedures.working_days import Calendar
from schemas.clocks import ClockPlan, ClockStart, Language
from schemas.letter_facts import Known
from schemas.letters import LetterKind, LetterOrder
from web.links import in_both

DUE = dt.datetime(2027, 1, 8, 23, 59, 59, tzinfo=LONDON)
BEFORE = dt.datetime(2027, 1, 5, 8, 30, tzinfo=LONDON)
AFTER = dt.datetime(2027, 1, 12, 8, 30, tzinfo=LONDON)
KNOWN: tuple[str, ...] = get_args(Known)


def plan(clock: str, started_by: str, started_at: dt.datetime) -> ClockPlan:
    """The timescale as the rules in force plan it."""
    start = ClockStart(clock=clock, instance=f"{clock}/1", started_at=started_at, started_by=started_by)
    return planned(start, rules_in_force(), Calendar(version=1))


PLAN = plan("seen_alone", "child_seen_alone", dt.datetime(2026, 12, 22, 10, 30, tzinfo=LONDON))
CORE_GROUP = plan("core_group_first", "registered", dt.datetime(2026, 12, 22, 13, 30, tzinfo=LONDON))


def facts_of(plan: ClockPlan, rung: int | None) -> dict[str, Any]:
    """What an order says of a timescale that has come to that step of its escalation."""
    return {
        "plan": plan.model_dump(mode="json"),
        "ladder": "child",
        "role": plan.rungs[(rung or 1) - 1].role,
        "rung": rung,
    }


FACTS: dict[str, Any] = facts_of(PLAN, 2)

UPCOMING: dict[str, Any] = {"rung": None, "role": "social_worker"}

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


MEETING: dict[str, Any] = {
    "plan": None,
    "meeting": "m-1",
    "meeting_kind": "rcpc",
    "starts": "2027-01-13T10:00:00+00:00",
    "ends": "2027-01-13T12:00:00+00:00",
    "invitee": "i-1",
    "part": "police",
}

PAPERS = "https://siwrnai.enghraifft.example/papers/abc"

PLACE, LINK = "Canolfan Deulu Enghraifft", "https://siwrnai.enghraifft.example/answer/abc"


def of_meeting(kind: str, **facts: Any) -> Item:
    """An order about a meeting, with what the record adds to it."""
    found = item(kind, "meeting:m-1", due=None, **{**MEETING, **facts})
    return found.model_copy(update={"words": MeetingWords(place=PLACE, asked_by="Mari Evans", answer=in_both(LINK), paper=in_both(PAPERS))})


def every_kind(language: Language | None) -> dict[str, Letter]:
    """One letter of each kind; a calendar object is a mail of its own kind."""
    done = "2027-01-08T16:00:00+00:00"
    return {
        "reminder": letter(item("reminder", "seen_alone", **facts_of(PLAN, None)), at=BEFORE, language=language),
        "alert": letter(
            item("alert", "seen_alone"),
            item("alert", "seen_alone", "c-91bb"),
            item("alert", "core_group_first", **facts_of(CORE_GROUP, 2)),
            language=language,
        ),
        "notice": letter(item("notice", "tried_not_seen", due=None, happened_at=done, because="no_access", plan=None), language=language),
        "digest": letter(
            item("digest", "conference_record", ladder="quiet"),
            item("digest", "seen_alone"),
            item("reminder", "outline_plan", due=DUE + dt.timedelta(days=6), ladder="work", **UPCOMING),
            item("reminder", "seen_at_home", due=DUE + dt.timedelta(days=7), put_off=True, **UPCOMING),
            kind="digest",
            language=language,
        ),
        "correction": letter(
            item("correction", "seen_alone", plan=None, letter_at="2027-01-11T08:30:00+00:00", met_at=done, recorded_at=AFTER.isoformat()),
            language=language,
        ),
        "chaser": letter(of_meeting("chaser"), language=language),
        "day_before": letter(of_meeting("day_before"), language=language),
        "paper": letter(of_meeting("paper", until="2027-03-14T09:00:00+00:00", paper="review_outcome"), language=language),
    }


KINDS = [LetterKind(kind) for kind in every_kind(None)]
