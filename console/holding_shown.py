"""What came of holding a meeting, and whose agency is followed up."""

from collections.abc import Mapping
from typing import Any

from commands import Door
from console.endings import Code, Ended, Mistake
from console.fields import fields
from console.language import say, spoken
from console.meetings_shown import children_of, print_notes, saying_why_not
from console.mistakes import sentence
from console.running import Running
from console.showing import moment, screen, table
from console.viewing import reader, seen_by
from engine.connect import connect
from holding import HoldingDoor, WrongOutcome
from meetings import MeetingDoor
from procedures import words
from record import directory, meetings, reads, versions
from schemas.base import Identifier
from schemas.holding import Hold


async def hold(
    here: Running, meeting: Identifier, command: Hold, command_id: Identifier, said: Mapping[Identifier, Mapping[str, Any]]
) -> None:
    """Record it, tell each journey, and name any that cannot take it.

    Raises:
        Ended: it was not taken, or a journey keeps the meeting open.
    """
    there = here.endpoints
    try:
        with saying_why_not(there.temporal_address, command_id):
            client = await connect(there.temporal_address, there.namespace, here.keys)
            doors = MeetingDoor(client, here.pool, here.authority, here.keys), Door(client, here.pool, here.authority, here.keys)
            outcome, answer = await HoldingDoor(*doors).hold(meeting, command, command_id, said)
    except WrongOutcome as wrong:
        described = {field.name: field for field in fields(wrong.model)}
        raise Mistake(*(f"{wrong.child}: {sentence(each, described)}" for each in wrong.error.errors(include_url=False))) from None
    if answer is not None:
        print(say("meeting.taken", meeting=meeting))
        print_notes(answer)
    for child in outcome.told:
        print(say("meeting.told", child=child))
    if outcome.refused:
        why = [say("meeting.not_told", child=child, why=each.sentences[spoken()]) for child, each in outcome.refused.items()]
        raise Ended(Code.refused, "\n".join([*why, say("meeting.nobody_told" if answer is None else "meeting.tell_again")]))


async def print_followups(here: Running, actor: str | None) -> None:
    """A line for each agency, latest meeting first; nothing of children of whom the reader is told nothing."""
    made = table("meeting", "invitee", "part", "person")
    async with here.record() as connection:
        found = await meetings.to_follow_up(connection)
        people = await directory.people(connection, await versions.now(connection))
        seen = await seen_by(connection, (child for state in found for child in children_of(state)), actor)
        found = [state for state in found if seen.issuperset(children_of(state))]
        for state in found:
            await reads.log(connection, reader(actor), "meeting followups", [state.meeting, *children_of(state)])
    for state in found:
        for each in state.invitees:
            if each.id in state.followed_up:
                name = people[each.person].name if each.person in people else each.person
                when = "" if state.starts is None else moment(state.starts)
                made.add_row(f"{state.meeting} {when}", each.id, words.word("invitees", each.role, spoken()), name)
    if made.row_count:
        screen().print(made)
    else:
        print(say("meeting.no_followups"))
