"""Agencies' reports on a person's screen: given, how they stand, counted by agency. No words of a report are printed."""

import datetime as dt
from collections import defaultdict

from activities.surroundings import Library
from console.endings import Mistake
from console.language import say, spoken
from console.meetings_shown import children_of, taken
from console.reports import AgencyReport
from console.running import Running
from console.showing import moment, screen, short, table, who
from console.viewing import let_in, reader
from procedures import words
from procedures.meetings.reports import thin_sections
from record import directory, meetings, reads, reports, versions
from record.pool import Connection
from reporting import Reporting
from schemas.base import Identifier
from schemas.meetings import MeetingState
from schemas.reporting import Whose
from schemas.reports import ReportAsked, Section


async def give(here: Running, meeting: Identifier, said: AgencyReport, id: Identifier | None, *, check: bool) -> None:
    """Say what is missing; then take it as it is.

    Raises:
        Ended: it was not taken, or refused; nothing has changed.
    """
    whose, given = Whose(meeting, said.invitee, said.child), said.words()

    async with here.record() as connection:
        state = await known(connection, meeting)
        rules = await Library().in_force(connection)
    invitee = state.invitee(said.invitee)
    if invitee is not None and (missing := thin_sections(rules, invitee.role, state.kind, given)):
        print(say("reports.thin", sections=named(missing)))
    if check:
        return
    again = id or "-"
    await taken(here, lambda door: Reporting(door).give(whose, given, said.actor, said.happened_at, id), again)
    print(say("reports.given", meeting=meeting, child=said.child))


async def print_reports(here: Running, meeting: Identifier, actor: str | None) -> None:
    """A line for each report. Whoever is shut out of one of the children sees nothing of it."""
    async with here.record() as connection:
        state = await known(connection, meeting)
        await let_in(connection, children_of(state), actor)
        people = await directory.people(connection, await versions.now(connection))
        drafts = await reports.drafts(connection, meeting)
        opened = await reports.openings(connection, meeting)
        await reads.log(connection, reader(actor), "meeting reports", [meeting, *(each.child for each in state.about)])
    made = table("invitee", "person", "child", "report_due", "state", "asked_again")
    for each, author in state.reported:
        sent = say("meeting.chased", many=each.chased) if each.chased else ""
        drafted = (each.invitee, each.child) in drafts
        part = f"{who(author.person, people)}, {words.word('invitees', author.role, spoken())}"
        made.add_row(each.invitee, part, each.child, short(each.due), standing(each, drafted=drafted), sent)
    screen().print(made)
    for shown in state.reports_shown:
        print(say("reports.shown", child=shown.child, at=moment(shown.at), who=shown.invitee or say("reports.parents")))
    print(say("reports.opened", times=sum(opened.values()), invitees=len(opened)))


async def print_by_agency(here: Running, actor: str | None) -> None:
    """A line for each agency that was asked."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("asked", "given", "late", "thin", "returns"), 0))
    async with here.record() as connection:
        agencies = await directory.agencies(connection, await versions.now(connection))
        for state in await meetings.all_states(connection):
            for each in state.reports:
                _count(counts[_agency(state, each)], each)
        await reads.log(connection, reader(actor), "reports by agency", [])
    made = table("agency", "asked_for", "reports_given", "late", "thin", "returned")
    for agency, count in sorted(counts.items()):
        name = agency if agency not in agencies else {"cy": agencies[agency].name_cy, "en": agencies[agency].name_en}[spoken()]
        made.add_row(name, *(str(number) for number in count.values()))
    screen().print(made)


def _agency(state: MeetingState, each: ReportAsked) -> str:
    invitee = state.author(each.invitee)
    if invitee is None:
        return say("reports.no_agency")
    return invitee.agency or words.word("invitees", invitee.role, spoken())


def _count(counted: dict[str, int], each: ReportAsked) -> None:
    given = each.given
    counted["asked"] += 1
    counted["given"] += given is not None
    counted["late"] += given is not None and given.late
    counted["thin"] += given is not None and bool(given.thin)
    counted["returns"] += each.returns


def standing(each: ReportAsked, *, drafted: bool) -> str:
    """How a report stands, in words."""
    if each.returned is not None:
        return say("reports.returned", sections=named(each.returned.missing))
    if each.given is None:
        overdue = each.due < dt.datetime.now(dt.UTC)
        return say("reports.overdue" if overdue else "reports.drafted" if drafted else "reports.open")
    said = [say("reports.late" if each.given.late else "reports.in_time", at=short(each.given.at))]
    if each.given.thin:
        said.append(say("reports.thin", sections=named(each.given.thin)))
    return "; ".join(said)


def named(sections: tuple[Section, ...]) -> str:
    """Sections by name."""
    return ", ".join(words.word("report_sections", each, spoken()) for each in sections)


async def known(connection: Connection, meeting: Identifier) -> MeetingState:
    """The meeting.

    Raises:
        Mistake: there is none.
    """
    state = await meetings.state(connection, meeting)
    if state is None:
        raise Mistake(say("meeting.unknown", meeting=meeting))
    return state
