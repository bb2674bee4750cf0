"""An invitation sent once more, as where a mailbox was put right in the directory: the same object in the calendar, with a later stamp."""

from procedures.meetings import release
from procedures.meetings.draft import Draft, known
from procedures.meetings.letters import calendar_order
from procedures.refusals import Refused
from schemas.meeting_commands import SendAgain


def sent_again(draft: Draft, command: SendAgain) -> None:
    """SEQUENCE stays as it is where nothing changed (RFC 5546 2.1.4), so nobody holds the meeting twice and answers count as before."""
    invitee = known(draft.state, command.invitee)
    if invitee.sequence is None or invitee.date != draft.state.date:
        raise Refused("nothing_sent_yet")
    if not release.sending(draft.around, [invitee]).mailed:
        raise Refused("not_written_to_by_mail")
    draft.enter("sent_again", command.happened_at, invitee=invitee.id, reason=command.reason)
    order = calendar_order(draft.state, invitee, "REQUEST", invitee.sequence, draft.now)
    # A letter of its own, beside the one that came back.
    again = {"cause": f"{order.cause}:again:{draft.state.seq}", "about": f"{order.about}:again:{draft.state.seq}"}
    draft.letters.append(order.model_copy(update=again))
