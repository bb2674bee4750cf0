"""What `wales.toml` may hold: one model for each kind of rule. Another nation is another file of the same shape."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Model
from schemas.clocks import Language
from schemas.commands.base import AgencyKind, Harm, ThresholdElement
from schemas.entitlement import Fact, Hidden
from schemas.papers import Paper, PaperSection
from schemas.reports import Section

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Trust = Literal["V", "V2", "M", "GAP"]
"""V: read in the procedures or a statute. V2: read in a secondary source. M: recalled, not confirmed. GAP: unknown, or left to the region."""
Unit = Literal["hours", "days", "working_days", "weeks", "months"]
Convention = Literal["event_day_is_day_zero", "event_day_is_day_one"]
Whole = Annotated[int, Field(strict=True, ge=0, le=1000)]
Counted = Annotated[int, Field(strict=True, ge=1, le=1000)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


WebAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)]


class Title(Model):
    """A name in both languages; neither may be missing."""

    en: Words
    cy: Words

    def in_(self, language: Language) -> str:
        """The name in that language."""
        return self.cy if language == "cy" else self.en


class Limit(Model):
    """So many hours, days, working days, weeks or months."""

    amount: Whole
    unit: Unit


class Sourced(Model):
    """Where a rule comes from, how far that can be trusted, and whether an authority may change it."""

    source: Words
    """A key of the documents, then section (s) and page (p): `WSP s3.2 p4`."""
    trust: Trust
    setting: bool = False
    """True for a local setting. Whatever is not V is one; V with a setting: the duty was read, its number was not."""


class ClockRule(Sourced):
    """A timescale: what starts and ends it, how long it may take, who owes it, who is told when nothing happens."""

    id: Key
    title: Title
    scope: Literal["enquiry", "child"]
    """An enquiry's events touch its own timescales only."""
    starts: tuple[Key, ...] = Field(min_length=1)
    stops: tuple[Key, ...] = Field(min_length=1)
    """The thing was done."""
    cancels: tuple[Key, ...] = ()
    """It need not be done any more."""
    amount: Whole
    unit: Unit
    variants: Mapping[Key, Limit] = {}
    """Another limit, where this event started it."""
    direction: Literal["after", "before"] = "after"
    anchor: Key | None = None
    """For `before`: what the limit is counted back from."""
    counted_from: Key | None = None
    """Where the source counts from an earlier event than the one that starts it."""
    same_day_when: Literal["alleged_physical_or_sexual_harm"] | None = None
    """Then it ends by the end of the day on which it starts."""
    aim: Limit | None = None
    """What the source aims at, short of its limit."""
    kind: Literal["limit", "good_practice", "threshold"] = "limit"
    restart: Literal["keep", "replace", "not_done"] = "keep"
    """What a start does while one is open: nothing; or it ends that one and starts anew; or besides says that it was not done, and the
    manager is told.
    """
    only_while: Literal["born", "registered", "registered_and_born"] | None = None
    watch: bool = False
    """It only watches: never overdue, a notice goes out when its instant passes."""
    meeting: bool = False
    """A limit in weeks or months that ends on a day that is not a working day is held earlier, never later (inference, M)."""
    each_conference: bool = False
    """Each conference owes its own: one that runs does not stand in for the next, and only what is of its conference ends it."""
    earlier_counts: bool = False
    """What was done before the timescale started fulfils it too."""
    owner: Key
    ladder: Key
    note: str | None = None

    def limit(self, started_by: str) -> Limit:
        """The limit that holds where this event started it."""
        return self.variants.get(started_by) or Limit(amount=self.amount, unit=self.unit)


class RungRule(Model):
    """Who is told, and how long after the due instant."""

    role: Key
    """`owner` is the owner of the timescale."""
    after: Whole
    unit: Literal["hours", "days", "working_days"]
    at: dt.time | None = None
    """For days: the time of day, Europe/London."""


class Held(Model):
    """How long an acknowledgement holds a ladder at most."""

    amount: Counted
    unit: Literal["hours", "working_days"]


class Ladder(Model):
    """Reminders before a timescale is due, and who is told after it. A local setting as a whole."""

    title: Title
    reminders: tuple[Counted, ...] = ()
    """Working days before the due day, at the opening of the office."""
    share_left: Annotated[int, Field(strict=True, ge=2, le=100)] | None = None
    """One reminder when 1/n of the time is left, where the limit is in hours or shorter than the first reminder."""
    rungs: tuple[RungRule, ...] = ()
    day_and_night: bool = False
    """Office hours do not put its letters off."""
    pausable: bool = False
    """A hold puts it off."""
    acknowledged_for: Held


class OfficeHours(Model):
    """When letters that are not urgent go: on working days that the authority does not close. They never touch a timescale."""

    opens: dt.time
    closes: dt.time
    closed: tuple[dt.date, ...] = ()


class Quorum(Sourced):
    """Social services and this many other agencies in direct contact with the child."""

    other_agencies: Whole
    speaks_for: Mapping[Key, AgencyKind]
    """Which agency somebody who is invited in that part speaks for."""


class HoldRule(Sourced):
    """How long a hold may last at most, in days."""

    longest_days: Counted


class SmallChild(Sourced):
    """Below this age, in years, a child is seen alone by being observed without its carers (by age, says the source)."""

    younger_than: Counted


class SameWords(Sourced):
    """From how many words on two children who are given the same ones were hardly heard each by itself."""

    fewest: Counted


class OlderChild(Sourced):
    """From which age, in years on the day, a child's letter is the longer one."""

    from_age: Counted


class Codes(Sourced):
    """How many wrong codes may be tried."""

    most_wrong: Counted
    """Then a new one alone opens the page, and none of a report's drafts opens any more."""


class LineManagement(Sourced):
    """Who manages a case: none of them chairs its conferences, and each may let something go out to the family."""

    posts: tuple[Key, ...] = Field(min_length=1)


class Declining(Sourced):
    """How many times a child says no to taking part, or to a voice, before the chair is told."""

    times: Counted


class Invitees(Sourced):
    """Who is invited to one kind of meeting."""

    always: tuple[Key, ...] = Field(min_length=1)
    asked_in_every_case: tuple[Key, ...] = ()
    """If absent, a recorded reason."""
    where_relevant: tuple[Key, ...] = ()
    always_when: Mapping[Key, Key] = {}
    only_when: Mapping[Key, Key] = {}
    chair_decides: tuple[Key, ...] = ()
    """Attend, or a written contribution: the chair says which, and why."""


class Arranging(Sourced):
    """How a date is proposed for one kind of meeting, and how silence is chased. All numbers are working days but for `minutes`."""

    invitees: Key
    limits: tuple[Key, ...] = ()
    """The timescales that the meeting meets."""
    before_due: Whole
    notice: Whole
    hour: dt.time
    """Europe/London."""
    minutes: Counted
    family_told: Whole
    """Working days before the meeting by which the family has been told; 0: nobody is reminded."""
    chased_after: tuple[Counted, ...] = ()
    forecast: Whole
    decline_with_reason: tuple[Key, ...] = ()
    """The invitees who decline with a reason, or give a written contribution."""


class Reports(Sourced):
    """Who is asked for a report on each child before one kind of meeting, and how silence is chased. All numbers are working days."""

    asked_of: tuple[Key, ...] = Field(min_length=1)
    limit: Key
    """The timescale, counted back from the meeting, by which they are due."""
    to_parents: Key
    """The one by which the parents have them."""
    reminded: Whole
    """Before the due day, at the opening of the office."""
    chased_after: tuple[Counted, ...] = ()
    """After the due day; the last time the agency's safeguarding lead is told too."""
    leaves_out: tuple[Section, ...] = ()
    """Sections that such a meeting does not ask for."""


class ReportForm(Sourced):
    """What a report tells of each child, in its order."""

    parts: tuple[Key, ...] = ()
    """The invitees who write such a one; without it: all others."""
    sections: tuple[Section, ...] = Field(min_length=1)
    fewest_words: Whole
    """A section with fewer is said to be short. It is taken all the same."""


class ReportDrafts(Sourced):
    """How many days after its meeting was held or called off a report that was begun and never given is kept."""

    kept_days: Counted


class AgendaItem(Sourced):
    """One item of an agenda."""

    title: Title
    for_each: bool = False
    """One for each child."""
    there: Literal["everybody", "without_family", "family_alone", "separately"] = "everybody"
    """`without_family` is the closed part; `separately`: one for each person who attends separately."""
    shows: Literal["standing", "voice", "reports", "threshold", "missing"] | None = None
    """What is known of the child and stands under it."""
    decides: bool = False


class AgendaRule(Sourced):
    """The items of one kind of meeting, in their order."""

    items: tuple[Key, ...] = Field(min_length=1)


class ThresholdDocument(Sourced):
    """The agreed thresholds of the safeguarding board: linked in every letter about a meeting or a report, and on every page that such a letter opens."""

    title: Title
    cy: WebAddress
    en: WebAddress
    edition: Words

    def in_(self, language: Language) -> str:
        """Its address in that language."""
        return self.cy if language == "cy" else self.en


class Letterhead(Sourced):
    """Who writes, as a family is told: the authority's children's services, by the name that people know."""

    title: Title
    cy: Words
    en: Words


class Entitlement(Sourced):
    """What betrays a thing that is hidden from somebody; whoever is told nothing of a child needs no such list."""

    betrayed_by: Mapping[Hidden, tuple[Fact, ...]]


class Outline(Sourced):
    """Who reads why a conference is held, with a code."""

    told: tuple[Key, ...]
    """Parts in which people are invited."""


class ChildsPaper(Model):
    """A child's own paper in plain words."""

    goes_with: tuple[Paper, ...]
    from_age: Counted
    """In years, on the day of the conference; younger children are told by somebody whom they know."""
    sections: tuple[PaperSection, ...]


class Listed(Model):
    """Who took part in a conference, as a paper lists it."""

    listed_in: tuple[Paper, ...]
    kept_apart_for: tuple[Key, ...]
    """Parts that read who attended separately, and who was not invited and why."""
    betray_kept_apart: tuple[Key, ...]
    """Parts that are left out for the family, where somebody attended separately: that they were there would tell."""


class Papers(Sourced):
    """What people get after a conference."""

    told: tuple[Key, ...]
    """Parts in which people are invited; of each child the check is asked besides."""
    open_days: Counted
    """How long the page stays open, in days."""
    sections: Mapping[Paper, tuple[PaperSection, ...]]
    after: Mapping[Paper, tuple[Key, ...]]
    """After which kinds of meeting."""
    child: ChildsPaper = ChildsPaper(goes_with=(), from_age=1, sections=())
    attendance: Listed = Listed(listed_in=(), kept_apart_for=(), betray_kept_apart=())
    """As both were before they were in the file: no child had a paper of its own, and no paper had a list."""

    def form(self, paper: Paper) -> tuple[PaperSection, ...]:
        """All that is written for that paper: what grown-ups read, then what the child does."""
        return (*self.sections[paper], *(self.child.sections if paper in self.child.goes_with else ()))


class Registration(Sourced):
    """The categories of the Child Protection Register; one or more for each child."""

    categories: tuple[Harm, ...] = Field(min_length=1)


class Kept(Sourced):
    """How long a closed record is kept in one state: until the later of the two."""

    birthday: Annotated[int, Field(strict=True, ge=18, le=120)] | None = None
    """The child's birthday of that age; none where none comes any more."""
    years: Counted
    """After the record was closed, or the journey ended."""


class Retention(Model):
    """How long a closed record is kept, by state: the one that keeps longest counts."""

    neither: Kept
    enquired: Kept
    registered: Kept
    looked_after: Kept
    died: Kept
    looked_after_died: Kept

    @model_validator(mode="before")
    @classmethod
    def _as_it_was(cls, said: dict[str, Any]) -> dict[str, Any]:
        """Files of before name one source for all, and know four states: a journey that began by one is still read by it."""
        if "source" not in said:
            return said
        one = {name: said[name] for name in Sourced.model_fields if name in said}
        states = {name: {**one, **each} for name, each in said.items() if name not in one}
        return {**states, "enquired": states["registered"], "looked_after_died": states["died"]}


class Threshold(Sourced):
    """A threshold in law and its elements."""

    title: Title
    elements: tuple[ThresholdElement, ...] = Field(min_length=1)
