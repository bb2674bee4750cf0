"""A child's timeline as a person reads it: what happened when and by whom, what was recorded late, what is due and why, letters."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from console.language import say, spoken
from console.moved import because
from console.showing import (
    clock_title,
    command_title,
    delivery,
    moment,
    overdue_by,
    role_title,
    short,
    stages,
    standing,
    table,
    things,
    who,
)
from procedures import explain, words
from procedures.fold import CLOCK_KINDS
from procedures.outcomes import outcomes
from procedures.times import local
from procedures.working_days import Calendar
from record.children import ChildDetails
from record.directory import Person
from record.letters import SeenLetter
from schemas.clocks import ClockState
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

LATE = dt.timedelta(minutes=5)
"""What is recorded later than this after it happened says so."""

ALARMING = frozenset({ClockState.overdue, ClockState.escalated})


@dataclass(frozen=True)
class Told:
    """All that a view of one child shows."""

    child: str
    family: str
    details: ChildDetails | None
    """None where the child's key is destroyed."""
    state: JourneyState | None
    entries: Sequence[RecordedEntry]
    letters: Sequence[SeenLetter]
    people: Mapping[str, Person]
    texts: Mapping[str, str]
    """Words of people, by the reference that stands in an entry."""
    now: dt.datetime
    """The record's: from it lateness is told."""
    agencies: Mapping[str, str] = field(default_factory=dict[str, str])
    """Their names, by id."""

    def called(self, id: str) -> str:
        """A person or an agency by name."""
        return self.agencies.get(id) or who(id, self.people)


def show(told: Told, screen: Console) -> None:
    """The whole view."""
    for line in _heading(told):
        screen.print(line)
    if not told.entries:
        screen.print(say("timeline.none"))
        return
    screen.print("", _timeline(told), "")
    if told.state is not None and told.state.clocks:
        screen.print(f"[bold]{say('heading.running')}[/bold]")
        for sentence in due_sentences(told.state, told.now):
            screen.print(Padding(sentence, (0, 0, 0, 2)))
        for sentence in drift_sentences(told.state, told.now):
            screen.print(Padding(f"[yellow]{sentence}[/yellow]", (0, 0, 0, 2)))
        screen.print("")
    if told.letters:
        screen.print(_letters(told))


def due_sentences(state: JourneyState, now: dt.datetime) -> Iterator[str]:
    """For each running timescale when it is due and how that came about: what is overdue first, then the next."""
    late = {clock.instance: None if clock.watch else overdue_by(clock.plan.due, now) for clock in state.clocks.values()}
    for clock in sorted(state.clocks.values(), key=lambda each: (late[each.instance] is None, each.plan.due, each.instance)):
        try:
            sentence = explain.sentence(clock.plan.explanation, clock.plan.due, spoken())
        except KeyError:  # The rules in force no longer have the words.
            sentence = f"{clock_title(clock.clock)}: {moment(clock.plan.due)}"
        sentence += f" ({clock.instance})"
        overdue = late[clock.instance]
        yield escape(sentence) if overdue is None else f"[bold red]{overdue.capitalize()}:[/bold red] {escape(sentence)}"


def drift_sentences(state: JourneyState, now: dt.datetime) -> Iterator[str]:
    """What a formal timescale would hide: a conference put off by another strategy meeting, a move told of long before it was agreed.

    Working days, by the bank holidays of Wales.
    """

    def days_since(instant: dt.datetime) -> int:
        return Calendar(version=0).working_days_between(local(instant).date(), local(now).date())

    for enquiry in state.enquiries:
        first = enquiry.first_strategy_at
        if first is not None and enquiry.strategies > 1 and state.open_clocks("icpc", enquiry.number):
            yield say("timeline.since_first_strategy", days=days_since(first), day=words.date(local(first).date(), spoken()))
    if state.move is not None and state.open_clocks("transfer_in", None):
        told_at = state.move.told_at
        yield say("timeline.since_told_of_move", days=days_since(told_at), day=words.date(local(told_at).date(), spoken()))


def _heading(told: Told) -> Iterator[str]:
    if told.details is None:
        yield f"[bold]{told.child}[/bold]"
        yield say("timeline.key_destroyed")
    else:
        yield f"[bold]{escape(told.details.name or say('timeline.unnamed'))}[/bold]  {told.child}"
    if (state := told.state) is None or not told.entries:
        return
    yield standing(state.registration, ((each.number, each.stage) for each in state.enquiries))
    if state.categories:
        yield ", ".join(words.category(each, spoken()) for each in state.categories)
    if state.roles:
        yield "; ".join(f"{role_title(role)}: {escape(who(person, told.people))}" for role, person in state.roles.items())
    if state.missing:
        yield f"[red]{say('timeline.missing', things=things(each.thing for each in state.missing))}[/red]"
    if state.hold_until is not None:
        yield say("timeline.hold", until=moment(state.hold_until))
    if state.closed:
        yield say("timeline.closed")


def _timeline(told: Told) -> Table:
    made = table("number", "happened", "what", "who")
    for entry in told.entries:
        made.add_row(str(entry.seq), short(entry.happened_at), what(entry, told), escape(who(entry.actor, told.people)))
    return made


def what(entry: RecordedEntry, told: Told) -> str:
    """What an entry says, in lines with the screen's marks."""
    return _clock(entry, told) if entry.kind in CLOCK_KINDS else _act(entry, told)


def _act(entry: RecordedEntry, told: Told) -> str:
    title = command_title(entry.kind)
    parts = [f"[bold]{title}[/bold]", *_recorded_late(entry)]
    if said := "; ".join(_said(entry, told)):
        parts.append(f"– {said}")
    return "\n".join([" ".join(parts), *(f"  “{escape(each)}”" for each in _words(entry.content.get("body", {}), told))])


def _recorded_late(entry: RecordedEntry) -> Iterator[str]:
    """Of a timescale too: nobody was told on a day of which the record heard years later."""
    if entry.recorded_at - entry.happened_at > LATE:
        yield f"[yellow]({say('timeline.recorded', at=short(entry.recorded_at))})[/yellow]"


def _said(entry: RecordedEntry, told: Told) -> Iterator[str]:
    body: Mapping[str, Any] = entry.content.get("body", {})
    yield from (escape(each) for each in outcomes(entry.kind, body, spoken(), told.called))
    yield from stages(entry.before, entry.after)
    if entry.kind == "corrected" and "entry" in body:
        yield say("timeline.corrects", number=body["entry"])
    if lacking := entry.content.get("lacking"):
        yield f"[red]{say('timeline.missing', things=things(lacking))}[/red]"


def _words(body: Any, told: Told) -> Iterator[str]:
    """The words of people in an entry, where they were asked for."""
    if isinstance(body, str) and body in told.texts:
        yield told.texts[body]
    elif isinstance(body, Mapping):
        for each in body.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _words(each, told)
    elif isinstance(body, list | tuple):
        for each in body:  # pyright: ignore[reportUnknownVariableType]
            yield from _words(each, told)


def _clock(entry: RecordedEntry, told: Told) -> str:
    content = entry.content
    if "state" not in content:
        return f"  {clock_title(entry.rule or entry.kind)}"
    state = ClockState(content["state"])
    key = "met_late" if state is ClockState.met and content.get("late_seconds") else state.value
    said = say(
        f"clock.{key}",
        due=moment(dt.datetime.fromisoformat(content["due"])),
        to=escape(who(content["to"], told.people)) if content.get("to") else say("timeline.nobody"),
        role=_reached(content, told),
        was_due=moment(dt.datetime.fromisoformat(content.get("was_due", content["due"]))),
        because=because(content),
    )
    line = f"{clock_title(content['clock'])}: {said}"
    return " ".join(("  " + (f"[red]{line}[/red]" if state in ALARMING else line), *_recorded_late(entry)))


def _reached(content: Mapping[str, Any], told: Told) -> str:
    """The role in which somebody was told; where it went upwards, from where and why."""
    asked, reached = role_title(content.get("role") or "owner"), content.get("reached")
    if reached is None:
        return asked
    if before := content.get("instead_of"):
        return say("timeline.not_reached", reached=role_title(reached), role=asked, before=escape(who(before, told.people)))
    return say("timeline.vacant", reached=role_title(reached), role=asked)


def _letters(told: Told) -> Table:
    made = table("when", "letter", "to", "language", "state", title=say("heading.letters"))
    for letter in told.letters:
        kind = f"{say(f'letter.{letter.kind}')}: {_about(letter.about)}"
        language = "" if letter.language is None else say(f"child_language.{letter.language}")
        made.add_row(
            short(letter.at), kind, escape(who(letter.recipient, told.people)), language, delivery(letter.state, letter.no_address)
        )
    return made


def _about(key: str) -> str:
    """A letter is about a timescale, or a notice."""
    from correspondence.catalogue import knows
    from correspondence.catalogue import say as letter_says

    return letter_says(f"notice.{key}.title", spoken()) if knows(f"notice.{key}.title") else clock_title(key)
