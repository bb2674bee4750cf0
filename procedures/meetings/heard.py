"""What the post hears about one invited person: a letter that cannot be delivered, and an answer that a person has to confirm."""

from procedures.meetings.draft import Draft, known
from procedures.meetings.letters import chaser, notice
from procedures.refusals import Refused
from schemas.meeting_commands import AnswerWaits, OutlineLocked, Undeliverable
from schemas.meetings import Invitee


def undeliverable(draft: Draft, command: Undeliverable) -> None:
    """Whoever arranges is told once, however many letters to that person come back; and the agency's lead is asked at once in their place."""
    invitee = known(draft.state, command.invitee)
    if draft.state.stage == "held":
        _paper_undeliverable(draft, command, invitee)
    elif command.to not in {None, invitee.person}:
        _contact_undeliverable(draft, command, invitee)
    elif not invitee.undeliverable:
        draft.enter("undeliverable", command.happened_at, invitee=invitee.id)
        draft.letters += notice(draft.state, "invitation_undeliverable", draft.now, happened_at=command.happened_at, part=invitee.role)
        lead = draft.around.leads.get(invitee.agency or "")
        if lead is not None and lead != invitee.person:
            draft.letters.append(chaser(draft.state, invitee, lead, draft.now))


def _paper_undeliverable(draft: Draft, command: Undeliverable, invitee: Invitee) -> None:
    """That an invitation came back has nothing to tell any more."""
    if all(invitee.id not in each.sent for each in draft.state.circulated):
        raise Refused("meeting_over")
    if not invitee.undeliverable:
        draft.enter("undeliverable", command.happened_at, invitee=invitee.id)
        draft.letters += notice(draft.state, "paper_undeliverable", draft.now, happened_at=command.happened_at, part=invitee.role)


def _contact_undeliverable(draft: Draft, command: Undeliverable, invitee: Invitee) -> None:
    """Of somebody who is written to in that person's stead: the holiday contact of a school, or an agency's lead. The invitee's mailbox is well."""
    if not invitee.contact_undeliverable:
        draft.enter("contact_undeliverable", command.happened_at, invitee=invitee.id, to=command.to)
        draft.letters += notice(draft.state, "contact_undeliverable", draft.now, happened_at=command.happened_at, part=invitee.role)


def answer_waits(draft: Draft, command: AnswerWaits) -> None:
    """Whoever arranges is told once that there is something to confirm, however many such answers come; each waits until it is settled itself."""
    invitee = known(draft.state, command.invitee)
    there = invitee.waits if command.answer is None else command.answer in invitee.waiting
    if there == command.waits and (command.waits or invitee.waiting or not invitee.waits):
        return
    draft.enter("answer_waits", command.happened_at, invitee=invitee.id, waits=command.waits, answer=command.answer)
    if command.waits and not invitee.waits:
        draft.letters += notice(draft.state, "answer_to_confirm", draft.now, happened_at=command.happened_at, part=invitee.role)


def outline_locked(draft: Draft, command: OutlineLocked) -> None:
    """Somebody tried wrong codes until the page was locked: the reader without theirs, or another who holds the link."""
    invitee = known(draft.state, command.invitee)
    draft.enter("outline_locked", command.happened_at, invitee=invitee.id)
    draft.letters += notice(draft.state, "outline_locked", draft.now, happened_at=command.happened_at, part=invitee.role)
