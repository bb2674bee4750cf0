"""Invitations as the record has them: what a page may show of one, and an answer given to the meeting."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from commands import CommandRefused
from engine.connect import connect
from entitlement.asking import entitlement
from entitlement.venue import tells_venue
from meetings import MeetingDoor
from procedures import words
from procedures.in_force import put_in_force
from procedures.meetings.chasing import NEVER_CHASED
from procedures.rules import load
from record import directory, family, meetings, outlines, versions
from record.deployment import deployment
from record.directory import Person
from record.keys import KeyRing
from record.pool import Connection, Pool, open_pool, transaction
from report_pages import ReportPages
from reporting import Reporting
from schemas import meetings as schemas
from schemas.answering import Answer, Answered, Gone, InBoth, InvitationSeen, Refused, Reply, Taken
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.meeting_commands import AnswerInvitation
from schemas.meetings import Invitee, MeetingState
from web.process import Ports
from web.recorded_outlines import RecordedOutlines, may_read
from web.recorded_papers import RecordedPapers
from web.settings import WebSettings
from web.speaking import UNKNOWN, contact_of, language_of

REFUSED = {"stale_answer": "changed", "decline_needs_reason": "reason_needed"}
"""What the page makes of a refusal; any other means that there is nothing to answer any more."""


@dataclass(frozen=True)
class RecordedInvitations:
    """Reads the record, and answers through the door to meetings, as everybody does."""

    door: MeetingDoor

    async def look(self, invitee: Identifier) -> InvitationSeen | Gone | None:
        """What the invitee may see now; none where nobody has that id. Changes nothing."""
        async with self._record() as connection:
            state = await meetings.of_invitee(connection, invitee)
            if state is None:
                return None
            people = await directory.people(connection, await versions.now(connection))
            contact = contact_of(people.get(state.arranger or ""))
            known = state.invitee(invitee)
            language = await language_of(connection, self.door.keys, people, known)
            told = await entitlement(connection, () if known is None else known.children)
            barred = known is not None and not told.of(known.person, Fact.case, known.children)
            if known is None or barred or not state.open or known.sequence is None:
                return Gone(language=language, why=_why(state), contact=contact)
            relatives = await family.everybody(connection, known.children, self.door.keys)
            tells_place = tells_venue(told, known, state.invitees, told.of(known.person, Fact.case, known.children), relatives)
            return await self._seen(connection, state, known, people, language=language, tells_place=tells_place)

    async def answer(self, invitee: Identifier, answer: Answer) -> Taken | Refused:
        """Keep the answer in place of any earlier one. The meeting itself sees to it that it is to the date that stands."""
        async with self._record() as connection:
            state = await meetings.of_invitee(connection, invitee)
            known = None if state is None else state.invitee(invitee)
            told = () if known is None else known.children
            told = (await entitlement(connection, told)).of(None if known is None else known.person, Fact.case, told)
        if state is None or known is None or not told:
            return Refused(why="gone")
        said = AnswerInvitation(
            actor=known.person,
            happened_at=answer.at,
            invitee=invitee,
            reply=schemas.Reply(answer.reply),
            sequence=answer.version,
            via="page",
            proposed=answer.proposed,
            reason=answer.reason,
            given_at=answer.at,
        )
        try:
            await self.door.submit(state.meeting, said, _command_id(invitee, answer))
        except CommandRefused as refused:
            return Refused.model_validate({"why": REFUSED.get(refused.code, "gone")})
        return Taken()

    async def _seen(  # noqa: PLR0913  (all that the page shows of one invitation)
        self,
        connection: Connection,
        state: MeetingState,
        known: Invitee,
        people: dict[str, Person],
        *,
        language: Language,
        tells_place: bool,
    ) -> InvitationSeen:
        if state.kind is None or state.starts is None or known.sequence is None:
            raise ValueError("an open meeting has a kind and a date, and whoever is invited was sent it")
        place, of_family = None, known.role in NEVER_CHASED
        if state.place is not None and not of_family and tells_place:
            place = await meetings.words(connection, state.meeting, state.place, self.door.keys)
        arranger = people.get(state.arranger or "")
        return InvitationSeen(
            meeting=state.meeting,
            of_family=of_family,
            language=language,
            version=known.sequence,
            begins=state.starts,
            place=None if place is None else InBoth(cy=place, en=place),
            asked_by=await self._asked_by(connection, arranger),
            contact=contact_of(arranger),
            reason_needed_to_decline=known.role in (await self.door.rules(connection)).arranging[state.kind].decline_with_reason,
            answered=_answered(known.answer),
            outline=may_read(state, known, await versions.now(connection)) and await outlines.has_code(connection, state.meeting, known.id),
        )

    async def _asked_by(self, connection: Connection, arranger: Person | None) -> InBoth:
        """Name and post of whoever arranged the meeting."""
        if arranger is None:
            return UNKNOWN
        posts = sorted(await directory.posts_of(connection, arranger.person, await versions.now(connection)))
        if not posts:
            return InBoth(cy=arranger.name, en=arranger.name)
        return InBoth(cy=f"{arranger.name}, {words.role(posts[0], 'cy')}", en=f"{arranger.name}, {words.role(posts[0], 'en')}")

    def _record(self) -> AbstractAsyncContextManager[Connection]:
        return transaction(self.door.pool, self.door.authority)


@asynccontextmanager
async def opening(settings: WebSettings) -> AsyncGenerator[Ports]:
    """The invitations of the deployment that the settings name."""
    put_in_force(load(settings.procedures))
    keys = KeyRing(settings.keys)
    pool: Pool = await open_pool(settings.database_url, "siwrnai pages")
    async with pool:
        async with pool.acquire() as connection:
            authority = (await deployment(connection)).authority
        client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
        door = MeetingDoor(client, pool, authority, keys)
        yield Ports(RecordedInvitations(door), ReportPages(Reporting(door), contact_of), RecordedOutlines(door), RecordedPapers(door))


def _why(state: MeetingState) -> Literal["cancelled", "held", "withdrawn"]:
    if state.stage == "called_off":
        return "cancelled"
    return "held" if state.stage == "held" else "withdrawn"


def _answered(given: schemas.Answered | None) -> Answered | None:
    """A written contribution is promised in another way than on this page."""
    if given is None or given.reply not in set(Reply):
        return None
    return Answered(reply=Reply(given.reply), proposed=given.proposed)


def _command_id(invitee: Identifier, answer: Answer) -> Identifier:
    """The same answer of the same instant is the same command."""
    said = f"{invitee}|{answer.version}|{answer.reply}|{answer.at.isoformat()}"
    return "page-" + hashlib.sha256(said.encode()).hexdigest()[:32]
