"""How a child's journey stood at an instant, in lines that a person reads: on the screen and on the page that is kept."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from console.language import knows, say, spoken
from console.showing import clock_title, command_title, delivery, moment, overdue_by, role_title, short, standing, things, who
from correspondence.catalogue import knows as letters_know
from correspondence.catalogue import say as letter_says
from procedures import words
from procedures.outcomes import choices_of
from record.directory import Person
from schemas.replay import Disagreeing, Holder, LetterThen, MeetingThen, PlanThen, Running, Standing


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

    def name(self, id: str | None) -> str:
        """A person by name."""
        return who(id, self.people)

    def words(self, reference: str) -> str:
        """The words, or that there are some."""
        return self.texts.get(reference, say("replay.words")) if reference.startswith("text:") else reference


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
        "differing": (_differing(each) for each in stood.differing),
    }
    return [Section(key, tuple(lines)) for key, lines in parts.items()]


def _where(stood: Standing) -> Iterator[str]:
    yield standing(stood.registration, ((each.number, each.stage) for each in stood.enquiries))
    if stood.registered_at is not None:
        yield say("replay.registered_at", at=moment(stood.registered_at))
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
        stage=say(f"meeting_stage.{meeting.stage}"),
        at="" if meeting.starts is None else moment(meeting.starts),
        chair=naming.name(meeting.chair),
    )
    for each in meeting.invitees:
        answer = say("meeting.silent") if each.answer is None else say(f"meeting_reply.{each.answer}")
        yield f"  {words.word('invitees', each.role, spoken())}: {naming.name(each.person)} – {answer}"


def _withheld(number: int) -> tuple[str, ...]:
    return (say("replay.withheld_meetings", number=number),) if number else ()


def _letter(letter: LetterThen, naming: Naming) -> str:
    about = letter_says(f"notice.{letter.about}.title", spoken()) if letters_know(f"notice.{letter.about}.title") else letter.about
    about = clock_title(about) if about == letter.about else about
    return (
        f"{short(letter.at)}  {say(f'letter.{letter.kind}')}: {about} → {naming.name(letter.recipient)} ({', '.join(_became_of(letter))})"
    )


def _became_of(letter: LetterThen) -> Iterator[str]:
    yield delivery(letter.state, letter.no_address)
    if letter.language is not None:
        yield say(f"child_language.{letter.language}")


def _earlier(number: int) -> tuple[str, ...]:
    return (say("replay.earlier", number=number),) if number else ()


def _in_force(versions: Mapping[str, str]) -> Iterator[str]:
    for kind, version in sorted(versions.items()):
        yield say(f"replay.version_{kind}", version=version[:12])


def _late(stood: Standing) -> Iterator[str]:
    if stood.recorded_since:
        yield say("replay.recorded_since", numbers=", ".join(str(each) for each in stood.recorded_since))
    for number, by in stood.corrected.items():
        yield say("replay.corrected", number=number, by=", ".join(str(each) for each in by))


def _differing(each: Disagreeing) -> str:
    field, *within = each.facet
    what = say(f"facet.{field}") if knows(f"facet.{field}") else field.replace("_", " ")
    key = within[0] if within else ""
    if field == "clocks":
        key = f"{clock_title(key.partition('/')[0])} ({key})"
    more = f" ({within[1].replace('_', ' ')})" if len(within) > 1 and within[1] else ""
    return say("replay.differs", what=f"{what} {key}".strip() + more, known=_value(field, each.known), stood=_value(field, each.stood))


def _value(field: str, value: str | None) -> str:
    if value is None:
        return say("replay.not_there")
    if value == "yes":
        return say("replay.there")
    if field == "registration":
        return words.stage("registration", value, spoken())
    try:
        return moment(dt.datetime.fromisoformat(value))
    except ValueError:
        return command_title(value) if len(value) < 60 else say("replay.otherwise")
