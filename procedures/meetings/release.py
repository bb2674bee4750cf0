"""The family is told first by somebody they know. Nothing is sent to any of them before the social worker lets it go (safety before speed).

Each is reached by the way that is safe now, not by the one that was when the meeting was arranged; where that is paper, the letter is
the social worker's to print and to hand over or post. Nobody of the family is asked again when silent.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from procedures.meetings.around import Around
from procedures.meetings.chasing import is_family, working_days_before
from procedures.meetings.draft import Draft, known
from procedures.meetings.invitees import FAMILY_PARTS
from procedures.meetings.letters import notice
from procedures.refusals import Refused
from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.family import Reach, Way
from schemas.meeting_commands import BookNeeds, HandOver, Release
from schemas.meetings import Invitee, MeetingState

UNKNOWN = Reach(Way.none)
"""Of whom the record says nothing: no way is safe."""


class Sending(NamedTuple):
    """Who is sent something now, and how."""

    mailed: tuple[Invitee, ...]
    on_paper: tuple[Invitee, ...]


def reach(around: Around, invitee: Invitee) -> Reach:
    """How somebody of the family is reached now."""
    return around.family.get(invitee.person, UNKNOWN)


def sending(around: Around, invitees: Iterable[Invitee]) -> Sending:
    """Those of them who may be sent something, by the way that is safe for each."""
    mailed, on_paper = list[Invitee](), list[Invitee]()
    for each in invitees:
        if not is_family(each):
            mailed.append(each)
        elif each.is_released and not _barred(around, each):
            way = reach(around, each).way
            if way is Way.email:
                mailed.append(each)
            elif way is not Way.none:
                on_paper.append(each)
    return Sending(tuple(mailed), tuple(on_paper))


def owe_paper(draft: Draft, owed: Iterable[Invitee], what: str = "family_letter_to_hand_over") -> None:
    """The social workers of these children print the letters."""
    children = {child for each in owed for child in each.children}
    if children:
        tell_social_workers(draft, what, children)


def tell_social_workers(draft: Draft, what: str, children: Iterable[Identifier]) -> None:
    """Each social worker once; where nobody has been given the child, whoever arranged the meeting."""
    found = {draft.around.social_workers.get(child, draft.state.arranger) for child in children}
    for person in sorted(each for each in found if each is not None):
        draft.letters += notice(draft.state, what, draft.now, to=person)


def begin(draft: Draft) -> None:
    """A date was booked: the family hears it first from somebody they know, and what they need is booked with it."""
    family = [each for each in draft.state.invitees if is_family(each)]
    if waiting := [each for each in family if not each.is_released]:
        draft.notes.append("family_not_released")
        tell_social_workers(draft, "family_to_be_told", {child for each in waiting for child in each.children})
    if any(each.role not in FAMILY_PARTS for each in family):
        draft.notes.append("carer_counts_as_family")
    if any(owes_needs(draft.state, each) for each in family):
        draft.notes.append("needs_to_book")
        draft.letters += notice(draft.state, "needs_to_book", draft.now)


def owes_needs(state: MeetingState, invitee: Invitee) -> bool:
    """True where something is still to be booked for the date that stands."""
    return invitee.needs and invitee.booked_for != state.date


def owes_letter(invitee: Invitee) -> bool:
    """True where a letter on paper is still to be handed over or posted."""
    return invitee.on_paper and invitee.handed_over_at is None


def reminder(state: MeetingState, around: Around) -> Iterator[Instant]:
    """When the social worker is reminded that somebody of the family has not been told (Europe/London); once for each date."""
    if state.kind is None or not state.open or state.starts is None or state.release_reminded == state.date:
        return
    days = around.rules.arranging[state.kind].family_told
    if days and any(is_family(each) and not each.is_released for each in state.invitees):
        yield working_days_before(state.starts, days, around.office)


def settle_due(draft: Draft) -> None:
    """Reminds of those who have not been told, where the time for it has come."""
    if any(at <= draft.now for at in reminder(draft.state, draft.around)):
        waiting = [each for each in draft.state.invitees if is_family(each) and not each.is_released]
        draft.enter("release_reminded", date=draft.state.date, invitees=[each.id for each in waiting])
        tell_social_workers(draft, "family_not_told", {child for each in waiting for child in each.children})


def released(draft: Draft, command: Release) -> None:
    """By the social worker or a manager of each child, for their own; after speaking with the person."""
    invitee = _of_the_family(draft, command.invitee)
    told = [child for child in invitee.children if not _is_shut_out(draft.around, invitee, child)]
    # An invitation is about all of its children; what comes after the meeting is about each by itself.
    if not told or (draft.state.open and len(told) < len(invitee.children)):
        raise Refused("invitee_shut_out")
    mine = [child for child in told if command.actor in draft.around.releasers.get(child, frozenset[Identifier]())]
    if not mine:
        raise Refused("not_yours_to_release")
    if command.spoken_at > command.happened_at:
        raise Refused("not_spoken_yet")
    children = sorted({*invitee.released, *mine})
    draft.enter("released", command.happened_at, invitee=invitee.id, children=children, spoken_at=command.spoken_at.isoformat())
    after = known(draft.state, invitee.id)
    if not after.is_released and draft.state.open:
        draft.notes.append("released_in_part")
    elif reach(draft.around, after).way is Way.none:
        draft.notes.append("no_safe_way")


def handed_over(draft: Draft, command: HandOver) -> None:
    """The letter on paper is with the person, or in the post."""
    invitee = _of_the_family(draft, command.invitee)
    if not owes_letter(invitee):
        raise Refused("no_letter_owed")
    draft.enter("handed_over", command.happened_at, invitee=invitee.id)


def needs_booked(draft: Draft, command: BookNeeds) -> None:
    """For the date that stands; a move asks for it again."""
    invitee = _of_the_family(draft, command.invitee)
    if not invitee.needs:
        raise Refused("nothing_to_book")
    draft.enter("needs_booked", command.happened_at, invitee=invitee.id, date=draft.state.date)


def _of_the_family(draft: Draft, id: Identifier) -> Invitee:
    invitee = known(draft.state, id)
    if not is_family(invitee):
        raise Refused("invitation_not_of_family")
    return invitee


def _barred(around: Around, invitee: Invitee) -> bool:
    """Told nothing about one of the children whom the invitation is about."""
    return any(_is_shut_out(around, invitee, child) for child in invitee.children)


def _is_shut_out(around: Around, invitee: Invitee, child: Identifier) -> bool:
    return invitee.person in around.shut_out.get(child, frozenset[Identifier]())


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {Release: released, HandOver: handed_over, BookNeeds: needs_booked}
"""By command."""
