"""`siwrnai meeting letter`: a family member's letter on paper, for the hands that pass it on; and each read logged."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from activities.surroundings import Library
from audit.on_paper import PRINTS
from console.endings import Code, Ended, Mistake
from console.language import say
from console.private_files import write_private
from console.reports_shown import known
from console.running import Record, Running
from console.viewing import reader
from correspondence.family import orders
from correspondence.family.letters import FamilyLetter, News
from correspondence.render import print_family
from entitlement.asking import entitlement
from entitlement.venue import tells_venue
from procedures.meetings.chasing import NEVER_CHASED
from procedures.meetings.release import is_family
from record import children, directory, family, meetings, projections, reads, versions
from record.directory import Person
from record.keys import KeyMissing
from record.pool import Connection
from schemas.answering import InBoth
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.family import Need, Way
from schemas.letters import LetterKind
from schemas.meetings import Invitee, MeetingEntry, MeetingState

HANDS = ("social_worker", "team_manager")
"""Roles of a child's journey whose holders pass letters on, beside whoever arranged the meeting."""


class Asked(NamedTuple):
    """Whose letter, and who asks for it."""

    meeting: Identifier
    invitee: Identifier
    actor: str | None


class Member(NamedTuple):
    """Whom the letter is for."""

    name: str
    address: str | None = None
    """On paper only where it is posted."""
    language: Language | None = None
    """None where it is not known: both."""
    apart: bool = False
    large: bool = False
    """Reads large print."""
    born_on: dt.date | None = None
    """Of a child, who is written to by its age."""


async def write_letter(here: Running, asked: Asked, out: Path, *, large: bool) -> None:
    """Write the page into a new file that its owner alone may read.

    Raises:
        Mistake: nobody was named, there is no such meeting or member of the family, or the file cannot be written.
        Ended: no way to write to that person is safe; whoever asks is not entitled to it; or there is nothing to tell of this meeting any more.
    """
    write_private(out, await printed(here, asked, large=large))
    print(say("family.written", file=out))


async def printed(here: Record, asked: Asked, *, large: bool = False) -> str:
    """The letter as a page to print; that it was read is logged.

    Raises:
        Mistake: nobody was named, or there is no such meeting or member of the family.
        Ended: no way to write to that person is safe; whoever asks is not entitled to it; or there is nothing to tell of this meeting any more.
    """
    meeting, invitee, actor = asked
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    async with here.record() as connection:
        state = await known(connection, meeting)
        guest = state.invitee(invitee)
        if guest is None or guest.role not in NEVER_CHASED:
            raise Mistake(say("reports.not_of_the_family", invitee=invitee))
        await let_write(connection, state, guest, actor)
        if is_family(guest) and not guest.is_released:
            raise Ended(Code.refused, say("family.not_released", invitee=invitee))
        people = await directory.people(connection, await versions.now(connection))
        member = await member_of(here, connection, guest, people)
        letter = await _letter(here, connection, state, guest, member, people)
        await reads.log(connection, reader(actor), f"{PRINTS[LetterKind.invitation]} {invitee}", [meeting, *guest.children])
    to = "\n".join(line for line in (member.name, member.address) if line)
    return print_family(letter, to, large=large or member.large)


async def let_write(connection: Connection, state: MeetingState, guest: Invitee, actor: str) -> None:
    """Whoever arranged it, and the social worker or manager of a child that the letter is about; nobody who is told nothing of one,
    and no letter to whoever is told nothing of all of them.
    """
    hands = {state.arranger}
    for child in guest.children:
        roles = (await projections.facts(connection, child)).roles
        hands |= {roles.get(role) for role in HANDS}
    told = await entitlement(connection, guest.children)
    if actor not in hands or not told.may(actor, Fact.case, guest.children):
        raise Ended(Code.refused, say("family.not_entitled", person=actor))
    if not told.of(guest.person, Fact.case, guest.children):
        raise Ended(Code.refused, say("family.shut_out", invitee=guest.id))


async def member_of(here: Record, connection: Connection, guest: Invitee, people: Mapping[Identifier, Person]) -> Member:
    """As the child's record has this person; where it has nobody, as the directory has."""
    try:
        known = (await family.everybody(connection, guest.children, here.keys)).get(guest.person)
        details = await children.details(connection, guest.children[0], here.keys) if guest.role in orders.CHILDREN else None
    except KeyMissing:
        raise Ended(Code.refused, say("reports.no_key", child=guest.children[0])) from None
    born_on = None if details is None else details.born_on
    if known is not None:
        if known.way is Way.none:
            raise Ended(Code.refused, say("meeting.no_safe_way"))
        address = known.address if known.way is Way.post else None
        return Member(known.name, address, known.language, known.apart, Need.large_print in known.need, born_on)
    if details is not None:
        return Member(details.name or "", language=details.language, apart=guest.apart, born_on=born_on)
    person = people.get(guest.person)
    return Member("" if person is None else person.name, language=None if person is None else person.language, apart=guest.apart)


async def _letter(  # noqa: PLR0913, PLR0917  (a letter, and where what it says is read)
    here: Record, connection: Connection, state: MeetingState, guest: Invitee, member: Member, people: Mapping[Identifier, Person]
) -> FamilyLetter:
    if state.stage == "held" or state.starts is None:
        raise Ended(Code.refused, say("family.over"))
    arranger = people.get(state.arranger or "")
    told = await entitlement(connection, guest.children)
    relatives = await family.everybody(connection, guest.children, here.keys)
    tells_place = state.place is not None and tells_venue(told, guest, state.invitees, guest.children, relatives)
    rules = await Library().in_force(connection)
    thresholds, head = rules.threshold_document, rules.letterhead
    return FamilyLetter(
        reader=orders.reader(guest.role, orders.Age(member.born_on, state.starts, rules.older_child.from_age)),
        news=_news(state, guest, await meetings.read(connection, state.meeting)),
        kind=state.kind,
        starts=state.starts,
        ends=state.ends,
        place=await meetings.words(connection, state.meeting, state.place, here.keys) if tells_place and state.place else None,
        language=member.language,
        apart=member.apart,
        asked_by=None if arranger is None else arranger.name,
        telephone=None if arranger is None else arranger.telephone,
        thresholds=InBoth(cy=thresholds.cy, en=thresholds.en),
        writes=InBoth(cy=head.cy, en=head.en),
    )


def _news(state: MeetingState, guest: Invitee, log: Sequence[MeetingEntry]) -> News:
    """As the meeting stands: a change to whoever holds an earlier date, on paper or by mail; to anybody else an invitation."""
    if state.stage == "called_off":
        return News.cancelled
    moved = max((each.seq for each in log if each.kind == "moved"), default=0)
    has_earlier = any(each.kind == "handed_over" and each.content["invitee"] == guest.id and each.seq < moved for each in log)
    return News.changed if has_earlier or guest.sequence else News.invited
