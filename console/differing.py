"""Where what was known differs from how things stood, in words: the fact, what was known of it, and what stood."""

import datetime as dt
from collections.abc import Callable

import orjson

from console.language import say, spoken
from console.showing import clock_title, moment, role_title, things
from procedures import words
from procedures.outcomes import choices_of
from schemas.replay import Disagreeing

Name = Callable[[str], str]
"""A person by name."""

PEOPLE = frozenset({"chair", "roles", "shut_out"})
"""Facts that are ids of people."""

VALUED = frozenset({"roles", "planned", "papers_of"})
"""Elements of which it is said what they are, and not that they are there alone."""


def line(each: Disagreeing, name: Name) -> str:
    """One difference."""
    field, *within = each.facet
    what = [say(f"facet.{field}")]
    if within:
        what.append(ELEMENTS[field](within[0], name) if field in ELEMENTS else within[0])
    own = within[1] if len(within) > 1 else ""
    if own:
        what.append(say(f"facet_of.{own}"))
    known, stood = (_value(each.facet, value, name) for value in (each.known, each.stood))
    return say("replay.differs", what=", ".join(part for part in what if part), known=known, stood=stood)


ELEMENTS: dict[str, Callable[[str, Name], str]] = {
    "clocks": lambda key, _: f"{clock_title(key.partition('/')[0])} ({key})",
    "roles": lambda key, _: role_title(key),
    "planned": lambda key, _: words.word("meetings", key, spoken()),
    "categories": lambda key, _: words.category(key, spoken()),
    "missing": lambda key, _: things([orjson.loads(key)["thing"]]),
    "restrictions": lambda key, name: name(orjson.loads(key)["person"]),
    "shut_out": lambda key, name: name(key),
    "papers_of": lambda key, _: words.word("papers", key, spoken()),
}
"""By fact: what its elements are called; any other by its key."""


def _value(facet: tuple[str, ...], value: str | None, name: Name) -> str:
    field, last = facet[0], facet[-1]
    if value is None:
        return say("replay.not_there" if len(facet) > 1 else "replay.none_known")
    if last == "" and field not in VALUED:
        return say("replay.there")
    if value in {"yes", "False"}:
        return say("replay.yes" if value == "yes" else "replay.no")
    if field in PEOPLE:
        return name(value)
    return _word(last, value)


CHOICES = {"ended": ("ended", "ending"), "determination": ("determined", "outcome"), "how": ("report", "how")}
"""By fact: the command and its field whose choices have the words."""


def _word(fact: str, value: str) -> str:
    """A value of which the fact tells what it is; else an instant, a number, or that it is otherwise."""
    if fact in CHOICES and value in (choices := choices_of(*CHOICES[fact]) or {}):
        return choices[value][spoken()]
    match fact:
        case "registration" | "ended_from":
            return words.stage("registration", value, spoken())
        case "stage":
            return words.stage("enquiry", value, spoken())
        case "journey":
            return say("replay.journey_number", number=value) if value != "0" else say("replay.no_journey")
        case "move":
            moving = orjson.loads(value)
            return say("replay.move", to=moving["to_authority"], at=moment(dt.datetime.fromisoformat(moving["told_at"])))
        case _:
            return _instant_or_number(value)


def _instant_or_number(value: str) -> str:
    if value.isdigit():
        return value
    try:
        return moment(dt.datetime.fromisoformat(value)) if len(value) > len("2026-11-23") else _day(value)
    except ValueError:
        return say("replay.otherwise")


def _day(value: str) -> str:
    return words.date(dt.date.fromisoformat(value), spoken())
