"""The agenda of one meeting: its items in the order of the procedures, who is in the room for each, and what is still missing.

Pure: what the children's journeys know is passed in. Nobody is in the room for an item about a child of whom they may not hear, nor together
with somebody from whom they are kept apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from procedures.meetings.chasing import NEVER_CHASED
from procedures.rule_models import AgendaItem
from procedures.rules import Rules
from schemas.base import Identifier, Instant
from schemas.commands.base import Harm, ThresholdElement
from schemas.meetings import Invitee, MeetingKind, MeetingState, Participation
from schemas.reports import ReportAsked


class ChildKnown(NamedTuple):
    """What one child's journey knows on that day."""

    child: Identifier
    unborn: bool = False
    categories: tuple[Harm, ...] = ()
    registered_at: Instant | None = None
    last_met_at: Instant | None = None
    """The last conference about the child."""
    voice_at: Instant | None = None
    """When the child's own voice was last recorded."""
    voice_fresh: bool = False
    """Since the last conference, or since enquiries began."""
    decided: tuple[ThresholdElement, ...] = ()
    """The limbs of the threshold on which the decisions so far rest."""
    believed: Mapping[ThresholdElement, tuple[str, ...]] = {}
    """By limb: the parts in which agencies found it met in their reports to this meeting."""
    missing: tuple[str, ...] = ()
    """What decisions took effect without: keys of `missing` in the words."""
    advocate_offered: bool = True


class Item(NamedTuple):
    """One item, for the meeting as a whole or for one child."""

    key: str
    rule: AgendaItem
    child: Identifier | None
    there: tuple[Identifier, ...]
    """Who is in the room, by invitee."""
    kept_out: tuple[Identifier, ...]
    """Who may hear of it and is not in the room for it: the family in the closed part, whoever is kept apart from somebody who is there."""
    alone: Identifier | None = None
    """Whose separate attendance it is."""


class Lacking(NamedTuple):
    """What is missing for one child."""

    thing: str
    """`voice`, `participation`, `advocate`, `reports_to_parents`, a key of `missing` in the words, or `not_given`, `returned`, `thin`, `late`."""
    report: ReportAsked | None = None


class Agenda(NamedTuple):
    """The whole day."""

    items: tuple[Item, ...]
    missing: Mapping[Identifier, tuple[Lacking, ...]]
    """By child."""


def agenda(state: MeetingState, rules: Rules, children: Sequence[ChildKnown]) -> Agenda:
    """For the children who are passed in: a reader who may not hear of one gets the agenda without it.

    Raises:
        LookupError: nothing was arranged.
    """
    if state.kind is None:
        raise LookupError(f"meeting {state.meeting} was never arranged")
    items = [item for key in rules.agendas[state.kind].items for item in _items(state, key, rules.agenda_items[key], children)]
    return Agenda(tuple(items), {each.child: tuple(_missing(state, each)) for each in children})


def _items(state: MeetingState, key: str, rule: AgendaItem, children: Sequence[ChildKnown]) -> Iterator[Item]:
    about = [each.child for each in children if not (each.unborn and rule.shows == "voice")]
    for child in about if rule.for_each else [None]:
        hear = [each for each in state.invitees if set(each.children) & ({child} if child is not None else set(about))]
        if rule.there == "separately":
            for one in hear:
                if one.id in state.kept_from:
                    there = [each for each in hear if each is one or not (_family(each) or _kept_apart(state, one, each))]
                    yield _item(key, rule, child, hear, there, one.id)
            continue
        yield _item(key, rule, child, hear, _together(state, [each for each in hear if _wanted(rule, each)]), None)


def _item(  # noqa: PLR0913, PLR0917  (what an item is made of)
    key: str, rule: AgendaItem, child: Identifier | None, hear: Sequence[Invitee], there: Sequence[Invitee], alone: Identifier | None
) -> Item:
    inside = tuple(each.id for each in there)
    return Item(key, rule, child, inside, tuple(each.id for each in hear if each.id not in inside), alone)


def _wanted(rule: AgendaItem, invitee: Invitee) -> bool:
    match rule.there:
        case "without_family":
            return not _family(invitee)
        case "family_alone":
            return _family(invitee) or invitee.role in {"chair", "coordinator"}
        case _:
            return True


def _family(invitee: Invitee) -> bool:
    return invitee.role in NEVER_CHASED


def _together(state: MeetingState, wanted: Sequence[Invitee]) -> list[Invitee]:
    """Without those who attend separately from somebody who is there; of two who both do, neither."""
    return [one for one in wanted if not any(_separate_from(state, one, other) for other in wanted)]


def _separate_from(state: MeetingState, one: Invitee, other: Invitee) -> bool:
    apart = state.kept_from.get(one.id)
    if apart is None or one is other:
        return False
    return other.id in apart if apart else _family(other)


def _kept_apart(state: MeetingState, one: Invitee, other: Invitee) -> bool:
    return _separate_from(state, one, other) or _separate_from(state, other, one)


def _missing(state: MeetingState, known: ChildKnown) -> Iterator[Lacking]:
    """What is urgent comes first; none of it stops the meeting."""
    if not known.unborn and not known.voice_fresh and "voice" not in known.missing:
        yield Lacking("voice")
    yield from (Lacking(thing) for thing in dict.fromkeys(known.missing))
    if not known.unborn and state.participation.get(known.child, Participation()).chosen is None:
        yield Lacking("participation")
    if not known.advocate_offered:
        yield Lacking("advocate")
    for each, _ in state.reported:
        if each.child == known.child:
            yield from (Lacking(how, each) for how in _wrong_with(each))
    if _parents_have_not(state, known.child):
        yield Lacking("reports_to_parents")


def _wrong_with(report: ReportAsked) -> Iterator[str]:
    if report.given is None:
        yield "not_given"
        return
    if report.returned is not None:
        yield "returned"
    if report.given.thin:
        yield "thin"
    if report.given.late:
        yield "late"


def _parents_have_not(state: MeetingState, child: Identifier) -> bool:
    """There is something that they could read, and it is not recorded that they have it."""
    given = any(each.child == child and each.given is not None for each in state.reports)
    return given and state.kind is not MeetingKind.strategy and all(each.child != child for each in state.reports_shown)
