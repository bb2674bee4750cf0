"""What a person reads once a command is taken: what was entered, what is missing and now urgent, what is due next."""

import datetime as dt
from collections.abc import Iterator

from console.language import knows, say
from console.showing import command_title, due_line, screen, standing, things
from schemas.state import JourneyState
from schemas.timeline import Answer

NEXT = 6
"""How many due dates are told."""


def print_answer(name: str, answer: Answer, state: JourneyState | None) -> None:
    """Print the answer to a command; `state` is where the journey now stands."""
    for line in _lines(name, answer, state):
        screen().print(line)


def _lines(name: str, answer: Answer, state: JourneyState | None) -> Iterator[str]:
    title, child = command_title(name), answer.child
    if answer.entries:
        yield say("answer.entered", title=title, child=child, entries=_span(answer.entries))
    else:
        yield say("answer.nothing", title=title, child=child)
    yield standing(answer.stages.registration, answer.stages.enquiries)
    if answer.missing:
        yield f"[red]{say('answer.missing', things=things(answer.missing))}[/red]"
    for note in answer.notes:
        yield say(f"notes.{note}") if knows(f"notes.{note}") else note.replace("_", " ")
    if state is not None:
        yield from _due(state)


def _span(entries: tuple[int, ...]) -> str:
    return str(entries[0]) if len(entries) == 1 else f"{min(entries)}–{max(entries)}"


def _due(state: JourneyState) -> Iterator[str]:
    running = sorted((clock for clock in state.clocks.values() if not clock.watch), key=lambda each: (each.plan.due, each.instance))
    if not running:
        yield say("answer.nothing_due")
        return
    yield f"[bold]{say('answer.due')}[/bold]"
    for clock in running[:NEXT]:
        yield f"  {due_line(clock.clock, clock.plan.due, dt.datetime.now(dt.UTC))}  ({clock.instance})"
