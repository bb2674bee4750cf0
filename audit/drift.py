"""Drift that hides inside compliance: each timescale is kept, and still the child waits."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.standing import Journey
from procedures.times import local
from procedures.working_days import Calendar
from schemas.reviewing import Drift
from schemas.timeline import RecordedEntry

UNCHANGED_CORE_GROUPS = 3
"""So many core groups one after another with the same lines of the plan."""

VISITS_NEVER_ALONE = 3
"""So many visits one after another at which the child was seen, and never alone."""

MOVED_MEETINGS = 2
"""So many other dates for one meeting."""

SAME_CONCERN_DAYS = 365
"""So many days on the register under the same category."""

OF_A_PLAN_LINE = ("change_needed", "sign_of_change", "who_helps", "by_when")
"""What a line of the plan says; progress on it is not the plan."""


def drift(journey: Journey, at: datetime, said: Mapping[str, str]) -> Iterator[Drift]:
    """Everything of that kind, as of that instant."""
    entries = [each for each in journey.entries if each.effective_from <= at]
    yield from _restarted_conferences(entries, at)
    yield from _moved_meetings(journey, entries, at)
    yield from _unchanged_plans(entries, said)
    yield from _never_alone(entries)
    yield from _same_concern(entries, at)


def _restarted_conferences(entries: Sequence[RecordedEntry], at: datetime) -> Iterator[Drift]:
    """Working days from the first strategy discussion to the conference, where another one started the timescale anew."""
    discussions: dict[int, list[RecordedEntry]] = {}
    held: dict[int, datetime] = {}
    stood_down: dict[int, bool] = {}
    for entry in entries:
        for number, facts in entry.content.get("enquiry_facts", {}).items():
            if entry.kind == "strategy_held" and "last_strategy_at" in facts:
                discussions.setdefault(int(number), []).append(entry)
            if "conference_at" in facts:
                held.setdefault(int(number), entry.happened_at)
            stood_down[int(number)] = facts.get("stood_down", stood_down.get(int(number), False))
    for number, those in discussions.items():
        # A discussion after the conference puts off nothing.
        before = [each for each in those if number not in held or each.happened_at <= held[number]]
        # Where the enquiry was stood down no conference is owed.
        if len(before) > 1 and (number in held or not stood_down[number]):
            first, last = before[0].happened_at, held.get(number, at)
            days = Calendar(version=0).working_days_between(local(first).date(), local(last).date())
            yield Drift(
                what="conference_restarted",
                entries=tuple(each.seq for each in before),
                number=days,
                about=str(number),
                since=local(first).date(),
            )


def _moved_meetings(journey: Journey, entries: Sequence[RecordedEntry], at: datetime) -> Iterator[Drift]:
    """As its own log has it; where no meeting was arranged here, as the journey was told."""
    for log in journey.beside.meetings:
        moved = [each for each in log.entries if each.kind == "moved" and not each.content.get("place_alone") and each.happened_at <= at]
        if len(moved) >= MOVED_MEETINGS:
            yield Drift(what="meeting_moved", number=len(moved), about=log.meeting, since=local(log.entries[0].happened_at).date())
    told = [each for each in entries if each.kind == "conference_moved" and not journey.beside.meetings]
    if len(told) >= MOVED_MEETINGS:
        yield Drift(
            what="meeting_moved", entries=tuple(each.seq for each in told), number=len(told), since=local(told[0].happened_at).date()
        )


def _unchanged_plans(entries: Sequence[RecordedEntry], said: Mapping[str, str]) -> Iterator[Drift]:
    """Core groups one after another that changed no line: they gave none, or the same words."""
    plan: list[dict[str, str]] | None = None
    same: list[RecordedEntry] = []
    for entry in entries:
        body: Mapping[str, Any] = entry.content.get("body", {})
        given = [_line(each, said) for each in body.get("plan", ())] or None
        unchanged = given is None or given == plan
        if entry.kind == "core_group_held" and unchanged and plan is not None:
            same.append(entry)
        elif given is not None and not unchanged:
            yield from _stuck(same)
            same = []
        plan = given or plan
    yield from _stuck(same)


def _line(line: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, str]:
    return {part: said.get(line[part], line[part]).strip().casefold() for part in OF_A_PLAN_LINE if line.get(part)}


def _stuck(same: Sequence[RecordedEntry]) -> Iterator[Drift]:
    if len(same) >= UNCHANGED_CORE_GROUPS:
        numbers = tuple(each.seq for each in same)
        yield Drift(what="plan_unchanged", entries=numbers, number=len(same), since=local(same[0].happened_at).date())


def _never_alone(entries: Sequence[RecordedEntry]) -> Iterator[Drift]:
    run: list[RecordedEntry] = []
    for entry in [*(each for each in entries if each.kind == "visit"), None]:
        events: Sequence[str] = () if entry is None else entry.content.get("events", ())
        if entry is not None and "child_seen_alone" not in events:
            run += [entry] if "child_seen" in events else []
            continue
        if len(run) >= VISITS_NEVER_ALONE:
            numbers = tuple(each.seq for each in run)
            yield Drift(what="never_alone", entries=numbers, number=len(run), since=local(run[0].happened_at).date())
        run = []


def _same_concern(entries: Sequence[RecordedEntry], at: datetime) -> Iterator[Drift]:
    """By category, for how long without a break the child is on the register for it, or was."""
    since: dict[str, RecordedEntry] = {}
    for entry in entries:
        facts: Mapping[str, Any] = entry.content.get("facts", {})
        if "categories" in facts:
            now = facts["categories"]
            yield from _for_long({category: begun for category, begun in since.items() if category not in now}, entry.happened_at)
            since = {category: since.get(category, entry) for category in now}
    yield from _for_long(since, at)


def _for_long(since: Mapping[str, RecordedEntry], until: datetime) -> Iterator[Drift]:
    for category, entry in since.items():
        begun = local(_on_register_since(entry)).date()
        days = (local(until).date() - begun).days
        if days >= SAME_CONCERN_DAYS:
            yield Drift(what="same_concern", entries=(entry.seq,), number=days, about=category, since=begun)


def _on_register_since(entry: RecordedEntry) -> datetime:
    """A record that was taken over tells since when; else when it happened."""
    told = entry.content.get("facts", {}).get("registered_at") if entry.kind == "taken_over" else None
    return entry.happened_at if told is None else datetime.fromisoformat(told)
