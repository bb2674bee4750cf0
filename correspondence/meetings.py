"""Letters about a meeting: whether they still stand, and what they say that only the record and the keys know."""

import datetime as dt
from typing import NamedTuple

from correspondence import wording
from correspondence.calendars.messages import build, message
from correspondence.calendars.reply_addresses import ReplyAddresses
from correspondence.catalogue import say
from correspondence.family import orders
from correspondence.family.letters import FamilyLetter
from correspondence.letters import LINKS, Item, Letter, MeetingWords, Row
from correspondence.render import render
from entitlement.asking import entitlement
from entitlement.venue import tells_venue
from procedures.in_force import rules_in_force
from procedures.meetings.chasing import NEVER_CHASED, is_family
from procedures.meetings.papers import children_of
from procedures.rules import Rules
from record import directory, family, meetings, versions
from record.keys import KeyRing
from record.pool import Connection
from schemas.answering import InBoth
from schemas.base import Identifier, Instant
from schemas.calendars import Event, Mailbox, Method
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.family import FamilyMember
from schemas.letter_facts import LetterFacts
from schemas.letters import LetterKind
from schemas.meetings import Invitee, MeetingState
from web.links import PAPERS, REPORT, THRESHOLDS, Links, in_both, of_meeting

LINKS_LAST = dt.timedelta(days=7)
"""How long after the meeting a link still says what has become of it."""

OF_MEETINGS = frozenset({LetterKind.invitation, LetterKind.chaser, LetterKind.day_before})
"""What is sent while the meeting is as the letter says, and not otherwise."""

OF_REPORTS = frozenset({LetterKind.report_request, LetterKind.report_chaser, LetterKind.report_returned})
"""What is sent, besides, while a report is owed."""


class Answering(NamedTuple):
    """By which ways invited people answer."""

    links: Links
    replies: ReplyAddresses


def answering(keys: KeyRing, web_url: str = "http://127.0.0.1:8047", replies: Mailbox = "atebion@localhost.localdomain") -> Answering:
    """By pages at that address and by mail to that mailbox."""
    return Answering(Links(keys.links, web_url), ReplyAddresses(keys.links, replies))


class NotAnInvitation(ValueError):
    """The order lacks what a calendar object needs."""


async def stands(connection: Connection, item: Item) -> bool:
    """True where the letter still says what is so: later calendar objects, answers, and the end of the meeting overtake it."""
    facts = item.facts
    if item.order.kind not in OF_MEETINGS | OF_REPORTS | {LetterKind.paper} or facts.meeting is None or facts.method is Method.cancel:
        return True
    state = await meetings.state(connection, facts.meeting)
    invitee = None if state is None or facts.invitee is None else state.invitee(facts.invitee)
    return state is not None and invitee is not None and _stands(item, state, invitee)


def _stands(item: Item, state: MeetingState, invitee: Invitee) -> bool:
    facts = item.facts
    if item.order.kind is LetterKind.paper:
        return _paper_stands(item, state, invitee)
    if not state.open or facts.starts != state.starts:
        return False
    if item.order.kind is LetterKind.invitation:
        return facts.sequence == invitee.sequence
    if item.order.kind in OF_REPORTS:
        return any(each.outstanding for each in state.reports if each.invitee == invitee.id)
    return invitee.silent if item.order.kind is LetterKind.chaser else True


def _paper_stands(item: Item, state: MeetingState, invitee: Invitee) -> bool:
    """It went out to that person, and nothing was taken back of what was released."""
    of = [each for each in state.circulated if each.paper is item.facts.paper and invitee.id in each.sent]
    return any(item.child in children_of(invitee, each) for each in of)


async def of_the_family(connection: Connection, meeting: Identifier | None, person: Identifier, keys: KeyRing) -> FamilyMember | None:
    """That person, as the records of the children of that meeting have it; none where none of them has."""
    state = None if meeting is None else await meetings.state(connection, meeting)
    children = () if state is None else [each.child for each in state.about]
    return (await family.everybody(connection, children, keys)).get(person)


async def with_words(connection: Connection, letter: Letter, keys: KeyRing, answering: Answering) -> Letter:
    """The letter with place, names and links in it."""
    found = list[Item]()
    for each in letter.items:
        words = await _words(connection, each, letter, keys, answering)
        words = words.model_copy(update={"family": await _to_family(connection, letter, each.facts, words)})
        found.append(each.model_copy(update={"words": words}))
    return letter.model_copy(update={"items": tuple(found)})


async def _to_family(connection: Connection, letter: Letter, facts: LetterFacts, words: MeetingWords) -> FamilyLetter | None:
    """The letter in plain words, where it is to one of the family; what a family is not sent stays a letter among professionals."""
    if facts.part not in NEVER_CHASED or facts.starts is None or letter.kind not in orders.TOLD:
        return None
    state = None if facts.meeting is None else await meetings.state(connection, facts.meeting)
    invitee = None if state is None or facts.invitee is None else state.invitee(facts.invitee)
    if invitee is not None and not is_family(invitee):  # An advocate, say, who comes for an agency in a child's part.
        return None
    people = await directory.people(connection, letter.at)
    arranger = None if state is None else people.get(state.arranger or "")
    head = (await _rules(connection)).letterhead
    return FamilyLetter(
        reader=orders.reader(facts.part or ""),
        news=orders.news(letter.kind, facts),
        kind=facts.meeting_kind,
        starts=facts.starts,
        ends=facts.ends,
        place=words.place,
        language=letter.language,
        apart=facts.apart,
        asked_by=words.asked_by,
        telephone=None if arranger is None else arranger.telephone,
        link=words.paper if letter.kind is LetterKind.paper else words.answer,
        thresholds=words.thresholds,
        writes=InBoth(cy=head.cy, en=head.en),
    )


async def _words(connection: Connection, item: Item, letter: Letter, keys: KeyRing, answering: Answering) -> MeetingWords:
    facts, at = item.facts, letter.at
    if facts.meeting is None:
        return MeetingWords()
    people = await directory.people(connection, at)
    state = await meetings.state(connection, facts.meeting)
    invitee = None if state is None or facts.invitee is None else state.invitee(facts.invitee)
    told = await entitlement(connection, children := {item.child, *(() if invitee is None or facts.silent else invitee.children)})
    tells_place = told.may(item.order.recipient, Fact.venue, children)
    if state is not None and invitee is not None and facts.silent is None:
        relatives = await family.everybody(connection, children, keys)
        tells_place = tells_place and tells_venue(told, invitee, state.invitees, children, relatives)
    place = await meetings.words(connection, facts.meeting, facts.place, keys) if facts.place is not None and tells_place else None
    arranger = None if state is None else people.get(state.arranger or "")
    silent = people.get(facts.silent or "") if told.may(item.order.recipient, Fact.invitees, children) else None
    ends = facts.ends or facts.starts
    to_read = item.order.kind is LetterKind.paper
    mine = not to_read and facts.invitee is not None and facts.silent is None and ends is not None and facts.method is not Method.cancel
    reader, until = _reader(facts), facts.until or (ends or at) + LINKS_LAST
    return MeetingWords(
        report=None
        if reader is None or facts.silent or facts.reports is None
        else in_both(answering.links.for_(REPORT).link(reader, until)),
        thresholds=None if reader is None else await _thresholds(connection, answering, reader, until, counted=facts.silent is None),
        paper=in_both(answering.links.for_(PAPERS).link(facts.invitee, facts.until)) if to_read and facts.invitee and facts.until else None,
        place=place,
        place_withheld=facts.place is not None and not tells_place,
        silent=None if silent is None else silent.name,
        asked_by=None if arranger is None else arranger.name,
        answer=in_both(answering.links.link(facts.invitee, ends + LINKS_LAST)) if mine and facts.invitee and ends else None,
    )


async def _thresholds(connection: Connection, answering: Answering, reader: Identifier, until: Instant, *, counted: bool) -> InBoth:
    """Counted for their reader; in another's stead their own address, so that nothing counts as opened by that other."""
    if counted:
        return in_both(answering.links.for_(THRESHOLDS).link(reader, until))
    document = (await _rules(connection)).threshold_document
    return InBoth(cy=document.cy, en=document.en)


async def _rules(connection: Connection) -> Rules:
    """With what the authority has set of that which letters say."""
    return rules_in_force().with_stored(await versions.of_letters(connection))


def _reader(facts: LetterFacts) -> Identifier | None:
    """Whose links to a report and to the thresholds they are; none where the meeting is off, or the letter is to nobody invited."""
    if facts.meeting is None or facts.invitee is None or facts.method is Method.cancel:
        return None
    return of_meeting(facts.meeting, facts.invitee)


def returns_to(letter: Letter, replies: ReplyAddresses) -> Mailbox | None:
    """The address of the invited person that the letter is to; none where it is to nobody who is invited."""
    facts = letter.items[0].facts
    mine = letter.kind in OF_MEETINGS | {LetterKind.paper} and facts.invitee is not None and facts.silent is None
    return replies.of(facts.invitee) if mine and facts.invitee else None


def invitation(letter: Letter, recipient: Mailbox, replies: ReplyAddresses) -> bytes:
    """The whole message with its calendar object, for the one person that it is to.

    Raises:
        NotAnInvitation: the order lacks what a calendar object needs.
    """
    (item,) = letter.items
    facts = item.facts
    if facts.method is None:
        raise NotAnInvitation
    if item.words.family is not None:
        return message(facts.method, event(letter, recipient, replies), letter.id, render(letter))
    rows: dict[Language, tuple[Row, ...]] = {language: _more(item, language) for language in letter.languages}
    return build(facts.method, event(letter, recipient, replies), letter.id, rows)


def event(letter: Letter, recipient: Mailbox, replies: ReplyAddresses) -> Event:
    """The meeting as this person's calendar is told of it: no child, and nothing that says to a family's passers-by what it is about."""
    (item,) = letter.items
    facts = item.facts
    if facts.invitee is None or facts.starts is None or facts.ends is None or facts.sequence is None:
        raise NotAnInvitation
    return Event(
        uid=replies.uid(facts.invitee),
        sequence=facts.sequence,
        stamp=_second(letter.at),
        start=facts.starts,
        end=facts.ends,
        summary=_summary(facts, letter.languages),
        location=item.words.place,
        language=letter.language,
        organizer=replies.of(facts.invitee),
        attendee=recipient,
    )


def _summary(facts: LetterFacts, languages: tuple[Language, ...]) -> str:
    plain = facts.part in NEVER_CHASED or facts.meeting_kind is None
    said = [say("calendar.summary.plain", each) if plain else wording.meeting(facts.meeting_kind or "", each) for each in languages]
    return " / ".join(dict.fromkeys(said))


def _more(item: Item, language: Language) -> tuple[Row, ...]:
    """What is this person's alone, and stands in no calendar."""
    part = item.facts.part
    told = {
        "place": say("value.place_withheld", language) if item.words.place_withheld else None,
        "part": None if part is None or part in NEVER_CHASED else wording.invitee(part, language),
        "asked_by": item.words.asked_by,
        "answer": None if item.words.answer is None else item.words.answer.in_(language),
        "thresholds": None if item.words.thresholds is None else item.words.thresholds.in_(language),
    }
    return tuple(Row(say(f"label.{name}", language), (said,), link=name in LINKS) for name, said in told.items() if said)


def _second(instant: Instant) -> Instant:
    return instant.astimezone(dt.UTC).replace(microsecond=0)
