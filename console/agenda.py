"""`siwrnai meeting agenda`: the order of the day as a page, for whoever chairs, minutes or arranges the meeting; each read logged."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from activities.surroundings import Library
from console.endings import Code, Ended, Mistake
from console.language import Language, say, spoken
from console.meetings_shown import children_of
from console.private_files import write_private
from console.report_pack import handles, words_of
from console.reports_shown import known
from console.running import Running
from console.viewing import reader, seen_by, view
from correspondence.agenda import Sheet, render
from procedures.decisions.conferences import voice_is_fresh
from procedures.meetings.agenda import ChildKnown, agenda
from record import directory, family, meetings, reads, versions
from record.pool import Connection
from schemas.base import Identifier
from schemas.commands.base import ThresholdElement
from schemas.commands.conferences import INITIAL
from schemas.meetings import MeetingState
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry


async def write_agenda(here: Running, meeting: Identifier, out: Path, language: Language | None, actor: str | None) -> None:
    """Write the page into a new file that its owner alone may read; of a child of whom the reader may not hear there is nothing in it.

    Raises:
        Mistake: nobody was named, there is no such meeting, or the file is there.
        Ended: the reader is not entitled to it.
    """
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    async with here.record() as connection:
        state = await known(connection, meeting)
        told = await seen_by(connection, about := children_of(state), actor)
        shown = [child for child in about if child in told]
    if not handles(state, actor) or not shown:
        raise Ended(Code.refused, say("reports.not_entitled", person=actor))
    children, labels = dict[Identifier, ChildKnown](), dict[Identifier, str]()
    for child in shown:
        seen = await view(here, child, actor, "meeting agenda")
        if seen.state is None or seen.details is None:
            raise Ended(Code.refused, say("reports.no_key", child=child))
        labels[child] = f"{seen.details.name or say('reports.unborn')} ({child})"
        children[child] = await _known(here, state, seen.state, seen.entries)
    async with here.record() as connection:
        now = await versions.now(connection)
        people = await directory.people(connection, now)
        named = {**await family.everybody(connection, shown, here.keys), **people}
        rules = await Library().in_force(connection)
        # Where it is held may betray a child of whom this reader is not told.
        place = None if state.place is None or shown != about else await meetings.words(connection, meeting, state.place, here.keys)
        await reads.log(connection, reader(actor), "meeting agenda", [meeting, *shown])
    sheet = Sheet(
        state=state,
        agenda=agenda(state, rules, list(children.values())),
        rules=rules,
        children=children,
        labels=labels,
        people={
            each.id: named[each.person].name if each.person in named else each.person for each in (*state.invitees, *state.authors.values())
        },
        place=place,
        reader=people[actor].name if actor in people else actor,
        at=now,
        language=language or spoken(),
    )
    write_private(out, render(sheet))
    print(say("reports.written", file=out))


async def _known(here: Running, state: MeetingState, journey: JourneyState, entries: Sequence[RecordedEntry]) -> ChildKnown:
    async with here.record() as connection:
        believed = await _believed(here, connection, state, journey.child)
    return ChildKnown(
        child=journey.child,
        unborn=journey.unborn,
        categories=journey.categories,
        registered_at=journey.registered_at if journey.registered else None,
        last_met_at=journey.last_conference_at,
        voice_at=journey.voice_at,
        voice_fresh=voice_is_fresh(journey, initial=state.kind in INITIAL),
        decided=_decided(entries),
        believed=believed,
        missing=tuple(each.thing for each in journey.missing),
        advocate_offered=not journey.open_clocks("advocacy_offer", None),
    )


def _decided(entries: Sequence[RecordedEntry]) -> tuple[ThresholdElement, ...]:
    """The limbs that decisions named, each once; what a reporter believed is no decision."""
    named = [entry.content.get("body", {}).get("threshold_element") for entry in entries if entry.kind != "report"]
    return tuple(ThresholdElement(each) for each in dict.fromkeys(named) if each is not None)


async def _believed(
    here: Running, connection: Connection, state: MeetingState, child: Identifier
) -> dict[ThresholdElement, tuple[str, ...]]:
    found = defaultdict[ThresholdElement, list[str]](list)
    for asked, author in state.reported:
        words = await words_of(here, connection, asked) if asked.child == child else None
        if words is not None and words.threshold is not None:
            found[words.threshold].append(author.role)
    return {element: tuple(dict.fromkeys(roles)) for element, roles in found.items()}
