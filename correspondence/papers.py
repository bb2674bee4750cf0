"""What one reader gets after a conference, in one language: each child's paper under headings, for the signed page and for paper. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from correspondence import wording
from correspondence.catalogue import knows, say
from correspondence.papers_of_children import childs_own
from correspondence.render import LARGE_PRINT, PRINT
from correspondence.sheets import Section, Sheet
from correspondence.templating import template
from procedures import words
from procedures.times import local
from schemas.clocks import Language
from schemas.commands.base import PlanLine
from schemas.papers import Attended, ChildPaper, KeptApart

TOOK_PART = {
    "attended": ("there", "telephone", "video", "sent_somebody"),
    "contributed": ("written",),
    "apologies": ("apologies",),
    "absent": ("absent",),
}
"""By heading: how those under it took part."""


class Printed(NamedTuple):
    """All of one reader's papers in one language."""

    language: Language
    title: str
    made: str
    sheets: tuple[Sheet, ...]


def compose(papers: Iterable[ChildPaper], language: Language) -> tuple[Sheet, ...]:
    """Each paper as the reader sees it."""
    return tuple(_sheet(each, language) for each in papers)


def print_papers(by_language: dict[Language, tuple[ChildPaper, ...]], reader: str, to: str, *, large: bool) -> str:
    """One HTML page that prints on A4, each language and each child on a page of its own.

    Args:
        by_language: the papers in each language in which they are printed.
        reader: for whom.
        to: the lines above it: name and address, as far as they may stand on paper.
        large: in large print.
    """
    pages = [_printed(language, papers, reader) for language, papers in by_language.items()]
    return template("papers.html.j2").render(pages=pages, to=to, points=LARGE_PRINT if large else PRINT)


def as_text(sheets: Iterable[Sheet]) -> str:
    """The same as plain lines, for whoever looks at what another person is sent."""
    return "\n".join(line for sheet in sheets for line in _lines(sheet))


def _printed(language: Language, papers: tuple[ChildPaper, ...], reader: str) -> Printed:
    own = any(each.own for each in papers)
    title, made = ("paper.child.page", "paper.child.made") if own else ("paper.title", "paper.made")
    return Printed(language, say(title, language), say(made, language, reader=reader), compose(papers, language))


def _lines(sheet: Sheet) -> Iterator[str]:
    yield sheet.heading
    yield from (f"{label}: {said}" for label, said in sheet.facts)
    yield from sheet.notes
    for section in sheet.sections:
        yield section.title
        yield from (f"  {each}" for each in section.paragraphs)
        yield from (f"  {label}: {said}" for line in section.lines for label, said in line)


def _sheet(paper: ChildPaper, language: Language) -> Sheet:
    if paper.own:
        return childs_own(paper, language)
    return Sheet(
        label=paper.label.in_(language),
        title=words.word("papers", paper.paper, language),
        facts=tuple(_facts(paper, language)),
        notes=tuple(_notes(paper, language)),
        sections=tuple(_sections(paper, language)),
    )


def _facts(paper: ChildPaper, language: Language) -> Iterator[tuple[str, str]]:
    decided = paper.decided
    yield say("paper.held", language), words.date(decided.on, language)
    yield say("paper.decided", language), words.word("decided", decided.decision, language)
    if decided.categories:
        yield say("paper.categories", language), ", ".join(words.category(each, language) for each in decided.categories)


def _notes(paper: ChildPaper, language: Language) -> Iterator[str]:
    if paper.told_by_worker:
        yield say("paper.told_by_worker", language)
    if paper.written_in is not None and (paper.sections or paper.plan):
        yield say(f"paper.only_in_{paper.written_in}", language)


def _sections(paper: ChildPaper, language: Language) -> Iterator[Section]:
    yield from _took_part(paper, language)
    if paper.decided.dates:
        due = [
            say("paper.next_line", language, what=wording.clock(each.clock, language), due=wording.moment(each.due, language))
            for each in paper.decided.dates
        ]
        yield Section(say("paper.next", language), tuple(due))
    for section, said in paper.sections.items():
        paragraphs = tuple(line.strip() for line in said.splitlines() if line.strip())
        yield Section(words.word("paper_sections", section, language), paragraphs, language=paper.written_in)
    if paper.plan:
        lines = tuple(tuple(_plan(line, language)) for line in paper.plan)
        yield Section(words.word("paper_sections", "plan", language), lines=lines, language=paper.written_in)


def _took_part(paper: ChildPaper, language: Language) -> Iterator[Section]:
    """Who was there, who wrote, who sent apologies; and, to whoever handles the record, who was kept apart or away."""
    for title, hows in TOOK_PART.items():
        if there := [_person(each, language) for each in paper.attendance if each.how in hows]:
            yield Section(say(f"paper.{title}", language), tuple(there))
    for title, kept in (("separately", paper.separately), ("not_invited", paper.not_invited)):
        if kept:
            yield Section(say(f"paper.{title}", language), tuple(_kept(each, language) for each in kept))


def _person(who: Attended, language: Language) -> str:
    agency = None if who.agency is None else who.agency.in_(language)
    how = say(f"paper.how.{who.how}", language) if knows(f"paper.how.{who.how}") else None
    return ", ".join(each for each in (who.name, wording.invitee(who.part, language), agency, how) if each)


def _kept(who: KeptApart, language: Language) -> str:
    named = ", ".join(each for each in (who.name, wording.invitee(who.part, language)) if each)
    return named if who.why is None else f"{named}: {who.why}"


def _plan(line: PlanLine, language: Language) -> Iterator[tuple[str, str]]:
    yield say("paper.change", language), line.change_needed
    yield say("paper.sign", language), line.sign_of_change
    yield say("paper.who", language), line.who_helps
    if line.by_when is not None:
        yield say("paper.by", language), words.date(local(line.by_when).date(), language)
    if line.progress is not None:
        yield say("paper.progress", language), line.progress
