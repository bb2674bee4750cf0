"""A journey beside the procedures: what each timescale should have been, what departed from them with or without a reason, and drift."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.drift import drift
from audit.standing import Journey
from procedures import due
from procedures.changes import Made
from schemas.clocks import Clock, ClockState
from schemas.reviewing import Departure, Kept, Review
from schemas.timeline import RecordedEntry, Versions

TIGHTER = "event_day_is_day_one"
"""The other convention: the day of the event is day 1."""

ENDS = frozenset({ClockState.met, ClockState.met_recorded_late, ClockState.stopped})

MEETING_OF = {
    "icpc": "icpc",
    "postponed_icpc": "icpc",
    "pre_birth_icpc": "pre_birth",
    "rcpc_first": "rcpc",
    "rcpc_next": "rcpc",
    "transfer_in": "transfer_in",
}
"""Which meeting a timescale asks for."""

ABOUT = {"screened": "screening", "strategy_held": "strategy", "determined": "determination"}
"""About what a rationale is given later; of any other decision about the conference."""

PUT_OFF = frozenset({"conference_moved", "conference_postponed"})

BOOKED = frozenset({"arranged", "moved", "rebooked"})
"""What a meeting's own log says of its date."""

Books = Mapping[Versions, Made]
"""The rules, calendar and settings with which timescales were planned, by version; those that are not kept any more are left out."""


def review(journey: Journey, at: datetime, books: Books, texts: Mapping[str, str]) -> Review:
    """The journey by all that is on record, as of that instant. `texts` are the words of people that the reader may read."""
    timescales = tuple(_timescales(journey, at, books))
    found = (*_late(timescales, journey.entries), *_lacking(journey.entries), *_otherwise_due(timescales, journey.entries))
    return Review(
        child=journey.begun.child,
        at=at,
        timescales=timescales,
        departures=tuple(sorted(found, key=lambda each: (each.at, each.entry))),
        drift=tuple(drift(journey, at, texts)),
    )


def versions(entries: Sequence[RecordedEntry]) -> set[Versions]:
    """With which rules, calendars and settings the timescales of this journey were planned."""
    return {Versions.model_validate(each.content["timescale"]["versions"]) for each in entries if "timescale" in each.content} | {
        Versions.model_validate(each.content["versions"]) for each in entries if "plan" in each.content and "versions" in each.content
    }


def _timescales(journey: Journey, at: datetime, books: Books) -> Iterator[Kept]:
    lives: dict[str, list[RecordedEntry]] = defaultdict(list)
    for entry in journey.entries:
        if "state" in entry.content and entry.effective_from <= at:
            lives[entry.content["instance"]].append(entry)
    for life in lives.values():
        clock = Clock.model_validate(life[0].content["timescale"])
        if not clock.watch:
            kept = _kept(clock, life, at, books)
            yield kept.model_copy(update={"reasons": (*kept.reasons, *_of_its_meeting(kept, journey, at))})


def _of_its_meeting(kept: Kept, journey: Journey, at: datetime) -> Iterator[str]:
    """Reasons for which the meeting that it asks for was put off, or arranged for after its due date."""
    meeting = MEETING_OF.get(kept.clock)
    if meeting is None:
        return
    until = kept.ended_at or at
    for entry in journey.entries:
        body: Mapping[str, Any] = entry.content.get("body", {})
        if entry.kind in PUT_OFF and kept.started_at <= entry.happened_at <= until and body.get("conference", meeting) == meeting:
            yield from _reasons(entry)
    for log in journey.beside.meetings:
        if any(each.content.get("kind") == meeting for each in log.entries if each.kind == "arranged"):
            said = (each for each in log.entries if each.kind in BOOKED and kept.started_at <= each.happened_at <= until)
            yield from (each.content["reason"] for each in said if each.content.get("reason"))


def _kept(clock: Clock, life: Sequence[RecordedEntry], at: datetime, books: Books) -> Kept:
    plans = [clock.plan.due, *(datetime.fromisoformat(each.content["due"]) for each in life if each.content["state"] == "due_moved")]
    made_with = [clock.versions, *(Versions.model_validate(each.content["versions"]) for each in life if "versions" in each.content)]
    ends = [each for each in life if each.content["state"] in ENDS]
    end = ends[-1] if ends else None
    state = life[-1].content["state"] if end is None else end.content["state"]
    met = end is not None and state != ClockState.stopped
    made = books.get(made_with[-1])
    other = None if made is None else _due(clock, Made(made.rules.model_copy(update={"convention": TIGHTER}), made.calendar))
    late = (at if end is None else end.happened_at) - plans[-1]
    return Kept(
        instance=clock.instance,
        clock=clock.clock,
        enquiry=clock.scope,
        started_at=clock.started_at,
        due=plans[-1],
        moved_from=tuple(plans[:-1]),
        ended_at=None if end is None else end.happened_at,
        state=state,
        stopped_because=None if end is None else end.content.get("reason"),
        late_seconds=max(0, int(late.total_seconds())),
        recorded_late=state == ClockState.met_recorded_late,
        should_be_due=None if made is None else _due(clock, made),
        other_convention_due=other,
        in_time=end.happened_at <= plans[-1] if end is not None and met else None,
        in_time_by_other_convention=end.happened_at <= other if end is not None and met and other is not None else None,
        reasons=tuple(each.content["acknowledgement"]["action"] for each in life if each.content.get("acknowledgement")),
    )


def _due(clock: Clock, made: Made) -> datetime:
    return due.plan(clock.start, made.rules, made.calendar).due


def _late(timescales: Sequence[Kept], entries: Sequence[RecordedEntry]) -> Iterator[Departure]:
    for each in timescales:
        what = _departed(each)
        if what is not None:
            yield Departure(
                what=what, about=each.clock, entry=_last(each, entries), at=each.due, late_seconds=each.late_seconds, reasons=each.reasons
            )


def _departed(kept: Kept) -> str | None:
    if (kept.stopped_because or "").startswith("not_done_before_"):
        return "never_done"
    if not kept.late_seconds:
        return None
    if kept.ended_at is None:
        return "not_done"
    return "late" if kept.stopped_because is None else "stopped_late"


def _last(kept: Kept, entries: Sequence[RecordedEntry]) -> int:
    return max(each.seq for each in entries if each.content.get("instance") == kept.instance)


def _lacking(entries: Sequence[RecordedEntry]) -> Iterator[Departure]:
    """What took effect without something that the procedures ask for, and the reason given with it."""
    for entry in entries:
        for thing in entry.content.get("lacking", ()):
            reasons = (*_reasons(entry), *(_given_later(entry, entries) if thing == "rationale" else ()))
            yield Departure(what="without", about=thing, entry=entry.seq, at=entry.happened_at, reasons=reasons)


def _given_later(entry: RecordedEntry, entries: Sequence[RecordedEntry]) -> Iterator[str]:
    """The rationale that was missing, once it was given."""
    for each in entries[entry.seq :]:
        if each.kind == "rationale_given" and each.content["body"]["about"] == ABOUT.get(entry.kind, "conference"):
            yield each.content["body"]["rationale"]
            return


def _reasons(entry: RecordedEntry) -> Iterator[str]:
    body: Mapping[str, Any] = entry.content.get("body", {})
    yield from (body[part] for part in ("reason", "because", "goes_on_because") if part in body)


def _otherwise_due(timescales: Sequence[Kept], entries: Sequence[RecordedEntry]) -> Iterator[Departure]:
    """What is on record is not what the rules give that it was planned with."""
    for each in timescales:
        if each.should_be_due is not None and each.should_be_due != each.due:
            yield Departure(what="otherwise_due", about=each.clock, entry=_last(each, entries), at=each.due)
