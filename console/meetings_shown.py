"""Meetings on a person's screen: what is proposed, what stands, and what came of a command."""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.markup import escape
from rich.table import Table
from temporalio.client import RPCTimeoutOrCancelledError

from activities.arranging import Arranging
from commands import CommandRefused, EngineAway, RecordAway
from console.endings import Code, Ended, Mistake
from console.engine_door import why
from console.language import say, spoken
from console.lateness import late_by, lateness_of
from console.running import Running
from console.showing import delivery, moment, screen, short, table
from console.viewing import let_in, reader, whose_child
from engine.connect import connect
from meetings import MeetingDoor
from named import NotTaken
from procedures import words
from procedures.in_force import rules_in_force
from procedures.meetings import release
from procedures.meetings.dates import Late, is_late, proposed
from procedures.meetings.forecast import forecast
from procedures.meetings.holding import CONFERENCES
from record import directory, family, letters, meetings, reads, versions
from record.directory import Person
from schemas.base import Identifier
from schemas.commands.base import Command
from schemas.family import FamilyMember
from schemas.meetings import Invitee, MeetingAnswer, MeetingKind, MeetingState


async def print_proposal(here: Running, kind: MeetingKind, children: Sequence[Identifier]) -> None:
    """A date, and everybody whom the procedures want; whom the directory lacks is named."""
    async with here.record() as connection:
        for child in children:
            await whose_child(connection, child)
        now = await versions.now(connection)
        around = await Arranging(here.pool, here.keys).around(connection, kind, children, now)
        people = await directory.people(connection, now)
        relatives = await family.everybody(connection, children, here.keys)
    rule = around.rules.arranging[kind]
    due = min((each.due for each in around.about if each.due is not None), default=None)
    starts = proposed(rule, due, now, around.office.calendar)
    print(say("meeting.proposed", when=moment(starts), option=f"--starts {starts.isoformat(timespec='minutes')}"))
    print(say("meeting.due", when=moment(due)) if due is not None else say("meeting.no_due"))
    if is_late(starts, due):
        print(say("meeting.nothing_left"))
    for chair in sorted(around.chairs & people.keys()) if kind in CONFERENCES else ():
        print(say("meeting.same_chair", name=people[chair].name, option=f"--chair {chair}"))
    made = table("part", "person", "about")
    for guest in around.resolved.guests:
        made.add_row(
            words.word("invitees", guest.role, spoken()), _name(guest.contact.person, people, relatives), ", ".join(guest.children)
        )
    if made.row_count:
        screen().print(made)
    # Chair and minute-taker are named by whoever arranges it.
    named = {"chair", "minute_taker"}
    for part in dict.fromkeys(each.role for each in (*around.resolved.unresolved, *around.resolved.shut_out) if each.role not in named):
        print(say("meeting.nobody_for", part=words.word("invitees", part, spoken())))


async def print_meeting(here: Running, meeting: Identifier, actor: str | None) -> None:
    """Where it stands. Whoever is shut out of one of its children sees nothing of it."""
    async with here.record() as connection:
        state = await meetings.state(connection, meeting)
        if state is None:
            raise Mistake(say("meeting.unknown", meeting=meeting))
        await let_in(connection, children_of(state), actor)
        people = await directory.people(connection, await versions.now(connection))
        place = None if state.place is None else await meetings.words(connection, meeting, state.place, here.keys)
        relatives = await family.everybody(connection, children_of(state), here.keys)
        outcomes = {each.outcome: await meetings.words(connection, meeting, each.outcome, here.keys) for each in state.follow_ups}
        late = await lateness_of(connection, state)
        refused = await letters.refused_at_meeting(connection, children_of(state), meeting)
        await reads.log(connection, reader(actor), "meeting show", [meeting, *children_of(state)])
    print(_line(state, late))
    if place is not None:
        print(place)
    made = table("invitee", "part", "person", "answer", "asked_again")
    for each in state.invitees:
        name = _name(each.person, people, relatives)
        made.add_row(each.id, words.word("invitees", each.role, spoken()), name, _answer(each), _letters(state, each, refused))
    screen().print(made)
    if state.participation:
        screen().print(_children(state))
    for line in _told(state):
        print(line)
    for done in state.follow_ups:
        part = next((words.word("invitees", each.role, spoken()) for each in state.invitees if each.id == done.invitee), done.invitee)
        name = people[done.by].name if done.by in people else done.by
        print(say("meeting.follow_up_done", part=part, who=name, when=short(done.at), outcome=outcomes[done.outcome]))
    found = forecast(state.invitees, rules_in_force().quorum)
    key = "enough" if found.enough else "possible" if found.possible else "short"
    print(say(f"meeting.{key}", coming=len(found.coming), needed=found.needed))


def _name(person: Identifier, people: Mapping[Identifier, Person], relatives: Mapping[Identifier, FamilyMember]) -> str:
    """As the directory has it, or of one of the family the child's record; escaped for the screen."""
    known = people.get(person) or relatives.get(person)
    return escape(known.name) if known is not None else person


def children_of(state: MeetingState) -> list[Identifier]:
    """Whom the meeting is about."""
    return [each.child for each in state.about]


async def print_meetings(here: Running, child: Identifier, actor: str | None) -> None:
    """A line for each, with its id."""
    async with here.record() as connection:
        await whose_child(connection, child)
        found = await meetings.of_child(connection, child)
        for state in found:
            await let_in(connection, children_of(state), actor)
        late = [await lateness_of(connection, state) for state in found]
        await reads.log(connection, reader(actor), "meeting list", [child])
    for state, against in zip(found, late, strict=True):
        print(f"{state.meeting}  {_line(state, against)}")


async def submit(here: Running, meeting: Identifier, command: Command, command_id: Identifier) -> None:
    """Take the command, and say what came of it.

    Raises:
        Ended: it was not taken, or refused; nothing has changed.
    """
    answer = await taken(here, lambda door: door.submit(meeting, command, command_id), command_id)
    print(say("meeting.taken", meeting=meeting))
    print_notes(answer)


async def taken(here: Running, act: Callable[[MeetingDoor], Awaitable[MeetingAnswer]], command_id: Identifier) -> MeetingAnswer:
    """What the door to meetings answered.

    Raises:
        Ended: it was not taken, or refused; nothing has changed.
    """
    there = here.endpoints
    with saying_why_not(there.temporal_address, command_id):
        client = await connect(there.temporal_address, there.namespace, here.keys)
        return await act(MeetingDoor(client, here.pool, here.authority, here.keys))


def print_notes(answer: MeetingAnswer) -> None:
    """What is missing, a sentence each."""
    for note in answer.notes:
        kind, _, part = note.partition(":")
        print(say(f"meeting.{kind}", part=words.word("invitees", part, spoken())) if part else say(f"meeting.{kind}"))


@contextmanager
def saying_why_not(address: str, command_id: Identifier) -> Generator[None]:
    """Ends with a sentence where a command was not taken, or refused.

    Raises:
        Ended: with that sentence.
    """
    try:
        yield
    except RuntimeError:
        raise Ended(Code.away, say("away.engine", address=address)) from None
    except CommandRefused as refused:
        raise Ended(Code.refused, refused.sentence(spoken())) from None
    except (EngineAway, RPCTimeoutOrCancelledError):
        raise Ended(Code.away, say("away.engine_silent", again=command_id)) from None
    except RecordAway as error:
        raise Ended(Code.away, say("away.record_silent", why=type(error.__cause__).__name__, again=command_id)) from None
    except NotTaken as error:
        raise Mistake(why(error, command_id)) from None


def _line(state: MeetingState, late: Late | None) -> str:
    kind = "" if state.kind is None else words.word("meetings", state.kind, spoken())
    when = "" if state.starts is None else moment(state.starts)
    return " ".join(
        part
        for part in (f"{kind}: {when}", words.word("meeting_stages", state.stage, spoken()), "" if late is None else late_by(late))
        if part
    )


def _children(state: MeetingState) -> Table:
    """How each child takes part: chosen before, and how it was."""
    made = table("child", "chosen", "took_part")
    for child, each in state.participation.items():
        said = ("" if how is None else say(f"taking_part.{how}") for how in (each.chosen, each.took))
        made.add_row(child, *said)
    return made


def _told(state: MeetingState) -> Iterator[str]:
    """Whose journey was told what was decided, where one could not be: that one, and why."""
    if state.untold:
        yield from (say("meeting.told", child=child) for child in state.told)
    for child, refusal in state.untold.items():
        yield say("meeting.closed_without" if state.closed else "meeting.not_told", child=child, why=refusal.sentences[spoken()])


def _answer(each: Invitee) -> str:
    if each.answer is None:
        return say("meeting.silent")
    said = words.word("meeting_replies", each.answer.reply, spoken())
    return said if each.answer.proposed is None else f"{said}: {short(each.answer.proposed)}"


def _letters(state: MeetingState, each: Invitee, refused: Mapping[tuple[Identifier, Identifier], bool]) -> str:
    own = refused.get((each.id, each.person), False)
    others = any(no_address for (invitee, to), no_address in refused.items() if invitee == each.id and to != each.person)
    why = {"undeliverable": delivery("refused", own), "contact_undeliverable": delivery("refused", others)}
    told = {
        "not_released": release.is_family(each) and not each.is_released,
        "letter_owed": release.owes_letter(each),
        "letter_handed_over": each.on_paper and each.handed_over_at is not None,
        "needs_owed": release.owes_needs(state, each),
        "undeliverable": each.undeliverable,
        "contact_undeliverable": each.contact_undeliverable,
        "waits": each.waits,
        "chased": each.chased > 0,
    }
    return "; ".join(say(f"meeting.{name}", many=each.chased, why=why.get(name)) for name, is_so in told.items() if is_so)
