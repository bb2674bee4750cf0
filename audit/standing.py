"""How a journey was known at an instant, or how it stood: the timeline's fold, and what stands beside it, as far as it had come."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from audit import replay
from audit.facets import Step, changes, grow, in_effect, planted, together
from audit.replay import Way
from procedures import explain
from procedures.meetings import fold as meetings
from schemas.clocks import Clock, Language
from schemas.letters import DeliveryState
from schemas.meetings import MeetingState
from schemas.replay import (
    Beside,
    Delivery,
    Disagreeing,
    Holder,
    InviteeThen,
    LetterThen,
    MeetingLog,
    MeetingThen,
    OnPaper,
    PlanThen,
    ReadOf,
    Running,
    SentLetter,
    Standing,
    VoiceHeard,
)
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

LANGUAGES: tuple[Language, ...] = ("cy", "en")

PLANS = ("plan_agreed", "core_group_held", "conference_held", "review_held")
"""Entries that may set the plan."""

HEARD = ("voice_recorded", "participation_declined")

Dated = TypeVar("Dated", SentLetter, ReadOf)

History = list[tuple[datetime, MeetingThen]]
"""A meeting, from instant to instant."""


@dataclass(frozen=True)
class Journey:
    """A child's whole timeline, and what stands beside it."""

    begun: JourneyState
    """Before the first entry."""
    entries: Sequence[RecordedEntry]
    beside: Beside


class Reached:
    """How far the timeline had come: entries one after another, and what is read off them."""

    def __init__(self) -> None:
        self.entries = 0
        self.plan: PlanThen | None = None
        self.voices: list[VoiceHeard] = []
        self.corrected: dict[int, tuple[int, ...]] = {}

    def add(self, entry: RecordedEntry) -> None:
        """One more."""
        self.entries += 1
        body: dict[str, Any] = entry.content.get("body", {})
        if entry.kind in PLANS and body.get("plan"):
            lines = tuple({name: str(value) for name, value in line.items()} for line in body["plan"])
            self.plan = PlanThen(entry=entry.seq, at=entry.happened_at, lines=lines, contingency=body.get("contingency_plan"))
        elif entry.kind in HEARD:
            how = body.get("how", "declined")
            self.voices.append(VoiceHeard(entry=entry.seq, at=entry.happened_at, by=entry.actor, how=how))
        elif entry.kind == "corrected" and "entry" in body:
            self.corrected[body["entry"]] = (*self.corrected.get(body["entry"], ()), entry.seq)


def stand(journey: Journey, way: Way, at: datetime) -> Standing:
    """How it was known at that instant, or how it stood."""
    known, stood = replay.as_known(journey.begun, journey.entries, at), replay.as_stood(journey.begun, journey.entries, at)
    by_then = replay.recorded_by(journey.entries, at) if way is Way.known else effective_by(journey.entries, at)
    reached = Reached()
    for entry in by_then:
        reached.add(entry)
    histories = [history(log, way) for log in journey.beside.meetings]
    state = known if way is Way.known else stood
    return seen(state, reached, journey.beside, histories, Instant(way, at)).model_copy(
        update={
            "recorded_since": tuple(each.seq for each in replay.recorded_since(journey.entries, at)),
            "differing": tuple(
                Disagreeing(facet=each.facet, known=_brief(each.known), stood=_brief(each.stood)) for each in replay.differing(known, stood)
            ),
        }
    )


def effective_by(entries: Sequence[RecordedEntry], at: datetime) -> list[RecordedEntry]:
    """What had taken effect by then, in the order in which it did."""
    return sorted((each for each in entries if each.effective_from <= at), key=replay.effect)


class Instant(NamedTuple):
    """At which instant is looked, and how."""

    way: Way
    at: datetime
    most: int | None = None
    """So many of the latest letters and reads are named at most; the others are counted. None: all."""


def seen(state: JourneyState, reached: Reached, beside: Beside, histories: Sequence[History], asked: Instant) -> Standing:
    """The standing of a state that rests on what was reached; what is late and where the two ways differ is left open."""
    way, at, most = asked
    letters, earlier_letters = _latest(beside.letters, at, most)
    reads, earlier_reads = _latest(beside.reads, at, most)
    return Standing(
        child=state.child,
        way=way,
        at=at,
        entries=reached.entries,
        registration=state.registration,
        registered_at=state.registered_at,
        categories=tuple(state.categories),
        enquiries=state.enquiries,
        timescales=tuple(_running(state, at)),
        roles=tuple(Holder(role=role, person=person) for role, person in sorted(state.roles.items())),
        posts=tuple(posts(beside, way, at)),
        plan=reached.plan,
        voices=tuple(reached.voices),
        missing=state.missing,
        planned=state.planned,
        move=state.move,
        hold_until=state.hold_until,
        child_missing=state.child_missing,
        closed=state.closed,
        ended=state.ended,
        meetings=tuple(then for each in histories if (then := meeting_at(each, at)) is not None),
        withheld_meetings=beside.withheld_meetings,
        letters=tuple(letter_then(each, at) for each in letters),
        earlier_letters=earlier_letters,
        versions=state.versions,
        in_force={each.kind: each for each in beside.in_force if each.at <= at},
        reads=reads,
        earlier_reads=earlier_reads,
        recorded_since=(),
        corrected=reached.corrected,
        differing=(),
    )


def _latest(rows: tuple[Dated, ...], at: datetime, most: int | None) -> tuple[tuple[Dated, ...], int]:
    """Those that were there by then, the latest of them where only so many are named, and how many there were before."""
    end = bisect_right(rows, at, key=lambda each: each.at)
    begin = 0 if most is None else max(0, end - most)
    return rows[begin:end], begin


def _running(state: JourneyState, at: datetime) -> Iterator[Running]:
    for clock in sorted(state.clocks.values(), key=lambda each: (each.plan.due, each.instance)):
        late = 0 if clock.watch else max(0, int((at - clock.plan.due).total_seconds()))
        yield Running(
            instance=clock.instance,
            clock=clock.clock,
            enquiry=clock.scope,
            started_at=clock.started_at,
            due=clock.plan.due,
            late_seconds=late,
            escalated=clock.climbed,
            told=clock.told,
            sentences={language: sentence(clock, language) for language in LANGUAGES},
        )


def sentence(clock: Clock, language: Language) -> str:
    """How its due date came about; only its id and the instant where the rules in force no longer have the words."""
    try:
        return explain.sentence(clock.plan.explanation, clock.plan.due, language)
    except KeyError:
        return f"{clock.clock}: {clock.plan.due.isoformat()}"


def posts(beside: Beside, way: Way, at: datetime) -> Iterator[Holder]:
    """Who held which post; the team's own stands before the authority's."""

    def on_record(recorded_at: datetime) -> bool:
        return way is Way.stood or recorded_at <= at

    held: dict[tuple[bool, str], tuple[str, datetime | None]] = {}
    for post in beside.posts:
        if post.valid_from <= at and on_record(post.recorded_at):
            held[post.of_team, post.role] = (post.person, post.valid_to)
    away = {each.person: each for each in beside.absences if each.away_from <= at < each.away_to and on_record(each.recorded_at)}
    there = {role: person for (_, role), (person, until) in sorted(held.items()) if until is None or until > at}
    for role, person in sorted(there.items()):
        yield Holder(role=role, person=person, deputy=away[person].deputy if person in away else None)


def history(log: MeetingLog, way: Way) -> History:
    """How a meeting stood, from instant to instant."""
    begun = MeetingState(meeting=log.meeting, authority=log.authority)
    if way is Way.known:
        known = ((entry.decided_at, step.state) for entry, step in zip(log.entries, _meeting_steps(begun, log), strict=True))
        return [(at, _then(state)) for at, state in known]
    tree, found = planted(begun), History()
    for at, changed in groupby(in_effect(changes(begun, _meeting_steps(begun, log))), key=lambda each: each.effective_from):
        for change in changed:
            grow(tree, change)
        found.append((at, _then(together(begun, tree))))
    return found


def meeting_at(meeting: History, at: datetime) -> MeetingThen | None:
    """How it stood then; none where there was none yet."""
    number = bisect_right(meeting, at, key=lambda each: each[0])
    return meeting[number - 1][1] if number else None


def _then(state: MeetingState) -> MeetingThen:
    took = {each.invitee: each.how for each in state.attendance}
    invitees = tuple(
        InviteeThen(role=each.role, person=each.person, answer=None if each.answer is None else each.answer.reply, took=took.get(each.id))
        for each in state.invitees
    )
    kind = "" if state.kind is None else state.kind
    return MeetingThen(meeting=state.meeting, kind=kind, stage=state.stage, starts=state.starts, chair=state.chair, invitees=invitees)


def _meeting_steps(begun: MeetingState, log: MeetingLog) -> Iterator[Step[MeetingState]]:
    state = begun
    for entry in log.entries:
        state = meetings.apply(state, entry)
        yield Step(entry.seq, entry.happened_at, state)


def letter_then(letter: SentLetter, at: datetime) -> LetterThen:
    """What had become of it by then."""
    if letter.on_paper is not None:
        return _paper_then(letter, letter.on_paper, at)
    tried = [each for each in letter.deliveries if each.at <= at]
    waits = DeliveryState.in_digest if letter.letter is None else DeliveryState.waiting
    last = tried[-1] if tried else Delivery(state=waits, at=letter.at)
    return LetterThen(
        cause=letter.cause,
        letter=letter.letter,
        kind=letter.kind,
        recipient=letter.recipient,
        about=letter.about,
        at=letter.at,
        state=last.state,
        no_address=last.no_address,
        language=letter.language,
        since=last.at,
    )


def _paper_then(letter: SentLetter, paper: OnPaper, at: datetime) -> LetterThen:
    """Whether it was on record by then that it was handed over."""
    handed, replaced, lapsed, printed = paper.handed_over, paper.replaced_at, paper.lapsed_at, paper.printed
    known: dict[str, Any] = {"printed": printed if printed is not None and printed.at <= at else None}
    state, since = "to_hand_over", letter.at
    if handed is not None and handed.recorded_at <= at:
        state, since, known["handed_over"] = "handed_over", handed.at, handed
    elif replaced is not None and replaced <= at:
        state, since, known["replaced_at"] = "replaced", replaced, replaced
    elif lapsed is not None and lapsed <= at:
        state, since, known["lapsed_at"] = "lapsed", lapsed, lapsed
    said = letter.model_dump(include=set(LetterThen.model_fields) - {"on_paper"})
    return LetterThen(**said, state=state, since=since, on_paper=OnPaper(invitee=paper.invitee, **known))


def _brief(value: Any) -> str | None:
    """What a facet says, in a word or as JSON."""
    if value is None or value is True:
        return None if value is None else "yes"
    dumped: Callable[[], str] | None = getattr(value, "model_dump_json", None)
    return dumped() if dumped is not None else str(value)
