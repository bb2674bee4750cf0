"""What people get after a conference, as the record has it sealed: the port of `web/answering.py`, and what any one reader is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from entitlement.asking import entitlement
from meetings import MeetingDoor
from procedures.in_force import rules_in_force
from procedures.meetings.papers import children_of, gets, is_childs, readable, reads_by
from procedures.times import local
from record import children, directory, meetings, outlines, papers, reads, versions
from record.keys import KeyMissing, KeyRing
from record.pool import Connection, transaction
from report_pages import label
from schemas.answering import Gone
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.meetings import Invitee, MeetingState
from schemas.outlines import Tried
from schemas.papers import ChildPaper, Circulated, PapersRead, PapersSeen
from web.recorded_attendance import Here, advocate_of, took_part
from web.recorded_outlines import tell_of_lock
from web.speaking import contact_of, language_of

NOTHING = PapersRead(tried=Tried.no_code)


class Reading(NamedTuple):
    """Whose papers are read, where."""

    connection: Connection
    keys: KeyRing
    state: MeetingState
    guest: Invitee


@dataclass(frozen=True)
class RecordedPapers:
    """Reads the record; tells the meeting of a page that was locked."""

    door: MeetingDoor

    async def look(self, invitee: Identifier) -> PapersSeen | Gone | None:
        """That something waits for that person; none where nobody has that id, or nothing was circulated. Changes nothing."""
        async with transaction(self.door.pool, self.door.authority) as connection:
            state = await meetings.of_invitee(connection, invitee)
            if state is None or not state.circulated:
                return None
            now = await versions.now(connection)
            people = await directory.people(connection, now)
            guest, contact = state.invitee(invitee), contact_of(people.get(state.arranger or ""))
            language = await language_of(connection, self.door.keys, people, guest)
            if guest is None or not await _of(Reading(connection, self.door.keys, state, guest), open_for(state, guest, now)):
                return Gone(language=language, why="withdrawn", contact=contact)
            return PapersSeen(meeting=state.meeting, language=language, contact=contact)

    async def read(self, invitee: Identifier, code: str, language: Language, now: Instant) -> PapersRead:
        """What the code opens: of each child of whom that person may be told, as things stand now."""
        async with transaction(self.door.pool, self.door.authority) as connection:
            state = await meetings.of_invitee(connection, invitee)
            guest = None if state is None else state.invitee(invitee)
            if state is None or guest is None:
                return NOTHING
            here, circulated = Reading(connection, self.door.keys, state, guest), open_for(state, guest, now)
            of = await _of(here, circulated)
            if not of:
                return NOTHING
            most_wrong = (await self.door.rules(connection)).codes.most_wrong
            found = await outlines.try_code(connection, state.meeting, invitee, code, self.door.keys, most_wrong)
            shown = await shown_to(here, circulated, language) if found.tried is Tried.opened else ()
            if found.tried is Tried.opened:
                await reads.log(connection, guest.person, "papers of a conference on the signed page", [state.meeting, *of])
        if found.tried is Tried.locked:
            await tell_of_lock(self.door, state.meeting, invitee, found)
        return PapersRead(tried=found.tried, left=found.left, papers=shown)


def open_for(state: MeetingState, guest: Invitee, now: Instant) -> tuple[Circulated, ...]:
    """The papers that went to that person and whose page is still open."""
    return tuple(each for each in state.circulated if guest.id in each.sent and now < each.until)


async def shown_to(here: Reading, circulated: Iterable[Circulated], language: Language) -> tuple[ChildPaper, ...]:
    """What that person reads of these papers, child by child. To whoever the words could betray what is hidden from them, none are shown."""
    connection, keys, state, guest = here
    told, found = await entitlement(connection, guest.children), list[ChildPaper]()
    rule, own = rules_in_force().papers, is_childs(guest)
    for each in circulated:
        for child in children_of(guest, each) if gets(rule, guest, each.paper) else ():
            if told.withheld(guest.person, Fact.decision, child) is not None or state.starts is None:
                continue
            try:
                versions = await papers.get(connection, state.meeting, child, each.paper, keys)
                details = await children.details(connection, child, keys)
            except KeyMissing:
                continue
            written = language if language in versions else next(iter(versions), None)
            if written is None:
                continue
            if own and not reads_by(details.born_on, local(state.starts).date(), rule):
                continue
            words, bare = versions[written], told.withheld(guest.person, Fact.plan, child) is not None
            read = readable(versions, words, rule.child.sections if own else rule.sections[each.paper], guest)
            paper = ChildPaper(
                label=label(details, child, state.starts),
                paper=each.paper,
                decided=words.decided.model_copy(update={"voice_for": (), **({"categories": ()} if own else {})}),
                sections={} if bare else read.sections,
                plan=() if bare or own else read.plan,
                told_by_worker=bare,
                own=own,
                written_in=None if written == language else written,
            )
            there = Here(connection, keys, state, guest, child)
            found.append(paper.model_copy(update=await (advocate_of(there) if own else took_part(there, each.paper))))
    return tuple(found)


async def _of(here: Reading, circulated: Iterable[Circulated]) -> tuple[Identifier, ...]:
    """The children of whom that person may read something."""
    told = await entitlement(here.connection, here.guest.children)
    of = dict.fromkeys(child for each in circulated for child in children_of(here.guest, each))
    return told.of(here.guest.person, Fact.decision, of)
