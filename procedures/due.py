"""When a timescale is due, who is reminded before it, and who is told after it.

Source: procedures, section 2 (counting time) and section 8 (reminders, ladders, hours). All instants are Europe/London; the end of a
day is 23:59:59. Pure: nothing here reads the present time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from procedures.office import Office
from procedures.rule_models import ClockRule, Ladder, Limit, RungRule
from procedures.rules import Rules
from procedures.times import LONDON, end_of_day, local
from procedures.working_days import Calendar, months_after
from schemas.clocks import ClockPlan, ClockStart, Explanation, Rung, SkippedDay

DAY = timedelta(days=1)


def plan(start: ClockStart, rules: Rules, calendar: Calendar) -> ClockPlan:
    """All instants of one timescale.

    Raises:
        KeyError: the rules know no such timescale.
        ValueError: the limit is counted back from a date that is not given.
    """
    rule = rules.clocks[start.clock]
    ladder = rules.ladders[rule.ladder]
    ended = _ended(start, rule, rules, calendar)
    office = Office(rules.office, calendar)
    instead = rules.instead.get(rule.owner, {})
    roles = [instead.get(rung.role, rule.owner if rung.role == "owner" else rung.role) for rung in ladder.rungs]
    # A date counted back may lie before the event: silence is counted from when somebody could act.
    overdue_at = max(ended.due, local(start.started_at), key=datetime.timestamp)
    return ClockPlan(
        due=ended.due,
        reminders=_reminders(start, ended, ladder, office),
        rungs=tuple(
            Rung(number=number, role=role, at=_rung_at(overdue_at, rung, ladder, office))
            for number, (role, rung) in enumerate(zip(roles, ladder.rungs, strict=True), 1)
        ),
        explanation=Explanation(
            clock=rule.id,
            started_by=start.started_by if start.not_known else rule.counted_from or start.started_by,
            started_at=start.started_at,
            day_one=ended.day_one,
            limit=ended.limit.amount,
            unit=ended.limit.unit,
            direction="after" if start.not_known else rule.direction,
            counted_back_from=rule.anchor,
            anchor=start.anchor if rule.direction == "before" else None,
            skipped=ended.skipped,
            moved_earlier_from=ended.moved_earlier_from,
            convention=ended.convention,
            source=rule.source,
            kind=rule.kind,
            trust=rule.trust,
            local_setting=rule.setting,
            calendar_version=calendar.version,
            not_known=start.not_known,
        ),
    )


def hold_until(at: datetime, ladder: Ladder, calendar: Calendar, rules: Rules) -> datetime:
    """Until when an acknowledgement given at that instant holds the ladder at most (2 working days; urgent: 2 hours)."""
    limit = ladder.acknowledged_for
    if limit.unit == "hours":
        return _elapsed(at, timedelta(hours=limit.amount))
    return _same_time(at, calendar.add(local(at).date(), limit.amount)[0])


def replanned(  # noqa: PLR0913, PLR0917  (a ladder half climbed, and what it is climbed by)
    rungs: tuple[Rung, ...], climbed: int, until: datetime, calendar: Calendar, ladder: Ladder, rules: Rules
) -> tuple[Rung, ...]:
    """All rungs after an acknowledgement: those behind stay; the next waits until then; the later ones keep their distance from it."""
    behind, ahead = rungs[:climbed], rungs[climbed:]
    if not ahead or ahead[0].at >= until:
        return rungs
    office = Office(rules.office, calendar)
    first = local(until) if ladder.day_and_night else office.next_open(until)
    moved_on = (_kept_distance(ahead[0].at, rung.at, first, ladder, office) for rung in ahead)
    later = (max(local(rung.at), at, key=datetime.timestamp) for rung, at in zip(ahead, moved_on, strict=True))
    return (*behind, *(rung.model_copy(update={"at": at}) for rung, at in zip(ahead, later, strict=True)))


def _kept_distance(planned_first: datetime, planned: datetime, first: datetime, ladder: Ladder, office: Office) -> datetime:
    """As far from the new first rung as it was from the old: in working days, or in hours day and night."""
    if ladder.day_and_night:
        return _elapsed(first, planned - planned_first)
    gap = office.calendar.working_days_between(local(planned_first).date(), local(planned).date())
    return office.next_open(_same_time(first, office.calendar.add(first.date(), gap)[0]))


# Where the limit ends.


@dataclass(frozen=True)
class _Ended:
    due: datetime
    limit: Limit
    convention: str = "event_day_is_day_zero"
    """Under which convention its days were counted; only working days after an event know another."""
    day_one: date | None = None
    skipped: tuple[SkippedDay, ...] = ()
    moved_earlier_from: date | None = None


def _ended(start: ClockStart, rule: ClockRule, rules: Rules, calendar: Calendar) -> _Ended:
    limit = rule.limit(start.started_by)
    if start.not_known or (start.same_day and rule.same_day_when is not None):
        limit = Limit(amount=0, unit="days")
    origin = start.started_at if rule.direction == "after" or start.not_known else start.anchor
    if origin is None:
        raise ValueError(f"{rule.id} is counted back from a date ({rule.anchor}): give it as the anchor")
    sign = 1 if rule.direction == "after" or start.not_known else -1
    day = local(origin).date()
    if limit.unit == "hours":
        return _Ended(_elapsed(origin, timedelta(hours=sign * limit.amount)), limit)
    if limit.amount == 0:
        return _Ended(end_of_day(day), limit)
    if limit.unit != "working_days":
        return _calendar_days(day, sign, limit, calendar if rule.meeting else None)
    # What is counted back from a conference is counted alike under either convention: it leaves that many days clear.
    return _working_days(day, sign, limit, calendar, rules.convention if sign > 0 else "event_day_is_day_zero")


def _calendar_days(origin: date, sign: int, limit: Limit, meetings: Calendar | None) -> _Ended:
    """In days, weeks or months. A visit keeps its date; a meeting in weeks or months is held earlier, never later (inference, M)."""
    count = sign * limit.amount
    day = months_after(origin, count) if limit.unit == "months" else origin + count * DAY * (7 if limit.unit == "weeks" else 1)
    held = day if meetings is None or limit.unit == "days" else meetings.latest(day)
    return _Ended(end_of_day(held), limit, day_one=origin + sign * DAY, moved_earlier_from=None if held == day else day)


def _working_days(origin: date, sign: int, limit: Limit, calendar: Calendar, convention: str) -> _Ended:
    walk = calendar.add if sign > 0 else calendar.subtract
    tighter = convention == "event_day_is_day_one" and calendar.is_working_day(origin)
    end, skipped = walk(origin, limit.amount - 1 if tighter else limit.amount)
    day_one = origin if tighter else walk(origin, 1)[0]
    return _Ended(end_of_day(end), limit, convention, day_one, skipped)


# Who is told, and when.


def _reminders(start: ClockStart, ended: _Ended, ladder: Ladder, office: Office) -> tuple[datetime, ...]:
    begin, due = local(start.started_at), ended.due
    if _is_short(begin, ended, ladder, office.calendar):
        if ladder.share_left is None:
            return ()
        left = (due.astimezone(UTC) - begin.astimezone(UTC)) // ladder.share_left
        wanted = [_elapsed(due, -timedelta(seconds=int(left.total_seconds())))]
    else:
        wanted = [office.opening(office.calendar.subtract(due.date(), days)[0]) for days in ladder.reminders]
    placed = (wish if ladder.day_and_night else _in_office_hours(wish, due, office) for wish in wanted)
    kept = {each.timestamp(): each for each in placed if begin.timestamp() < each.timestamp() < due.timestamp()}
    return tuple(kept[stamp] for stamp in sorted(kept))


def _is_short(begin: datetime, ended: _Ended, ladder: Ladder, calendar: Calendar) -> bool:
    """Too short for reminders in working days: in hours, or with fewer working days than the first reminder wants."""
    if not ladder.reminders or ended.limit.unit == "hours":
        return True
    first_of_the_last = calendar.subtract(calendar.latest(ended.due.date()), ladder.reminders[0] - 1)[0]
    return first_of_the_last <= begin.date()


def _in_office_hours(wish: datetime, due: datetime, office: Office) -> datetime:
    """At the next opening; where that is too late, at the last closing before."""
    pushed = office.next_open(wish)
    return pushed if pushed.timestamp() < due.timestamp() else office.last_closing(wish)


def _rung_at(due: datetime, rung: RungRule, ladder: Ladder, office: Office) -> datetime:
    match rung.unit:
        case "hours":
            at = _elapsed(due, timedelta(hours=rung.after))
        case "working_days":
            at = _same_time(due, office.calendar.add(due.date(), rung.after)[0])
        case _:
            at = datetime.combine(due.date() + rung.after * DAY, rung.at or due.time(), LONDON)
    return at if ladder.day_and_night else office.next_open(at)


def _elapsed(instant: datetime, length: timedelta) -> datetime:
    """In real elapsed time: it runs through the change of clocks."""
    return local(instant.astimezone(UTC) + length)


def _same_time(instant: datetime, day: date) -> datetime:
    """The time of day of that instant, on that day."""
    return datetime.combine(day, local(instant).time(), LONDON)
