"""What a command, or the passing of time, comes to: reads calendar, settings and directory, writes nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.surroundings import Library, directory_of
from activities.too_young import too_young
from procedures import settlement
from procedures.changes import Made
from procedures.in_force import rules_in_force
from procedures.meetings.papers import could_send
from procedures.refusals import Refused
from procedures.rules import BadRules, Rules
from procedures.settlement import Settlement
from procedures.times import eighteenth_birthday
from procedures.writing import Surroundings
from record import children, meetings, versions
from record.deployment import clock
from record.keys import KeyRing
from record.pool import Connection, Pool, transaction
from schemas.base import Identifier
from schemas.clocks import Clock, ClosedClock
from schemas.commands import COMMANDS
from schemas.commands.enquiries import RestrictionLifted
from schemas.engine import CommandQuestion, TimeQuestion
from schemas.flush import ClockRow, Flush, JourneySummary
from schemas.papers import CouldSend
from schemas.state import JourneyState
from schemas.timeline import Entry, Versions
from workflows.refusal import as_failure

MAY_REGISTER = frozenset({"conference_held", "moved_in", "taken_over"})

MOST_AHEAD = timedelta(minutes=1)
"""An engine's clock further ahead of the record's is set wrong."""

TEXT = re.compile(r'"text:([0-9a-f]+)#')


class EngineClockAhead(Exception):
    """By the record's clock it is not yet time for what the engine's timer woke the journey for."""

    ids_only = True


@dataclass(frozen=True)
class Settlements:
    """Local activities: their results stay in the journey's history."""

    pool: Pool
    keys: KeyRing
    library: Library = field(default_factory=Library)

    @activity.defn(name="settle_command")
    async def settle_command(self, question: CommandQuestion) -> Flush:
        """What a command comes to; a refusal is final and changes nothing. An engine's clock that is ahead does not count."""
        envelope, now = question.envelope, await self._no_later_than_the_record(question.now)
        said = COMMANDS[envelope.name].model_validate(envelope.body)
        around = await self._surroundings(question.state, now)
        if envelope.name in MAY_REGISTER:
            around = replace(around, turns_18=await self._turns_18(question.state))
        if isinstance(said, RestrictionLifted):
            around = replace(around, could_send=await self._could_send(question.state, said.person, around.rules, now))
        try:
            settled = settlement.settle_command(question.state, envelope.command_id, said, now, around)
        except Refused as refused:
            raise as_failure(refused) from refused
        return _flush(question.state, await self._tells_of_late(question.state, settled, now, around), around)

    @activity.defn(name="settle_due")
    async def settle_due(self, question: TimeQuestion) -> Flush:
        """Reminders, overdue timescales and escalations that are due by now.

        Raises:
            ApplicationError: final, where the engine's clock is more than a minute ahead of the record's: nothing is overdue earlier than
                that. The journey asks again.
        """
        if await self._no_later_than_the_record(question.now) < question.now:
            error = EngineClockAhead(f"the engine's clock is more than {MOST_AHEAD.seconds} s ahead of the record's")
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
        around = await self._surroundings(question.state, question.now)
        settled = settlement.settle_due(question.state, question.now, around)
        return _flush(question.state, await self._tells_of_late(question.state, settled, question.now, around), around)

    async def _no_later_than_the_record(self, now: datetime) -> datetime:
        async with self.pool.acquire() as connection:
            there = await clock(connection)
        return now if there is None else min(now, there + MOST_AHEAD)

    async def _tells_of_late(self, before: JourneyState, settled: Settlement, now: datetime, around: Surroundings) -> Settlement:
        """Who arranged a conference is looked up only where one became late."""
        late = settlement.became_late(before, settled.state)
        return settlement.told_of_late(settled, late, await self._arrangers(before), now, around) if late else settled

    async def _arrangers(self, state: JourneyState) -> dict[str, Identifier]:
        async with transaction(self.pool, state.authority) as connection:
            booked = [each for each in await meetings.of_child(connection, state.child) if each.open]
        return {each.kind: each.arranger for each in booked if each.kind is not None and each.arranger is not None}

    async def _turns_18(self, state: JourneyState) -> datetime | None:
        async with transaction(self.pool, state.authority) as connection:
            born_on = (await children.details(connection, state.child, self.keys)).born_on
        return None if born_on is None else eighteenth_birthday(born_on)

    async def _could_send(self, state: JourneyState, person: Identifier, rules: Rules, now: datetime) -> tuple[CouldSend, ...]:
        found = list[CouldSend]()
        async with transaction(self.pool, state.authority) as connection:
            for each in await meetings.of_child(connection, state.child):
                if each.circulated:
                    young = await too_young(connection, each, rules.papers, self.keys)
                    found += could_send(each, person, state.child, rules.papers, young, now)
        return tuple(found)

    async def _surroundings(self, state: JourneyState, at: datetime) -> Surroundings:
        async with transaction(self.pool, state.authority) as connection:
            # The rules of this process count: they are what new due dates are made with.
            current = (await versions.current(connection)).model_copy(update={"rules": rules_in_force().hash})
            made = await self.library.made(connection, current)
            older = {clock.versions for clock in state.clocks.values() if not clock.overdue and _older(clock.versions, current)}
            earlier, rules_then = await self._earlier(connection, older, current.settings)
            return Surroundings(
                rules=made.rules,
                calendar=made.calendar,
                directory=await directory_of(connection, state.team, at),
                versions=current,
                earlier=earlier,
                rules_then=rules_then,
            )

    async def _earlier(self, connection: Connection, older: set[Versions], settings: int) -> tuple[dict[Versions, Made], dict[str, Rules]]:
        """With what timescales were planned, and those rules with the settings of now. What was planned with rules that cannot be read any
        more is left out: it keeps its dates, and the journey goes on.
        """
        earlier, then = dict[Versions, Made](), dict[str, Rules]()
        for each in older:
            try:
                made, rules = await self.library.made(connection, each), await self.library.rules(connection, each.rules, settings)
            except BadRules:
                activity.logger.warning("rules_not_read: %s", each.rules)
                continue
            earlier[each], then[each.rules] = made, rules
        return earlier, then


def _older(made: Versions, current: Versions) -> bool:
    return (made.calendar, made.settings) != (current.calendar, current.settings)


def _flush(before: JourneyState, settled: Settlement, around: Surroundings) -> Flush:
    """The settlement with what the record needs beside it."""
    after = settled.state
    whole = orjson.dumps([entry.content for entry in settled.entries]).decode()
    return Flush(
        child=before.child,
        family=before.family,
        authority=before.authority,
        team=before.team,
        expected_head=before.seq,
        entries=settled.entries,
        letters=settled.letters,
        command_id=None if settled.answer is None else settled.answer.command_id,
        answer=settled.answer,
        summary=_summary(after),
        clocks=tuple(_rows(settled.entries, after, around)),
        texts=tuple(sorted(set(TEXT.findall(whole)))),
    )


def _summary(state: JourneyState) -> JourneySummary:
    names = set(JourneySummary.model_fields) - {"enquiries", "shut_out", "next_wake"}
    return JourneySummary(
        **{name: getattr(state, name) for name in names},
        enquiries=state.stages.enquiries,
        shut_out=state.told_nothing,
        next_wake=settlement.next_wake(state),
    )


def _rows(entries: tuple[Entry, ...], state: JourneyState, around: Surroundings) -> Iterable[ClockRow]:
    """The timescales that the entries speak of; all that run where somebody took on another part."""
    said = {entry.content["instance"]: entry for entry in entries if entry.kind == "clock"}
    everybody = any("roles" in entry.content.get("facts", {}) for entry in entries)
    closed = {each.instance: each for each in state.closed_clocks.values()}
    for instance in sorted({*said, *(state.clocks if everybody else ())}):
        if instance in state.clocks and not state.clocks[instance].watch:
            yield _running(state.clocks[instance], said.get(instance), state, around)
        elif instance in said and instance in closed:
            yield _ended(closed[instance], said[instance], state, around)


def _running(clock: Clock, entry: Entry | None, state: JourneyState, around: Surroundings) -> ClockRow:
    owner = around.directory.holder(clock.owner, state)
    held = clock.acknowledgement
    content: dict[str, Any] = {
        "plan": clock.plan.model_dump(mode="json"),
        "ladder": clock.ladder,
        "owner": clock.owner,
        "rung": clock.climbed or None,
        "held_until": None if held is None else held.until.isoformat(),
        "start": clock.start.model_dump(mode="json"),
        "versions": clock.versions.model_dump(mode="json"),
    }
    return ClockRow(
        instance=clock.instance,
        clock=clock.clock,
        scope=clock.scope,
        state=_last_said(clock) if entry is None else entry.content["state"],
        running=True,
        started_at=clock.started_at,
        due=clock.plan.due,
        owner_role=clock.owner,
        owner=None if owner is None else owner.person,
        escalated_to=clock.told[-1] if clock.climbed and clock.told else None,
        rung=clock.climbed,
        content={key: value for key, value in content.items() if value is not None},
    )


def _last_said(clock: Clock) -> str:
    if clock.climbed:
        return "escalated"
    return "overdue" if clock.overdue else "started"


def _ended(clock: ClosedClock, entry: Entry, state: JourneyState, around: Surroundings) -> ClockRow:
    rule = around.rules.clocks[entry.content["clock"]]
    owner = around.directory.holder(rule.owner, state)
    return ClockRow(
        instance=clock.instance,
        clock=rule.id,
        scope=clock.scope,
        state=entry.content["state"],
        running=False,
        started_at=clock.started_at,
        due=clock.due,
        ended_at=clock.ended_at,
        owner_role=rule.owner,
        owner=None if owner is None else owner.person,
    )
