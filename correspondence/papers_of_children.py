"""A child's own paper after a conference, in plain words: what was decided, why, what the child said and what changed because of it,
what happens next and by when, and whom the child can talk to. Pure.
"""

from collections.abc import Iterator

from correspondence.catalogue import knows, say
from correspondence.sheets import Section, Sheet
from procedures import words
from procedures.times import local
from schemas.clocks import Language
from schemas.papers import ChildPaper, PaperSection

WRITTEN = {PaperSection.own_why: "why", PaperSection.own_said: "said", PaperSection.own_changed: "changed"}
"""What somebody writes for the child, under which heading. Where it is not written, or not to be shown, the social worker tells it."""


def childs_own(paper: ChildPaper, language: Language) -> Sheet:
    """The whole of it. Nothing that was written for grown-ups stands in it, nor the categories."""
    return Sheet(
        label="",
        title=_say("title", language),
        facts=((_say("held", language), words.date(paper.decided.on, language)),),
        notes=(_say(f"only_in_{paper.written_in}", language),) if paper.written_in is not None and paper.sections else (),
        sections=tuple(_sections(paper, language)),
    )


def _sections(paper: ChildPaper, language: Language) -> Iterator[Section]:
    yield Section(_say("decided", language), (say(f"paper.child_decided.{paper.decided.decision}", language),))
    for section, title in WRITTEN.items():
        said = paper.sections.get(section)
        if said is None:
            yield Section(_say(title, language), (_say("told_by_worker", language),))
        else:
            paragraphs = tuple(line.strip() for line in said.splitlines() if line.strip())
            yield Section(_say(title, language), paragraphs, language=paper.written_in)
    if coming := tuple(_next(paper, language)):
        yield Section(_say("next", language), coming)
    advocate = _say("advocate_any", language) if paper.advocate is None else _say("advocate", language, who=paper.advocate)
    yield Section(_say("talk", language), (_say("worker", language), advocate, _say("meic", language)))


def _next(paper: ChildPaper, language: Language) -> Iterator[str]:
    for each in paper.decided.dates:
        if knows(key := f"paper.child_next.{each.clock}"):
            yield say(key, language, due=words.date(local(each.due).date(), language))


def _say(key: str, language: Language, **values: str) -> str:
    return say(f"paper.child.{key}", language, **values)
