"""The service's own letters, all to professionals: which facts a letter states, in which order, in the words of one language.

A letter names no child: a child stands under its reference, and the record says the rest behind a sign-in.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from correspondence import wording
from correspondence.catalogue import LANGUAGES, knows, say
from correspondence.family.letters import FamilyLetter
from procedures import words
from procedures.times import local
from schemas.answering import InBoth
from schemas.audits import AUDIT_ACTION
from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language, Rung
from schemas.letter_facts import LetterFacts
from schemas.letters import LetterKind, LetterOrder

RISK = ("urgent", "child", "work", "quiet", "none", None)
"""The ladders in the order of a digest, from the fastest; last what has none."""


class MeetingWords(Model):
    """What a letter about a meeting says beside its order; read when it is written, and kept in its bytes alone."""

    place: str | None = None
    place_withheld: bool = False
    """The recipient may not be told: it would betray what is hidden from them."""
    silent: str | None = None
    """The name of the person who did not answer."""
    asked_by: str | None = None
    """The name of whoever arranged the meeting."""
    answer: InBoth | None = None
    """The recipient's own link to the page for answering. Each link opens its page in the language of the words around it."""
    report: InBoth | None = None
    """The recipient's own link to the page for giving a report."""
    thresholds: InBoth | None = None
    """A link to the thresholds, by which their opening is counted for this recipient; for whoever is written to in another's stead, where
    anybody reads them.
    """
    paper: InBoth | None = None
    """The recipient's own link to what waits to be read after a conference."""
    family: FamilyLetter | None = None
    """To one of the family: the whole letter in plain words, in place of everything else."""


class Item(Model):
    """One reason to write: an order about one child."""

    child: Identifier
    order: LetterOrder
    words: MeetingWords = MeetingWords()
    put_off: bool = False
    """True where it waited for this digest, because the recipient had had that family's letter of the day."""

    @property
    def facts(self) -> LetterFacts:
        """What the order's content says; nothing of it where it cannot be read, since the letter must go all the same."""
        try:
            return LetterFacts.model_validate(self.order.content)
        except ValidationError:
            return LetterFacts()


class Letter(Model):
    """One letter to one recipient: what is due or has happened, for one child or several siblings; or a digest."""

    id: Identifier
    kind: LetterKind
    language: Language | None
    """The recipient's; none where it is not known: then the letter says all in both, Welsh first."""
    at: Instant
    """The instant the letter is of: its date, and that from which lateness is told. In a rehearsal it is virtual."""
    items: tuple[Item, ...]

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that the letter is written in."""
        return (self.language,) if self.language else LANGUAGES


class Row(NamedTuple):
    """A fact under its label; several lines where there are several."""

    label: str
    lines: tuple[str, ...]
    link: bool = False
    """True where each line is an address to open."""


class Part(NamedTuple):
    """What a letter says of one timescale or one event, of one child or of siblings alike."""

    title: str
    rows: tuple[Row, ...]


class Group(NamedTuple):
    """Parts that belong together; a digest's have a title."""

    title: str | None
    parts: tuple[Part, ...]


class Page(NamedTuple):
    """A whole letter in one language."""

    language: Language
    heading: str
    intro: str
    groups: tuple[Group, ...]
    do: str | None
    """What to do about all of it, said once; a notice and a correction say it of each."""
    closing: tuple[str, ...]


class Telling(NamedTuple):
    """All that a row needs: the letter, one reason with its facts, the children it is true of, and the language."""

    letter: Letter
    order: LetterOrder
    facts: LetterFacts
    children: tuple[str, ...]
    language: Language
    words: MeetingWords

    def say(self, key: str, **values: object) -> str:
        """The phrase in this letter's language."""
        return say(key, self.language, **values)


def subject(letter: Letter) -> str:
    """The neutral subject, in the letter's language or in both."""
    return "Siwrnai: " + " / ".join(say(f"subject.{letter.kind}", language) for language in letter.languages)


def compose(letter: Letter) -> tuple[Page, ...]:
    """The letter in its language, or in both with Welsh first."""
    return tuple(_page(letter, language) for language in letter.languages)


def _page(letter: Letter, language: Language) -> Page:
    return Page(
        language=language,
        heading=say(f"heading.{letter.kind}", language, date=words.date(local(letter.at).date(), language)),
        intro=say(f"intro.{letter.kind}", language),
        groups=_digest_groups(letter, language) if letter.kind is LetterKind.digest else _one_group(letter, language),
        do=say(f"do.{letter.kind}", language) if knows(f"do.{letter.kind}") else None,
        closing=(say("closing.no_name", language), say("closing.written_by", language)),
    )


def _one_group(letter: Letter, language: Language) -> tuple[Group, ...]:
    return (Group(None, _parts(letter, letter.items, language)),)


def _digest_groups(letter: Letter, language: Language) -> tuple[Group, ...]:
    """Overdue first, then what was put off, then what comes; in each the fastest ladder first, then the longest overdue."""
    groups: dict[str, list[Item]] = {"overdue": [], "put_off": [], "upcoming": []}
    for item in sorted(letter.items, key=_pressing):
        groups[_group(item, letter.at)].append(item)
    return tuple(Group(say(f"group.{name}", language), _parts(letter, items, language)) for name, items in groups.items() if items)


def _pressing(item: Item) -> tuple[int, float, str]:
    due = item.order.due
    return RISK.index(item.facts.ladder), due.timestamp() if due else 0.0, item.child


def _group(item: Item, at: Instant) -> str:
    if item.order.due is not None and item.order.due < at:
        return "overdue"
    return "put_off" if item.put_off or item.order.due is None else "upcoming"


def _parts(letter: Letter, items: Iterable[Item], language: Language) -> tuple[Part, ...]:
    """A part for each reason; siblings for whom it is the same, date and all, share one."""
    alike: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        key = (item.order.kind, item.order.about, item.order.due, item.facts.model_dump_json())
        alike.setdefault(key, []).append(item)
    return tuple(_part(letter, group, language) for group in alike.values())


def _part(letter: Letter, items: Sequence[Item], language: Language) -> Part:
    children = tuple(sorted({item.child for item in items}))
    telling = Telling(letter, items[0].order, items[0].facts, children, language, items[0].words)
    names = DIGEST_ROWS if letter.kind is LetterKind.digest else ROWS[telling.order.kind]
    rows = (Row(_label(name, telling), lines, name in LINKS) for name in names if (lines := TELL[name](telling)))
    return Part(_title(telling), tuple(rows))


def _title(telling: Telling) -> str:
    if telling.order.kind is LetterKind.notice:
        return telling.say(f"{_notice(telling)}.title")
    if telling.order.kind is LetterKind.paper:  # Which meeting it was is said behind the code.
        return telling.say("value.paper")
    if telling.facts.meeting_kind is not None:
        return wording.meeting(telling.facts.meeting_kind, telling.language)
    if telling.order.about == AUDIT_ACTION:
        return telling.say("value.audit_action")
    return wording.clock(telling.order.about, telling.language)


def _label(name: str, telling: Telling) -> str:
    if name == "child" and len(telling.children) > 1:
        name = "children"
    if name == "due" and _late(telling):
        name = "was_due"
    return telling.say(f"label.{name}")


def _notice(telling: Telling) -> str:
    key = f"notice.{telling.order.about}"
    return key if knows(f"{key}.title") else "notice.other"


def _due_time(telling: Telling) -> Instant | None:
    due = telling.order.due or telling.facts.due
    # What only watches speaks of the instant that has come: nothing is due then.
    return None if due == telling.facts.happened_at else due


def _due(telling: Telling) -> tuple[str, ...]:
    return _moment(_due_time(telling), telling)


def _late(telling: Telling) -> tuple[str, ...]:
    due = _due_time(telling)
    if due is None or due >= telling.letter.at or telling.order.kind in {LetterKind.notice, LetterKind.correction}:
        return ()
    return (wording.lateness(due, telling.letter.at, telling.language),)


def _moment(instant: Instant | None, telling: Telling) -> tuple[str, ...]:
    return (wording.moment(instant, telling.language),) if instant else ()


def _roles(roles: Iterable[str | None], telling: Telling) -> tuple[str, ...]:
    names = [wording.role(role, telling.language) for role in roles if role]
    return (", ".join(names),) if names else ()


def _owner(telling: Telling) -> str | None:
    steps = _steps(telling)
    return telling.facts.owner or (steps[0].role if steps else None)


def _step(telling: Telling) -> Rung | None:
    """The step of the escalation that has been taken; none before the first."""
    return next((step for step in _steps(telling) if step.number == telling.facts.rung), None)


def _is_to_the_owner(telling: Telling) -> bool:
    """The owner, or who stands in its place: before allocation the duty manager is told what a social worker will owe."""
    step = _step(telling)
    return step is None or step.role == _owner(telling)


def _responsible(telling: Telling) -> tuple[str, ...]:
    role = telling.facts.role if _is_to_the_owner(telling) else None
    return _roles([role or _owner(telling)], telling)


def _escalated_to(telling: Telling) -> tuple[str, ...]:
    step = _step(telling)
    return () if step is None or _is_to_the_owner(telling) else _roles([telling.facts.role or step.role], telling)


def _told(telling: Telling) -> tuple[str, ...]:
    """The other roles told so far, or at the same time."""
    here = _step(telling)
    roles = [step.role for step in _steps(telling) if here and step.at <= here.at and step.role != here.role]
    return _roles(dict.fromkeys(roles), telling)


def _next(telling: Telling) -> tuple[str, ...]:
    """Who is told next besides the owner, and when; after the last step, that it stays on the board."""
    owner, rung, steps = _owner(telling), telling.facts.rung or 0, _steps(telling)
    for step in steps:
        if step.number > rung and step.at > telling.letter.at and step.role != owner:
            role = wording.role(step.role, telling.language)
            return (telling.say("value.next", role=role, at=wording.moment(step.at, telling.language)),)
    return (telling.say("value.last"),) if steps and rung == steps[-1].number else ()


def _steps(telling: Telling) -> tuple[Rung, ...]:
    plan = telling.facts.plan
    return plan.rungs if plan else ()


def _why(telling: Telling) -> tuple[str, ...]:
    plan, due = telling.facts.plan, telling.order.due
    said = wording.sentence(plan.explanation, due, telling.language) if plan and due else None
    return (said,) if said else ()


def _clock(telling: Telling) -> tuple[str, ...]:
    """Which timescale a notice is about, where it is about one."""
    facts = telling.facts
    clock = facts.clock or (facts.instance or "").partition("/")[0]
    return (wording.clock(clock, telling.language),) if clock else ()


def _because(telling: Telling) -> tuple[str, ...]:
    key = f"because.{telling.facts.because}"
    return (telling.say(key),) if knows(key) else ()


def _what(telling: Telling) -> tuple[str, ...]:
    if telling.order.about == AUDIT_ACTION:
        return (telling.say("value.audit_action_what", action=telling.facts.action),)
    return (telling.say(f"{_notice(telling)}.what"),) if telling.order.kind is LetterKind.notice else ()


def _correction(telling: Telling) -> str:
    known = telling.facts.known or ("met_in_time" if telling.facts.met_at else "record_corrected")
    return f"correction.{known}"


def _known(telling: Telling) -> tuple[str, ...]:
    return (telling.say(f"{_correction(telling)}.what"),)


def _do(telling: Telling) -> tuple[str, ...]:
    of_notice = telling.order.kind is LetterKind.notice
    return (telling.say(f"{_notice(telling) if of_notice else _correction(telling)}.do"),)


def _children(telling: Telling) -> tuple[str, ...]:
    """A letter about a meeting names none of them: not everybody there may hear of each."""
    return () if telling.facts.meeting is not None else (", ".join(telling.children),)


def _meeting(telling: Telling) -> tuple[str, ...]:
    kind = telling.facts.meeting_kind
    return (wording.meeting(kind, telling.language),) if kind and telling.order.kind is LetterKind.notice else ()


def _part_there(telling: Telling) -> tuple[str, ...]:
    part = telling.facts.part
    return (wording.invitee(part, telling.language),) if part else ()


def _reports(telling: Telling) -> tuple[str, ...]:
    number = telling.facts.reports
    return (telling.say("value.reports", n=number),) if number else ()


def _missing(telling: Telling) -> tuple[str, ...]:
    return tuple(wording.section(each, telling.language) for each in telling.facts.missing)


def _said(words: str | None) -> tuple[str, ...]:
    return (words,) if words else ()


def _link(link: InBoth | None, telling: Telling) -> tuple[str, ...]:
    return () if link is None else (link.in_(telling.language),)


def _place(telling: Telling) -> tuple[str, ...]:
    return (telling.say("value.place_withheld"),) if telling.words.place_withheld else _said(telling.words.place)


def _more(telling: Telling) -> tuple[str, ...]:
    if telling.facts.meeting is not None:
        return (telling.say("value.more_of_meeting", meeting=telling.facts.meeting),)
    return tuple(telling.say("value.more", child=child) for child in telling.children)


def _could_send(telling: Telling) -> tuple[str, ...]:
    """How many, and the line that sends each: never sent by itself."""
    found = telling.facts.could_send
    lines = [f"siwrnai meeting circulated {each.meeting} --paper {each.paper} --to {each.invitee}" for each in found]
    return (telling.say("value.papers", n=len(found)), *lines) if found else ()


TELL: dict[str, Callable[[Telling], tuple[str, ...]]] = {
    "child": _children,
    "due": _due,
    "late": _late,
    "owner": _responsible,
    "escalated_to": _escalated_to,
    "absent": lambda telling: _roles([telling.facts.deputy_for], telling),
    "told": _told,
    "next": _next,
    "held": lambda telling: _moment(telling.facts.held_until, telling),
    "why": _why,
    "what": _what,
    "because": _because,
    "clock": _clock,
    "when": lambda telling: _moment(telling.facts.happened_at, telling),
    "done": lambda telling: _moment(telling.facts.met_at, telling),
    "recorded": lambda telling: _moment(telling.facts.recorded_at, telling),
    "letter_of": lambda telling: _moment(telling.facts.letter_at, telling),
    "known": _known,
    "do": _do,
    "more": _more,
    "meeting": _meeting,
    "starts": lambda telling: _moment(telling.facts.starts, telling),
    "ends": lambda telling: _moment(telling.facts.ends, telling),
    "place": _place,
    "silent": lambda telling: _said(telling.words.silent),
    "asked_by": lambda telling: _said(telling.words.asked_by),
    "part": _part_there,
    "could_send": _could_send,
    "answer": lambda telling: _link(telling.words.answer, telling),
    "reports": _reports,
    "missing": _missing,
    "report": lambda telling: _link(telling.words.report, telling),
    "thresholds": lambda telling: _link(telling.words.thresholds, telling),
    "paper": lambda telling: _link(telling.words.paper, telling),
    "open_until": lambda telling: _moment(telling.facts.until, telling),
}
"""What each row says; a row with nothing to say is left out."""

LINKS = frozenset({"answer", "report", "thresholds", "paper"})
"""The rows whose lines are addresses to open."""

ROWS: dict[LetterKind, tuple[str, ...]] = {
    LetterKind.reminder: ("child", "due", "owner", "absent", "told", "next", "why", "more"),
    LetterKind.alert: (
        *("child", "due", "late", "owner", "escalated_to", "absent"),
        *("told", "held", "next", "why", "more"),
    ),
    LetterKind.notice: (
        *("child", "what", "because", "clock", "meeting", "starts", "part", "when", "recorded", "due"),
        *("absent", "could_send", "do", "more"),
    ),
    LetterKind.chaser: ("silent", "part", "starts", "ends", "place", "asked_by", "answer", "thresholds"),
    LetterKind.day_before: ("part", "starts", "ends", "place", "asked_by", "answer", "thresholds"),
    LetterKind.report_request: ("part", "reports", "due", "starts", "asked_by", "report", "thresholds"),
    LetterKind.report_chaser: ("silent", "part", "reports", "due", "starts", "asked_by", "report", "thresholds"),
    LetterKind.report_returned: ("part", "missing", "starts", "report", "thresholds"),
    LetterKind.paper: ("part", "asked_by", "paper", "open_until", "thresholds"),
    LetterKind.correction: ("child", "letter_of", "known", "done", "recorded", "due", "do", "more"),
}
"""The rows of a part, in their order, by the kind of its reason."""

DIGEST_ROWS = ("child", "what", "because", "due", "late", "owner", "escalated_to", "absent", "held", "next", "more")
"""A digest's parts are short: how a date was counted stands in the first letter and on the record."""
