"""What a command to a meeting comes to, and what time alone brings: entries and letters. What is missing never stops a meeting; it is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from procedures import vocabulary
from procedures.meetings import chasing, dates, forecast, papers, release, reports
from procedures.meetings.again import sent_again
from procedures.meetings.chasing import Due, Step
from procedures.meetings.fold import apply
from procedures.meetings.heard import answer_waits, known, outline_locked, undeliverable
from procedures.meetings.holding import CONFERENCES, attended, closed, follow_up_done, held, outcomes_told
from procedures.meetings.invitees import Resolved, agency_of, check_agency
from procedures.meetings.letters import calendar_order, chaser, day_before, notice
from procedures.meetings.papers import check_whose
from procedures.meetings.participation import participation_chosen
from procedures.meetings.schools import holiday_contact
from procedures.meetings.separate import attends_separately
from procedures.office import Office
from procedures.refusals import Refused
from procedures.rules import Rules
from procedures.times import local
from schemas import holding as day
from schemas import meeting_commands as commands
from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.family import Reach
from schemas.letters import LetterOrder
from schemas.meetings import About, Answered, Invitee, MeetingAnswer, MeetingEntry, MeetingKind, MeetingState, Reply
from schemas.paper_commands import Circulate, PartOpened
from schemas.papers import Paper
from schemas.timeline import SERVICE

TOLERANCE = timedelta(minutes=5)
"""By which clocks of people's machines may be ahead of ours."""


AFTER_HELD = (
    *(day.FinishFollowUp, day.OutcomesTold, day.CloseUntold, Circulate, PartOpened),
    *(commands.Release, commands.HandOver, commands.Undeliverable, commands.OutlineLocked),
)
"""What is still done with a meeting that was held."""


@dataclass(frozen=True)
class Around:
    """What a meeting does not know itself, as the record has it now."""

    rules: Rules
    office: Office
    about: tuple[About, ...] = ()
    """The children, with the due date that the meeting meets, as the record has it now."""
    resolved: Resolved = field(default_factory=lambda: Resolved((), (), ()))
    """Whom the procedures want there; for who arranges."""
    chairs: frozenset[Identifier] = frozenset()
    """Who chaired for these children before; for who arranges. Another needs a reason."""
    line_management: frozenset[Identifier] = frozenset()
    """Who manages the case: none of them may chair."""
    shut_out: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By child: who is told nothing about that child."""
    leads: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By agency: its safeguarding lead."""
    family: dict[Identifier, Reach] = field(default_factory=lambda: {})
    """By person of the family: the safe way to reach them, as the record has it now."""
    social_workers: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By child: who speaks with the family."""
    agencies: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By person who is added: the agency for which that person comes, as the directory has it."""
    selves: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By person of the family: which of the children the record says that person is."""
    too_young: frozenset[Identifier] = frozenset()
    """Children who are invited, by person, and are not of an age to read a paper of their own."""
    papers: dict[Paper, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By paper: the children for whom it is written."""
    releasers: dict[Identifier, frozenset[Identifier]] = field(default_factory=lambda: {})
    """By child: who may let something go out to the family."""
    chairs_line: frozenset[Identifier] = frozenset()
    """The reviewing service and whoever is above it, or stands in for them: who answers for a chair's meeting."""
    holiday_contacts: dict[Identifier, Identifier] = field(default_factory=lambda: {})
    """By agency: whom to write to while schools are closed."""


class MeetingSettlement(NamedTuple):
    """What is to be recorded."""

    state: MeetingState
    entries: tuple[MeetingEntry, ...]
    letters: tuple[LetterOrder, ...]
    answer: MeetingAnswer | None = None


class Draft:
    """Entries of one moment, each folded as it is made."""

    def __init__(self, state: MeetingState, now: Instant, around: Around, cause: str) -> None:
        self.before = self.state = state
        self.now, self.around, self.cause = now, around, cause
        self.entries: list[MeetingEntry] = []
        self.letters: list[LetterOrder] = []
        self.notes: list[str] = []
        self.command: Command | None = None
        self.command_id: Identifier | None = None

    def enter(self, what: str, happened_at: Instant | None = None, /, **content: Any) -> None:
        """Another entry."""
        entry = MeetingEntry(
            seq=self.state.seq + 1,
            kind=what,
            happened_at=happened_at or self.now,
            decided_at=self.now,
            actor=SERVICE if self.command is None else self.command.actor,
            cause=f"{self.cause}#{len(self.entries) + 1}",
            command_id=self.command_id,
            content={key: value for key, value in content.items() if value is not None},
        )
        self.state = apply(self.state, entry)
        self.entries.append(entry)

    def settled(self) -> MeetingSettlement:
        """All of it, with what goes out because of it."""
        self._ask()
        reports.ask(self)
        papers.send(self)
        answer = None
        if self.command_id is not None:
            numbers = tuple(entry.seq for entry in self.entries)
            answer = MeetingAnswer(meeting=self.state.meeting, command_id=self.command_id, entries=numbers, notes=tuple(self.notes))
        return MeetingSettlement(self.state, tuple(self.entries), tuple(self.letters), answer)

    def _ask(self) -> None:
        """Who does not hold the date that stands is sent it: an invitation, or its update."""
        if not self.state.open:
            return
        behind = [each for each in self.state.invitees if each.date is None or each.date < self.state.date]
        mailed, on_paper = release.sending(self.around, behind)
        if mailed or on_paper:
            sequences = {each.id: next_sequence(self.state, each) for each in (*mailed, *on_paper)}
            since = {each.id: holds_since(each, sequences[each.id]) for each in (*mailed, *on_paper)}
            self.enter("asked", date=self.state.date, sequences=sequences, since=since, on_paper=[each.id for each in on_paper] or None)
            self.letters += [calendar_order(self.state, each, "REQUEST", sequences[each.id], self.now) for each in mailed]
            release.owe_paper(self, on_paper)


def settle_command(state: MeetingState, command_id: Identifier, command: Command, now: Instant, around: Around) -> MeetingSettlement:
    """What a command comes to.

    Raises:
        Refused: it cannot be; nothing has changed.
    """
    draft = Draft(state, now, around, command_id)
    draft.command, draft.command_id = command, command_id
    if command.name != "arranged":
        if state.stage == "none":
            raise Refused("meeting_not_arranged")
        if (state.closed and isinstance(command, day.CloseUntold)) or (
            not state.open and not (state.stage == "held" and isinstance(command, AFTER_HELD))
        ):
            raise Refused("meeting_over")
    if command.happened_at > now + TOLERANCE:
        raise Refused("in_the_future", at=local(command.happened_at).isoformat(timespec="minutes"))
    DECIDED[type(command)](draft, command)
    return draft.settled()


def check_parts(roles: Iterable[str]) -> None:
    """Each is a part in which somebody can be invited.

    Raises:
        Refused: one is not; letters and pages would have no word for it.
    """
    known = vocabulary.table("invitees")
    for role in roles:
        if role not in known:
            raise Refused("no_such_part", part=role, right=", ".join(sorted(known)))


def settle_due(state: MeetingState, now: Instant, around: Around) -> MeetingSettlement:
    """Chasing, reminders of the day before and the forecast, as far as they are due."""
    due = [each for each in _steps(state, around) if each.at <= now]
    draft = Draft(state, now, around, f"time:{state.seq}")
    chased = [each for each in due if each.step is Step.chase]
    if chased:
        draft.enter("chased", invitees=[each.invitee for each in chased])
        for each in chased:
            _chase(draft, each)
    reminded = [each for each in due if each.step is Step.day_before]
    if reminded:
        draft.enter("reminded", invitees=[each.invitee for each in reminded])
        draft.letters += [day_before(draft.state, known(draft.state, each.invitee), now) for each in reminded]
    if any(each.step is Step.forecast for each in due):
        _tell_forecast(draft)
    release.settle_due(draft)
    reports.settle_due(draft)
    return draft.settled()


def next_wake(state: MeetingState, around: Around) -> datetime | None:
    """The next instant at which time alone brings something (UTC); none where nothing more is to come."""
    steps = [each.at for each in (*_steps(state, around), *reports.steps(state, around))]
    return min((at.astimezone(UTC) for at in (*steps, *release.reminder(state, around))), default=None)


def _steps(state: MeetingState, around: Around) -> list[Due]:
    if state.kind is None:
        return []
    return list(chasing.steps(state, around.rules.arranging[state.kind], around.office))


def _arranged(draft: Draft, command: commands.Arrange) -> None:
    around, rule = draft.around, draft.around.rules.arranging[command.kind]
    if draft.state.stage != "none":
        raise Refused("meeting_arranged_already")
    if command.kind in CONFERENCES and command.chair in around.line_management:
        raise Refused("chair_of_line_management")
    if command.kind in CONFERENCES and around.chairs and command.chair not in around.chairs and command.reason is None:
        raise Refused("another_chair_without_reason")
    check_parts(each.role for each in (*command.add, *command.leave_out))
    for each in command.add:
        check_whose(each, command.children, around.selves)
        check_agency(each)
    ends = command.ends or command.starts + timedelta(minutes=rule.minutes)
    draft.enter(
        "arranged",
        command.happened_at,
        kind=command.kind.value,
        about=[each.model_dump(mode="json") for each in around.about],
        starts=command.starts.isoformat(),
        ends=ends.isoformat(),
        place=command.place,
        chair=command.chair,
        invitees=[each.model_dump(mode="json") for each in _invitees(draft, command)],
        left_out=_left_out_roles(around, command),
        reason=command.reason,
    )
    _check_date(draft, command)
    settled = {each.role for each in (*command.leave_out, *draft.state.invitees)}
    draft.notes += [f"nobody_for:{role}" for role in dict.fromkeys(part.role for part in around.resolved.unresolved) if role not in settled]
    release.begin(draft)
    draft.notes += [f"shut_out:{role}" for role in dict.fromkeys(part.role for part in around.resolved.shut_out)]


def _invitees(draft: Draft, command: commands.Arrange) -> list[Invitee]:
    """Chair and minute-taker as named; then whom the procedures want, but those left out; then those added."""
    meeting, around = draft.state.meeting, draft.around
    everybody = tuple(each.child for each in around.about)
    left_out = {each.role for each in command.leave_out}
    found: dict[Identifier, Invitee] = {}

    def add(role: str, person: Identifier, children: tuple[Identifier, ...], **more: Any) -> None:
        allowed = tuple(child for child in children if person not in around.shut_out.get(child, frozenset()))
        if person not in found and allowed:
            more |= _known_of(around, person)
            found[person] = Invitee(id=invitee_id(meeting, person), role=role, person=person, children=allowed, **more)

    add("chair", command.chair, everybody)
    if command.minute_taker is not None:
        add("minute_taker", command.minute_taker, everybody)
    for guest in around.resolved.guests:
        if guest.role not in left_out:
            add(guest.role, guest.contact.person, guest.children, agency=guest.contact.agency)
    for each in command.add:
        add(each.role, each.person, each.children or everybody, added=True, agency=agency_of(each, around.agencies))
    return list(found.values())


def _known_of(around: Around, person: Identifier) -> dict[str, Any]:
    """What the family's record says of somebody: whether something is to be booked, and whether that person comes at a separate time."""
    reach = around.family.get(person)
    return {} if reach is None else {"needs": reach.needs, "apart": reach.apart}


def _left_out_roles(around: Around, command: commands.Arrange) -> list[dict[str, Any]]:
    children = [each.child for each in around.about]
    return [{"role": each.role, "children": children, "reason": each.reason} for each in command.leave_out]


def _check_date(draft: Draft, command: commands.Timed) -> None:
    """Outside the timescale, as it runs now: the manager sees it. With a reason while a date in time can still be had; once it is overdue
    one that is missing is said, and holds nothing up. Short notice is said, and changes nothing.
    """
    state, rule = draft.state, draft.around.rules.arranging[draft.state.kind or MeetingKind.icpc]
    if command.starts <= draft.now:
        raise Refused("meeting_in_the_past")
    due = min((each.due for each in draft.around.about if each.due is not None), default=state.due)
    if due is not None and dates.is_late(command.starts, due):
        if command.reason is not None:
            draft.letters += notice(state, "meeting_outside_timescale", draft.now, happened_at=command.happened_at)
        elif due > draft.now:
            raise Refused("late_without_reason", due=local(due).date().isoformat())
        else:
            # No date could be in time any more: protection does not wait for the reason.
            draft.notes.append("late_reason_missing")
            draft.letters += notice(state, "meeting_late_without_reason", draft.now, happened_at=command.happened_at)
        draft.notes.append("outside_timescale")
    if dates.is_short_notice(rule, command.starts, draft.now, draft.around.office.calendar):
        draft.notes.append("short_notice")


def _moved(draft: Draft, command: commands.Timed) -> None:
    length = (draft.state.ends or command.starts) - (draft.state.starts or command.starts)
    ends = command.ends or command.starts + length
    place = command.place or draft.state.place
    stays = isinstance(command, commands.Move) and (command.starts, ends) == (draft.state.starts, draft.state.ends)
    said = {"starts": command.starts.isoformat(), "ends": ends.isoformat(), "place": place, "reason": command.reason}
    draft.enter("moved", command.happened_at, **said, place_alone=stays or None)
    if not stays:
        _check_date(draft, command)
        release.begin(draft)
        return
    if command.starts <= draft.now:
        raise Refused("meeting_in_the_past")
    draft.notes.append("place_alone")
    if any(each.needs and each.booked_for == draft.state.date for each in draft.state.invitees):
        draft.notes.append("needs_elsewhere")


def _rebooked(draft: Draft, command: day.Rebook) -> None:
    """Too few on the day: what was seen is kept, the interim safety plan is confirmed, and everybody is asked to the new date."""
    if command.reason is None:
        raise Refused("reason_needed")
    if draft.state.starts is None or local(command.happened_at).date() < local(draft.state.starts).date():
        raise Refused("rebooked_before_the_day")
    recorded = attended(draft.state, command.attendance)
    draft.enter(
        "rebooked",
        command.happened_at,
        attendance=recorded,
        safety_plan_confirmed_by=command.safety_plan_confirmed_by,
        reason=command.reason,
    )
    _moved(draft, command)


def _called_off(draft: Draft, command: commands.CallOff) -> None:
    if command.reason is None:
        raise Refused("reason_needed")
    holding = [each for each in draft.state.invitees if each.sequence is not None]
    draft.enter("called_off", command.happened_at, reason=command.reason)
    _clear(draft, holding)


def _clear(draft: Draft, holding: Iterable[Invitee]) -> None:
    """The calendars of those who were asked; the social worker tells those of the family who are not written to."""
    holding = tuple(holding)
    mailed, _ = release.sending(draft.around, holding)
    draft.letters += [calendar_order(draft.state, each, "CANCEL", next_sequence(draft.state, each), draft.now) for each in mailed]
    release.owe_paper(draft, [each for each in holding if each not in mailed], "family_to_be_told_it_is_off")


def _invited(draft: Draft, command: commands.Invite) -> None:
    who = command.who
    check_parts([who.role])
    if any(each.person == who.person for each in draft.state.invitees):
        raise Refused("invited_already")
    children = who.children or tuple(each.child for each in draft.state.about)
    check_whose(who, children, draft.around.selves)
    check_agency(who)
    allowed = tuple(child for child in children if who.person not in draft.around.shut_out.get(child, frozenset()))
    if not allowed:
        raise Refused("invitee_shut_out")
    id, more = invitee_id(draft.state.meeting, who.person), _known_of(draft.around, who.person)
    agency = agency_of(who, draft.around.agencies)
    invitee = Invitee(id=id, role=who.role, person=who.person, children=allowed, added=True, agency=agency, **more)
    draft.enter("invited", command.happened_at, invitee=invitee.model_dump(mode="json"), reason=command.reason)
    if release.is_family(invitee):
        release.begin(draft)


def _left_out(draft: Draft, command: commands.LeaveOut) -> None:
    gone = known(draft.state, command.invitee)
    if not gone.added and command.reason is None:
        raise Refused("reason_needed")
    draft.enter("left_out", command.happened_at, invitee=gone.id, reason=command.reason)
    if gone.sequence is not None:
        _clear(draft, [gone])


def _contribution(draft: Draft, command: commands.DecideContribution) -> None:
    invitee = known(draft.state, command.invitee)
    rule = draft.around.rules.invitees[draft.around.rules.arranging[draft.state.kind or MeetingKind.rcpc].invitees]
    if invitee.role not in rule.chair_decides:
        raise Refused("not_for_the_chair", absent=(invitee.role,))
    if command.reason is None:
        raise Refused("reason_needed")
    draft.enter("contribution_decided", command.happened_at, invitee=invitee.id, contribution=command.contribution, reason=command.reason)


def _answered(draft: Draft, command: commands.AnswerInvitation) -> None:
    """Later answers replace earlier ones; one to a date that no longer stands, or given before the one that counts, is refused as stale."""
    invitee, state = known(draft.state, command.invitee), draft.state
    given = min(command.given_at or command.happened_at, draft.now)
    if command.sequence is not None and not _of_the_time_that_stands(invitee, command.sequence):
        raise Refused("stale_answer")
    if invitee.answer is not None and given < invitee.answer.at:
        raise Refused("stale_answer")
    rule = draft.around.rules.arranging[state.kind or MeetingKind.rcpc]
    if command.reply is Reply.declined and invitee.role in rule.decline_with_reason and command.reason is None:
        raise Refused("decline_needs_reason")
    answer = Answered(reply=command.reply, at=given, via=command.via, by=command.actor, proposed=command.proposed, reason=command.reason)
    said = answer.model_dump(mode="json", exclude_none=True)
    draft.enter("answered", command.happened_at, invitee=invitee.id, answer=said, confirms=command.confirms)
    if command.reply is Reply.another_time:
        draft.letters += notice(draft.state, "another_time_proposed", draft.now, happened_at=command.happened_at)
    foreseen = forecast.forecast(draft.state.invitees, draft.around.rules.quorum)
    if rule.forecast and state.forecast_told is not False and not foreseen.possible:
        _tell_forecast(draft)


def _chase(draft: Draft, due: Due) -> None:
    invitee = known(draft.state, due.invitee)
    if chasing.is_at_home(invitee):
        draft.letters += [chaser(draft.state, invitee, to, draft.now) for to in _asked_in_stead(draft, invitee)]
        return
    contact = holiday_contact(draft.around, invitee, invitee.children, draft.now)
    for to in dict.fromkeys((invitee.person, contact or invitee.person)):
        draft.letters.append(chaser(draft.state, invitee, to, draft.now))
    rule = draft.around.rules.arranging[draft.state.kind or MeetingKind.icpc]
    lead = draft.around.leads.get(invitee.agency or "")
    if invitee.chased >= len(rule.chased_after) and lead is not None and lead != invitee.person:
        draft.letters.append(chaser(draft.state, invitee, lead, draft.now))


def _asked_in_stead(draft: Draft, invitee: Invitee) -> list[Identifier]:
    """Who speaks with somebody at home: the agency's lead; without one the child's social worker, or whoever arranged the meeting."""
    lead = draft.around.leads.get(invitee.agency or "")
    if lead is not None and lead != invitee.person:
        return [lead]
    found = {draft.around.social_workers.get(child, draft.state.arranger) for child in invitee.children}
    return sorted(each for each in found if each is not None)


def _tell_forecast(draft: Draft) -> None:
    """The chair is told while something can still be done."""
    foreseen = forecast.forecast(draft.state.invitees, draft.around.rules.quorum)
    draft.enter("forecast", enough=foreseen.enough, coming=sorted(foreseen.coming), open=sorted(foreseen.open), needed=foreseen.needed)
    if not foreseen.enough and draft.state.chair is not None:
        draft.letters += notice(draft.state, "not_enough_expected", draft.now, to=draft.state.chair, happened_at=draft.now)


def next_sequence(state: MeetingState, invitee: Invitee) -> int:
    """One above whatever that person's calendar was sent before (RFC 5546 2.1.4), also in an earlier time at this meeting."""
    last = state.gone.get(invitee.id, -1) if invitee.sequence is None else invitee.sequence
    return last + 1


def holds_since(invitee: Invitee, sequence: int) -> int:
    """The number since which that person's calendar holds the time that stands, once it is sent that one."""
    held = invitee.sequence if invitee.since is None else invitee.since
    return sequence if invitee.asked_at is None or held is None else held


def _of_the_time_that_stands(invitee: Invitee, sequence: int) -> bool:
    last = invitee.sequence
    return last is not None and (last if invitee.since is None else invitee.since) <= sequence <= last


def invitee_id(meeting: Identifier, person: Identifier) -> Identifier:
    """Opaque, the same however often it is asked for: it stands in links and calendar objects."""
    return "i-" + sha256(f"{meeting}|{person}".encode()).hexdigest()[:20]


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {
    commands.Arrange: _arranged,
    commands.Move: _moved,
    commands.CallOff: _called_off,
    commands.Invite: _invited,
    commands.SendAgain: sent_again,
    commands.LeaveOut: _left_out,
    commands.DecideContribution: _contribution,
    commands.AnswerInvitation: _answered,
    commands.Undeliverable: undeliverable,
    commands.AnswerWaits: answer_waits,
    **release.DECIDED,
    commands.OutlineLocked: outline_locked,
    **reports.DECIDED,
    **papers.DECIDED,
    day.Hold: held,
    day.ChooseParticipation: participation_chosen,
    day.AttendSeparately: attends_separately,
    day.Rebook: _rebooked,
    day.FinishFollowUp: follow_up_done,
    day.OutcomesTold: outcomes_told,
    day.CloseUntold: closed,
}
"""By command."""
