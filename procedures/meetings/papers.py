"""What people get after a conference: who is sent which paper, and which of its parts each may read.

Ordinary mail says only that something waits. The family gets a paper once the social worker has released it to them, by the way that is
safe now; whoever hears of some of the children alone gets a paper about those alone.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from procedures.meetings.around import Around
from procedures.meetings.draft import Draft, known
from procedures.meetings.letters import notice, paper_waits
from procedures.meetings.paper_folding import latest
from procedures.meetings.release import is_family, owe_paper, sending, tell_social_workers
from procedures.meetings.schools import SCHOOL
from procedures.refusals import Refused
from procedures.rules import Papers
from procedures.times import age
from schemas.base import Identifier, Instant
from schemas.commands.base import Command, PlanLine
from schemas.meeting_commands import Added, Release
from schemas.meetings import Invitee, MeetingState
from schemas.paper_commands import Circulate, PartOpened
from schemas.papers import Circulated, CouldSend, Paper, PaperSection, PaperWords, Versions, VoiceReader

CHILD = frozenset({"child_where_appropriate", "child_or_advocate"})

OWN_VOICE = CHILD | {"advocate", "chair", "minute_taker", "social_worker"}
"""Parts that read a child's voice whatever it says of readers: it is the child's own, or they handle the paper."""

PARENTS = frozenset({"parents", "foster_carer"})

HANDLES = frozenset({"minute_taker"})
"""Who circulates papers besides the chair, whoever arranged the meeting, and the child's own social worker and managers."""


class Readable(NamedTuple):
    """What one reader may read of one child's paper."""

    sections: dict[PaperSection, str]
    plan: tuple[PlanLine, ...]


def circulate(draft: Draft, command: Circulate) -> None:
    """To everybody who is to have it and may; what keeps it from one of the family is said, and told to the social worker."""
    state, around = draft.state, draft.around
    if state.stage != "held":
        raise Refused("meeting_not_held")
    kinds = around.rules.papers.after[command.paper]
    if state.kind not in kinds:
        raise Refused("paper_of_other_meeting")
    if command.to:
        _send_again(draft, command)
        return
    written = around.papers.get(command.paper, frozenset())
    children = command.children or tuple(each.child for each in state.about if each.child in written)
    if not children or not set(children) <= written & {each.child for each in state.about}:
        raise Refused("paper_not_written", children=", ".join(sorted(set(children) - written)) or "-")
    if not _may_circulate(draft, command.actor, children):
        raise Refused("not_yours_to_circulate")
    until = draft.now + timedelta(days=around.rules.papers.open_days)
    draft.enter("circulated", command.happened_at, paper=command.paper.value, children=list(children), until=until.isoformat())
    if len(children) < len(state.about):
        draft.notes.append("paper_for_some")
    _say_who_waits(draft, command.paper)


def _send_again(draft: Draft, command: Circulate) -> None:
    """To those who were named, what went out before: who it keeps it from is said. The journeys hear nothing anew."""
    went = [each for each in draft.state.circulated if each.paper is command.paper and each.until > draft.now]
    if not went:
        raise Refused("paper_not_out")
    if not _may_circulate(draft, command.actor, {child for each in went for child in each.children}):
        raise Refused("not_yours_to_circulate")
    for id in command.to:
        guest = known(draft.state, id)
        _must_be_reader(draft, guest, command.paper)
        reads = [reader for each in went for reader in _readers(draft.state, draft.around, each) if reader.id == id]
        if is_family(guest) and not guest.released:
            draft.notes.append("family_not_released")
        elif not reads:
            raise Refused("invitee_shut_out")
        elif not any(sending(draft.around, reads)):
            draft.notes.append("no_safe_way")
        elif all(_has_it(command, guest, each) for each in went):
            draft.notes.append("paper_sent_already")


def _must_be_reader(draft: Draft, guest: Invitee, paper: Paper) -> None:
    if not gets(draft.around.rules.papers, guest, paper):
        raise Refused("paper_not_for_part")
    if guest.person in draft.around.too_young:
        raise Refused("child_too_young_for_paper")


def _has_it(command: Circulate, guest: Invitee, circulated: Circulated) -> bool:
    """True where it went to that person of the family, and nothing has changed that is known here: only a reason sends it again. Of others
    the meeting does not know what they may read since, and who asks for it decides.
    """
    return is_family(guest) and command.reason is None and not guest.undeliverable and guest.id in circulated.last_sent


def part_opened(draft: Draft, command: PartOpened) -> None:
    """Who printed or read it without that part can have it again: nothing goes by itself, so those who send are told."""
    guest = known(draft.state, command.invitee)
    went = any(each.paper is command.paper and guest.id in each.sent and draft.now < each.until for each in draft.state.circulated)
    draft.enter("part_opened", command.happened_at, paper=command.paper.value, child=command.child, invitee=guest.id)
    if went:
        sends = [CouldSend(meeting=draft.state.meeting, invitee=guest.id, paper=command.paper).model_dump(mode="json")]
        to = {draft.state.arranger, draft.around.social_workers.get(command.child, draft.state.arranger)}
        for person in sorted(each for each in to if each is not None):
            draft.letters += notice(draft.state, "papers_now_readable", draft.now, to=person, could_send=sends)


def could_send(  # noqa: PLR0913, PLR0917  (who would be sent what, and as of when)
    state: MeetingState, person: Identifier, child: Identifier, rule: Papers, too_young: Collection[Identifier], now: Instant
) -> tuple[CouldSend, ...]:
    """What went out about that child after that meeting, is for that person to read, and has a page that is still open."""
    return tuple(
        CouldSend(meeting=state.meeting, invitee=guest.id, paper=each.paper)
        for guest in state.invitees
        for each in state.circulated
        if guest.person == person and person not in too_young and now < each.until
        if child in guest.children and child in each.children and gets(rule, guest, each.paper)
    )


def send(draft: Draft) -> None:
    """Whoever is to have a paper that went out, and has not been sent it, is: with its circulation, or once released. Nothing goes because
    somebody may read it now who might not before: a person decides that.
    """
    if draft.state.stage != "held":
        return
    told = set[tuple[Identifier, Paper]]()
    for each in draft.state.circulated:
        readers = [guest for guest in _readers(draft.state, draft.around, each) if _is_sent(draft, guest, each)]
        mailed, on_paper = sending(draft.around, readers)
        if not mailed and not on_paper:
            continue
        if each.until <= draft.now:
            draft.notes.append("paper_page_closed")
            continue
        named = {
            "children": list(each.children),
            "sent": [guest.id for guest in (*mailed, *on_paper)],
            "on_paper": [guest.id for guest in on_paper] or None,
        }
        draft.enter("paper_sent", paper=each.paper.value, **named)
        draft.letters += [paper_waits(draft.state, guest, each, draft.now) for guest in mailed if (guest.id, each.paper) not in told]
        told |= {(guest.id, each.paper) for guest in mailed}
        owe_paper(draft, on_paper, "paper_to_hand_over")


def is_childs(guest: Invitee) -> bool:
    """True of a child itself, who reads a paper of its own; not of an advocate who comes for an agency in its part."""
    return guest.role in CHILD and is_family(guest)


def check_whose(who: Added, about: Iterable[Identifier], selves: Mapping[Identifier, frozenset[Identifier]]) -> None:
    """A child who is invited is invited as one child: whose own paper it reads stands on that.

    Args:
        who: whoever is to be invited besides whom the procedures name.
        about: the children of the meeting.
        selves: by person, which of them the family's record says that person is.

    Raises:
        Refused: in a child's part, for none or several of the children, or for one that the record says is somebody else.
    """
    if who.role not in CHILD:
        return
    own = who.children or tuple(about)
    if len(set(own)) != 1:
        raise Refused("child_invited_as_several")
    if not set(own) <= selves.get(who.person, frozenset(own)):
        raise Refused("child_invited_as_another")


def is_unknown_child(guest: Invitee) -> bool:
    """True of a child of whom it does not stand fast which of the children it is: it is shown no paper as its own."""
    return is_childs(guest) and len(guest.children) != 1


def gets(rule: Papers, guest: Invitee, paper: Paper) -> bool:
    """Whether that paper is for whoever is invited in that part. A child has its own with some of them alone."""
    return guest.role in rule.told and (not is_childs(guest) or (paper in rule.child.goes_with and not is_unknown_child(guest)))


def reads_by(born_on: date | None, day: date, rule: Papers) -> bool:
    """Whether a child of that age has a paper of its own to read; so has one whose age is not known."""
    return born_on is None or age(born_on, day) >= rule.child.from_age


def _is_sent(draft: Draft, guest: Invitee, circulated: Circulated) -> bool:
    """True where this command sends that paper to that person."""
    said = draft.command
    if isinstance(said, Circulate) and said.to:
        return said.paper is circulated.paper and guest.id in said.to and not _has_it(said, guest, circulated)
    if isinstance(said, Circulate):
        return circulated == latest(draft.state, said.paper)
    if isinstance(said, Release) and guest.id == said.invitee:
        last = circulated.last_sent.get(guest.id)
        # Spoken with since: they are sent what may have changed.
        return last is None or last < said.spoken_at or _is_of_more(draft, guest, circulated)
    return False


def children_of(guest: Invitee, circulated: Circulated, shut_out: Iterable[Identifier] = ()) -> tuple[Identifier, ...]:
    """Of which children that person has the paper: those whom they may hear of, and of the family those alone for whom it was released."""
    barred = frozenset(shut_out)
    heard = [child for child in guest.children if child in circulated.children and child not in barred]
    return tuple(child for child in heard if not is_family(guest) or child in guest.released)


def readable(versions: Versions, words: PaperWords, form: Iterable[PaperSection], guest: Invitee) -> Readable:
    """The parts that this person reads. What is closed to somebody in one language is closed in the other.

    Args:
        versions: the paper in each language in which it is written.
        words: the version that is shown.
        form: the sections that such a paper has, in their order.
        guest: who reads it.
    """
    closed = {each.section for version in versions.values() for each in version.closed if each.person == guest.id}
    if not may_read_voice(guest, words.decided.voice_for):
        closed.add("voice")
    sections = {each: words.sections[each] for each in form if words.sections.get(each) and each.value not in closed}
    return Readable(sections, () if "plan" in closed else words.plan)


def may_read_voice(guest: Invitee, voice_for: Iterable[VoiceReader]) -> bool:
    """As it was recorded with the voice; parents not by default."""
    readers = frozenset(voice_for)
    if guest.role in OWN_VOICE:
        return True
    if is_family(guest):
        return guest.role in PARENTS and "parents" in readers
    return "conference" in readers or (guest.role == SCHOOL and "school" in readers)


def _readers(state: MeetingState, around: Around, circulated: Circulated) -> list[Invitee]:
    """Each with the children of whom that person has this paper."""
    found: list[Invitee] = []
    for guest in state.invitees:
        shut = [child for child in guest.children if guest.person in around.shut_out.get(child, frozenset[Identifier]())]
        children = children_of(guest, circulated, shut)
        if gets(around.rules.papers, guest, circulated.paper) and children and guest.person not in around.too_young:
            found.append(guest.model_copy(update={"children": children}))
    return found


def _is_of_more(draft: Draft, guest: Invitee, circulated: Circulated) -> bool:
    """True where it has now been released to that person for a child of whom they had no paper."""
    before = draft.before.invitee(guest.id)
    return before is not None and not set(guest.children) <= set(children_of(before, circulated))


def _say_who_waits(draft: Draft, paper: Paper) -> None:
    """Of the family: who is to have it, and cannot be sent it yet. Nobody who is told nothing is among them."""
    circulated = latest(draft.state, paper)
    waiting: set[Identifier] = set()
    for guest in draft.state.invitees:
        told = [
            child
            for child in guest.children
            if child in circulated.children and guest.person not in draft.around.shut_out.get(child, frozenset[Identifier]())
        ]
        if is_unknown_child(guest) and told and paper in draft.around.rules.papers.child.goes_with:
            draft.notes.append("child_unknown")
            tell_social_workers(draft, "tell_child_in_person", told)
            continue
        if not gets(draft.around.rules.papers, guest, paper) or not is_family(guest) or not told:
            continue
        if guest.person in draft.around.too_young:
            draft.notes.append("child_too_young")
            tell_social_workers(draft, "tell_child_in_person", told)
            continue
        narrowed = guest.model_copy(update={"children": tuple(told)})
        if not any(sending(draft.around, [narrowed])):
            draft.notes.append("no_safe_way" if narrowed.is_released else "family_not_released")
            waiting |= set(told)
    draft.notes[:] = dict.fromkeys(draft.notes)
    if waiting:
        tell_social_workers(draft, "paper_waits_for_you", waiting)


def _may_circulate(draft: Draft, actor: Identifier, children: Iterable[Identifier]) -> bool:
    state = draft.state
    handles = {state.chair, state.arranger, *(each.person for each in state.invitees if each.role in HANDLES)}
    return actor in handles or all(actor in draft.around.releasers.get(child, frozenset[Identifier]()) for child in children)


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {Circulate: circulate, PartOpened: part_opened}
"""By command."""
