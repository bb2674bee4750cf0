"""What a script says: people, children, and the steps of their journeys in order. See `docs/rehearsal.md` for those who write one."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from console.language import say
from rehearsal import moments
from schemas.base import Identifier, Model
from schemas.clocks import Language
from schemas.commands.base import AgencyKind, Harm
from schemas.family import Relation, Way
from schemas.meetings import Reply, Via


def _from_text(read: Any) -> BeforeValidator:
    """Values may also come ready-made, as the routine's do."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _due(text: str) -> dt.datetime | None:
    return None if text == "none" else moments.due(text)


def _word(value: Any) -> Any:
    return value.strip().replace(" ", "_") if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """One thing may be written without the brackets of a list."""
    return [value] if isinstance(value, str) else value


Day = Annotated[dt.date, _from_text(moments.day_of)]
Moment = Annotated[dt.datetime, _from_text(moments.instant)]
Due = Annotated[dt.datetime | None, _from_text(_due)]
"""When a timescale is due; `none` says that it does not run."""
Clock = Annotated[dt.time, _from_text(moments.clock)]
Span = Annotated[dt.timedelta, _from_text(moments.span)]
Word = Annotated[str, BeforeValidator(_word)]
"""A term of the procedures: `team manager` or `team_manager`."""
Words = Annotated[tuple[Word, ...], BeforeValidator(_listed)]
Keys = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Part(Model):
    """A part of a script; its words are the keys of the file with spaces as underscores."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Away(Part):
    """Somebody is not there: both days count."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="until")
    deputy: str | None = None


class Person(Part):
    """Somebody who acts or is told."""

    name: str
    post: Words = ()
    """Posts of the team, by the roles of the procedures."""
    language: Language = "en"
    agency: str | None = None
    away: tuple[Away, ...] = ()


class Child(Part):
    """A child of the script; `expected` in place of `born` where it is not yet born."""

    name: str
    born: Day | None = None
    expected: Day | None = None
    language: Language = "en"
    school: str | None = None
    address: str | None = None
    agencies: dict[Word, str] = {}
    """Who works with the child, by the part in which they are invited to meetings."""
    family: Identifier = "family"


class Relative(Part):
    """One of the children's family, or who stands by it. Nobody of them is in the directory; what is known stands in each child's record."""

    name: str
    relation: Annotated[Relation, BeforeValidator(_word)]
    of: Keys = ("all",)
    """Whose."""
    language: Language | None = None
    """None where it is not known: both."""
    way: Annotated[Way, BeforeValidator(_word)] = Way.by_hand
    """How they may safely be reached. By mail they have a mailbox of their own."""
    address: str | None = None
    """Where post may go."""
    need: Words = ()
    apart: bool = False
    """Attends at a separate time."""


class Agency(Part):
    """An agency that works with the children."""

    name: str
    welsh: str | None = None
    """Its name in Welsh, where it has another."""
    kind: AgencyKind


class Escalation(Part):
    """A rung of a timescale's ladder, and who was told."""

    timescale: Word
    rung: int = Field(ge=1)
    to: str


class Rung(Part):
    """One step of a ladder that was climbed: who was told, and when."""

    to: str
    """`nobody`, where the whole line is empty."""
    at: Due = None
    deputy_for: str | None = None


class Moved(Part):
    """A due date that a changed calendar or setting moved."""

    from_: Due = Field(alias="from")
    to: Due


class LetterSent(Part):
    """A letter to somebody, of some kind, about a timescale or a notice."""

    to: str
    kind: Word | None = None
    about: Word | None = None


class ForecastExpected(Part):
    """What the answers so far come to, before the day."""

    coming: Words
    """Every agency of which somebody said yes."""
    possible: bool = True
    """It can still become enough."""


class MeetingExpect(Part):
    """How the step's meeting stands, and what was sent because of it: in all, not since the step before."""

    starts: Moment | None = None
    stage: Word | None = None
    invited: dict[str, Language] | None = None
    """Everybody to whom an invitation was sent, with its language; and nobody else."""
    sequence: Annotated[int, Field(ge=0)] | None = None
    """Of the last calendar object that everybody invited was sent; all before it were sent, each once."""
    chased: dict[str, int] = {}
    """How often these were asked again, in all."""
    reminded: Keys = ()
    """Who was reminded of the day before."""
    on_paper: dict[str, Language] | None = None
    """Everybody of the family to whom a letter on paper goes, with the language in which it is printed; and nobody else."""
    nothing_to: Keys | None = None
    """Everybody invited to whom nothing has gone so far, by mail or on paper."""
    no_place: Keys | None = None
    """Everybody who was written to and told nowhere where it is held; all the others were."""
    answers: dict[str, Annotated[Reply | Literal["none"], BeforeValidator(_word)]] = {}
    via: dict[str, Via] = {}
    """How the answers of these came."""
    forecast: ForecastExpected | None = None
    contribution: dict[str, Literal["attend", "written"]] = {}
    """What the chair asks of these."""
    reports_due: Due = None
    """By when each of the agencies still owing one is asked for its report."""
    reports_missing: Keys | None = None
    """Everybody who owes a report still."""
    attendance: dict[str, Word] | None = None
    """How everybody took part, as the meeting's log has it."""
    participation: dict[str, Word] = {}
    """How these children took part."""
    papers: dict[Word, dict[str, Language]] = {}
    """By paper that went out: everybody who was mailed that it waits, with the language of the last such mail; and nobody else."""
    papers_on_paper: dict[str, Language] | None = None
    """Everybody of the family whose papers are printed, with the language in which they are; and nobody else."""
    enough: bool | None = None
    """Whether enough agencies were there on the day."""


class Expect(Part):
    """What is so after a step. What happened is looked for since the child's step before this one."""

    due: dict[str, Due] = {}
    met: Words = ()
    """In time."""
    met_late: dict[str, Span | None] = {}
    met_recorded_late: Words = ()
    reminded: Words = ()
    overdue: Words = ()
    stopped: Words = ()
    escalated: tuple[Escalation, ...] = ()
    ladders: dict[str, tuple[Rung, ...]] = {}
    """All the steps that a timescale's escalation took since the step before, from the first to the last of them."""
    moved: dict[str, Moved] = {}
    """By a changed calendar or setting; and nothing else moved."""
    letters: tuple[LetterSent, ...] = ()
    refused: Word | None = None
    journey: int | None = None
    """The number of the child's present journey."""
    registration: Word | None = None
    enquiry: Word | None = None
    """The stage of the latest enquiry."""
    categories: Annotated[tuple[Harm, ...] | None, BeforeValidator(_listed)] = None
    missing: Annotated[tuple[Word, ...] | None, BeforeValidator(_listed)] = None
    """All that decisions took effect without, as it stands now."""
    not_running: Words = ()
    nothing_overdue: bool = False
    meeting: MeetingExpect | None = None
    """Of a step with a meeting."""
    each: dict[str, "Expect"] = {}
    """What differs for a child: dates are added, all else replaces."""

    def of(self, child: str) -> "Expect":
        """What is expected of that child."""
        own = self.each.get(child)
        if own is None:
            return self
        changes = {name: getattr(own, name) for name in own.model_fields_set}
        if "due" in changes:
            changes["due"] = {**self.due, **own.due}
        return self.model_copy(update=changes)


class Act(Part):
    """One command of a step, as written: its fields, and what differs for a child."""

    command: str
    fields: dict[str, Any]
    each: dict[str, dict[str, Any]] = {}
    place: tuple[str | int, ...] = ()
    """Where it stands within the step."""

    def fields_for(self, child: str) -> dict[str, Any]:
        """The fields of that child's command."""
        return {**self.fields, **self.each.get(child, {})}


def _acts(value: Any) -> Any:
    """`do: report`, `do: {report: {how: telephone}}`, or a list of either."""
    if isinstance(value, list):
        written = cast(list[Any], value)
        return [act for number, each in enumerate(written) for act in _acts_of(each, (number,))]
    return _acts_of(value, ())


def _acts_of(value: Any, place: tuple[str | int, ...]) -> list[Act]:
    if isinstance(value, Act):
        return [value]
    if isinstance(value, str):
        return [Act(command=value.strip().replace(" ", "_"), fields={}, place=place)]
    if not isinstance(value, Mapping):
        raise ValueError(say("script.act_form"))
    return [_act(str(name), details, (*place, str(name))) for name, details in cast(Mapping[Any, Any], value).items()]


def _act(name: str, details: Any, place: tuple[str | int, ...]) -> Act:
    if details is not None and not isinstance(details, Mapping):
        raise ValueError(say("script.act_details", name=name))
    fields = dict(cast(Mapping[str, Any], details or {}))
    each: dict[str, Any] = fields.pop("each", None) or {}
    try:
        return Act(command=name, fields=fields, each=each, place=place)
    except ValidationError as error:
        raise ValueError(say("script.act_each", name=name)) from error


Acts = Annotated[tuple[Act, ...], BeforeValidator(_acts)]


Days = Annotated[tuple[Day, ...], BeforeValidator(_listed)]


class Holidays(Part):
    """The calendar changes."""

    proclaimed: Days = ()
    withdrawn: Days = ()
    """Proclaimed holidays taken back, bank holidays moved away."""


class Step(Part):
    """Something happens, or is only looked at."""

    at: Moment
    told_at: Moment | None = None
    """When it was recorded, where that was later."""
    what: str = ""
    """A sentence for the reader."""
    by: str | None = None
    for_: Keys = Field(default=("all",), alias="for")
    meeting: Identifier | None = None
    """The key of the meeting to which the commands go; any key, made known where it is arranged."""
    do: Acts = ()
    holidays: Holidays | None = None
    settings: dict[str, Any] = {}
    """By dotted key: what is set, `none` to take it back."""
    expect: Expect = Expect()

    @property
    def when(self) -> dt.datetime:
        """When it is recorded: the order of the steps."""
        return self.told_at or self.at


class Earlier(Part):
    """What is done ahead of each time of a routine."""

    earlier: Span
    """How long before."""
    at: Clock | None = None
    """The time of that day; without it the routine's own."""
    what: str = ""
    by: str | None = None
    """The routine's own where it is left out."""
    do: Acts = ()
    expect: Expect = Expect()


class Routine(Part):
    """What happens again and again: a step every so often."""

    routine: str
    """What it is called."""
    what: str = ""
    every: Span
    first: Moment = Field(alias="from")
    until: Day
    without: tuple[Day, ...] = Field(default=(), alias="except")
    by: str | None = None
    for_: Keys = Field(default=("all",), alias="for")
    meeting: Identifier | None = None
    """The key of a meeting of its own each time, with the number of the time: `core_group_1`, `core_group_2` …"""
    before: tuple[Earlier, ...] = ()
    do: Acts
    every_other_time: dict[str, dict[str, Any]] = {}
    """By command: what differs the second, the fourth … time."""
    expect: Expect = Expect()


class Script(Part):
    """A whole script, as written."""

    title: str
    story: str = ""
    authority: str
    region: str = ""
    team: str = "Child protection team"
    people: dict[Identifier, Person]
    children: dict[Identifier, Child]
    relatives: dict[Identifier, Relative] = {}
    """Named by steps as people are."""
    agencies: dict[Identifier, Agency] = {}
    authorities: dict[Identifier, str] = {}
    """Other authorities, by key."""
    steps: tuple[dict[str, Any], ...] = Field(min_length=1)
    """Read one by one, as `Step` or `Routine`, so that each problem is told of."""

    def keys_of(self, kind: str) -> frozenset[str]:
        """Whom steps may name as one of that kind: the relatives among the people."""
        named = {*getattr(self, kind), *(self.relatives if kind == "people" else ())}
        return frozenset(named)
