"""What comes back by mail: each mail is a row first, then an answer that counts, one that waits for a person, or nothing at all."""

import asyncio
from collections import defaultdict
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from commands import CommandRefused, NotTaken
from correspondence.calendars.addressed import addressed
from correspondence.calendars.bounces import Report, is_report, read_report
from correspondence.calendars.refusals import ReplyRefused
from correspondence.calendars.replies import read_reply
from correspondence.calendars.reply_addresses import ReplyAddresses
from meetings import MeetingDoor
from observing import metrics
from procedures.meetings.answering import said, sent
from procedures.meetings.chasing import is_family
from procedures.replies import Decision, decide, decide_of_family
from record import inbox, meetings, versions
from record.inbox import Kind, Post, Row, State
from record.keys import KeyMissing
from record.pool import Connection, transaction
from schemas.base import Identifier, Instant
from schemas.calendars import CalendarReply, Verdict
from schemas.meeting_commands import AnswerWaits, Undeliverable
from schemas.meetings import Invitee, MeetingState
from schemas.timeline import SERVICE

log = structlog.get_logger()

AT_ONCE = 100
"""People for whom mails are passed on at the same time; what came for one goes in the order in which it came."""

NOT_ADDRESSED, RECORD_CLOSED, NOT_DELIVERED, NOT_FINAL, KNOWN = "not_addressed", "record_closed", "not_delivered", "not_final", "known"
NOT_OURS = "not_ours"
"""What a mail comes to, beside verdicts and reasons of refusal."""

ASKS_A_PERSON = frozenset({"decline_needs_reason"})
"""Refusals of a meeting after which somebody has to speak with whoever answered."""


class Read(NamedTuple):
    """What a mail is: an answer, a report on a letter, or why it is set aside."""

    kind: Kind
    reply: CalendarReply | None = None
    report: Report | None = None
    refused: str | None = None


class CameTo(NamedTuple):
    """What became of a mail."""

    state: State
    what: str
    doubts: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What a mail says of somebody who is invited; no reply where it is a letter that came back."""

    invitee: Invitee
    reply: CalendarReply | None = None
    decision: Decision = Decision(Verdict.taken)


@dataclass(frozen=True)
class Inbox:
    """Writes mails down, and passes on to meetings what is written down."""

    door: MeetingDoor
    replies: ReplyAddresses
    servers: frozenset[str]
    """The authserv-ids of the mail servers that are believed."""
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def take(self, raw: bytes) -> str | None:
        """Write a mail down, once. What it is set aside for, where it is at once; a mail to no address of ours is not kept."""
        invitees = addressed(raw, self.replies)
        if not invitees:
            metrics.count(metrics.REPLIES, Kind.other, NOT_ADDRESSED)
            return NOT_ADDRESSED
        now = await self._now()
        # A mail of unknown hands may take seconds, and answers of others are not to wait for it.
        kind, reply, report, refused = await asyncio.to_thread(self._read, raw, now)
        invitee = next((each for each in invitees if reply is not None and reply.uid == self.replies.uid(each)), invitees[0])
        async with self._record() as connection:
            state = await meetings.of_invitee(connection, invitee)
            if report is not None and not report.is_about(await _mailboxes(connection, state, invitee, now)):
                refused = NOT_OURS
            if state is None:
                post = Post(inbox.hash_of(raw), kind, now, came_to=refused or Verdict.unknown_meeting)
            else:
                post = Post(inbox.hash_of(raw), kind, now, state.meeting, invitee, reply, refused)
            try:
                new = await inbox.write_down(connection, post, self.door.keys)
            except KeyMissing:
                post = post._replace(answer=None, came_to=RECORD_CLOSED)
                new = await inbox.write_down(connection, post, self.door.keys)
        if new and post.came_to is not None:
            _tell(post.kind, post.came_to, post.meeting)
        return post.came_to

    async def settle_all(self) -> None:
        """Pass on everything that is written down. What a meeting cannot take now waits for the next time, and holds up no other."""
        waiting: set[Identifier] = set()
        while True:
            async with self._record() as connection:
                rows = await inbox.to_do(connection, waiting)
            if not rows:
                return
            by_invitee: dict[tuple[Identifier, Identifier], list[Row]] = defaultdict(list)
            for row in rows:
                by_invitee[row.meeting, row.invitee].append(row)
            passed_on = await asyncio.gather(*(self._settle_in_order(each) for each in by_invitee.values()))
            waiting |= {meeting for (meeting, _), done in zip(by_invitee, passed_on, strict=True) if not done}

    async def _settle_in_order(self, rows: list[Row]) -> bool:
        """What came for one person. False where the meeting could not take one of them."""
        async with self._slots:
            for row in rows:
                try:
                    came_to = await self._settle(row)
                except NotTaken as error:
                    log.warning("answer_not_passed_on", entry=row.entry, meeting=row.meeting, error=type(error).__name__)
                    return False
                except Exception as error:  # One mail that cannot be passed on must not hold up the others.
                    log.error("answer_not_passed_on", entry=row.entry, meeting=row.meeting, error=type(error).__name__, exc_info=error)
                    return False
                async with self._record() as connection:
                    await inbox.came_to(connection, row.entry, *came_to)
                _tell(row.kind, came_to.what, row.meeting)
        return True

    async def _settle(self, row: Row) -> CameTo:
        async with self._record() as connection:
            asked = await self._asked(connection, row)
        if isinstance(asked, CameTo):
            return asked
        if asked.reply is None:
            return await self._not_delivered(row, asked.invitee)
        match asked.decision.verdict:
            case Verdict.taken:
                return await self._answered(row, asked.invitee, asked.reply)
            case Verdict.to_be_confirmed:
                return await self._held(row, asked.decision.doubts)
            case _:
                return CameTo(State.set_aside, asked.decision.verdict)

    async def _asked(self, connection: Connection, row: Row) -> Asked | CameTo:
        """What there is to say to the meeting; what it came to, where there is nothing."""
        if await meetings.answered(connection, row.meeting, command_id(row)) is not None:
            # It was passed on before, and a crash came between that and our note of it.
            return CameTo(State.done, NOT_DELIVERED if row.kind is Kind.bounce else Verdict.taken)
        state = await meetings.state(connection, row.meeting)
        invitee = None if state is None else state.invitee(row.invitee)
        if state is None or invitee is None:
            return CameTo(State.set_aside, Verdict.stale)
        if row.kind is Kind.bounce:
            return Asked(invitee)
        try:
            reply = row.answer(self.door.keys)
        except KeyMissing:
            return CameTo(State.set_aside, RECORD_CLOSED)
        return Asked(invitee, reply, await self._decision(connection, state, invitee, reply))

    async def _decision(self, connection: Connection, state: MeetingState, invitee: Invitee, reply: CalendarReply) -> Decision:
        at = invitee.sent_at or invitee.asked_at
        asked = None if at is None else await inbox.sent_to(connection, invitee.person, at)
        if asked is None and at is not None and is_family(invitee):
            return decide_of_family(reply, sent(state, invitee, self.replies.uid(invitee.id), reply.attendee))
        return decide(reply, None if asked is None else sent(state, invitee, self.replies.uid(invitee.id), asked))

    async def _answered(self, row: Row, invitee: Invitee, reply: CalendarReply) -> CameTo:
        try:
            await self.door.submit(row.meeting, said(reply, invitee, row.received_at), command_id(row))
        except CommandRefused as refused:
            if refused.code in ASKS_A_PERSON:
                return await self._held(row, (refused.code,))
            return CameTo(State.set_aside, refused.code)
        return CameTo(State.done, Verdict.taken)

    async def _held(self, row: Row, doubts: tuple[str, ...]) -> CameTo:
        waits = AnswerWaits(actor=SERVICE, happened_at=row.received_at, invitee=row.invitee, answer=row.mail)
        try:
            await self.door.submit(row.meeting, waits, f"held-{row.mail}")
        except CommandRefused as refused:
            return CameTo(State.set_aside, refused.code)
        return CameTo(State.held, Verdict.to_be_confirmed, doubts)

    async def _not_delivered(self, row: Row, invitee: Invitee) -> CameTo:
        if invitee.undeliverable:
            return CameTo(State.set_aside, KNOWN)
        told = Undeliverable(actor=SERVICE, happened_at=row.received_at, invitee=row.invitee)
        try:
            await self.door.submit(row.meeting, told, command_id(row))
        except CommandRefused as refused:
            return CameTo(State.set_aside, refused.code)
        return CameTo(State.done, NOT_DELIVERED)

    def _read(self, raw: bytes, now: Instant) -> Read:
        """What the mail is; of a report that is not final nothing more is asked."""
        kind = Kind.bounce if is_report(raw) else Kind.answer
        try:
            if kind is Kind.bounce:
                report = read_report(raw)
                return Read(kind, report=report) if report.failed else Read(kind, refused=NOT_FINAL)
            return Read(kind, read_reply(raw, now, self.servers))
        except ReplyRefused as refused:
            return Read(Kind.other, refused=refused.reason)

    async def _now(self) -> Instant:
        """The record's instant; in a rehearsal the virtual one, as of the door."""
        if self.door.now is not None:
            return await self.door.now()
        async with self._record() as connection:
            return await versions.now(connection)

    def _record(self) -> AbstractAsyncContextManager[Connection]:
        return transaction(self.door.pool, self.door.authority)


async def _mailboxes(connection: Connection, state: MeetingState | None, invitee: Identifier, now: Instant) -> set[str]:
    """Where letters to that person go: that of the last invitation, and the present one. None of the family, whose mailboxes are sealed."""
    guest = None if state is None else state.invitee(invitee)
    if guest is None:
        return set()
    at = [each for each in (guest.sent_at or guest.asked_at, now) if each is not None]
    found = {await inbox.sent_to(connection, guest.person, each) for each in at}
    return {each for each in found if each is not None}


def command_id(row: Row) -> Identifier:
    """The same mail is the same command."""
    return f"mail-{row.mail}"


def _tell(kind: Kind, came_to: str, meeting: Identifier | None) -> None:
    metrics.count(metrics.REPLIES, kind, came_to)
    log.info("mail", kind=kind, came_to=came_to, meeting=meeting)
