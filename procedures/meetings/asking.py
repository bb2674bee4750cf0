"""Who is invited is asked to the date that stands; who stays silent is asked again, and then whoever can speak for them."""

from procedures.meetings import chasing, release
from procedures.meetings.chasing import Due
from procedures.meetings.draft import Draft, known
from procedures.meetings.letters import calendar_order, chaser
from procedures.meetings.schools import holiday_contact
from schemas.base import Identifier
from schemas.meetings import Invitee, MeetingKind, MeetingState


def ask(draft: Draft) -> None:
    """Who does not hold the date that stands is sent it: an invitation, or its update."""
    if not draft.state.open:
        return
    behind = [each for each in draft.state.invitees if each.date is None or each.date < draft.state.date]
    mailed, on_paper = release.sending(draft.around, behind)
    if mailed or on_paper:
        sequences = {each.id: next_sequence(draft.state, each) for each in (*mailed, *on_paper)}
        since = {each.id: holds_since(each, sequences[each.id]) for each in (*mailed, *on_paper)}
        draft.enter("asked", date=draft.state.date, sequences=sequences, since=since, on_paper=[each.id for each in on_paper] or None)
        draft.letters += [calendar_order(draft.state, each, "REQUEST", sequences[each.id], draft.now) for each in mailed]
        release.owe_paper(draft, on_paper)


def next_sequence(state: MeetingState, invitee: Invitee) -> int:
    """One above whatever that person's calendar was sent before (RFC 5546 2.1.4), also in an earlier time at this meeting."""
    last = state.gone.get(invitee.id, -1) if invitee.sequence is None else invitee.sequence
    return last + 1


def holds_since(invitee: Invitee, sequence: int) -> int:
    """The number since which that person's calendar holds the time that stands, once it is sent that one."""
    held = invitee.sequence if invitee.since is None else invitee.since
    return sequence if invitee.asked_at is None or held is None else held


def chase(draft: Draft, due: Due) -> None:
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
