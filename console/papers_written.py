"""A paper of a conference, written: its words, with what the child's journey has of what was decided, kept under the child's own key."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from commands import CommandRefused, NotTaken
from console.endings import Code, Ended, Mistake
from console.engine_door import door
from console.language import say, spoken
from console.reports_shown import known
from console.running import Record, Running
from entitlement.asking import entitlement
from meetings import MeetingDoor
from procedures import words
from procedures.in_force import rules_in_force
from procedures.meetings.papers import HANDLES
from procedures.meetings.release import is_family
from procedures.times import local
from record import papers, projections, timeline
from record.keys import KeyMissing
from record.pool import Connection
from record.projections import JourneyFacts
from schemas.base import Identifier
from schemas.entitlement import Fact
from schemas.meetings import MeetingState
from schemas.paper_commands import PartOpened, WrittenPaper
from schemas.papers import Closed, Decided, PaperDate, PaperWords, Versions
from schemas.timeline import SERVICE, RecordedEntry

DECIDES = frozenset({"conference_held", "review_held"})

COMES_NEXT = ("core_group_first", "core_group_next", "rcpc_first", "rcpc_next")
"""Timescales of which the family hears."""

WRITES = ("social_worker", "team_manager")
"""Roles of a child's journey whose holders write it, beside those who handle the meeting."""


async def write_paper(here: Running, meeting: Identifier, said: WrittenPaper) -> None:
    """Keep the words, and say what such a paper still lacks.

    Raises:
        Mistake, Ended: as `keep`.
    """
    earlier = await keep(here, meeting, said)
    print(say("papers.kept", child=said.child))
    for invitee in sorted({person for _, person in _opened((each.closed for each in earlier.values()), said.close)}):
        await _tell_of_opening(here, meeting, said, invitee)
    if missing := [each for each in rules_in_force().papers.form(said.paper) if each not in said.sections()]:
        print(say("papers.empty", sections=", ".join(words.word("paper_sections", each, spoken()) for each in missing)))
    if other := {"cy", "en"} - earlier.keys() - {said.language}:
        print(say("papers.other_language", language=say(f"child_language.{other.pop()}")))


async def keep(here: Record, meeting: Identifier, said: WrittenPaper) -> Versions:
    """Keep the words in place of earlier ones in that language; gives what was written before.

    Raises:
        Mistake: there is no such meeting, it is about another child, or such a paper has no such section.
        Ended: whoever writes may not; nothing was decided for that child there; or something closed would be opened by another than the chair.
    """
    async with here.record() as connection:
        state = await known(connection, meeting)
        _check(state, said)
        facts = await projections.facts(connection, said.child)
        told = await entitlement(connection, [said.child])
        if said.actor not in _writers(state, facts) or told.withheld(said.actor, Fact.plan, said.child) is not None:
            raise Ended(Code.refused, say("papers.not_entitled", person=said.actor))
        try:
            decided = await _decided(here, connection, meeting, said.child)
            earlier = await papers.get(connection, meeting, said.child, said.paper, here.keys)
            if said.actor != state.chair and _opened((each.closed for each in earlier.values()), said.close):
                raise Ended(Code.refused, say("papers.chair_opens"))
            kept = PaperWords(decided=decided, sections=said.sections(), plan=said.plan, closed=said.close)
            await papers.put(connection, meeting, said.child, said.paper, said.language, kept, here.keys, said.actor)
        except KeyMissing:
            raise Ended(Code.refused, say("reports.no_key", child=said.child)) from None
    return earlier


def _check(state: MeetingState, said: WrittenPaper) -> None:
    rule = rules_in_force().papers
    if said.child not in {each.child for each in state.about}:
        raise Mistake(say("outline.not_about", child=said.child))
    if state.kind not in rule.after[said.paper]:
        raise Mistake(say("papers.other_meeting"))
    form = rule.form(said.paper)
    if strange := [each for each in said.sections() if each not in form]:
        raise Mistake(say("papers.no_such_section", option=f"--{strange[0]}", right=", ".join(form)))
    for each in said.close:
        guest = state.invitee(each.person)
        if guest is None or not is_family(guest):
            raise Mistake(say("reports.not_of_the_family", invitee=each.person))


def _writers(state: MeetingState, facts: JourneyFacts) -> set[Identifier | None]:
    handle = {each.person for each in state.invitees if each.role in HANDLES}
    return {state.chair, state.arranger, *handle, *(facts.roles.get(role) for role in WRITES)}


def _opened(earlier: Iterable[tuple[Closed, ...]], now: tuple[Closed, ...]) -> set[tuple[str, Identifier]]:
    """What was closed to somebody and would not be any more."""
    before: set[tuple[str, Identifier]] = {(each.section, each.person) for closed in earlier for each in closed}
    return before - {(each.section, each.person) for each in now}


async def _tell_of_opening(here: Running, meeting: Identifier, said: WrittenPaper, invitee: Identifier) -> None:
    """Those who send papers are told; to whoever opened it the line is said as well, should the engine be away."""
    print(say("papers.opened", invitee=invitee, meeting=meeting, paper=said.paper))
    async with door(here) as way_in:
        there = MeetingDoor(way_in.client, here.pool, here.authority, here.keys)
        told = PartOpened(actor=SERVICE, happened_at=await way_in.clock(), paper=said.paper, child=said.child, invitee=invitee)
        with suppress(CommandRefused, NotTaken):
            await there.submit(meeting, told, f"part-opened-{secrets.token_hex(8)}")


async def _decided(here: Record, connection: Connection, meeting: Identifier, child: Identifier) -> Decided:
    """As the child's own timeline has it: nobody types a decision or a date twice."""
    entries = await timeline.read(connection, child, here.keys)
    held = [each for each in entries if each.kind in DECIDES and _body(each).get("meeting") == meeting]
    if not held:
        raise Ended(Code.refused, say("papers.not_decided", child=child))
    decision = _body(held[-1])["decision"]
    voices = [_body(each) for each in entries if each.kind == "voice_recorded"]
    registered = decision in {"register", "stay", "change_category"}
    clocks = await projections.open_clocks(connection, [child])
    return Decided(
        decision=decision,
        on=local(held[-1].happened_at).date(),
        categories=await projections.categories(connection, child) if registered else (),
        dates=tuple(PaperDate(clock=each.clock, due=each.plan.due) for each in clocks if each.clock in COMES_NEXT),
        voice_for=tuple(voices[-1].get("may_read", ("chair",))) if voices else (),
    )


def _body(entry: RecordedEntry) -> dict[str, Any]:
    return entry.content.get("body", {})
