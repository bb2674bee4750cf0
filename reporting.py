"""The door for agencies' reports: the words go into the record under the child's own key, then the meeting is told that they are there.

From the signed page and from the command line alike. A draft stays in the record alone, and opens with its code.
"""

import hashlib
import secrets
from dataclasses import dataclass

from commands import CommandRefused, EngineAway, IdTaken
from meetings import MeetingDoor
from named import UnknownPerson
from procedures.meetings.reports import form_of, thin_sections
from procedures.refusals import Refused
from procedures.rules import Rules
from record import directory, meetings, reports
from record.pool import Connection, transaction
from schemas.base import Identifier, Instant
from schemas.meetings import Invitee, MeetingAnswer, MeetingState
from schemas.report_commands import GiveReport
from schemas.reporting import NotSaved, Saved, Whose
from schemas.reports import ReportAsked, ReportWords
from workflows.refusal import refusal_of

CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What cannot be mistaken for something else when it is written down."""

CODE_LENGTH = 10
"""About 49 bits, of which a few may be tried wrongly."""


@dataclass(frozen=True)
class Reporting:
    """Reports of one authority's meetings."""

    door: MeetingDoor

    async def give(  # noqa: PLR0913, PLR0917  (one report, with what it was made of)
        self, whose: Whose, words: ReportWords, by: Identifier, at: Instant, id: Identifier | None = None, code: str = ""
    ) -> MeetingAnswer:
        """Keep the words and tell the meeting; however late or thin, it is taken. Without an id the same words again are the same report.

        The draft with that code goes; one whose code was not given stays, as it may be somebody else's.

        Raises:
            NotTaken: it did not get as far as the meeting; nothing has changed.
            CommandRefused: no such report is asked for, or the meeting is over. Nothing has changed.
        """
        async with transaction(self.door.pool, self.door.authority) as connection:
            if not await directory.knows(connection, by, at):
                raise UnknownPerson(by, "actor")
            state, invitee, asked = await asked_for(connection, whose)
            rules = await self.rules(connection)
            known = _checked(words, state, invitee, rules)
            body = known.model_dump_json(exclude_defaults=True)
            before = "" if asked.given is None else asked.given.words
            command_id = id or _digest("give", *whose, before, str(asked.returns), body)[:32]
            if before and not asked.outstanding and await reports.get(connection, whose.child, before, self.door.keys) == body:
                return MeetingAnswer(meeting=whose.meeting, command_id=command_id, entries=())
            kept = await reports.put(connection, whose, _digest("words", whose.meeting, command_id)[:32], body, self.door.keys)
        thin = thin_sections(rules, invitee.role, state.kind, known)
        reference = f"report:{kept.id}#{kept.sha256}"
        command = GiveReport(actor=by, happened_at=at, invitee=whose.invitee, child=whose.child, words=reference, thin=thin)
        answer = await self._submit(whose, command, command_id, again=id is None)
        if code:
            async with transaction(self.door.pool, self.door.authority) as connection:
                await reports.drop_draft(connection, whose, _as_written_down(code), self.door.keys)
        return answer

    async def _submit(self, whose: Whose, command: GiveReport, command_id: Identifier, *, again: bool) -> MeetingAnswer:
        """A form that was sent twice at once is one report: the second gets the first one's answer."""
        try:
            return await self.door.submit(whose.meeting, command, command_id)
        except IdTaken:
            if not again:
                raise
        async with transaction(self.door.pool, self.door.authority) as connection:
            first = await meetings.answered(connection, whose.meeting, command_id)
        if first is None:
            raise EngineAway("The same report is being taken. Look again in a moment.")
        return first

    async def save(self, whose: Whose, words: ReportWords, code: str) -> Saved | NotSaved:
        """Keep a draft in place of the one with that code; without one, or with a wrong one, beside any other, under a code of its own.

        Raises:
            CommandRefused: no such report is asked for, or the meeting is over.
        """
        async with transaction(self.door.pool, self.door.authority) as connection:
            await asked_for(connection, whose)
            most_wrong = (await self.rules(connection)).codes.most_wrong
            code, there = _as_written_down(code), await reports.draft_count(connection, whose)
            same = bool(code) and await reports.open_draft(connection, whose, code, self.door.keys, most_wrong) is not None
            if not same and there >= reports.MOST_DRAFTS:
                return NotSaved(why="full")
            code = code if same else "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
            await reports.save_draft(connection, whose, words, code, self.door.keys)
        return Saved(code, beside=not same and there > 0)

    async def draft(self, whose: Whose, code: str) -> ReportWords | None:
        """The draft; none where that is not its code, or it was tried too often."""
        async with transaction(self.door.pool, self.door.authority) as connection:
            most_wrong = (await self.rules(connection)).codes.most_wrong
            return await reports.open_draft(connection, whose, _as_written_down(code), self.door.keys, most_wrong)

    async def rules(self, connection: Connection) -> Rules:
        """Those in force, with the authority's settings."""
        return await self.door.rules(connection)


async def asked_for(connection: Connection, whose: Whose) -> tuple[MeetingState, Invitee, ReportAsked]:
    """The meeting, who owes the report, and where it stands.

    Raises:
        CommandRefused: no such report is asked for, or the meeting is over.
    """
    state = await meetings.state(connection, whose.meeting)
    if state is None:
        raise CommandRefused(refusal_of(Refused("meeting_not_arranged")))
    if not state.open:
        raise CommandRefused(refusal_of(Refused("meeting_over")))
    invitee, asked = state.invitee(whose.invitee), state.report(whose.invitee, whose.child)
    if invitee is None:
        raise CommandRefused(refusal_of(Refused("no_such_invitee")))
    if asked is None or whose.child not in invitee.children:
        raise CommandRefused(refusal_of(Refused("no_report_wanted")))
    return state, invitee, asked


def _checked(words: ReportWords, state: MeetingState, invitee: Invitee, rules: Rules) -> ReportWords:
    """Only what this part's form asks for, and only readers who are invited."""
    sections = {each: said for each in form_of(rules, invitee.role, state.kind) if (said := words.words(each))}
    readers = {each.id for each in state.invitees}
    kept = tuple(each for each in words.kept if each.person in readers and each.section in sections)
    return words.model_copy(update={"sections": sections, "kept": kept})


def _as_written_down(code: str) -> str:
    """As it was shown, however it was typed: in capitals, or with blanks in it."""
    return "".join(code.split()).lower()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
