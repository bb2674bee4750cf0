"""A meeting: who is invited, what they answered, and where it stands. Ids, dates and enumerations; words of people stand in the record."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language
from schemas.commands.base import Envelope
from schemas.engine import Refusal, Told
from schemas.letters import LetterOrder
from schemas.papers import Circulated
from schemas.reports import ReportAsked, ReportsShown


class MeetingKind(StrEnum):
    """The kinds of meeting (WSP sections 3 and 4)."""

    strategy = "strategy"
    icpc = "icpc"
    pre_birth = "pre_birth"
    transfer_in = "transfer_in"
    rcpc = "rcpc"
    core_group = "core_group"
    family_network = "family_network"


class Reply(StrEnum):
    """What somebody who was invited said."""

    accepted = "accepted"
    declined = "declined"
    tentative = "tentative"
    another_time = "another_time"
    """Proposes another time; comes to the one that was named only if it stays."""
    written = "written"
    """Will not be there and sends a written contribution."""


Via = Literal["calendar", "page", "told"]
"""How an answer came: by calendar, by the signed page, or told to somebody who recorded it."""


class Answered(Model):
    """The answer that counts: the latest that was given to the date that stands."""

    reply: Reply
    at: Instant
    """When it was given: said by the sender's calendar, or stamped when the page was sent."""
    via: Via
    by: Identifier
    """Who said it, or recorded it."""
    proposed: Instant | None = None
    reason: str | None = None
    """A reference to the words in the record."""


class Invitee(Model):
    """One person, in one part, for those of the children that the person may hear of."""

    id: Identifier
    """Opaque, of this meeting: it stands in links and calendar objects."""
    role: str
    """A key of the invitees in the procedures file."""
    person: Identifier
    agency: Identifier | None = None
    children: tuple[Identifier, ...]
    added: bool = False
    """By the arranger, beyond what the procedures ask for."""
    contribution: Literal["attend", "written"] = "attend"
    """What the chair asks for, where the procedures leave it to the chair."""
    sequence: int | None = None
    """Of the last calendar object that was ordered for this person (RFC 5546); none where none was."""
    date: int | None = None
    """The number of the date that it told of."""
    since: int | None = None
    """The number of the calendar object that first told of the time that stands: an answer to it, or to a later one, counts.
    None where an older version ordered the last: then an answer to that one alone.
    """
    asked_at: Instant | None = None
    """When the invitation to the time that stands was ordered."""
    sent_at: Instant | None = None
    """When the last calendar object was ordered; none where that was `asked_at`, on an older version."""
    answer: Answered | None = None
    chased: int = 0
    """How many times since the date that stands was sent."""
    reminded: bool = False
    """Of the day before."""
    undeliverable: bool = False
    """The mail server refused the last letter for good."""
    contact_undeliverable: bool = False
    """The same of whoever is written to in this person's stead: a school's holiday contact, or the agency's lead."""
    released: tuple[Identifier, ...] = ()
    """Of the family: for which of the children the social worker has let it go out. Nothing goes before it is all of them."""
    spoken_at: Instant | None = None
    """When this person was told face to face, or by telephone, before anything was sent."""
    needs: bool = False
    """Needs something booked with the date: an interpreter, for instance."""
    booked_for: int | None = None
    """The number of the date for which that is booked."""
    apart: bool = False
    """Comes at a separate time, as the family's record says: letters say so. Who is kept from whom is the meeting's `kept_from`."""
    on_paper: bool = False
    """The last letter was one on paper, for the social worker to hand over or post."""
    handed_over_at: Instant | None = None
    """When that letter was handed over, or posted; none while it is owed."""
    waits: bool = False
    """An answer came by mail that counts only once a person has confirmed it."""
    waiting: tuple[Identifier, ...] = ()
    """The mails of which that is so, each by a hash of it; none of those that an older version wrote down."""

    @property
    def is_released(self) -> bool:
        """True where everything that was to be released is: the children whom this person may hear of."""
        return set(self.children) <= set(self.released)

    @property
    def comes(self) -> bool:
        """True where this person said so."""
        return self.answer is not None and self.answer.reply is Reply.accepted

    @property
    def silent(self) -> bool:
        """True where nothing was heard since the date that stands was sent."""
        return self.answer is None


class TookPart(Model):
    """How somebody who was invited took part on the day."""

    invitee: Identifier = Field(description="The invitee's id, as `siwrnai meeting show` names it.")
    how: Literal["there", "telephone", "video", "sent_somebody", "written", "absent"] = Field(
        description="There; by telephone or video; somebody else of the agency came; a written contribution; absent without one."
    )
    children: tuple[Identifier, ...] = Field(
        default=(), description="Where somebody was there for some of the children alone; without it for all that the person may hear of."
    )

    @property
    def present(self) -> bool:
        """True where the invitee, or somebody for the same agency, took part in the discussion itself."""
        return self.how in {"there", "telephone", "video", "sent_somebody"}


class TakingPart(StrEnum):
    """How a child takes part in a meeting about it."""

    attends = "attends"
    part = "part"
    """For a part of the meeting."""
    advocate = "advocate"
    """Through the advocate."""
    written = "written"
    video = "video"
    through_worker = "through_worker"
    """Through somebody who works with the child."""
    declined = "declined"


class Participation(Model):
    """How one child takes part: chosen before, recorded after."""

    chosen: TakingPart | None = None
    took: TakingPart | None = None
    changed: str | None = None
    """What changed because of it: a reference to the words in the record."""
    declined: int = 0
    """How many times the child said no to this meeting."""


class FollowUp(Model):
    """An agency that was absent without a contribution, and was followed up."""

    invitee: Identifier
    at: Instant
    by: Identifier
    outcome: str
    """What came of it: a reference to the words in the record."""


class LeftOut(Model):
    """Somebody whom the procedures would have invited, and why not: a reference to the words in the record."""

    role: str
    children: tuple[Identifier, ...]
    reason: str


class About(Model):
    """A child that the meeting is about."""

    child: Identifier
    family: Identifier
    team: Identifier
    due: Instant | None = None
    """The formal due date of the timescale that the meeting meets; it stays where the meeting moves."""


class MeetingState(Model):
    """The whole state of one meeting. Changed by `procedures.meetings.fold.apply` alone."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    meeting: Identifier
    authority: Identifier
    seq: int = 0
    stage: Literal["none", "arranged", "called_off", "held"] = "none"
    kind: MeetingKind | None = None
    about: tuple[About, ...] = ()
    starts: Instant | None = None
    ends: Instant | None = None
    place: str | None = None
    """A reference to the words in the record."""
    chair: Identifier | None = None
    arranger: Identifier | None = None
    date: int = 0
    """The number of the date that stands: 0 when it was arranged, one more each time that date, time or place changed."""
    invitees: tuple[Invitee, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    gone: dict[Identifier, int] = {}
    """Who was invited once and is not any more, with the number of the calendar object that cleared it: whoever comes back gets the next."""
    authors: dict[Identifier, Invitee] = {}
    """Who gave a report and was left out afterwards, as they were invited: the report stays."""
    participation: dict[Identifier, Participation] = {}
    """By child."""
    kept_from: dict[Identifier, tuple[Identifier, ...]] = Field(default={}, alias="apart")
    """By invitee who attends separately: with whom that person is never in the room. `apart` where it is written down."""
    attendance: tuple[TookPart, ...] = ()
    """Of the day on which it was held; whoever is not named is not known of."""
    held_by: Identifier | None = None
    """The id of the command that recorded it as held: a repeat goes on telling the journeys, another is refused."""
    told: dict[Identifier, Identifier] = {}
    """By child whose journey has been told what was decided: the id of the command with which. It is told neither again nor otherwise."""
    untold: dict[Identifier, Refusal] = {}
    """By child whose journey could not take what was decided: why, in either language. While there is one the meeting stays open."""
    closed: bool = False
    """It was held, and somebody closed it although a journey could not be told what was decided."""
    followed_up: tuple[Identifier, ...] = ()
    """Invitees whose agency was absent without a contribution and is still to be followed up."""
    follow_ups: tuple[FollowUp, ...] = ()
    """Those that have been."""
    forecast_told: bool | None = None
    """Whether the chair was last told that there will be enough; none before the chair was told anything."""

    release_reminded: int | None = None
    """The number of the date for which the social worker was reminded that somebody of the family has not been told."""
    reports: tuple[ReportAsked, ...] = ()
    """Of each agency on each child, in the order in which they were asked for."""
    reports_shown: tuple[ReportsShown, ...] = ()
    """Which parents have the reports on whom."""
    circulated: tuple[Circulated, ...] = ()
    """The papers that went out after it was held, each as it went last; of some children it may have gone by itself."""

    def invitee(self, id: str) -> Invitee | None:
        """Who has that id here; none where nobody has."""
        return next((each for each in self.invitees if each.id == id), None)

    def author(self, id: str) -> Invitee | None:
        """Who has that id here, or had it and gave a report; none where nobody has."""
        return self.invitee(id) or self.authors.get(id)

    @property
    def reported(self) -> tuple[tuple[ReportAsked, Invitee], ...]:
        """Each report that was given, and each that somebody who is invited was asked for, with its author."""
        found = ((each, self.author(each.invitee)) for each in self.reports if each.given is not None or self.invitee(each.invitee))
        return tuple((each, author) for each, author in found if author is not None)

    def report(self, invitee: str, child: str) -> ReportAsked | None:
        """That person's report on that child; none where none was asked for."""
        return next((each for each in self.reports if (each.invitee, each.child) == (invitee, child)), None)

    @property
    def due(self) -> Instant | None:
        """The earliest formal due date among the children's."""
        return min((each.due for each in self.about if each.due is not None), default=None)

    @property
    def papers_until(self) -> Instant | None:
        """How long the pages of its papers stay open; none where nothing was circulated."""
        return max((each.until for each in self.circulated), default=None)

    @property
    def open(self) -> bool:
        """True while it is arranged and neither held nor called off."""
        return self.stage == "arranged"


class MeetingEntry(Model):
    """One entry of a meeting's own log."""

    seq: int
    kind: str
    happened_at: Instant
    decided_at: Instant
    actor: str
    cause: str
    """Unique for the meeting."""
    command_id: str | None = None
    content: dict[str, Any]


class MeetingAnswer(Model):
    """What a command to a meeting got."""

    meeting: Identifier
    command_id: str
    entries: tuple[int, ...]
    notes: tuple[str, ...] = ()
    """What is missing and was told, by key of `meeting_notes` in the words."""


class MeetingFlush(Model):
    """What a meeting has to record at one time."""

    state: MeetingState
    """As it is after the entries: the read model."""
    expected_head: int
    entries: tuple[MeetingEntry, ...]
    letters: dict[Identifier, tuple[LetterOrder, ...]] = {}
    """By the child under whose protection the letter stands."""
    command_id: Identifier | None = None
    answer: MeetingAnswer | None = None
    tell: tuple[Told, ...] = ()
    """What each child's journey is told: the date that is booked."""
    next_wake: Instant | None = None
    """When time alone brings something."""


class MeetingBegin(Model):
    """How a meeting begins, or goes on in a new run."""

    state: MeetingState
    alone: bool | None = None
    """True where it runs again for one command alone, and ends with it. None where an older version began it: then it is so if it was held."""
    next_wake: Instant | None = None
    ahead: timedelta = timedelta()
    """In a rehearsal: how far the meeting's clock is ahead of the engine's. Nothing in life."""


class MeetingQuestion(Model):
    """What does this command come to? Without one: what does the passing of time come to?"""

    state: MeetingState
    now: Instant
    envelope: Envelope | None = None


class MeetingRecorded(Model):
    """What the record says after an append: the first answer, where the command had been recorded earlier and nothing was written now."""

    answer: MeetingAnswer | None = None


class MeetingSight(Model):
    """What a query shows of a meeting as it stands in the engine."""

    state: MeetingState
    now: Instant
    next_wake: Instant | None


class Contact(Model):
    """Whom to write to for an agency or a role, as the directory has it now."""

    person: Identifier
    agency: Identifier | None = None
    language: Language | None = None
    reachable: bool = True
    """Has an address."""
