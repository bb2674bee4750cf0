"""What the signed page for reports needs, from the record: the port of `web/reporting.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from commands import CommandRefused
from entitlement.asking import entitlement
from named import UnknownPerson
from procedures.meetings.chasing import NEVER_CHASED
from procedures.meetings.reports import fewest_words, form_of
from procedures.rules import Rules
from procedures.times import age, local
from procedures.words import word
from record import children, directory, meetings, reports, versions
from record.children import ChildDetails
from record.keys import KeyMissing
from record.pool import Connection, transaction
from reporting import Reporting
from schemas.answering import Contact, Gone, InBoth, Refused, Taken
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.meetings import Invitee, MeetingState
from schemas.reporting import ChildAsked, NotSaved, Reader, ReportsSeen, Saved, Whose
from schemas.reports import ReportAsked, ReportWords


@dataclass(frozen=True)
class ReportPages:
    """Reports, as whoever holds an invitee's link may see and give them."""

    reporting: Reporting
    contact: Callable[[directory.Person | None], Contact]
    """Whom an author can call, from who arranged the meeting."""

    async def look(self, meeting: Identifier, invitee: Identifier) -> ReportsSeen | Gone | None:
        """What is asked for, and where it stands; never its words. None where nobody has that id, or nothing is asked of them."""
        door = self.reporting.door
        async with transaction(door.pool, door.authority) as connection:
            state = await meetings.state(connection, meeting)
            if state is None:
                return None
            now = await versions.now(connection)
            people = await directory.people(connection, now)
            arranger = people.get(state.arranger or "")
            contact, guest = self.contact(arranger), state.invitee(invitee)
            person = people.get("" if guest is None else guest.person)
            language = _language(person)
            if guest is None:
                return Gone(language=language, why="withdrawn", contact=contact) if invitee in state.gone else None
            if not state.open:
                return Gone(language=language, why="held" if state.stage == "held" else "cancelled", contact=contact)
            asked = await self._asked(connection, state, guest)
            if not asked or state.starts is None:
                return None
            name = contact.name if arranger is None else InBoth(cy=arranger.name, en=arranger.name)
            readers = await _readers(connection, state, people, guest)
        return ReportsSeen(language=language, begins=state.starts, asked_by=name, contact=contact, children=tuple(asked), readers=readers)

    async def draft(self, whose: Whose, code: str) -> ReportWords | None:
        """The draft; none where that is not its code."""
        return await self.reporting.draft(whose, code)

    async def save(self, whose: Whose, words: ReportWords, code: str) -> Saved | NotSaved:
        """Keep it; gives its code, or says why it was not kept."""
        try:
            return await self.reporting.save(whose, words, code)
        except CommandRefused:
            return NotSaved(why="gone")

    async def give(self, whose: Whose, words: ReportWords, at: Instant, code: str = "") -> Taken | Refused:
        """Take it, for the person who was written to."""
        door = self.reporting.door
        async with transaction(door.pool, door.authority) as connection:
            state = await meetings.state(connection, whose.meeting)
        asked = None if state is None else state.report(whose.invitee, whose.child)
        if asked is None:
            return Refused(why="gone")
        try:
            await self.reporting.give(whose, words, asked.to, at, code=code)
        except UnknownPerson:
            return Refused(why="left")
        except CommandRefused:
            return Refused(why="gone")
        return Taken()

    async def thresholds(self, meeting: Identifier, invitee: Identifier, language: Language | None, *, counted: bool) -> str | None:
        """Where they are read in that language, else in the invitee's; counted for that invitee. None where nobody has that id."""
        door = self.reporting.door
        async with transaction(door.pool, door.authority) as connection:
            state = await meetings.state(connection, meeting)
            if state is None or (state.invitee(invitee) is None and invitee not in state.gone):
                return None
            guest, people = state.invitee(invitee), await directory.people(connection, await versions.now(connection))
            language = language or _language(people.get("" if guest is None else guest.person))
            document = (await self.reporting.rules(connection)).threshold_document
            if counted:
                await reports.thresholds_opened(connection, meeting, invitee, document.edition)
        return document.in_(language)

    async def _asked(self, connection: Connection, state: MeetingState, guest: Invitee) -> list[ChildAsked]:
        rules = await self.reporting.rules(connection)
        found: list[ChildAsked] = []
        told = await entitlement(connection, guest.children)
        for child in told.of(guest.person, Fact.case, guest.children):
            asked = state.report(guest.id, child)
            if asked is None:
                continue
            try:
                details = await children.details(connection, child, self.reporting.door.keys)
            except KeyMissing:
                continue
            draft = await reports.has_draft(connection, Whose(state.meeting, guest.id, child), rules.codes.most_wrong)
            found.append(_child(asked, details, state, guest, rules, has_draft=draft))
        return found


def _language(person: directory.Person | None) -> Language:
    """Welsh first where it is not known: the pages are in both."""
    return "cy" if person is None or person.language is None else person.language


def _child(  # noqa: PLR0913  (all that the page shows of one report)
    asked: ReportAsked, details: ChildDetails, state: MeetingState, guest: Invitee, rules: Rules, *, has_draft: bool
) -> ChildAsked:
    given = asked.given
    return ChildAsked(
        child=asked.child,
        label=label(details, asked.child, state.starts or asked.due),
        due=asked.due,
        sections=form_of(rules, guest.role, state.kind),
        fewest_words=fewest_words(rules, guest.role),
        given_at=None if given is None else given.at,
        late=given is not None and given.late,
        thin=() if given is None else given.thin,
        returned=() if asked.returned is None else asked.returned.missing,
        has_draft=has_draft,
    )


def label(details: ChildDetails, child: Identifier, at: Instant) -> InBoth:
    """Initials, age and reference: siblings can be told apart by whoever knows them, and a forwarded link tells a stranger no name."""
    who = f"{initials(details.name or '')} " if details.name else ""
    if details.born_on is None:
        return InBoth(cy=f"{who}(heb ei eni, {child})", en=f"{who}(unborn, {child})")
    years = age(details.born_on, local(at).date())
    return InBoth(cy=f"{who}({years} oed, {child})", en=f"{who}(aged {years}, {child})")


def initials(name: str) -> str:
    """`E. P.`"""
    return " ".join(f"{part[0]}." for part in name.replace("-", " ").split())


async def _readers(
    connection: Connection, state: MeetingState, people: Mapping[Identifier, directory.Person], guest: Invitee
) -> tuple[Reader, ...]:
    """The family, and who stands by it, as far as they hear of a child of whom the author writes."""
    found: list[Reader] = []
    for each in state.invitees:
        if each.role in NEVER_CHASED and set(each.children) & set(guest.children):
            named = f" ({initials(people[each.person].name)})" if each.person in people else f" ({len(found) + 1})"
            said = {language: word("invitees", each.role, language)[:150] + named for language in ("cy", "en")}
            found.append(Reader(id=each.id, label=InBoth.model_validate(said)))
    return tuple(found)
