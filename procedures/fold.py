"""The fold: `apply(state, entry)` alone changes a journey's state; the journey that runs and an auditor's replay use the same one.

An entry says outright what it changes, so that an entry of years ago folds as it did then, whatever the rules say today.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from procedures.lifecycle import next_stage
from schemas.clocks import Acknowledgement, Clock, ClockState, ClosedClock, Rung
from schemas.state import Enquiry, JourneyState
from schemas.timeline import Entry

REMEMBERED = 4
"""How many instants of each thing done are kept: enough for what is told late."""

JOURNEY_ENDED = "journey_ended"
"""Why timescales stop when a child's journey ends by death, stillbirth or miscarriage."""

CLOCK_KINDS = frozenset({"clock", "watch"})


def fold(state: JourneyState, entries: Iterable[Entry]) -> JourneyState:
    """The state after these entries."""
    for entry in entries:
        state = apply(state, entry)
    return state


def digest(state: JourneyState) -> str:
    """SHA-256 of the state in canonical JSON, hexadecimal.

    What is at its default is left out: a field that a later version adds leaves the digests of earlier states as they were recorded.
    """
    return hashlib.sha256(orjson.dumps(state.model_dump(mode="json", exclude_defaults=True), option=orjson.OPT_SORT_KEYS)).hexdigest()


def apply(state: JourneyState, entry: Entry) -> JourneyState:
    """The state after one entry."""
    changes = _clock_changes(state, entry) if entry.kind in CLOCK_KINDS else {**_changes(state, entry.content), "done": _done(state, entry)}
    return state.model_copy(update={**changes, "seq": entry.seq, "versions": entry.versions})


def _changes(state: JourneyState, content: dict[str, Any]) -> dict[str, Any]:
    changes = _validated(state, content.get("facts", {}))
    enquiries = {enquiry.number: enquiry for enquiry in state.enquiries}
    if opened := content.get("opened"):
        enquiries[opened["number"]] = Enquiry.model_validate(opened)
    for number, facts in content.get("enquiry_facts", {}).items():
        enquiry = enquiries[int(number)]
        enquiries[int(number)] = enquiry.model_copy(update=_validated(enquiry, facts))
    for move in content.get("moves", ()):
        number = move.get("enquiry")
        if number is None:
            changes["registration"] = next_stage("registration", state.registration, move["trigger"])
        else:
            stage = next_stage("enquiry", enquiries[number].stage, move["trigger"])
            enquiries[number] = enquiries[number].model_copy(update={"stage": stage})
    return {**changes, "enquiries": tuple(enquiries[number] for number in sorted(enquiries))}


def _done(state: JourneyState, entry: Entry) -> dict[str, tuple[datetime, ...]]:
    news = {key: tuple(sorted((*state.done.get(key, ()), entry.happened_at))[-REMEMBERED:]) for key in entry.content.get("done", ())}
    return {**state.done, **news}


def _validated(model: JourneyState | Enquiry, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as the model's own types (an entry holds JSON)."""
    if not facts:
        return {}
    whole = type(model).model_validate({**{name: getattr(model, name) for name in type(model).model_fields}, **facts})
    return {name: getattr(whole, name) for name in facts}


def _clock_changes(state: JourneyState, entry: Entry) -> dict[str, Any]:
    content, instance = entry.content, entry.content["instance"]
    said = ClockState(content["state"])
    if said is ClockState.started:
        clock = Clock.model_validate(content["timescale"])
        return {
            "clocks": {**state.clocks, instance: clock},
            "instances": {**state.instances, clock.clock: state.instances.get(clock.clock, 0) + 1},
        }
    if instance not in state.clocks:
        return _revised(state, entry)
    clock = state.clocks[instance]
    if said in {ClockState.met, ClockState.met_recorded_late, ClockState.stopped}:
        return _ended(state, clock, entry)
    return {"clocks": {**state.clocks, instance: clock.model_copy(update=_running_changes(clock, said, content))}}


def _running_changes(clock: Clock, said: ClockState, content: dict[str, Any]) -> dict[str, Any]:
    match said:
        case ClockState.reminded:
            return {"reminded": content["reminded"], "told": _told(clock, content)}
        case ClockState.overdue:
            return {"overdue": True, "reminded": len(clock.plan.reminders)}
        case ClockState.escalated:
            return {"climbed": content["rung"], "acknowledgement": None, "told": _told(clock, content)}
        case ClockState.acknowledged:
            rungs = tuple(Rung.model_validate(rung) for rung in content["rungs"])
            return {
                "acknowledgement": Acknowledgement.model_validate(content["acknowledgement"]),
                "plan": clock.plan.model_copy(update={"rungs": rungs}),
            }
        case ClockState.due_moved | ClockState.replanned:
            plan = type(clock.plan).model_validate(content["plan"])
            versions = type(clock.versions).model_validate(content["versions"])
            return {"plan": plan, "versions": versions, "reminded": min(clock.reminded, len(plan.reminders))}
        case _:
            return {}


def _told(clock: Clock, content: dict[str, Any]) -> tuple[str, ...]:
    to = content.get("to")
    return clock.told if to is None or to in clock.told else (*clock.told, to)


def _closed_key(clock: str, scope: int | None, conference: str | None) -> str:
    return clock + ("" if scope is None else f"@{scope}") + ("" if conference is None else f"#{conference}")


def closed_clock(state: JourneyState, clock: str, scope: int | None, conference: str | None = None) -> ClosedClock | None:
    """The last ended instance of that timescale in that scope; where each conference owes its own, of that conference."""
    return state.closed_clocks.get(_closed_key(clock, scope, conference))


def _ended(state: JourneyState, clock: Clock, entry: Entry) -> dict[str, Any]:
    closed = ClosedClock(
        instance=clock.instance,
        scope=clock.scope,
        started_at=clock.started_at,
        due=clock.plan.due,
        ended_at=entry.happened_at,
        state=ClockState(entry.content["state"]),
        late_seconds=entry.content.get("late_seconds", 0),
        conference=clock.conference,
        told=clock.told,
    )
    ending = entry.content.get("reason") == JOURNEY_ENDED
    return {
        "clocks": {key: each for key, each in state.clocks.items() if key != clock.instance},
        **({"stopped_by_ending": (*state.stopped_by_ending, clock)} if ending else {}),
        "closed_clocks": {**state.closed_clocks, _closed_key(clock.clock, clock.scope, clock.conference): closed},
    }


def _revised(state: JourneyState, entry: Entry) -> dict[str, Any]:
    """An earlier event, told late, shows that an instance which had ended was ended sooner."""
    key, closed = next((key, each) for key, each in state.closed_clocks.items() if each.instance == entry.content["instance"])
    update = {
        "ended_at": entry.happened_at,
        "state": ClockState(entry.content["state"]),
        "late_seconds": entry.content.get("late_seconds", 0),
    }
    return {"closed_clocks": {**state.closed_clocks, key: closed.model_copy(update=update)}}
