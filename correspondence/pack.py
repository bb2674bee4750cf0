"""The chair's pack: gaps first, then each child's reports. The same page, without what is not for them, is what a parent gets to read.

Pure: everything is passed in. The page stands by itself, to be read on a screen or printed.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from correspondence import wording
from correspondence.catalogue import say
from correspondence.templating import template
from procedures.words import word
from schemas.base import Identifier, Instant
from schemas.clocks import Language
from schemas.reports import ReportAsked, ReportWords, Section


class Author(NamedTuple):
    """Who owes a report, as people call them."""

    part: str
    name: str


class Report(NamedTuple):
    """One agency's report on one child, or that there is none yet."""

    asked: ReportAsked
    author: Author
    form: tuple[Section, ...]
    words: ReportWords | None = None


class ChildReports(NamedTuple):
    """Everything about one child."""

    label: str
    reports: tuple[Report, ...]


class Sheet(NamedTuple):
    """What the page is made of."""

    kind: str
    starts: Instant
    reader: str
    at: Instant
    language: Language
    children: tuple[ChildReports, ...]
    family: Mapping[Identifier, str]
    """By invitee: the names of those from whom a section may be kept."""
    for_: Identifier | None = None
    """The member of the family for whom it is made; without it the chair."""


class _Lines(NamedTuple):
    label: str
    lines: tuple[str, ...]


class _Section(NamedTuple):
    title: str
    words: str
    kept: str


class _Report(NamedTuple):
    author: str
    given: str
    sections: tuple[_Section, ...]
    threshold: str


class _Child(NamedTuple):
    label: str
    reports: tuple[_Report, ...]


class _Page(NamedTuple):
    language: Language
    title: str
    when: str
    made: str
    gaps: tuple[_Lines, ...] | None
    note: str
    children: tuple[_Child, ...]


def render(sheet: Sheet) -> str:
    """The page as HTML."""
    language = sheet.language
    page = _Page(
        language=language,
        title=say("pack.title", language, meeting=word("meetings", sheet.kind, language)),
        when=wording.moment(sheet.starts, language),
        made=say("pack.made", language, reader=sheet.reader, at=wording.moment(sheet.at, language)),
        gaps=None if sheet.for_ else tuple(_Lines(child.label, gaps(child.reports, language)) for child in sheet.children),
        note=say("pack.only_written", language) if sheet.for_ else "",
        children=tuple(_Child(child.label, tuple(_written(child.reports, sheet))) for child in sheet.children),
    )
    return template("pack.html.j2").render(pack=page, say=partial(say, language=language))


def left_out(sheet: Sheet, language: Language) -> tuple[str, ...]:
    """For whoever hands one of the family their copy, and never in it: which sections it lacks, and whether they are kept back or empty."""
    found: list[str] = []
    for child in sheet.children if sheet.for_ is not None else ():
        for each in child.reports:
            words = each.words
            if words is None or each.asked.given is None:
                continue
            hidden = {kept.section for kept in words.kept if kept.person == sheet.for_}
            lacking = {"kept_back": [section for section in each.form if section in hidden]}
            lacking["empty"] = [section for section in each.form if section not in hidden and not words.words(section)]
            who = _author(each, language)
            found += [
                say(f"pack.{why}", language, child=child.label, who=who, sections=_named(sections, language))
                for why, sections in lacking.items()
                if sections
            ]
    return tuple(found)


def gaps(reports: Sequence[Report], language: Language) -> tuple[str, ...]:
    """What the chair should know first: who has not given, what was returned, what is empty or very short, what came late."""
    if not reports:
        return (say("pack.not_asked", language),)
    found: dict[str, list[str]] = {"not_given": [], "returned": [], "thin": [], "late": []}
    for each in reports:
        who, given, back = _author(each, language), each.asked.given, each.asked.returned
        if given is None:
            found["not_given"].append(say("pack.not_given", language, who=who, due=wording.moment(each.asked.due, language)))
            continue
        if back is not None:
            found["returned"].append(say("pack.returned", language, who=who, sections=_named(back.missing, language)))
        if given.thin:
            found["thin"].append(say("pack.thin", language, who=who, sections=_named(given.thin, language)))
        if given.late:
            found["late"].append(say("pack.late", language, who=who))
    return tuple(line for lines in found.values() for line in lines)


def _written(reports: Sequence[Report], sheet: Sheet) -> list[_Report]:
    language, found = sheet.language, list[_Report]()
    for each in reports:
        if each.words is None or each.asked.given is None:
            continue
        words = each.words if sheet.for_ is None else each.words.for_(sheet.for_)
        # What is kept from a reader is not there at all, no more than what is empty: a heading that is missing tells nothing.
        sections = tuple(
            _Section(wording.section(section, language), words.words(section), _kept(section, words, sheet))
            for section in each.form
            if sheet.for_ is None or words.words(section)
        )
        element = "" if words.threshold is None else word("threshold_elements", words.threshold, language)
        found.append(
            _Report(
                author=_author(each, language),
                given=say("pack.given", language, at=wording.moment(each.asked.given.at, language)),
                sections=sections,
                threshold=say("pack.threshold", language, element=element) if element else "",
            )
        )
    return found


def _kept(section: Section, words: ReportWords, sheet: Sheet) -> str:
    who = [sheet.family.get(each.person, each.person) for each in words.kept if each.section is section]
    return say("pack.kept", sheet.language, who=", ".join(who)) if who else ""


def _author(report: Report, language: Language) -> str:
    part = word("invitees", report.author.part, language)
    return f"{part[0].upper()}{part[1:]}: {report.author.name}"


def _named(sections: Sequence[Section], language: Language) -> str:
    return ", ".join(wording.section(each, language) for each in sections)
