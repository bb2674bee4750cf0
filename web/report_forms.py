"""What an author typed becomes the words of a report, with what is missing in it; nothing is missing so much that it is refused."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from procedures.meetings.reports import thin
from schemas.clocks import Language
from schemas.commands.base import ThresholdElement
from schemas.reporting import ChildAsked, ReportsSeen
from schemas.reports import SECTION_LIMIT, Kept, ReportWords, Section
from web.forms import Problem, read_fields
from web.wording import number

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes: every section at its longest, percent-encoded, twice over."""

FIELD_LIMIT = 400
"""Sections, and one box for each of them and each reader."""

ELEMENTS: TypeAdapter[ThresholdElement] = TypeAdapter(ThresholdElement)


class Draft(NamedTuple):
    """A form as it was typed."""

    words: ReportWords
    """Sections that are too long are in `long` alone."""
    typed: Mapping[str, str]
    """What the form shows again, by field."""
    long: tuple[Section, ...] = ()
    do: str = ""
    """The button."""
    code: str = ""
    """Of the draft that was opened."""


async def read_report(request: Request, asked: ChildAsked, seen: ReportsSeen) -> Draft:
    """The form that was sent.

    Raises:
        Unreadable: it is too long, has too many fields, or is not text.
    """
    fields = await read_fields(request, BODY_LIMIT, FIELD_LIMIT)
    long = tuple(each for each in asked.sections if len(fields.get(each, "")) > SECTION_LIMIT)
    sections = {each: fields[each] for each in asked.sections if fields.get(each) and each not in long}
    kept = tuple(
        Kept(section=section, person=reader.id)
        for section in asked.sections
        for reader in seen.readers
        if kept_field(section, reader.id) in fields
    )
    words = ReportWords(sections=sections, threshold=_element(fields.get("threshold", "")), kept=kept)
    return Draft(words, fields, long, fields.get("do", ""), fields.get("code", ""))


def shown(words: ReportWords, code: str = "") -> Draft:
    """A draft that was kept, as the form shows it."""
    typed = {section.value: said for section, said in words.sections.items()}
    typed |= {kept_field(each.section, each.person): "yes" for each in words.kept}
    return Draft(words, typed | ({"threshold": words.threshold.value} if words.threshold else {}), code=code)


def kept_field(section: Section, reader: str) -> str:
    """The field of the box that keeps a section from somebody."""
    return f"keep-{section}-{reader}"


def missing(draft: Draft, asked: ChildAsked) -> tuple[Section, ...]:
    """What is said to be missing before the report is sent: sections that are empty or very short."""
    return thin(draft.words, asked.sections, asked.fewest_words)


def too_long(draft: Draft) -> list[Problem]:
    """The one thing that cannot be taken."""
    return [Problem(each.value, each.value, "section_long") for each in draft.long]


def values(language: Language) -> Mapping[str, str]:
    """What the words of problems and hints say beside themselves."""
    return {"limit": number(SECTION_LIMIT, language)}


def _element(typed: str) -> ThresholdElement | None:
    try:
        return ELEMENTS.validate_python(typed)
    except ValidationError:
        return None
