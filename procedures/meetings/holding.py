"""The day itself: who took part, whether they were enough, and who is followed up. What is missing never stops a meeting."""

from collections.abc import Iterable, Mapping
from typing import Any

from procedures.meetings.draft import Draft
from procedures.meetings.letters import notice
from procedures.meetings.participation import participated
from procedures.refusals import Refused
from procedures.rule_models import Quorum
from schemas.base import Identifier
from schemas.commands.base import AgencyKind, Attendance
from schemas.holding import CloseUntold, FinishFollowUp, Hold, OutcomesTold
from schemas.meetings import Invitee, MeetingKind, MeetingState, Participation, TookPart

CONFERENCES = frozenset({MeetingKind.icpc, MeetingKind.pre_birth, MeetingKind.rcpc, MeetingKind.transfer_in})
"""Kinds that need enough agencies to decide."""

OUTCOME = {
    MeetingKind.strategy: "strategy_held",
    MeetingKind.icpc: "conference_held",
    MeetingKind.pre_birth: "conference_held",
    MeetingKind.transfer_in: "conference_held",
    MeetingKind.rcpc: "review_held",
    MeetingKind.core_group: "core_group_held",
}
"""The command with which each child's journey is told; a family network meeting decides nothing that a journey counts."""

NO_AGENCY = {
    "parents": AgencyKind.parent,
    "child_where_appropriate": AgencyKind.child,
    "child_or_advocate": AgencyKind.child,
    "advocate": AgencyKind.advocate,
    "foster_carer": AgencyKind.foster_carer,
    "solicitor": AgencyKind.solicitor,
    "cafcass": AgencyKind.cafcass,
}
"""Parts that are written down as there and are none of the agencies that are counted."""

IN_PERSON = frozenset({"there", "telephone", "video"})
"""How the invitee took part, and nobody else of the agency."""

BY = {
    "there": "present",
    "telephone": "telephone",
    "video": "video",
    "sent_somebody": "present",
    "written": "written",
    "absent": "apologies",
}


def held(draft: Draft, command: Hold) -> None:
    """Attendance in the meeting's own log. Too few is said; what stands a child down is refused by that child's own journey."""
    recorded = attended(draft.state, command.attendance)
    short = draft.state.kind in CONFERENCES and not enough_for_all(draft.state, command.attendance, draft.around.rules.quorum)
    part = participated(draft.state, command.participation)
    said = {"attendance": recorded, "participation": part, "goes_on_because": command.goes_on_because, "same_words": command.same_words}
    undecided = [each.model_dump(mode="json") for each in command.not_decided]
    draft.enter("held", command.happened_at, enough=not short, not_decided=undecided or None, **said)
    draft.notes += ["not_decided"] if undecided else []
    if short:
        draft.notes.append("not_quorate" if command.goes_on_because is None else "not_quorate_with_reason")
    named = {each.invitee for each in command.attendance}
    draft.notes += [f"attendance_unknown:{each.role}" for each in draft.state.invitees if each.id not in named]
    if any(each.took is None for each in (draft.state.participation.get(child.child, Participation()) for child in draft.state.about)):
        draft.notes.append("participation_unknown")
    if command.same_words:
        draft.notes.append("same_words")
        draft.letters += [
            order
            for to in dict.fromkeys((draft.state.chair, draft.state.arranger))
            for order in notice(draft.state, "same_words", draft.now, to=to)
        ]
    _follow_up(draft, command.attendance)


def follow_up_done(draft: Draft, command: FinishFollowUp) -> None:
    """Who spoke with the agency, when, and what came of it."""
    if command.invitee not in draft.state.followed_up:
        raise Refused("nobody_to_follow_up")
    draft.enter("follow_up_done", command.happened_at, invitee=command.invitee, outcome=command.outcome, reason=command.reason)


def outcomes_told(draft: Draft, command: OutcomesTold) -> None:
    """What is known already is not written down again; who was told under another id is not told otherwise."""
    told, untold = draft.state.told, draft.state.untold
    if otherwise := sorted(child for child, id in command.told.items() if told.get(child, id) != id):
        raise Refused("told_already", children=", ".join(otherwise))
    fresh = {child: id for child, id in command.told.items() if child not in told}
    refused = {child: why for child, why in command.refused.items() if child not in told and untold.get(child) != why}
    if fresh or refused:
        said = {child: why.model_dump(mode="json") for child, why in refused.items()}
        draft.enter("outcomes_told", command.happened_at, told=fresh, refused=said)


def closed(draft: Draft, command: CloseUntold) -> None:
    """The chair, or somebody above, answers for it by name, and says why; what was decided for the other children stands."""
    if draft.state.stage != "held":
        raise Refused("meeting_not_held")
    shut_out = any(command.actor in each for each in draft.around.shut_out.values())
    if shut_out or command.actor not in {draft.state.chair, *draft.around.chairs_line}:
        raise Refused("not_yours_to_close")
    if command.reason is None:
        raise Refused("reason_needed")
    draft.enter("closed", command.happened_at, reason=command.reason)
    draft.notes.append("closed_untold")


def attended(state: MeetingState, attendance: Iterable[TookPart]) -> list[dict[str, Any]]:
    """Attendance as the log keeps it.

    Raises:
        Refused: it names somebody who was not invited, somebody twice, or a child of whom that person may hear nothing.
    """
    recorded: dict[Identifier, dict[str, Any]] = {}
    for each in attendance:
        invitee = state.invitee(each.invitee)
        if invitee is None:
            raise Refused("no_such_invitee")
        if each.invitee in recorded:
            raise Refused("attendance_twice", invitee=each.invitee)
        if not set(each.children) <= set(invitee.children):
            raise Refused("attendance_of_other_child", invitee=each.invitee)
        recorded[each.invitee] = each.model_dump(mode="json")
    return list(recorded.values())


def enough_for_all(state: MeetingState, attendance: Iterable[TookPart], rule: Quorum) -> bool:
    """True where social services and enough other agencies were there for every one of the children."""
    took = tuple(attendance)
    return all(_enough(agencies_there(state, took, each.child, rule), rule) for each in state.about)


def agencies_there(state: MeetingState, attendance: Iterable[TookPart], child: Identifier, rule: Quorum) -> frozenset[AgencyKind]:
    """The agencies that took part in the discussion of that child, each once; a written contribution is none of them."""
    found = (rule.speaks_for.get(invitee.role) for invitee, took in for_child(state, attendance, child) if took.present)
    return frozenset(agency for agency in found if agency is not None)


def attendance_of(state: MeetingState, attendance: Iterable[TookPart], child: Identifier, rule: Quorum) -> tuple[Attendance, ...]:
    """What that child's journey is told of who was there."""
    found: list[Attendance] = []
    for invitee, took in for_child(state, attendance, child):
        agency = rule.speaks_for.get(invitee.role, NO_AGENCY.get(invitee.role))
        if agency is not None:
            person = invitee.person if took.how in IN_PERSON else None
            found.append(Attendance(agency=agency, person=person, by=BY[took.how]))
    return tuple(found)


def outcomes_of(
    state: MeetingState, command: Hold, said: Mapping[Identifier, Mapping[str, Any]], rule: Quorum, *, anew: bool = False
) -> dict[Identifier, Any]:
    """By child: the name of the command to its journey and its fields, with what the meeting knows itself.

    Args:
        state: where the meeting stands.
        command: the day.
        said: by child, what was decided for it.
        rule: which part speaks for which agency.
        anew: for some of the children alone, whose journeys could not take what was decided first.

    Raises:
        Refused: a child has no outcome, or there is one for a child that the meeting is not about.
    """
    about = {each.child for each in state.about}
    if strangers := sorted(said.keys() - about):
        raise Refused("outcome_of_other_child", children=", ".join(strangers))
    if state.kind is None or state.kind not in OUTCOME:
        return {}
    undecided = {each.child for each in command.not_decided}
    if strangers := sorted(undecided - about | undecided & said.keys()):
        raise Refused("outcome_of_other_child", children=", ".join(strangers))
    if not anew and (missing := sorted(about - said.keys() - undecided)):
        raise Refused("outcome_missing", children=", ".join(missing))
    name = OUTCOME[state.kind]
    return {child: (name, {**_known(state, command, child, rule), **fields}) for child, fields in said.items()}


def _known(state: MeetingState, command: Hold, child: Identifier, rule: Quorum) -> dict[str, Any]:
    attendance = [each.model_dump(exclude_none=True) for each in attendance_of(state, command.attendance, child, rule)]
    known: dict[str, Any] = {"actor": command.actor, "happened_at": command.happened_at, "attendance": attendance}
    if state.kind in CONFERENCES:
        known |= {"chair": state.chair, "meeting": state.meeting, "goes_on_because": command.goes_on_because}
    if state.kind in CONFERENCES - {MeetingKind.rcpc}:
        known["conference"] = str(state.kind)
    changed = next((each.changed for each in command.participation if each.child == child), None)
    if state.kind in CONFERENCES and changed is not None:
        known["voice_changed"] = changed
    return known


def for_child(state: MeetingState, attendance: Iterable[TookPart], child: Identifier) -> Iterable[tuple[Invitee, TookPart]]:
    """Who took part where that child was spoken of, and how."""
    for took in attendance:
        invitee = state.invitee(took.invitee)
        if invitee is not None and child in (took.children or invitee.children):
            yield invitee, took


def _enough(agencies: frozenset[AgencyKind], rule: Quorum) -> bool:
    return AgencyKind.social_services in agencies and len(agencies) > rule.other_agencies


def _follow_up(draft: Draft, attendance: Iterable[TookPart]) -> None:
    """An agency that was absent without a contribution: its safeguarding lead is told, and whoever arranged the meeting."""
    speaks_for = draft.around.rules.quorum.speaks_for
    absent = {each.invitee for each in attendance if each.how == "absent"}
    heard = {each.invitee for each in attendance if each.how != "absent"}
    spoke = {(each.agency, speaks_for.get(each.role)) for each in draft.state.invitees if each.id in heard}
    for invitee in draft.state.invitees:
        agency = (invitee.agency, speaks_for.get(invitee.role))
        if invitee.id not in absent or agency[1] is None or agency in spoke:
            continue
        draft.enter("followed_up", invitee=invitee.id)
        draft.letters += notice(draft.state, "absent_without_contribution", draft.now, part=invitee.role)
        lead = draft.around.leads.get(invitee.agency or "")
        if lead is not None and lead != draft.state.arranger:
            draft.letters += notice(draft.state, "asked_for_contribution", draft.now, to=lead, part=invitee.role)
