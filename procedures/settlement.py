"""What a command, or the passing of time, comes to: entries on the timeline, and letters.

Pure: rules, calendar and directory are given, `now` is passed in. It runs in an activity, so that its result stays in the engine's
history: a worker that restarts with other rules, another calendar or other code moves no due date that is already open.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from procedures.decisions import decide
from procedures.decisions.conferences import DUE_OF, TOLD_OF_LATE
from procedures.decisions.draft import Decision, Notice, json_of
from procedures.ledger import Ledger, key_of
from procedures.rules import Rules
from procedures.writing import Surroundings, Writing
from schemas.base import Identifier, Model
from schemas.clocks import Clock
from schemas.commands import Command
from schemas.commands.enquiries import RestrictionLifted
from schemas.commands.moves import Acknowledged, EndedInError, LetterRefused
from schemas.letters import LetterOrder
from schemas.state import JourneyState
from schemas.timeline import Answer, Entry


class Settlement(Model):
    """Entries and letters, ready to be recorded in one transaction; nothing in it where nothing was to do."""

    entries: tuple[Entry, ...]
    letters: tuple[LetterOrder, ...] = ()
    answer: Answer | None = None
    state: JourneyState
    """The state after the entries."""


def settle_command(state: JourneyState, command_id: Identifier, command: Command, now: datetime, surroundings: Surroundings) -> Settlement:
    """What a command comes to.

    Raises:
        Refused: nothing has changed; the sentence says what is missing.
    """
    decision = decide(state, command, now, surroundings.rules, surroundings.directory.posts)
    if surroundings.turns_18 is not None:
        decision.facts["turns_18"] = surroundings.turns_18.isoformat()
    ledger = Ledger(state, now, surroundings)
    ledger.replan()
    ledger.actor, ledger.cause, ledger.command_id = command.actor, command_id, command_id
    ledger.enter(command.name, command.happened_at, _content(command, decision, surroundings.rules))
    for begun in decision.begun:
        ledger.begin(begun, command.happened_at)
    for event in decision.events:
        ledger.happens(event, command.happened_at)
    if isinstance(command, EndedInError):
        ledger.resume(state.stopped_by_ending)
    if isinstance(command, Acknowledged):
        ledger.acknowledge(command)
    if isinstance(command, LetterRefused):
        ledger.pass_on(command)
    if isinstance(command, RestrictionLifted) and surroundings.could_send and command.person not in ledger.state.told_nothing:
        sends = json_of([each.model_dump(mode="json") for each in surroundings.could_send])
        ledger.tell(Notice(about="papers_now_readable", roles=("social_worker",), content={"could_send": sends}), command.happened_at)
    for notice in decision.notices:
        ledger.tell(notice, command.happened_at)
    answer = Answer(
        command_id=command_id,
        child=state.child,
        entries=tuple(entry.seq for entry in ledger.entries),
        missing=tuple(decision.lacking),
        notes=tuple(decision.notes),
        stages=ledger.state.stages,
    )
    return Settlement(entries=tuple(ledger.entries), letters=tuple(ledger.letters), answer=answer, state=ledger.state)


def settle_due(state: JourneyState, now: datetime, surroundings: Surroundings) -> Settlement:
    """What the passing of time comes to: reminders, overdue timescales, escalations; each once and only once."""
    ledger = Ledger(state, now, surroundings)
    ledger.replan()
    for clock in sorted(ledger.state.clocks.values(), key=lambda each: (each.plan.due, each.instance)):
        ledger.pass_time(clock)
    return Settlement(entries=tuple(ledger.entries), letters=tuple(ledger.letters), state=ledger.state)


def became_late(before: JourneyState, after: JourneyState) -> dict[str, datetime]:
    """Conferences whose booked date stayed and is late now, since a timescale that they meet began, or moved: by kind, the earliest such due
    date.
    """
    found: dict[str, datetime] = {}
    for conference, planned in after.planned.items():
        if before.planned.get(conference) == planned:
            meets = [each for each in after.clocks.values() if each.clock in DUE_OF[conference] and planned > each.plan.due]
            new = [
                each.plan.due
                for each in meets
                if each.instance not in before.clocks or before.clocks[each.instance].plan.due != each.plan.due
            ]
            if new:
                found[conference] = min(new)
    return found


def told_of_late(
    settled: Settlement, late: Mapping[str, datetime], arrangers: Mapping[str, Identifier], now: datetime, surroundings: Surroundings
) -> Settlement:
    """The settlement, with the letters that tell of conferences that became late: there may still be time for another date.

    Args:
        settled: what made them late.
        late: by kind of conference, the earliest due date that it misses, as `became_late` finds them.
        arrangers: by kind of conference, who arranged the one that is booked; told besides the managers.
        now: when it is settled.
        surroundings: with which.
    """
    writing = Writing(settled.state, now, surroundings, entries=list(settled.entries))
    # When it happened: what a command says first, else now.
    at = next((each.happened_at for each in settled.entries if each.command_id is not None), now)
    for conference, due in late.items():
        notice = Notice(about="conference_planned_late", roles=TOLD_OF_LATE, content={"due": due.isoformat()})
        writing.tell(notice, at)
        if conference in arrangers:
            writing.tell_arranger(arrangers[conference], notice, at)
    return settled.model_copy(update={"letters": (*settled.letters, *writing.letters)})


def next_wake(state: JourneyState) -> datetime | None:
    """The next instant at which any timescale needs something done; none where nothing runs."""
    return min((instant for clock in state.clocks.values() for instant in _instants(clock, state.hold_until)), default=None)


def _instants(clock: Clock, hold_until: datetime | None) -> Iterator[datetime]:
    """The next reminder, the due time, the next rung: as `Ledger.pass_time` acts on them."""
    if clock.watch:
        yield clock.plan.due
        return
    paused = hold_until if clock.pausable else None
    if not clock.overdue:
        yield clock.plan.due
        if clock.reminded < len(clock.plan.reminders):
            yield _not_before(clock.plan.reminders[clock.reminded], paused)
    if clock.climbed < len(clock.plan.rungs):
        yield _not_before(clock.plan.rungs[clock.climbed].at, paused)


def _not_before(instant: datetime, paused: datetime | None) -> datetime:
    return instant if paused is None else max(instant, paused)


def _content(command: Command, decision: Decision, rules: Rules) -> dict[str, Any]:
    content: dict[str, Any] = {
        "body": command.model_dump(mode="json", exclude={"actor", "happened_at"}, exclude_none=True),
        "events": [event.name for event in decision.events],
        "done": sorted({key_of(event) for event in decision.events if event.name in rules.ending and event.of is None}),
        "facts": decision.facts,
        "enquiry_facts": json_of(decision.enquiry_facts),
        "moves": decision.moves,
        "opened": decision.opened,
        "lacking": decision.lacking,
    }
    return {key: value for key, value in content.items() if value}
