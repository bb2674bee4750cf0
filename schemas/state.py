"""Where a child's journey stands: the fold of its timeline. Ids, dates and enumerations, no words of people."""

import datetime as dt

from schemas.base import Identifier, Instant, Model
from schemas.clocks import Clock, ClosedClock
from schemas.commands.base import Harm
from schemas.entitlement import Hidden, Restriction
from schemas.timeline import Stages, Versions


class Enquiry(Model):
    """One enquiry, from a report to its conference or its standing down."""

    number: int
    stage: str = "reported"
    reported_at: Instant
    how: str
    reporter: str
    alleged: tuple[Harm, ...] = ()
    possible_crime: bool = False
    safe: bool | None = None
    """What the last check of immediate safety said; none before the first."""
    strategies: int = 0
    first_strategy_at: Instant | None = None
    """Kept when another strategy meeting restarts the timescale of the conference, so that drift shows."""
    last_strategy_at: Instant | None = None
    s47_at: Instant | None = None
    determination: str | None = None
    conference_decided_at: Instant | None = None
    conference_at: Instant | None = None
    """When its initial conference was held."""
    safety_plan: bool = False
    stood_down: bool = False


class MissingThing(Model):
    """What a decision took effect without: owned, with a timescale; the record cannot be closed while it is missing."""

    thing: str
    """`rationale`, `safety_plan`, `voice`, `police_or_social_services` …"""
    about: str
    enquiry: int | None = None
    since: Instant


class Move(Model):
    """A move to another authority under way."""

    to_authority: Identifier
    told_at: Instant
    temporary: bool
    visits_by: str
    permanent_at: Instant | None = None


class JourneyState(Model):
    """The whole state of one child's journeys. Changed by `procedures.fold.apply` alone."""

    child: Identifier
    family: Identifier
    authority: Identifier
    team: Identifier
    seq: int = 0
    journey: int = 0
    """The number of the present journey; a closed one is followed by the next on the same chain."""
    closed: bool = False
    ended: str | None = None
    ended_from: str | None = None
    """Where the registration stood when the journey ended, should the ending have been recorded in error."""
    registration: str = "not_registered"
    enquiries: tuple[Enquiry, ...] = ()
    categories: tuple[Harm, ...] = ()
    registered_at: Instant | None = None
    last_conference_at: Instant | None = None
    last_review_at: Instant | None = None
    reviews_held: int = 0
    core_groups_held: int = 0
    planned: dict[str, Instant] = {}
    """The dates booked, by kind of conference: a review and an initial conference may both be planned."""
    chair: Identifier | None = None
    """Who chaired last; another chair needs a reason, and is counted."""
    chair_changes: int = 0
    roles: dict[str, Identifier] = {}
    shut_out: tuple[Identifier, ...] = ()
    """Persons against whom there is an allegation: told nothing about this child."""
    restrictions: tuple[Restriction, ...] = ()
    """What is hidden from whom, besides."""
    turns_18: Instant | None = None
    """Where the date of birth was known when the child was registered or born."""
    unborn: bool = False
    expected_on: dt.date | None = None
    looked_after: bool = False
    looked_after_reviews: int = 0
    child_missing: bool = False
    missing_since: Instant | None = None
    """The latest instant at which the child was said to have gone missing."""
    plan_agreed: bool = False
    contingency_plan: bool = False
    voice_at: Instant | None = None
    voice_declined: tuple[Identifier, ...] = ()
    """To what the child said no since it was last heard: meetings, by id, and `voice:<n>` for the n-th time that it was asked otherwise."""
    conference_record_open: bool = False
    voice_changed_said: bool = False
    """Whether it was said of the last conference's decision what the child's voice changed in it, or why nothing."""
    papers_of: dict[str, Identifier] = {}
    """By paper that comes after a conference: the meeting of this service that held it and sends it; none where it was held elsewhere."""
    move: Move | None = None
    hold_until: Instant | None = None
    missing: tuple[MissingThing, ...] = ()
    clocks: dict[str, Clock] = {}
    """By instance."""
    stopped_by_ending: tuple[Clock, ...] = ()
    """What ran when the journey ended: should the ending have been recorded in error, it runs again."""
    closed_clocks: dict[str, ClosedClock] = {}
    """The last ended instance, by clock and scope."""
    done: dict[str, tuple[Instant, ...]] = {}
    """The last instants of what ends timescales, by event (`event@enquiry`): a start that is told late finds there what was done since."""
    instances: dict[str, int] = {}
    """How many instances of each clock there were."""
    versions: Versions = Versions(rules="", calendar=0, settings=0)

    @property
    def stages(self) -> Stages:
        """Where the registration and each enquiry stand."""
        return Stages(registration=self.registration, enquiries=tuple((e.number, e.stage) for e in self.enquiries))

    @property
    def told_nothing(self) -> tuple[Identifier, ...]:
        """Who is told nothing about this child: after an allegation, or by a restriction."""
        barred = {each.person for each in self.restrictions if each.hidden is Hidden.everything}
        return tuple(sorted({*self.shut_out, *barred}))

    @property
    def registered(self) -> bool:
        """True while the child's name is on the register, temporarily or not."""
        return self.registration in {"registered", "temporarily_registered"}

    def enquiry(self, number: int) -> Enquiry:
        """The enquiry with that number (KeyError where there is none)."""
        for enquiry in self.enquiries:
            if enquiry.number == number:
                return enquiry
        raise KeyError(number)

    def open_clocks(self, clock: str, scope: int | None) -> list[Clock]:
        """The running timescales of that kind in that scope."""
        return [each for each in self.clocks.values() if each.clock == clock and each.scope == scope]
