"""How a child's journey stood at an instant, in lines that a person reads: on the screen and on the page that is kept."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from console import differing
from console.language import say, spoken
from console.showing import clock_title, moment, overdue_by, role_title, short, standing, things, who
from correspondence.catalogue import knows as letters_know
from correspondence.catalogue import say as letter_says
from procedures import words
from procedures.outcomes import choices_of
from record.directory import Person
from schemas.audits import AUDIT_ACTION
from schemas.family import FamilyMember
from schemas.replay import Holder, InviteeThen, LetterThen, MeetingThen, OnPaper, PlanThen, PutInForce, Running, Standing


class Section(NamedTuple):
    """One part of how it stood."""

    key: str
    lines: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return say(f"replay.{self.key}")


class Naming(NamedTuple):
    """How ids are said."""

    people: Mapping[str, Person]
    texts: Mapping[str, str]
    """Words of people, by the reference that stands in an entry, as far as the reader may read them."""
    family: Mapping[str, FamilyMember] = {}
    meetings: Mapping[str, str] = {}
    """The kind of each meeting that the reader may be told of."""

    def name(self, id: str | None) -> str:
        """A person by name; of the family with who it is to the child."""
        member = self.family.get(id or "")
        return who(id, self.people) if member is None else f"{member.name} ({say(f'child_relation.{member.relation}')})"

    def matter(self, about: str) -> str:
        """What a letter is about: a notice, a timescale or a meeting."""
        title = f"notice.{about}.title"
        if about.startswith("meeting:"):
            kind = self.meetings.get(about.split(":")[1])
            return say("replay.a_meeting") if kind is None else words.word("meetings", kind, spoken())
        if about == AUDIT_ACTION:
            return letter_says("value.audit_action", spoken())
        return letter_says(title, spoken()) if letters_know(title) else clock_title(about)

    def words(self, reference: str) -> str:
        """The words, or that there are some, and how they are read."""
        kept = say("replay.words_withheld" if self.texts else "replay.words")
        return self.texts.get(reference, kept) if reference.startswith("text:") else reference


def sections(stood: Standing, naming: Naming) -> list[Section]:
    """All parts, those that have nothing to say too, in the order in which they are read."""
    parts: dict[str, Iterable[str]] = {
        "where": _where(stood),
        "timescales": (_timescale(each, stood.at) for each in stood.timescales),
        "roles": (_holder(each, naming) for each in (*stood.roles, *stood.posts)),
        "plan": [] if stood.plan is None else _plan(stood.plan, naming),
        "voices": (
            say("replay.voice", at=short(each.at), how=_how(each.how), by=naming.name(each.by), number=each.entry) for each in stood.voices
        ),
        "missing": [] if not stood.missing else [things(each.thing for each in stood.missing)],
        "meetings": (*_withheld(stood.withheld_meetings), *(line for each in stood.meetings for line in _meeting(each, naming))),
        "letters": (*_earlier(stood.earlier_letters), *(_letter(each, naming) for each in stood.letters)),
        "reads": (
            *_earlier(stood.earlier_reads),
            *(f"{short(each.at)}  {naming.name(each.actor)}: {each.purpose}" for each in stood.reads),
        ),
        "in_force": _in_force(stood.in_force),
        "late": _late(stood),
        "differing": (differing.line(each, naming.name) for each in stood.differing),
    }
    return [Section(key, tuple(lines)) for key, lines in parts.items()]


def _where(stood: Standing) -> Iterator[str]:
    yield standing(stood.registration, ((each.number, each.stage) for each in stood.enquiries))
    if stood.registered_at is not None:
        on_it = stood.registration in {"registered", "temporarily_registered"}
        yield say("replay.registered_at" if on_it else "replay.was_registered_at", at=moment(stood.registered_at))
    if stood.categories:
        yield ", ".join(words.category(each, spoken()) for each in stood.categories)
    for kind, at in sorted(stood.planned.items()):
        yield say("replay.planned", meeting=words.word("meetings", kind, spoken()), at=moment(at))
    if stood.move is not None:
        yield say("replay.move", to=stood.move.to_authority, at=moment(stood.move.told_at))
    if stood.hold_until is not None:
        yield say("timeline.hold", until=moment(stood.hold_until))
    if stood.child_missing:
        yield say("replay.child_missing")
    if stood.closed:
        yield say("timeline.closed")


def _timescale(running: Running, at: dt.datetime) -> str:
    late = overdue_by(running.due, at) if running.late_seconds else None
    said = running.sentences[spoken()]
    return said if late is None else f"{late.capitalize()}: {said}"


def _holder(holder: Holder, naming: Naming) -> str:
    line = f"{role_title(holder.role)}: {naming.name(holder.person)}"
    return line if holder.deputy is None else say("replay.deputy", line=line, deputy=naming.name(holder.deputy))


def _plan(plan: PlanThen, naming: Naming) -> Iterator[str]:
    yield say("replay.plan_of", at=short(plan.at), number=plan.entry)
    for line in plan.lines:
        yield "; ".join(naming.words(value) for value in line.values())
    if plan.contingency is not None:
        yield say("replay.contingency", words=naming.words(plan.contingency))


def _how(key: str) -> str:
    return (choices_of("voice_recorded", "how") or {})[key][spoken()]


def _meeting(meeting: MeetingThen, naming: Naming) -> Iterator[str]:
    yield say(
        "replay.meeting",
        kind=words.word("meetings", meeting.kind, spoken()),
        stage=words.word("meeting_stages", meeting.stage, spoken()),
        at="" if meeting.starts is None else moment(meeting.starts),
        chair=naming.name(meeting.chair),
    )
    for each in meeting.invitees:
        yield f"  {words.word('invitees', each.role, spoken())}: {naming.name(each.person)} – {'; '.join(_came(each, meeting.stage))}"


def _came(invitee: InviteeThen, stage: str) -> Iterator[str]:
    """What somebody answered, and how it was on the day."""
    if invitee.answer is not None:
        yield words.word("meeting_replies", invitee.answer, spoken())
    elif stage != "held":
        yield say("meeting.silent")
    else:
        yield say("replay.no_answer")
    if invitee.took is not None:
        yield words.word("took_part", invitee.took, spoken())


def _withheld(number: int) -> tuple[str, ...]:
    return (say("replay.withheld_meetings", number=number),) if number else ()


def _letter(letter: LetterThen, naming: Naming) -> str:
    what = f"{say(f'letter.{letter.kind}')}: {naming.matter(letter.about)} → {naming.name(letter.recipient)}"
    return f"{short(letter.at)}  {what} ({', '.join(_became_of(letter, naming))})  {letter.letter or letter.cause}"


def _became_of(letter: LetterThen, naming: Naming) -> Iterator[str]:
    if letter.on_paper is not None:
        yield say("why.on_paper")
    yield arrived(letter, naming)
    if letter.language is not None:
        yield say(f"child_language.{letter.language}")


def arrived(letter: LetterThen, naming: Naming) -> str:
    """Whether it arrived, as far as anybody can know, and since when; of one on paper, who printed it and who handed it over."""
    if letter.on_paper is not None:
        return "; ".join(_passed_on(letter, letter.on_paper, naming))
    return say("arrived.no_address" if letter.no_address else f"arrived.{letter.state}", at=short(letter.since))


def _passed_on(letter: LetterThen, paper: OnPaper, naming: Naming) -> Iterator[str]:
    if paper.printed is not None:
        yield say("arrived.printed", at=short(paper.printed.at), by=naming.name(paper.printed.actor))
    handed = paper.handed_over
    if handed is None:
        yield say(f"arrived.{letter.state}", at=short(letter.since))
    else:
        yield say("arrived.handed_over", at=short(handed.at), by=naming.name(handed.by), number=handed.entry)


def _earlier(number: int) -> tuple[str, ...]:
    return (say("replay.earlier", number=number),) if number else ()


def _in_force(versions: Mapping[str, PutInForce]) -> Iterator[str]:
    for kind, each in sorted(versions.items()):
        yield say(f"replay.version_{kind}", version=each.version[:12], since=short(each.at))


def _late(stood: Standing) -> Iterator[str]:
    if stood.recorded_since:
        yield say("replay.recorded_since", numbers=", ".join(str(each) for each in stood.recorded_since))
    for number, by in stood.corrected.items():
        yield say("replay.corrected", number=number, by=", ".join(str(each) for each in by))
