"""What a script expects against what happened: each difference as a sentence that says both."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from procedures.times import END_OF_DAY, local
from record.letters import SeenLetter
from rehearsal import moments
from rehearsal.cast import Cast
from rehearsal.reading import Turn
from rehearsal.script import Escalation, Expect, LetterSent, Rung
from schemas.clocks import Clock, ClockState
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

SECONDS_OF = {"day": 86_400, "hour": 3_600, "minute": 60}


@dataclass(frozen=True)
class Refusal:
    """The procedures refused a step for a child."""

    child: str
    """The script's key."""
    turn: Turn
    command: str
    code: str
    sentence: str
    at: dt.datetime


@dataclass(frozen=True)
class Seen:
    """What can be seen of one child after a turn: how it stands, and what is new since the child's turn before."""

    state: JourneyState | None
    entries: Sequence[RecordedEntry]
    letters: Sequence[SeenLetter]
    refusals: Sequence[Refusal]


def differences(expect: Expect, seen: Seen, cast: Cast) -> list[str]:
    """Each way in which what is seen is not what is expected."""
    return list(_Comparison(expect, seen, cast).differences())


def unexpected(entries: Iterable[RecordedEntry], expect: Expect, cast: Cast) -> Iterator[str]:
    """What went overdue or was escalated and is expected by nothing."""
    for entry in entries:
        clock, state = entry.content.get("clock", ""), entry.content.get("state")
        if entry.kind != "clock":
            continue
        at = when(entry.happened_at)
        if state == ClockState.overdue and clock not in expect.overdue and clock not in expect.met_late:
            yield f"{clock} went overdue at {at}, which the script does not expect (write overdue: {clock} where it should)"
        if state == ClockState.due_moved and clock not in expect.moved:
            yield f"{clock} moved to {when(_due_of(entry))} at {at}, which the script does not expect"
        if state == ClockState.escalated and clock not in expect.ladders and _escalation(entry, cast) not in expect.escalated:
            told = _escalation(entry, cast)
            yield f"{clock} was escalated (rung {told.rung}) to {told.to} at {at}, which the script does not expect"


def _escalation(entry: RecordedEntry, cast: Cast) -> Escalation:
    content = entry.content
    return Escalation(timescale=content["clock"], rung=content["rung"], to=cast.key(content.get("to")) or "nobody")


def _due_of(entry: RecordedEntry, which: str = "due") -> dt.datetime:
    return dt.datetime.fromisoformat(entry.content[which])


def when(instant: dt.datetime | None) -> str:
    if instant is None:
        return "never"
    there = local(instant)
    day = moments.written(there.date())
    return day if there.time() == END_OF_DAY else f"{day} {there:%H:%M}"


def _rung_said(to: str, at: dt.datetime | None, deputy_for: str | None) -> str:
    return to + (f" for {deputy_for}" if deputy_for else "") + (f" at {when(at)}" if at is not None else "")


def _or_none(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"


@dataclass(frozen=True)
class _Comparison:
    expect: Expect
    seen: Seen
    cast: Cast

    def differences(self) -> Iterator[str]:
        """All differences."""
        yield from self._refusals()
        yield from unexpected(self.seen.entries, self.expect, self.cast)
        yield from self._happenings()
        yield from self._ladders()
        yield from self._moved()
        yield from self._letters()
        if self.seen.state is None:
            if self.expect.model_fields_set - {"refused", "each"}:
                yield "no journey has begun"
            return
        yield from self._due(self.seen.state)
        yield from self._standing(self.seen.state)

    def _refusals(self) -> Iterator[str]:
        codes = [each.code for each in self.seen.refusals]
        for each in self.seen.refusals:
            if each.code != self.expect.refused:
                yield f"{each.command} was refused ({each.code}): {each.sentence}"
        if self.expect.refused is not None and self.expect.refused not in codes:
            yield f"the script expects a refusal ({self.expect.refused}), and nothing was refused for that"

    # What happened to timescales.

    def _happenings(self) -> Iterator[str]:
        said = [(each.content["clock"], ClockState(each.content["state"])) for each in self.seen.entries if "instance" in each.content]
        for state, clocks in (
            (ClockState.reminded, self.expect.reminded),
            (ClockState.overdue, self.expect.overdue),
            (ClockState.stopped, self.expect.stopped),
            (ClockState.met_recorded_late, self.expect.met_recorded_late),
        ):
            for clock in clocks:
                if (clock, state) not in said:
                    yield f"the script expects {clock} {state.replace('_', ' ')}; {self._last_of(clock)}"
        for clock in self.expect.met:
            if self._lateness(clock) != 0:
                yield f"the script expects {clock} met in time; {self._last_of(clock)}"
        for clock, span in self.expect.met_late.items():
            yield from self._met_late(clock, span)
        escalated = [_escalation(each, self.cast) for each in self.seen.entries if each.content.get("state") == ClockState.escalated]
        for each in self.expect.escalated:
            if each not in escalated:
                yield f"the script expects {each.timescale} escalated (rung {each.rung}) to {each.to}; {self._last_of(each.timescale)}"

    def _ladders(self) -> Iterator[str]:
        for clock, expected in self.expect.ladders.items():
            climbed = [each for each in self._clock_entries(clock) if each.content["state"] == ClockState.escalated]
            wanted = [_rung_said(each.to, each.at, each.deputy_for) for each in expected]
            found = [self._rung_of(each, rung) for each, rung in zip_longest(climbed, expected[: len(climbed)])]
            if wanted != found:
                yield f"the script expects {clock} escalated: {'; '.join(wanted) or 'not at all'}; it was: {'; '.join(found) or 'not at all'}"

    def _rung_of(self, entry: RecordedEntry, expected: Rung | None) -> str:
        """As the script says it: the instant where the script gives one."""
        at = entry.happened_at if expected is None or expected.at is not None else None
        return _rung_said(self.cast.key(entry.content.get("to")) or "nobody", at, self.cast.key(entry.content.get("deputy_for")))

    def _moved(self) -> Iterator[str]:
        for clock, expected in self.expect.moved.items():
            moved = [each for each in self._clock_entries(clock) if each.content["state"] == ClockState.due_moved]
            found = [f"from {when(_due_of(each, 'was_due'))} to {when(_due_of(each))}" for each in moved]
            if found != [f"from {when(expected.from_)} to {when(expected.to)}"]:
                yield (
                    f"the script expects {clock} moved from {when(expected.from_)} to {when(expected.to)}; "
                    f"it was moved {'; '.join(found) or 'not at all'}"
                )

    def _clock_entries(self, clock: str) -> list[RecordedEntry]:
        return [each for each in self.seen.entries if each.kind == "clock" and each.content["clock"] == clock]

    def _met(self, clock: str) -> RecordedEntry | None:
        met = {ClockState.met, ClockState.met_recorded_late}
        found = [each for each in self.seen.entries if each.content.get("clock") == clock and each.content.get("state") in met]
        return found[-1] if found else None

    def _lateness(self, clock: str) -> int | None:
        """Seconds after it was due; none where it was not met."""
        entry = self._met(clock)
        return None if entry is None else entry.content.get("late_seconds", 0)

    def _met_late(self, clock: str, span: dt.timedelta | None) -> Iterator[str]:
        late = self._lateness(clock)
        if not late:
            yield f"the script expects {clock} met late; {self._last_of(clock)}"
        elif span is not None and _length(int(span.total_seconds())) != _length(late):
            yield f"the script expects {clock} met {_length(int(span.total_seconds()))} late; it was {_length(late)} late"

    def _last_of(self, clock: str) -> str:
        """The last that is known of a timescale."""
        entries = [each for each in self.seen.entries if each.content.get("clock") == clock]
        if entries:
            last = entries[-1]
            late = last.content.get("late_seconds", 0)
            how = f", {_length(late)} late" if late else ""
            return f"the last entry since the step before says {last.content['state']} at {when(last.happened_at)}{how}"
        running = self._open(clock)
        if running is not None:
            return f"nothing happened to it; it runs and is due {when(running.plan.due)}"
        return "nothing happened to it, and it is not running"

    # How it stands.

    def _open(self, clock: str) -> Clock | None:
        state = self.seen.state
        running = [each for each in state.clocks.values() if each.clock == clock] if state is not None else []
        return max(running, key=lambda each: int(each.instance.rpartition("/")[2])) if running else None

    def _due(self, state: JourneyState) -> Iterator[str]:
        for clock, due in self.expect.due.items():
            running = self._open(clock)
            now = None if running is None else running.plan.due
            if now == due:
                continue
            expected = f"due {when(due)}" if due is not None else "not running"
            found = f"is due {when(now)}" if now is not None else "is not running"
            yield f"the script expects {clock} {expected}; it {found}"
        for clock in self.expect.not_running:
            running = self._open(clock)
            if running is not None:
                yield f"the script expects {clock} not running; it is due {when(running.plan.due)}"
        if self.expect.nothing_overdue:
            for clock in (each for each in state.clocks.values() if each.overdue):
                yield f"the script expects nothing overdue; {clock.clock} has been since {when(clock.plan.due)}"

    def _standing(self, state: JourneyState) -> Iterator[str]:
        enquiry = state.enquiries[-1].stage if state.enquiries else "none"
        if self.expect.journey not in {None, state.journey}:
            yield f"the script expects the child's journey {self.expect.journey}; it is journey {state.journey}"
        for name, expected, found in (
            ("registration", self.expect.registration, state.registration),
            ("the enquiry", self.expect.enquiry, enquiry),
        ):
            if expected is not None and expected != found:
                yield f"the script expects {name} at the stage {expected}; it is at {found}"
        if self.expect.categories is not None and set(self.expect.categories) != set(state.categories):
            yield f"the script expects the categories {_or_none(self.expect.categories)}; they are {_or_none(state.categories)}"
        missing = {each.thing for each in state.missing}
        if self.expect.missing is not None and set(self.expect.missing) != missing:
            yield f"the script expects missing: {_or_none(self.expect.missing)}; missing are: {_or_none(missing)}"

    def _letters(self) -> Iterator[str]:
        sent = [LetterSent(to=self.cast.key(each.recipient) or "", kind=each.kind, about=each.about) for each in self.seen.letters]
        for expected in self.expect.letters:
            if not any(_is(expected, each) for each in sent):
                what = " about ".join(filter(None, (expected.kind or "any", expected.about)))
                found = "; ".join(f"{each.kind} about {each.about} to {each.to}" for each in sent) or "none"
                yield f"the script expects a letter to {expected.to} ({what}); letters since the step before: {found}"


def _is(expected: LetterSent, sent: LetterSent) -> bool:
    kind_fits = expected.kind is None or expected.kind == sent.kind
    return expected.to == sent.to and kind_fits and (expected.about is None or expected.about == sent.about)


def _length(seconds: int) -> str:
    """The largest two units: `2 days 10 hours`."""
    parts: list[str] = []
    for unit, size in SECONDS_OF.items():
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(parts[:2]) or "less than a minute"
