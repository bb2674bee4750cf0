"""`siwrnai meeting pack`: what the chair reads before the meeting, and what a parent is given; for the entitled alone, and each read logged."""

from collections.abc import Mapping
from pathlib import Path

from activities.surroundings import Library
from console.endings import Code, Ended, Mistake
from console.language import say, spoken
from console.private_files import write_private
from console.reports_shown import known
from console.running import Running
from console.viewing import reader
from correspondence.pack import Author, ChildReports, Report, Sheet, left_out, render
from entitlement.asking import entitlement
from entitlement.check import Entitlement
from procedures import words
from procedures.meetings.chasing import NEVER_CHASED
from procedures.meetings.reports import form_of
from procedures.rules import Rules
from record import children, directory, reads, reports, versions
from record.directory import Person
from record.keys import KeyMissing
from record.pool import Connection
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.meetings import Invitee, MeetingState
from schemas.reports import ReportAsked, ReportWords

HANDLES = frozenset({"chair", "minute_taker"})
"""Who reads the reports of a meeting besides whoever arranged it."""


async def write_pack(here: Running, meeting: Identifier, out: Path, for_: Identifier | None, actor: str | None) -> None:
    """Write the page into a new file that its owner alone may read.

    Raises:
        Mistake: nobody was named, there is no such meeting or invitee, or the file is there.
        Ended: the reader is not entitled to it.
    """
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    async with here.record() as connection:
        state = await known(connection, meeting)
        sheet, shown = await _sheet(here, connection, state, for_, actor)
        await reads.log(connection, reader(actor), f"meeting pack for {for_ or 'the chair'}", [meeting, *shown])
    write_private(out, render(sheet))
    print(say("reports.written", file=out))
    for line in left_out(sheet, spoken()):
        print(line)


async def _sheet(
    here: Running, connection: Connection, state: MeetingState, for_: Identifier | None, actor: str
) -> tuple[Sheet, list[Identifier]]:
    now = await versions.now(connection)
    people = await directory.people(connection, now)
    parent = None if for_ is None else _of_the_family(state, for_)
    about = [each.child for each in state.about]
    told = await entitlement(connection, about)
    shown = [child for child in about if may_read(told, child, actor, parent)]
    if not handles(state, actor) or not shown:
        raise Ended(Code.refused, say("reports.not_entitled", person=actor))
    rules = await Library().in_force(connection)
    language = _language(parent, people)
    family = {each.id: _name(each, people, language) for each in state.invitees if each.role in NEVER_CHASED}
    found = [await _child(here, connection, state, child, rules, people) for child in shown]
    sheet = Sheet(
        kind=state.kind or "icpc",
        starts=state.starts or now,
        reader=family[parent.id] if parent is not None else people[actor].name if actor in people else actor,
        at=now,
        language=language,
        children=tuple(found),
        family=family,
        for_=for_,
    )
    return sheet, shown


async def _child(  # noqa: PLR0913, PLR0917  (one child's part of the page, and where it is read)
    here: Running, connection: Connection, state: MeetingState, child: Identifier, rules: Rules, people: Mapping[Identifier, Person]
) -> ChildReports:
    try:
        details = await children.details(connection, child, here.keys)
    except KeyMissing:
        raise Ended(Code.refused, say("reports.no_key", child=child)) from None
    found: list[Report] = []
    for asked, invitee in state.reported:
        if asked.child == child:
            author = Author(invitee.role, people[invitee.person].name if invitee.person in people else invitee.person)
            found.append(Report(asked, author, form_of(rules, invitee.role, state.kind), await words_of(here, connection, asked)))
    return ChildReports(f"{details.name or say('reports.unborn')} ({child})", tuple(found))


async def words_of(here: Running, connection: Connection, asked: ReportAsked) -> ReportWords | None:
    """What the report says; none where it was not given."""
    if asked.given is None:
        return None
    return ReportWords.model_validate_json(await reports.get(connection, asked.child, asked.given.words, here.keys))


def _of_the_family(state: MeetingState, for_: Identifier) -> Invitee:
    invitee = state.invitee(for_)
    if invitee is None or invitee.role not in NEVER_CHASED:
        raise Mistake(say("reports.not_of_the_family", invitee=for_))
    return invitee


def handles(state: MeetingState, actor: str) -> bool:
    """Whoever chairs, minutes or arranges it; nobody else reads all of its reports."""
    return actor in {state.chair, state.arranger, *(each.person for each in state.invitees if each.role in HANDLES)}


def may_read(told: Entitlement, child: Identifier, actor: str, parent: Invitee | None) -> bool:
    """Nobody who is told nothing about that child, no parent about another's, and none to whom it would betray what is hidden."""
    if parent is not None and (child not in parent.children or told.withheld(parent.person, Fact.report, child) is not None):
        return False
    return told.withheld(actor, Fact.report, child) is None


def _language(parent: Invitee | None, people: Mapping[Identifier, Person]) -> Language:
    if parent is None or parent.person not in people:
        return spoken()
    return people[parent.person].language or spoken()


def _name(invitee: Invitee, people: Mapping[Identifier, Person], language: Language) -> str:
    name = people[invitee.person].name if invitee.person in people else invitee.id
    return f"{name}, {words.word('invitees', invitee.role, language)}"
