"""The agenda of a meeting as a page: what is missing first, who is invited, then the items in their order with who is in the room for each.

Pure: everything is passed in. The page stands by itself, to be read on a screen or printed, and holds no words of the child or of a report.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from correspondence import wording
from correspondence.catalogue import knows, say
from correspondence.templating import template
from procedures.meetings.agenda import Agenda, ChildKnown, Item, Lacking
from procedures.rules import Rules
from procedures.words import category, missing, word
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.meetings import Invitee, MeetingState, Participation


class Sheet(NamedTuple):
    """What the page is made of."""

    state: MeetingState
    agenda: Agenda
    rules: Rules
    children: Mapping[Identifier, ChildKnown]
    labels: Mapping[Identifier, str]
    """By child: how people call it, with its reference."""
    people: Mapping[Identifier, str]
    """By invitee: the name."""
    place: str | None
    reader: str
    at: Instant
    language: Language


class _Line(NamedTuple):
    label: str
    lines: tuple[str, ...]


class _Guest(NamedTuple):
    name: str
    part: str
    about: str
    answer: str


class _Item(NamedTuple):
    title: str
    child: str
    room: tuple[str, ...]
    lines: tuple[str, ...]


class _Page(NamedTuple):
    language: Language
    title: str
    when: str
    made: str
    missing: tuple[_Line, ...]
    guests: tuple[_Guest, ...]
    items: tuple[_Item, ...]


def render(sheet: Sheet) -> str:
    """The page as HTML."""
    state, language = sheet.state, sheet.language
    when = "" if state.starts is None else wording.moment(state.starts, language)
    page = _Page(
        language=language,
        title=say("agenda.title", language, meeting=word("meetings", state.kind or "icpc", language)),
        when=". ".join(part for part in (when, sheet.place) if part),
        made=say("pack.made", language, reader=sheet.reader, at=wording.moment(sheet.at, language)),
        missing=tuple(
            _Line(sheet.labels[child], tuple(_lacking(each, sheet) for each in sheet.agenda.missing[child])) for child in sheet.labels
        ),
        guests=tuple(_guest(each, sheet) for each in state.invitees if set(each.children) & sheet.labels.keys()),
        items=tuple(_item(each, sheet) for each in sheet.agenda.items),
    )
    return template("agenda.html.j2").render(page=page, say=partial(say, language=language))


def _lacking(lacking: Lacking, sheet: Sheet) -> str:
    language, key = sheet.language, f"agenda.lacks.{lacking.thing}"
    if not knows(key):
        said = missing(lacking.thing, language)
        return said[:1].upper() + said[1:]
    if lacking.report is None:
        return say(key, language)
    return say(key, language, who=_who(lacking.report.invitee, sheet), due=wording.moment(lacking.report.due, language))


def _guest(invitee: Invitee, sheet: Sheet) -> _Guest:
    language = sheet.language
    answer = say(f"agenda.reply.{'silent' if invitee.answer is None else invitee.answer.reply}", language)
    if invitee.id in sheet.state.kept_from:
        answer += f"; {say('agenda.separately', language)}"
    about = ", ".join(sheet.labels[child] for child in invitee.children if child in sheet.labels)
    return _Guest(sheet.people.get(invitee.id, invitee.id), wording.invitee(invitee.role, language), about, answer)


def _item(item: Item, sheet: Sheet) -> _Item:
    child = "" if item.child is None else sheet.labels[item.child]
    return _Item(item.rule.title.in_(sheet.language), child, tuple(_room(item, sheet)), tuple(_shown(item, sheet)))


def _room(item: Item, sheet: Sheet) -> Iterator[str]:
    language = sheet.language
    if item.alone is not None:
        yield say("agenda.alone", language, who=_who(item.alone, sheet))
    if not item.there:
        yield say("agenda.nobody_there", language)
    elif not item.kept_out:
        yield say("agenda.everybody", language)
    elif len(item.kept_out) <= len(item.there):
        yield say("agenda.but_not", language, who="; ".join(_who(each, sheet) for each in item.kept_out))
    else:
        yield say("agenda.only", language, who="; ".join(_who(each, sheet) for each in item.there))


def _shown(item: Item, sheet: Sheet) -> Iterator[str]:
    if item.child is None or item.rule.shows is None:
        return
    known, lacking = sheet.children[item.child], sheet.agenda.missing[item.child]
    match item.rule.shows:
        case "standing":
            yield from _standing(known, sheet.language)
        case "voice":
            yield from _voice(known, sheet)
        case "reports":
            found = [_lacking(each, sheet) for each in lacking if each.report is not None]
            yield from found or [say("agenda.reports_whole", sheet.language)]
        case "threshold":
            yield from _threshold(known, sheet)
        case "missing":
            yield from (_lacking(each, sheet) for each in lacking if each.report is None)


def _standing(known: ChildKnown, language: Language) -> Iterator[str]:
    if known.registered_at is None:
        yield say("agenda.not_registered", language)
    else:
        named = ", ".join(category(each, language) for each in known.categories)
        yield say("agenda.registered", language, at=wording.moment(known.registered_at, language), categories=named)
    if known.last_met_at is None:
        yield say("agenda.first_time", language)
    else:
        yield say("agenda.last_met", language, at=wording.moment(known.last_met_at, language))


def _voice(known: ChildKnown, sheet: Sheet) -> Iterator[str]:
    language = sheet.language
    if known.voice_at is None:
        yield say("agenda.voice_none", language)
    else:
        yield say(f"agenda.voice_{'fresh' if known.voice_fresh else 'old'}", language, at=wording.moment(known.voice_at, language))
    part = sheet.state.participation.get(known.child, Participation())
    if part.chosen is not None:
        yield say("agenda.takes_part", language, how=say(f"agenda.how.{part.chosen}", language))
    if part.declined > 1:
        yield say("agenda.declined", language, times=part.declined)


def _threshold(known: ChildKnown, sheet: Sheet) -> Iterator[str]:
    """Every limb, and for each whether a decision rests on it or an agency finds it met: an item that explains, not one that scores."""
    language = sheet.language
    for threshold in sheet.rules.thresholds.values():
        for element in threshold.elements:
            said = [say("agenda.decided_on", language)] if element in known.decided else []
            if parts := known.believed.get(element):
                said.append(say("agenda.believed_by", language, who=", ".join(wording.invitee(each, language) for each in parts)))
            limb = word("threshold_elements", element, language)
            yield f"{limb[:1].upper()}{limb[1:]}: {'; '.join(said) or say('agenda.not_named', language)}"


def _who(invitee: Identifier, sheet: Sheet) -> str:
    known = sheet.state.author(invitee)
    name = sheet.people.get(invitee, invitee)
    return name if known is None else f"{name} ({wording.invitee(known.role, sheet.language)})"
