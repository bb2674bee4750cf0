"""The meetings of one run: arranged, answered, reported to and held through the doors that the pages and the command line use."""

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from email.message import EmailMessage
from functools import partial
from typing import Protocol, TypeVar

from temporalio.client import Client

from commands import CommandRefused, Door, NotTaken
from console.endings import Ended
from console.family_letter import Asked, printed
from console.papers_shown import printed_papers
from console.papers_written import keep
from console.running import Record
from holding import HoldingDoor, WrongOutcome
from meetings import MeetingDoor
from procedures.meetings.arranging import invitee_id
from record import letters, meetings
from record.keys import KeyRing
from record.letters import SeenLetter
from record.pool import Pool, transaction
from rehearsal.acts import Said
from rehearsal.calendars import CalendarAnswer
from rehearsal.cast import Cast, opaque
from rehearsal.meeting_acts import PAPERS, REPORTS, calendar_answers, held, meeting_commands, of_meeting, papers_written, reports_given
from rehearsal.programs import Programs
from rehearsal.reading import Turn
from rehearsal.script import Act
from rehearsal.stage import Stage
from reporting import Reporting
from schemas.commands.base import Command
from schemas.meeting_commands import Arrange
from schemas.meetings import Invitee, MeetingEntry, MeetingState
from schemas.reporting import Whose
from schemas.reports import ReportWords, Section

Answer = TypeVar("Answer")


class Asks(Protocol):
    """How something is asked that may be asked again: its ids stay the same."""

    async def __call__(self, ask: Callable[[], Awaitable[Answer]], /) -> Answer:
        """What it comes to."""
        ...


async def once(ask: Callable[[], Awaitable[Answer]], /) -> Answer:
    """Whatever is not there ends the run."""
    return await ask()


@dataclasses.dataclass(frozen=True)
class MeetingRefusal:
    """The procedures refused something to a meeting, or to one child's journey what it decided."""

    child: str | None
    """The script's key; none where it is the meeting's own."""
    command: str
    code: str
    sentence: str


@dataclasses.dataclass(frozen=True)
class SeenMeeting:
    """What can be seen of a meeting after a turn."""

    state: MeetingState
    log: Sequence[MeetingEntry]
    letters: Sequence[SeenLetter]
    """All that were sent because of it, to whomever."""
    place: str | None
    mails: Callable[[str], Sequence[EmailMessage]]
    """What came to that person by mail, about whatever."""
    paper: Mapping[str, str]
    """By person of the family who gets letters on paper, while it is still to be held: the letter as it would be printed now."""
    papers: Mapping[str, str]
    """By person of the family who has papers of it on paper: all that went out, as it would be printed now."""


@dataclasses.dataclass(frozen=True)
class Gatherings:
    """Every meeting that a run's script arranges."""

    cast: Cast
    client: Client
    pool: Pool
    keys: KeyRing
    journeys: Door
    stage: Stage
    programs: Programs
    asks: Asks = once
    arranged: dict[str, str] = dataclasses.field(default_factory=lambda: {})
    """By the script's key: the meeting's id."""

    async def act(self, turn: Turn) -> list[MeetingRefusal]:
        """What the turn says of its meeting.

        Raises:
            NotTaken: it did not get as far as the meeting.
        """
        meeting = self.cast.id_of("meetings", turn.meeting or "")
        await self.stage.bring_meeting(meeting)
        refused: list[MeetingRefusal] = []
        for act in turn.acts:
            if act.command == "held":
                refused += await self._hold(meeting, act, turn)
            elif act.command == REPORTS:
                await self._report(meeting, act, turn)
            elif act.command == PAPERS:
                await self._write(meeting, act, turn)
            else:
                for command in meeting_commands(act, turn.children, self._said(meeting, turn)):
                    refused += await self._submit(meeting, command)
                    if isinstance(command, Arrange):
                        self.arranged[turn.meeting or ""] = meeting
                await self._answer_by_calendar(meeting, calendar_answers(act))
        await self.stage.watch_meeting(meeting, self._door)
        return refused

    async def see(self, key: str) -> SeenMeeting | None:
        """How a meeting stands; none where it was never arranged."""
        meeting = self.arranged.get(key)
        return None if meeting is None else await self.asks(lambda: self._seen(meeting))

    async def _seen(self, meeting: str) -> SeenMeeting | None:
        async with transaction(self.pool, self.cast.authority) as connection:
            state = await meetings.state(connection, meeting)
            log = await meetings.read(connection, meeting)
            if state is None:
                return None
            sent = await letters.seen(connection, [each.child for each in state.about])
            place = None if state.place is None else await meetings.words(connection, meeting, state.place, self.keys)
        return SeenMeeting(
            state=state,
            log=log,
            letters=[each for each in sent if each.cause.startswith(f"meeting:{meeting}:")],
            place=place,
            mails=lambda person: self.programs.letters(self.cast.mailbox(self.cast.key(person) or "")),
            paper={each.person: await self._printed(state, each) for each in state.invitees if each.on_paper and state.open},
            papers={each.person: await self._printed_papers(state, each) for each in state.invitees if _has_papers(state, each)},
        )

    async def _printed(self, state: MeetingState, invitee: Invitee) -> str:
        return await printed(Record(self.pool, self.cast.authority, self.keys), Asked(state.meeting, invitee.id, state.arranger))

    async def _printed_papers(self, state: MeetingState, invitee: Invitee) -> str:
        return await printed_papers(Record(self.pool, self.cast.authority, self.keys), Asked(state.meeting, invitee.id, state.arranger))

    async def logs(self) -> Mapping[str, Sequence[MeetingEntry]]:
        """By the script's key: what each meeting's log holds."""
        return await self.asks(self._logs)

    async def _logs(self) -> Mapping[str, Sequence[MeetingEntry]]:
        async with transaction(self.pool, self.cast.authority) as connection:
            return {key: await meetings.read(connection, meeting) for key, meeting in self.arranged.items()}

    async def _state(self, meeting: str) -> MeetingState | None:
        async with transaction(self.pool, self.cast.authority) as connection:
            return await meetings.state(connection, meeting)

    @property
    def _door(self) -> MeetingDoor:
        """A meeting that it begins is as far ahead as the stage is now."""
        ahead = self.stage.now - dt.datetime.now(dt.UTC)
        return MeetingDoor(self.client, self.pool, self.cast.authority, self.keys, now=self.stage.clock, ahead=ahead)

    def _said(self, meeting: str, turn: Turn) -> Said:
        def id_of(kind: str, key: str) -> str:
            return invitee_id(meeting, self.cast.id_of("people", key)) if kind == "invitees" else self.cast.id_of(kind, key)

        return of_meeting(turn.by or "", turn.at, id_of)

    async def _submit(self, meeting: str, command: Command) -> Iterable[MeetingRefusal]:
        try:
            door, id = self._door, opaque()
            await self.asks(lambda: door.submit(meeting, command, id))
            self.stage.ahead_of.setdefault(meeting, door.ahead)
        except CommandRefused as refused:
            return [MeetingRefusal(None, command.name, refused.code, refused.sentence("en"))]
        return []

    async def _answer_by_calendar(self, meeting: str, answers: Mapping[str, CalendarAnswer]) -> None:
        """By mail, one after the other, to what has come by then; then the service reads what has come back.

        Raises:
            NotTaken: an answer was not sent, or does not count.
        """
        if not answers:
            return
        await self.stage.backstage.settle()
        invitees = {key: invitee_id(meeting, self.cast.id_of("people", key)) for key in answers}
        for key, said in answers.items():
            await self.asks(partial(self.programs.answer, self.cast.mailbox(key), invitees[key], said, self.stage.now))
        await self.asks(self.programs.read)
        state = await self.asks(lambda: self._state(meeting))
        for key, said in answers.items():
            invitee = None if state is None else state.invitee(invitees[key])
            counted = None if invitee is None else invitee.answer
            if counted is None or (counted.via, counted.reply) != ("calendar", said.reply):
                raise NotTaken(f"the answer of {key}'s calendar does not count")

    async def _report(self, meeting: str, act: Act, turn: Turn) -> None:
        given = reports_given(act)
        state = await self.asks(lambda: self._state(meeting))
        reporting = Reporting(self._door)
        words = ReportWords(sections=dict.fromkeys(Section, given.words))
        for person in (self.cast.id_of("people", key) for key in given.people):
            asked = [] if state is None else [each.child for each in state.reports if each.invitee == invitee_id(meeting, person)]
            if not asked:
                raise NotTaken(f"{self.cast.key(person)} is asked for no report")
            for child in asked:
                whose, give = Whose(meeting, invitee_id(meeting, person), child), reporting.give
                await self.asks(partial(give, whose, words, person, turn.at))

    async def _write(self, meeting: str, act: Act, turn: Turn) -> None:
        record = Record(self.pool, self.cast.authority, self.keys)
        for said in papers_written(act, turn.children, self._said(meeting, turn)):
            try:
                await self.asks(partial(keep, record, meeting, said))
            except Ended as error:
                raise NotTaken(str(error)) from error

    async def _hold(self, meeting: str, act: Act, turn: Turn) -> list[MeetingRefusal]:
        state = await self.asks(lambda: self._state(meeting))
        if state is None or state.kind is None:
            raise NotTaken("this meeting was never arranged")
        day = held(act, state.kind, turn.children, self._said(meeting, turn))
        said = {self.cast.child(child): fields for child, fields in day.said.items()}
        try:
            door, id = HoldingDoor(self._door, self.journeys), opaque()
            outcome, _ = await self.asks(lambda: door.hold(meeting, day.command, id, said))
        except CommandRefused as refused:
            return [MeetingRefusal(None, "held", refused.code, refused.sentence("en"))]
        except WrongOutcome as error:
            raise NotTaken(str(error)) from error
        keys = {self.cast.child(child): child for child in turn.children}
        return [MeetingRefusal(keys[id], "held", each.code, each.sentences["en"]) for id, each in outcome.refused.items()]


def _has_papers(state: MeetingState, invitee: Invitee) -> bool:
    return invitee.on_paper and any(invitee.id in each.sent for each in state.circulated)
