"""Answers by mail that wait for a person: shown, confirmed, or set aside."""

import hashlib

from rich.markup import escape

from console.endings import Mistake
from console.language import say, spoken
from console.meetings_shown import children_of, submit
from console.running import Running
from console.showing import screen, short, table
from console.viewing import let_in, reader, seen_by
from procedures import words
from procedures.meetings.answering import said
from record import directory, inbox, meetings, reads, versions
from record.inbox import Row, State
from record.pool import Connection
from schemas.base import Identifier
from schemas.calendars import CalendarReply
from schemas.meeting_commands import AnswerInvitation, AnswerWaits
from schemas.meetings import Invitee, MeetingState


async def print_held(here: Running, meeting: Identifier | None, actor: str | None) -> None:
    """The answers of one meeting, or of all, with what there is to ask. The read is logged."""
    async with here.record() as connection:
        rows = await inbox.held(connection, meeting)
        people = await directory.people(connection, await versions.now(connection))
        found = [(row, await _state(connection, row)) for row in rows]
        seen = await seen_by(connection, (child for _, state in found for child in children_of(state)), actor)
        shown = [(row, state) for row, state in found if seen.issuperset(children_of(state))]
        await reads.log(connection, reader(actor), "meeting held-answers", list(dict.fromkeys(row.meeting for row, _ in shown)))
    if not shown:
        print(say("held_answers.none"))
        return
    made = table("number", "meeting", "part", "person", "when", "answer", "to_ask")
    for row, state in shown:
        invitee = state.invitee(row.invitee)
        reply = row.answer(here.keys)
        name = "" if invitee is None else people[invitee.person].name if invitee.person in people else invitee.person
        part = "" if invitee is None else words.word("invitees", invitee.role, spoken())
        doubts = "; ".join(say(f"answer_doubt.{doubt}") for doubt in row.doubts)
        made.add_row(str(row.entry), row.meeting, part, escape(name), short(reply.stamp), escape(_answer(reply)), doubts)
    screen().print(made)
    print(say("held_answers.next"))


async def confirm(here: Running, entry: int, actor: Identifier, reason: str | None) -> None:
    """It counts, and its person's word stands behind it."""
    row, state, invitee = await _held(here, entry, actor)
    if invitee is None:
        raise Mistake(say("held_answers.over", entry=entry))
    answer = said(row.answer(here.keys), invitee, row.received_at, actor).model_copy(update={"confirms": row.mail})
    if reason is not None:
        answer = AnswerInvitation.model_validate({**answer.model_dump(), "reason": reason})
    await submit(here, state.meeting, answer, _command_id("confirm", row, actor, reason or ""))
    await _settle(here, row, State.done, actor)


async def discard(here: Running, entry: int, actor: Identifier) -> None:
    """It does not count; a meeting that is over, or to which that person is not invited any more, has nothing to hear of it."""
    row, state, invitee = await _held(here, entry, actor)
    if invitee is not None:
        waits = AnswerWaits(actor=actor, happened_at=row.received_at, invitee=invitee.id, waits=False, answer=row.mail)
        await submit(here, state.meeting, waits, _command_id("discard", row, actor))
    await _settle(here, row, State.set_aside, actor)
    if invitee is None:
        print(say("held_answers.set_aside", entry=entry))


async def _held(here: Running, entry: int, actor: Identifier) -> tuple[Row, MeetingState, Invitee | None]:
    """That answer, with the meeting as it stands and whom it is for: none where that is over, or that person not invited any more.

    Raises:
        Mistake: no such answer waits, or nobody knows who settles it.
    """
    async with here.record() as connection:
        row = await inbox.held_row(connection, entry)
        if row is None:
            raise Mistake(say("held_answers.unknown", entry=entry))
        if not await directory.knows(connection, actor, await versions.now(connection)):
            raise Mistake(say("mistakes.unknown_person", person=actor))
        state = await _state(connection, row)
        await let_in(connection, children_of(state), actor)
    return row, state, state.invitee(row.invitee) if state.open else None


async def _state(connection: Connection, row: Row) -> MeetingState:
    state = await meetings.state(connection, row.meeting)
    if state is None:
        raise Mistake(say("meeting.unknown", meeting=row.meeting))
    return state


async def _settle(here: Running, row: Row, state: State, actor: Identifier) -> None:
    async with here.record() as connection:
        await inbox.settle(connection, row.entry, state, actor)


def _answer(reply: CalendarReply) -> str:
    answered = words.word("meeting_replies", "another_time" if reply.partstat is None else reply.partstat.lower(), spoken())
    proposed = "" if reply.proposal is None else f": {short(reply.proposal.start)}"
    comment = f" – {reply.comment}" if reply.comment else ""
    return f"{answered}{proposed}{comment} ({reply.sender})"


def _command_id(what: str, row: Row, *given: str) -> Identifier:
    """The same line given again is the same command; with another reason it is another."""
    return f"{what}-" + hashlib.sha256("|".join((row.mail, *given)).encode()).hexdigest()[:32]
