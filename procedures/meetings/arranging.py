"""A meeting is arranged, moved, called off; somebody is invited beside those whom the procedures want, or left out. What is missing is told."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from procedures import vocabulary
from procedures.meetings import dates, release
from procedures.meetings.around import Around
from procedures.meetings.asking import next_sequence
from procedures.meetings.draft import Draft, known
from procedures.meetings.holding import CONFERENCES, attended
from procedures.meetings.invitees import agency_of, check_agency
from procedures.meetings.letters import calendar_order, notice
from procedures.meetings.papers import check_whose
from procedures.refusals import Refused
from procedures.times import local
from schemas import holding as day
from schemas import meeting_commands as commands
from schemas.base import Identifier
from schemas.commands.base import Command
from schemas.meetings import Invitee, MeetingKind


def check_parts(roles: Iterable[str]) -> None:
    """Each is a part in which somebody can be invited.

    Raises:
        Refused: one is not; letters and pages would have no word for it.
    """
    known = vocabulary.table("invitees")
    for role in roles:
        if role not in known:
            raise Refused("no_such_part", part=role, right=", ".join(sorted(known)))


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


def invitee_id(meeting: Identifier, person: Identifier) -> Identifier:
    """Opaque, the same however often it is asked for: it stands in links and calendar objects."""
    return "i-" + sha256(f"{meeting}|{person}".encode()).hexdigest()[:20]


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {
    commands.Arrange: _arranged,
    commands.Move: _moved,
    commands.CallOff: _called_off,
    commands.Invite: _invited,
    commands.LeaveOut: _left_out,
    day.Rebook: _rebooked,
}
"""By command."""
