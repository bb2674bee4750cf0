"""What a calendar's answer comes to, held against what its person was last sent: data in, a verdict out."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.base import Instant
from schemas.calendars import CalendarAnswer, CalendarReply, Doubt, Method, Partstat, Sent, Verdict

SLOW_CLOCK = dt.timedelta(days=1)
"""How far behind ours another machine's clock may be."""


class Decision(NamedTuple):
    """A verdict; with doubts where the answer is to be confirmed, and with none otherwise."""

    verdict: Verdict
    doubts: tuple[Doubt, ...] = ()


def decide(reply: CalendarReply, sent: Sent | None) -> Decision:
    """What the answer comes to. The first verdict that fits is given.

    Args:
        reply: what the mail says.
        sent: what the person whose reply address the mail came to was last sent; None where nothing was, or it is not known to whom.
    """
    if sent is None or reply.uid != sent.uid:
        return Decision(Verdict.unknown_meeting)
    for verdict, fits in SET_ASIDE.items():
        if fits(reply, sent):
            return Decision(verdict)
    doubts = tuple(doubt for doubt, is_there in DOUBTS.items() if is_there(reply, sent))
    return Decision(Verdict.to_be_confirmed if doubts else Verdict.taken, doubts)


def decide_of_family(reply: CalendarReply, sent: Sent | None) -> Decision:
    """What an answer of one of the family comes to, of whom the mailbox is not known: never more than a question to a person.

    It came to that person's own reply address, and names the object that they were sent; `sent` holds the mailbox that it says.
    """
    found = decide(reply, sent)
    if found.verdict in {Verdict.taken, Verdict.to_be_confirmed}:
        return Decision(Verdict.to_be_confirmed, (Doubt.mailbox_not_known, *found.doubts))
    return found


def _same(mailbox: str, other: str) -> bool:
    """Servers that tell capitals apart before the @ are not met any more; calendar programs change them at will."""
    return mailbox.casefold() == other.casefold()


def _of_a_stranger(reply: CalendarReply, sent: Sent) -> bool:
    return not _same(reply.attendee, sent.attendee) and not _same(reply.sender, sent.attendee)


def _is_stale(reply: CalendarReply, sent: Sent) -> bool:
    """By SEQUENCE first and then by DTSTAMP (RFC 5546, 2.1.5); those of one time, in different places, count as one."""
    outdone = sent.last is not None and _order(reply, sent) < _order(sent.last, sent)
    return outdone or _sequence(reply, sent) < sent.sequence or sent.method is Method.cancel


def _order(answer: CalendarAnswer, sent: Sent) -> tuple[int, Instant]:
    return _sequence(answer, sent), answer.stamp


def _sequence(answer: CalendarAnswer, sent: Sent) -> int:
    since = sent.sequence if sent.since is None else sent.since
    return sent.sequence if since <= answer.sequence <= sent.sequence else answer.sequence


def _as_old_as_the_last(reply: CalendarReply, sent: Sent) -> bool:
    return sent.last is not None and _order(reply, sent) == _order(sent.last, sent)


def _says_the_same(reply: CalendarReply, sent: Sent) -> bool:
    return sent.last is not None and _said(reply) == _said(sent.last)


def _said(answer: CalendarAnswer) -> Partstat | Instant | None:
    """Whoever proposes another time has answered with it: the time at which that begins."""
    return answer.partstat if answer.proposal is None else answer.proposal.start


SET_ASIDE: Mapping[Verdict, Callable[[CalendarReply, Sent], bool]] = {
    Verdict.stranger: _of_a_stranger,
    Verdict.stale: _is_stale,
    Verdict.doubled: lambda reply, sent: _as_old_as_the_last(reply, sent) and _says_the_same(reply, sent),
}
"""The verdicts by which nothing changes, in the order in which they are tried."""

DOUBTS: Mapping[Doubt, Callable[[CalendarReply, Sent], bool]] = {
    Doubt.not_authenticated: lambda reply, _: not reply.authenticated,
    Doubt.another_sender: lambda reply, sent: not _same(reply.sender, sent.attendee),
    Doubt.another_address: lambda reply, sent: not _same(reply.attendee, sent.attendee),
    Doubt.revision_not_sent: lambda reply, sent: reply.sequence > sent.sequence,
    Doubt.before_it_was_sent: lambda reply, sent: reply.stamp < sent.stamp - SLOW_CLOCK,
    # Some programs stamp every answer with the invitation's own stamp, so a change of mind may look like this.
    Doubt.contradicts_the_last: lambda reply, sent: _as_old_as_the_last(reply, sent) and not _says_the_same(reply, sent),
}
"""What keeps an answer from counting at once."""
