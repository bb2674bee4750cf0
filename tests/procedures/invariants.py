"""What is so of every timeline, whatever people did and whenever they told it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from procedures.settlement import next_wake
from schemas.clocks import ClockState
from schemas.state import JourneyState
from schemas.timeline import Entry

ENDS = {ClockState.met, ClockState.met_recorded_late, ClockState.stopped}

GUARDS = (("rcpc_first", "rcpc_next"), ("core_group_first", "core_group_next"), ("seen_alone",))
"""What never stops running while a child that is born is on the register: review, core group, being seen."""


def timescales_hold(entries: Sequence[Entry], state: JourneyState, now: datetime) -> None:
    """Every timescale was started once, climbed rung by rung, and was met, was stopped with a reason, or still runs."""
    said: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind in {"clock", "watch"}:
            said[entry.content["instance"]].append(entry)
    running: set[str] = set()
    for instance, each in said.items():
        if not _life_holds(each):
            running.add(instance)
    assert running == set(state.clocks), "what was started and not ended runs"
    for clock in state.clocks.values():
        assert clock.overdue or clock.watch or clock.plan.due > now, f"{clock.instance} is past its due time in silence"
    if state.ended is None:
        owed = any(clock.clock == "voice_changed" for clock in state.clocks.values())
        assert owed == any(each.thing == "voice_changed" for each in state.missing), "what is missing of a voice is owed by somebody"
    wake = next_wake(state)
    assert wake is None or wake > now, "nothing that is due was left undone"
    if state.registration == "registered" and not state.unborn:
        kinds = {clock.clock for clock in state.clocks.values()}
        for guards in GUARDS:
            assert kinds & set(guards), f"a child on the register has no running timescale of {guards}"


def _life_holds(entries: Sequence[Entry]) -> bool:
    """One timescale from its start; true where it has ended."""
    states = [ClockState(entry.content["state"]) for entry in entries]
    instance = entries[0].content["instance"]
    assert states[0] is ClockState.started, instance
    assert states.count(ClockState.started) == 1, instance
    assert states.count(ClockState.overdue) <= 1, instance
    rungs = _rungs(entries)
    assert rungs == list(range(1, len(rungs) + 1)), f"{instance} climbs each rung once, in order: {rungs}"
    if rungs:
        assert states.index(ClockState.overdue) < states.index(ClockState.escalated), instance
    ends = [entry for entry in entries if ClockState(entry.content["state"]) in ENDS and not entry.content.get("revises")]
    assert len(ends) <= 1, instance
    for end in ends:
        after = entries[entries.index(end) + 1 :]
        assert all(entry.content.get("revises") for entry in after), f"{instance} goes on after its end"
        if end.content["state"] == ClockState.stopped:
            assert end.content["reason"], instance
        elif end.content["late_seconds"] and end.kind == "clock":
            assert ClockState.overdue in states, f"{instance} was met late and never said to be overdue"
    return bool(ends)


def _rungs(entries: Iterable[Entry]) -> list[int]:
    return [entry.content["rung"] for entry in entries if entry.content["state"] == ClockState.escalated]
