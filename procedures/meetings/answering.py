"""What a calendar's answer is held against, and what it says to the meeting."""

import datetime as dt

from schemas.base import Identifier, Instant
from schemas.calendars import CalendarAnswer, CalendarReply, Mailbox, Method, Partstat, Proposal, Sent, Uid
from schemas.meeting_commands import AnswerInvitation
from schemas.meetings import Answered, Invitee, MeetingState, Reply

PARTSTATS = {
    Reply.accepted: Partstat.accepted,
    Reply.declined: Partstat.declined,
    Reply.tentative: Partstat.tentative,
    Reply.written: Partstat.declined,
}

A_WHILE = dt.timedelta(hours=1)
"""How long a proposed time is taken to last: of an answer that counts the beginning alone is kept."""


def sent(state: MeetingState, invitee: Invitee, uid: Uid, attendee: Mailbox) -> Sent | None:
    """What that person was last sent; none where that is nothing.

    Args:
        state: where the meeting stands.
        invitee: the person at this meeting.
        uid: of the meeting in that person's calendar.
        attendee: the mailbox that it was sent to.
    """
    if invitee.sequence is None or invitee.asked_at is None:
        return None
    return Sent(
        uid=uid,
        sequence=invitee.sequence,
        since=invitee.since,
        stamp=_second(invitee.asked_at),
        attendee=attendee,
        method=Method.request if state.open else Method.cancel,
        last=None if invitee.answer is None else _last(invitee.answer, invitee.sequence),
    )


def said(reply: CalendarReply, invitee: Invitee, received_at: Instant, actor: Identifier | None = None) -> AnswerInvitation:
    """The answer as the meeting takes it.

    Args:
        reply: what the calendar answered.
        invitee: who was asked.
        received_at: when the mail was read.
        actor: who confirmed it, where somebody had to. That person says that it is to the date that stands, so a number that was
            never sent does not count against it.
    """
    sequence = reply.sequence
    if actor is not None and invitee.sequence is not None:
        sequence = min(sequence, invitee.sequence)
    return AnswerInvitation(
        actor=actor or invitee.person,
        happened_at=received_at,
        invitee=invitee.id,
        reply=_reply(reply),
        sequence=sequence,
        via="calendar",
        proposed=None if reply.proposal is None else reply.proposal.start,
        given_at=reply.stamp,
        reason=reply.comment or None,
    )


def _reply(reply: CalendarReply) -> Reply:
    return Reply.another_time if reply.proposal is not None or reply.partstat is None else Reply(reply.partstat.lower())


def _last(answer: Answered, sequence: int) -> CalendarAnswer:
    proposal = None if answer.proposed is None else Proposal(start=_second(answer.proposed), end=_second(answer.proposed) + A_WHILE)
    return CalendarAnswer(sequence=sequence, stamp=_second(answer.at), partstat=PARTSTATS.get(answer.reply), proposal=proposal)


def _second(instant: Instant) -> Instant:
    return instant.astimezone(dt.UTC).replace(microsecond=0)
