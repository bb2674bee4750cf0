"""What a command to a meeting, or the passing of time, comes to; and the one ordered write of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.surroundings import Library
from activities.too_young import too_young
from procedures.in_force import rules_in_force
from procedures.meetings import release, reports
from procedures.meetings.around import Around
from procedures.meetings.decide import MeetingSettlement, next_wake, settle_command, settle_due
from procedures.meetings.invitees import FAMILY_PARTS, ChildFacts, Wanted, resolved, wanted
from procedures.meetings.participation import said_no
from procedures.office import Office
from procedures.recipients import above
from procedures.refusals import Refused
from procedures.rules import Rules
from record import children, directory, family, meetings, papers, projections, versions
from record.children import ChildDetails
from record.keys import KeyRing
from record.meetings import HeadDiffers
from record.pool import Connection, Pool, transaction
from schemas.base import Identifier
from schemas.commands.base import Command, Envelope
from schemas.engine import Told
from schemas.family import Reach, Relation, Way
from schemas.holding import Rebook
from schemas.letters import LetterOrder
from schemas.meeting_commands import MEETING_COMMANDS, Arrange, Invite, Move, Release
from schemas.meetings import About, Contact, MeetingFlush, MeetingKind, MeetingQuestion, MeetingRecorded, MeetingState
from schemas.paper_commands import Circulate
from workflows.refusal import as_failure

CONFERENCES = {
    MeetingKind.icpc: "icpc",
    MeetingKind.pre_birth: "pre_birth",
    MeetingKind.rcpc: "rcpc",
    MeetingKind.transfer_in: "transfer_in",
}
"""Kinds whose date each child's journey is told."""

SENDS_PAPERS = (Circulate, Release)
"""With what the papers of a meeting that was held go out."""

TOLD_OF_REPORTS = (("agency_reports_received", "in", reports.all_in), ("reports_shared", "shown", reports.all_shown))
"""What each child's journey is told of reports, in an id in short, and when it is so."""


@dataclass(frozen=True)
class Arranging:
    """Works out, reads the directory, and records."""

    pool: Pool
    keys: KeyRing
    library: Library = field(default_factory=Library)

    @activity.defn(name="settle_meeting")
    async def settle(self, question: MeetingQuestion) -> MeetingFlush:
        """What a command comes to, or without one the passing of time; a refusal is final and changes nothing."""
        state, envelope = question.state, question.envelope
        said = None if envelope is None else MEETING_COMMANDS[envelope.name].model_validate(envelope.body)
        async with transaction(self.pool, state.authority) as connection:
            kind, about = (said.kind, said.children) if isinstance(said, Arrange) else (state.kind, [each.child for each in state.about])
            around = await self.around(connection, kind or MeetingKind.icpc, about, question.now, state)
            around = replace(around, **await self._asked_besides(connection, said, state, around, question.now))
        try:
            if envelope is None or said is None:
                settled = settle_due(state, question.now, around)
            else:
                settled = settle_command(state, envelope.command_id, said, question.now, around)
        except Refused as refused:
            raise as_failure(refused) from refused
        return MeetingFlush(
            state=settled.state,
            expected_head=state.seq,
            entries=settled.entries,
            letters=by_child(settled),
            command_id=None if envelope is None else envelope.command_id,
            answer=settled.answer,
            tell=(*_told(state, settled, envelope), *_told_of_declines(settled, envelope), *_told_of_papers(settled, envelope)),
            next_wake=next_wake(settled.state, around),
        )

    @activity.defn(name="record_meeting")
    async def write(self, flush: MeetingFlush) -> MeetingRecorded:
        """Write once, however often it is asked.

        Raises:
            ApplicationError: final, where meeting and record disagree on where the log ends: an operator must look.
        """
        try:
            async with transaction(self.pool, flush.state.authority) as connection:
                return MeetingRecorded(answer=await meetings.append(connection, flush, self.keys))
        except HeadDiffers as error:
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error

    async def around(
        self, connection: Connection, kind: MeetingKind, about: Sequence[Identifier], now: datetime, state: MeetingState | None = None
    ) -> Around:
        """What a meeting of that kind about these children does not know itself; without a state it is only thought of."""
        current = (await versions.current(connection)).model_copy(update={"rules": rules_in_force().hash})
        made = await self.library.made(connection, current)
        facts = {child: await projections.facts(connection, child) for child in about}
        shut_out = {child: frozenset(each.shut_out) for child, each in facts.items()}
        line = made.rules.line_management.posts
        speaking = await _speaking(connection, line, {child: each.roles for child, each in facts.items()}, now)
        around = Around(
            rules=made.rules,
            office=Office(made.rules.office, made.calendar),
            shut_out=shut_out,
            family=await self._family(connection, about, state, now),
            social_workers={child: each.roles["social_worker"] for child, each in facts.items() if "social_worker" in each.roles},
            releasers=speaking,
            leads={} if state is None else await _leads(connection, state, now),
            chairs_line=await _chairs_line(connection, about, now) if state is not None and state.stage == "held" else frozenset(),
            holiday_contacts=await _holiday_contacts(connection, now),
            papers={} if state is None else await papers.written(connection, state.meeting),
        )
        if state is not None and state.stage != "none":
            return around
        there = await _about(connection, kind, about, made.rules)
        conditions = [
            ChildFacts(child, frozenset({"unborn"}) if each.unborn else frozenset(), shut_out[child]) for child, each in facts.items()
        ]
        parts = wanted(made.rules.invitees[made.rules.arranging[kind].invitees], conditions)
        roles = {child: each.roles for child, each in facts.items()}
        contacts = await self._contacts(connection, parts, roles, now)
        managers = await _line_management(connection, line, there, roles, now)
        chairs = frozenset(roles[child]["chair"] for child in about if "chair" in roles[child])
        return replace(around, about=there, resolved=resolved(parts, contacts, conditions), line_management=managers, chairs=chairs)

    async def shut_out(self, connection: Connection, about: Sequence[Identifier]) -> dict[Identifier, frozenset[Identifier]]:
        """By child: who is told nothing about that child."""
        return {child: frozenset((await projections.facts(connection, child)).shut_out) for child in about}

    async def _contacts(
        self, connection: Connection, parts: Sequence[Wanted], roles: Mapping[Identifier, Mapping[str, Identifier]], now: datetime
    ) -> dict[tuple[str, Identifier], list[Contact]]:
        """Whom to write to, for each part and child: whoever holds that role on the journey, else who speaks for the child's agency."""
        everybody = await directory.people(connection, now)
        details = {child: await children.details(connection, child, self.keys) for child in {part.child for part in parts}}
        found: dict[tuple[str, Identifier], list[Contact]] = {}
        for part in parts:
            if part.role in FAMILY_PARTS:
                relatives = await family.members(connection, part.child, self.keys)
                found[part.role, part.child] = [
                    Contact(person=each.person, language=each.language)
                    for each in relatives.values()
                    if each.relation in FAMILY_PARTS[part.role]
                ]
                continue
            person = roles[part.child].get(part.role)
            speakers = [everybody[person]] if person in everybody else await self._speakers(connection, details[part.child], part.role, now)
            found[part.role, part.child] = [
                Contact(person=each.person, agency=each.agency, language=each.language, reachable=each.email is not None)
                for each in speakers[:1]
            ]
        return found

    async def _family(
        self, connection: Connection, about: Sequence[Identifier], state: MeetingState | None, now: datetime
    ) -> dict[Identifier, Reach]:
        """How each of the family is reached now. Somebody of the directory who comes as family is reached by the mail that stands there."""
        people = await directory.people(connection, now)
        invited = [] if state is None else [each.person for each in state.invitees if release.is_family(each)]
        found = {person: Reach(Way.email) for person in invited if person in people and people[person].email is not None}
        known = await family.everybody(connection, about, self.keys)
        return found | {person: Reach(each.way, bool(each.need), each.apart) for person, each in known.items()}

    async def _asked_besides(
        self, connection: Connection, said: Command | None, state: MeetingState, around: Around, now: datetime
    ) -> dict[str, Any]:
        """What few commands ask for, so that it is looked up with no others: answers come by the hundred."""
        found, about = dict[str, Any](), said.children if isinstance(said, Arrange) else [each.child for each in state.about]
        if isinstance(said, (Arrange, Invite)):
            found["selves"] = await self._selves(connection, about)
            everybody = await directory.people(connection, now)
            found["agencies"] = {person: each.agency for person, each in everybody.items() if each.agency is not None}
        if isinstance(said, (Move, Rebook)) and state.open and state.kind is not None:
            found["about"] = await _about(connection, state.kind, about, around.rules)
        if isinstance(said, SENDS_PAPERS) and state.stage == "held":
            found["too_young"] = await too_young(connection, state, around.rules.papers, self.keys)
        return found

    async def _selves(self, connection: Connection, about: Sequence[Identifier]) -> dict[Identifier, frozenset[Identifier]]:
        found = defaultdict[Identifier, frozenset[Identifier]](frozenset)
        for child in about:
            for each in (await family.members(connection, child, self.keys)).values():
                if each.relation is Relation.child:
                    found[each.person] |= {child}
        return dict(found)

    async def _speakers(self, connection: Connection, child: ChildDetails, role: str, now: datetime) -> list[directory.Person]:
        agency = child.agencies.get(role)
        return [] if agency is None else await directory.speakers(connection, agency, now)


async def _about(connection: Connection, kind: MeetingKind, about: Sequence[Identifier], rules: Rules) -> tuple[About, ...]:
    """The children, each with the due date of the timescale that this meeting meets."""
    limits = frozenset(rules.arranging[kind].limits)
    found: list[About] = []
    for child in about:
        whose = await children.get(connection, child)
        due = [each.due for each in await projections.running(connection, [child]) if each.clock in limits]
        found.append(About(child=child, family=whose.family, team=whose.team, due=min(due, default=None)))
    return tuple(found)


async def _line_management(
    connection: Connection,
    line: Collection[str],
    about: Sequence[About],
    roles: Mapping[Identifier, Mapping[str, Identifier]],
    now: datetime,
) -> frozenset[Identifier]:
    posts = [(await directory.holders(connection, team, now)).posts for team in {each.team for each in about}]
    return frozenset(person for held in (*posts, *roles.values()) for role, person in held.items() if role in line)


async def _speaking(
    connection: Connection, line: Collection[str], roles: Mapping[Identifier, Mapping[str, Identifier]], now: datetime
) -> dict[Identifier, frozenset[Identifier]]:
    """By child: its social worker and the managers of its team, with whoever stands in for them now."""
    found: dict[Identifier, frozenset[Identifier]] = {}
    for child, held in roles.items():
        holders = await directory.holders(connection, (await children.get(connection, child)).team, now)
        mine = {person for posts in (holders.posts, held) for role, person in posts.items() if role in line}
        found[child] = frozenset({*mine, *(deputy for person, deputy in holders.deputies.items() if person in mine and deputy is not None)})
    return found


async def _chairs_line(connection: Connection, about: Sequence[Identifier], now: datetime) -> frozenset[Identifier]:
    """Who answers for a chair's meeting: by post, never by the case."""
    found = set[Identifier]()
    for team in {(await children.get(connection, child)).team for child in about}:
        holders = await directory.holders(connection, team, now)
        mine = {holders.posts[role] for role in above("chair") if role in holders.posts}
        found |= {*mine, *(deputy for person, deputy in holders.deputies.items() if person in mine and deputy is not None)}
    return frozenset(found)


async def _leads(connection: Connection, state: MeetingState, now: datetime) -> dict[Identifier, Identifier]:
    agencies = {each.agency for each in state.invitees if each.agency is not None}
    found = {agency: await directory.speakers(connection, agency, now) for agency in agencies}
    return {agency: speakers[0].person for agency, speakers in found.items() if speakers}


async def _holiday_contacts(connection: Connection, now: datetime) -> dict[Identifier, Identifier]:
    """Those who can be written to."""
    people = await directory.people(connection, now)
    named = {agency: each.holiday_contact for agency, each in (await directory.agencies(connection, now)).items()}
    return {agency: person for agency, person in named.items() if person in people and people[person].email is not None}


def by_child(settled: MeetingSettlement) -> dict[Identifier, tuple[LetterOrder, ...]]:
    """Each letter under the protection of a child that its reader may hear of."""
    state, found = settled.state, defaultdict[Identifier, list[LetterOrder]](list)
    first = state.about[0].child if state.about else ""
    children_of = {key: each.children[0] for each in state.invitees for key in (each.person, each.id)}
    for order in settled.letters:
        # Somebody who stands in for an invitee hears of that person's children; a paper may be of some of them alone.
        found[order.content.get("of") or children_of.get(order.content.get("invitee") or order.recipient, first)].append(order)
    return {child: tuple(orders) for child, orders in found.items()}


def _told(before: MeetingState, settled: MeetingSettlement, envelope: Envelope | None) -> tuple[Told, ...]:
    """A conference's date is told to each child's journey, under an id that makes it once."""
    state = settled.state
    if state.kind is None or state.kind not in CONFERENCES or envelope is None:
        return ()
    if envelope.name not in {"arranged", "moved", "rebooked"}:
        return _told_of_reports(before, settled, envelope)
    if any(each.content.get("place_alone") for each in settled.entries):
        return ()
    body: dict[str, Any] = {
        "actor": settled.entries[0].actor,
        "happened_at": settled.entries[0].happened_at.isoformat(),
        "conference": CONFERENCES[state.kind],
        "planned_at": None if state.starts is None else state.starts.isoformat(),
    }
    name = "conference_moved" if before.open else "conference_arranged"
    if name == "conference_arranged":
        body["chair"] = state.chair
    return tuple(_telling(each.child, f"{state.meeting}:{each.child}:{state.date}", name, envelope, body) for each in state.about)


def _told_of_declines(settled: MeetingSettlement, envelope: Envelope | None) -> tuple[Told, ...]:
    """Each journey counts over all its meetings how often its child said no."""
    state, found = settled.state, list[Told]()
    if envelope is None:
        return ()
    for child in said_no(settled.entries):
        first = settled.entries[0]
        body = {"actor": first.actor, "happened_at": first.happened_at.isoformat(), "meeting": state.meeting}
        found.append(_telling(child, f"{state.meeting}:{child}:{first.seq}:no", "participation_declined", envelope, body))
    return tuple(found)


def _told_of_reports(before: MeetingState, settled: MeetingSettlement, envelope: Envelope) -> tuple[Told, ...]:
    """Each child's journey hears when the last report on that child is in, and when the parents have them."""
    state, told = settled.state, list[Told]()
    for each in state.about:
        for name, short, reached in TOLD_OF_REPORTS:
            if reached(state, each.child) and not reached(before, each.child):
                last = settled.entries[0]
                body = {
                    "actor": last.actor,
                    "happened_at": last.happened_at.isoformat(),
                    "conference": CONFERENCES[state.kind or MeetingKind.icpc],
                }
                told.append(_telling(each.child, f"{state.meeting}:{each.child}:{last.seq}:{short}", name, envelope, body))
    return tuple(told)


def _told_of_papers(settled: MeetingSettlement, envelope: Envelope | None) -> tuple[Told, ...]:
    """Each child's journey hears that a paper about it went out: its timescale is met."""
    found = list[Told]()
    for entry in settled.entries if envelope is not None else ():
        if entry.kind == "circulated" and envelope is not None:
            body = {"actor": entry.actor, "happened_at": entry.happened_at.isoformat(), "sent_by": settled.state.meeting}
            for child in entry.content["children"]:
                id = f"{settled.state.meeting}:{child}:{entry.seq}:paper"
                found.append(_telling(child, id, f"{entry.content['paper']}_circulated", envelope, body))
    return tuple(found)


def _telling(child: Identifier, id: Identifier, name: str, envelope: Envelope, body: dict[str, Any]) -> Told:
    return Told(child=child, envelope=Envelope(command_id=id, name=name, received_at=envelope.received_at, body=body))
