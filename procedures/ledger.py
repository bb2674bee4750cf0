"""The ledger of one settlement: its timescales, as they start, are met, go overdue and are escalated."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from procedures import due
from procedures.changes import Change, Made, change
from procedures.decisions import Event, Notice
from procedures.decisions.draft import Begun, json_of
from procedures.fold import closed_clock
from procedures.recipients import Recipient
from procedures.rules import ClockRule
from procedures.writing import Writing
from schemas.base import Identifier
from schemas.clocks import ELSEWHERE, Clock, ClockPlan, ClockStart, ClockState, ClosedClock
from schemas.commands.moves import Acknowledged, LetterRefused
from schemas.letters import LetterKind
from schemas.timeline import Entry


@dataclass
class Ledger(Writing):
    """What events, the passing of time and changed settings do to timescales."""

    alerted: set[tuple[str, Identifier | None, datetime]] = field(default_factory=set[tuple[str, Identifier | None, datetime]])
    """Who has been alerted to which timescale for which instant."""
    done_before: dict[str, tuple[datetime, ...]] = field(init=False)
    """What had been done before this command: its own events speak for themselves."""

    def __post_init__(self) -> None:
        self.done_before = self.state.done

    # What a changed calendar or setting does to timescales.

    def replan(self) -> None:
        """Move what was planned with another calendar or other settings, each with its reason."""
        for clock in sorted(self.state.clocks.values(), key=lambda each: each.instance):
            if not clock.overdue and (before := self.surroundings.earlier.get(clock.versions)) is not None:
                rules = self.surroundings.rules_then[clock.versions.rules]
                changed = change(clock.plan, clock.start, before, Made(rules, self.surroundings.calendar))
                if changed is not None:
                    self._moved(clock, changed)

    def _moved(self, clock: Clock, changed: Change) -> None:
        moved = changed.plan.due != clock.plan.due
        versions = self.surroundings.versions.model_copy(update={"rules": clock.versions.rules})
        number = f"calendar-{versions.calendar}-settings-{versions.settings}"
        self._enter_clock(
            self._rule(clock.clock),
            clock.model_copy(update={"plan": changed.plan}),
            ClockState.due_moved if moved else ClockState.replanned,
            self.now,
            number,
            **changed.model_dump(mode="json"),
            was_due=clock.plan.due,
            versions=versions,
        )
        if moved:
            self._correct(clock.instance, clock.clock, changed.plan.due, clock.told, known="due_moved", plan=json_of(changed.plan))

    # What events do to timescales: first they stop, then they start.

    def happens(self, event: Event, at: datetime) -> None:
        """Stop, cancel and start the timescales that name this event."""
        for clock in sorted(self.state.clocks.values(), key=lambda each: each.instance):
            rule = self._rule(clock.clock)
            if event.of is not None and clock.started_by != event.of:
                continue
            if _stops(event, rule, clock) and (rule.earlier_counts or at >= clock.started_at):
                self._met(clock, event, at)
            elif self._cancels(event, rule, clock):
                self._stopped(clock, event.name, at)
        for rule in self.surroundings.rules.clocks.values():
            if event.name in rule.stops:
                self._revise(rule, event, at)
            if event.name in rule.starts:
                self._start(rule, event, event.started_at or at)

    def _rule(self, clock: str) -> ClockRule:
        return self.surroundings.rules.clocks[clock]

    def _cancels(self, event: Event, rule: ClockRule, clock: Clock) -> bool:
        if event.name in self.surroundings.rules.always_cancelled_by:
            return True
        # No event of an enquiry ends what belongs to the child's registration.
        return event.name in rule.cancels and event.scope == (clock.scope if event.scope is not None else None)

    def _met(self, clock: Clock, event: Event, at: datetime) -> None:
        due_at = clock.plan.due
        late_seconds = self._late(clock, at)
        state = ClockState.met if at > due_at or self.now <= due_at else ClockState.met_recorded_late
        self._clock_entry(clock, state, at, late_seconds=late_seconds, stopped_by=event.name)
        if state is ClockState.met_recorded_late:
            self._correct(clock.instance, clock.clock, due_at, clock.told, **_met_in_time(at))
        if event.name.startswith("child_seen") and self.now > due_at and not clock.watch:
            self.tell(Notice(about="visit_recorded_late", roles=("team_manager",), content={"clock": clock.clock}), at)

    def _late(self, clock: Clock, at: datetime) -> int:
        """By how many seconds what was done at that instant came too late; a timescale that was, is first entered as overdue."""
        if at > clock.plan.due and not clock.overdue and not clock.watch:
            self._overdue(clock)
        return _seconds_late(at, clock.plan.due)

    def _stopped(self, clock: Clock, why: str, at: datetime) -> None:
        self._clock_entry(clock, ClockState.stopped, max(at, clock.started_at), reason=why)

    def _start(self, rule: ClockRule, event: Event, started_at: datetime) -> None:
        scope = event.scope if rule.scope == "enquiry" else None
        if not self._applies(rule):
            return
        running = self.state.open_clocks(rule.id, scope)
        if rule.direction == "before":
            # A review and an initial conference may both be planned: each has reports of its own.
            running = [clock for clock in running if clock.started_by == event.name]
        conference = (event.held_by or ELSEWHERE) if rule.each_conference else None
        running = [clock for clock in running if clock.conference == conference]
        if event.only_running and not running:
            return
        for clock in running:
            if rule.restart == "keep" or started_at < clock.started_at:
                return
            self._restarted(rule, clock, event, started_at)
        before = self._last_ended(rule, scope, conference)
        if event.name in rule.stops and before is not None and started_at < before.ended_at:
            return  # An older event told late: a later one has already started the timescale again.
        anchor = self._anchor(rule, event.anchor)
        if rule.direction == "before" and anchor is None:
            return
        start = ClockStart(
            clock=rule.id,
            instance=self._next_instance(rule.id),
            started_at=started_at,
            started_by=event.name,
            same_day=event.same_day,
            anchor=anchor,
        )
        clock = self._started(rule, scope, start, self._plan(start), conference)
        self._already_done(rule, clock, before)

    def begin(self, begun: Begun, taken_over_at: datetime) -> None:
        """Start a timescale of a record that was taken over."""
        rule = self._rule(begun.clock)
        if not self._applies(rule):
            return
        anchor = self._anchor(rule, begun.anchor)
        if rule.direction == "before" and anchor is None:
            return
        start = ClockStart(clock=rule.id, instance=self._next_instance(rule.id), started_at=begun.at, started_by=begun.by, anchor=anchor)
        plan = self._plan(start)
        if begun.or_now and plan.due < taken_over_at:
            start = start.model_copy(update={"started_at": taken_over_at, "started_by": "taken_over", "not_known": True})
            plan = self._plan(start)
        self._started(rule, begun.scope if rule.scope == "enquiry" else None, start, plan)

    def resume(self, stopped: tuple[Clock, ...]) -> None:
        """The ending was recorded in error: what it stopped runs again, due as it was; whatever time has passed shows at once."""
        for clock in stopped:
            begun_anew = {
                "instance": self._next_instance(clock.clock),
                "reminded": 0,
                "overdue": False,
                "climbed": 0,
                "acknowledgement": None,
            }
            again = clock.model_copy(update=begun_anew)
            self._clock_entry(
                again,
                ClockState.started,
                clock.started_at,
                started_by=clock.started_by,
                owner=clock.owner,
                resumes=clock.instance,
                timescale=again.model_dump(mode="json"),
            )

    def _anchor(self, rule: ClockRule, given: datetime | None) -> datetime | None:
        return given or (self.surroundings.turns_18 if rule.anchor == "eighteenth_birthday" else None)

    def _next_instance(self, clock: str) -> str:
        return f"{clock}/{self.state.instances.get(clock, 0) + 1}"

    def _plan(self, start: ClockStart) -> ClockPlan:
        return due.plan(start, self.surroundings.rules, self.surroundings.calendar)

    def _restarted(self, rule: ClockRule, clock: Clock, event: Event, at: datetime) -> None:
        if rule.restart != "not_done":
            self._stopped(clock, f"restarted_by_{event.name}", at)
            return
        self._stopped(clock, f"not_done_before_{event.name}", at)
        self.tell(Notice(about="not_done_between_conferences", roles=("team_manager",), content={"clock": clock.clock}), at)

    def _already_done(self, rule: ClockRule, clock: Clock, before: ClosedClock | None) -> None:
        """A start that is told late: what was recorded meanwhile counts, and starts what it starts."""
        used = clock.started_at if before is None else max(clock.started_at, before.ended_at)
        done = [
            (at, event)
            for event in (_event_of(key) for key in self.done_before)
            if _stops(event, rule, clock)
            for at in self.done_before[key_of(event)]
            if at > used
        ]
        if not done:
            return
        at, event = min(done, key=lambda each: each[0])
        self._clock_entry(clock, ClockState.met, at, late_seconds=self._late(clock, at), stopped_by=event.name)
        if event.name in rule.starts:
            self._start(rule, event, at)

    def _last_ended(self, rule: ClockRule, scope: int | None, conference: Identifier | None) -> ClosedClock | None:
        """The one that ended before conferences owed each their own is of any of them."""
        return closed_clock(self.state, rule.id, scope, conference) or closed_clock(self.state, rule.id, scope)

    def _applies(self, rule: ClockRule) -> bool:
        match rule.only_while:
            case "born":
                return not self.state.unborn
            case "registered":
                return self.state.registered
            case "registered_and_born":
                return self.state.registered and not self.state.unborn
            case _:
                return True

    def _started(
        self, rule: ClockRule, scope: int | None, start: ClockStart, plan: ClockPlan, conference: Identifier | None = None
    ) -> Clock:
        ladder = self.surroundings.rules.ladders[rule.ladder]
        clock = Clock(
            clock=rule.id,
            instance=start.instance,
            scope=scope,
            owner=rule.owner,
            ladder=rule.ladder,
            pausable=ladder.pausable,
            watch=rule.watch,
            started_at=start.started_at,
            started_by=start.started_by,
            same_day=start.same_day,
            anchor=start.anchor,
            not_known=start.not_known,
            conference=conference,
            versions=self.surroundings.versions,
            plan=plan,
        )
        owner = self.surroundings.directory.holder(rule.owner, self.state)
        self._clock_entry(
            clock,
            ClockState.started,
            start.started_at,
            started_by=start.started_by,
            owner=rule.owner,
            owner_person=None if owner is None else owner.person,
            timescale=clock.model_dump(mode="json"),
        )
        return clock

    def _revise(self, rule: ClockRule, event: Event, at: datetime) -> None:
        """An earlier event, told late, shows that the last instance was met sooner than the record had it."""
        conference = (event.sent_by or ELSEWHERE) if rule.each_conference else None
        closed = self._last_ended(rule, event.scope if rule.scope == "enquiry" else None, conference)
        if closed is None or not _of_its_conference(event, closed) or not closed.late_seconds:
            return
        if not closed.started_at <= at < closed.ended_at:
            return
        late = _seconds_late(at, closed.due)
        state = ClockState.met if late else ClockState.met_recorded_late
        self._enter_clock(rule, closed, state, at, late_seconds=late, revises=True)
        if not late:
            self._correct(closed.instance, rule.id, closed.due, closed.told, **_met_in_time(at))

    # What the passing of time does to one timescale.

    def pass_time(self, clock: Clock) -> None:
        """Reminder, overdue, escalation: what the timescale needs by now."""
        if clock.watch:
            if clock.plan.due <= self.now:
                self._watched(clock)
            return
        paused = clock.pausable and self.state.hold_until is not None and self.now < self.state.hold_until
        if not clock.overdue and clock.plan.due <= self.now:
            self._overdue(clock)
        elif not clock.overdue and not paused:
            self._remind(clock)
        if not paused:
            self._climb(self.state.clocks[clock.instance])

    def _watched(self, clock: Clock) -> None:
        if clock.clock == "hold_expiry":
            self.enter("hold_ended", clock.plan.due, {"facts": {"hold_until": None}, "events": ["hold_ended"]}, f"{clock.instance}:expired")
        self._clock_entry(clock, ClockState.stopped, clock.plan.due, reason="passed")
        self.tell(Notice(about=clock.clock, roles=(clock.owner,), content={"due": clock.plan.due.isoformat()}), clock.plan.due)

    def _remind(self, clock: Clock) -> None:
        passed = [number for number, at in enumerate(clock.plan.reminders, 1) if at <= self.now and number > clock.reminded]
        if not passed:
            return
        recipient = self.surroundings.directory.holder(clock.owner, self.state)
        entry = self._clock_entry(
            clock, ClockState.reminded, self.now, reminded=passed[-1], **_to(recipient, clock.owner), number=passed[-1]
        )
        self._write(entry, LetterKind.reminder, recipient, clock)

    def _overdue(self, clock: Clock) -> None:
        self._clock_entry(clock, ClockState.overdue, clock.plan.due, owner=clock.owner)

    def _climb(self, clock: Clock) -> None:
        for rung in clock.plan.rungs[clock.climbed :]:
            if rung.at > self.now:
                return
            self._escalate(clock, rung.number, rung.role, rung.at)

    def _escalate(self, clock: Clock, number: int, role: str, at: datetime) -> None:
        recipient = self.surroundings.directory.holder(role, self.state)
        entry = self._clock_entry(clock, ClockState.escalated, at, rung=number, role=role, **_to(recipient, role), number=number)
        # Whoever holds two roles of which both are told at one instant reads it once.
        alerted = (clock.instance, None if recipient is None else recipient.person, at)
        if alerted not in self.alerted:
            self._write(entry, LetterKind.alert, recipient, clock, rung=number)
        self.alerted.add(alerted)

    def acknowledge(self, command: Acknowledged) -> None:
        """The ladder is held for a set time, then climbs on."""
        clock = self.state.clocks[command.instance]
        rules, calendar = self.surroundings.rules, self.surroundings.calendar
        until = due.hold_until(command.happened_at, rules.ladders[clock.ladder], calendar, rules)
        rungs = due.replanned(clock.plan.rungs, clock.climbed, until, calendar, rules.ladders[clock.ladder], rules)
        self._clock_entry(
            clock,
            ClockState.acknowledged,
            command.happened_at,
            acknowledgement={"by": command.actor, "action": command.action, "until": until.isoformat()},
            rungs=[rung.model_dump(mode="json") for rung in rungs],
        )

    def pass_on(self, command: LetterRefused) -> None:
        """A mailbox bounced: the next rung of that timescale is told at once."""
        clock = self.state.clocks.get(command.instance or "")
        if clock is not None and clock.overdue and clock.climbed < len(clock.plan.rungs):
            rung = clock.plan.rungs[clock.climbed]
            self._escalate(clock, rung.number, rung.role, self.now)

    # Entries of timescales.

    def _clock_entry(self, clock: Clock, state: ClockState, happened_at: datetime, number: int | None = None, **more: Any) -> Entry:
        return self._enter_clock(self._rule(clock.clock), clock, state, happened_at, number, **more)

    def _enter_clock(
        self,
        rule: ClockRule,
        clock: Clock | ClosedClock,
        state: ClockState,
        happened_at: datetime,
        number: int | str | None = None,
        **more: Any,
    ) -> Entry:
        due_at = clock.plan.due if isinstance(clock, Clock) else clock.due
        content: dict[str, Any] = {
            "clock": rule.id,
            "instance": clock.instance,
            "scope": clock.scope,
            "state": str(state),
            "started_at": clock.started_at.isoformat(),
            "due": due_at.isoformat(),
            **json_of(more),
        }
        what = f"{clock.instance}:{state}" if number is None else f"{clock.instance}:{state}:{number}"
        cause = f"{self.cause}/{what}" if self.cause else what
        return self.enter("watch" if rule.watch else "clock", happened_at, content, cause, rule.id)


def key_of(event: Event) -> str:
    """What was done, in which enquiry, and of which meeting's conference where it is one meeting's."""
    scope = "" if event.scope is None else f"@{event.scope}"
    return event.name + scope + ("" if event.sent_by is None else f"#{event.sent_by}")


def _seconds_late(at: datetime, due_at: datetime) -> int:
    return max(0, int((at - due_at).total_seconds()))


def _met_in_time(at: datetime) -> dict[str, str]:
    return {"known": "met_in_time", "met_at": at.isoformat()}


def _event_of(key: str) -> Event:
    key, _, meeting = key.partition("#")
    name, _, scope = key.partition("@")
    return Event(name=name, scope=int(scope) if scope else None, sent_by=meeting or None)


def _stops(event: Event, rule: ClockRule, clock: Clock) -> bool:
    return event.name in rule.stops and _touches(event, clock.scope) and _of_its_conference(event, clock)


def _of_its_conference(event: Event, clock: Clock | ClosedClock) -> bool:
    """What is owed of one conference is met by what is of that conference alone."""
    return clock.conference in {None, event.sent_by or ELSEWHERE}


def _touches(event: Event, scope: int | None) -> bool:
    """What happens to the child touches all its timescales; what happens in an enquiry its own, and may fulfil the child's."""
    return event.scope is None or scope is None or event.scope == scope


def _to(recipient: Recipient | None, role: str) -> dict[str, Any]:
    """Who was told, as an entry holds it; and in which role, where it went upwards from the role that was to be told."""
    if recipient is None:
        return {"to": None}
    reached = recipient.role if recipient.role != role else None
    more = {"deputy_for": recipient.deputy_for, "instead_of": recipient.instead_of, "reached": reached}
    return {"to": recipient.person, **{key: value for key, value in more.items() if value is not None}}
