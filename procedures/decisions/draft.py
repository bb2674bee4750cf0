"""A decision in the making: what a command changes, raises, lacks and tells. Pure: `now` is passed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from procedures.lifecycle import STOOD_DOWN, NotPossible, following, next_stage
from procedures.refusals import Refused
from procedures.rules import Rules
from schemas.base import Model
from schemas.commands.base import Command, EnquiryCommand
from schemas.state import Enquiry, JourneyState, MissingThing


class Event(Model):
    """What happened, in the words that timescales start and stop on. An enquiry's event touches its own timescales only."""

    name: str
    scope: int | None = None
    of: str | None = None
    """It ends only the timescales that this event started: the reports for one conference are not those for another."""
    held_by: str | None = None
    """The meeting of this service that held the conference; none where it was held elsewhere."""
    sent_by: str | None = None
    """The meeting whose paper it was; none for that of a conference held elsewhere."""
    same_day: bool = False
    """Physical or sexual harm is alleged: the timescales that say so end the same day."""
    started_at: datetime | None = None
    """Where a timescale counts from an earlier instant than the event (the report)."""
    anchor: datetime | None = None
    """For limits counted back from a date."""
    only_running: bool = False
    """It moves timescales that run, and starts none anew: a conference moved does not ask again for reports that are in."""


class Begun(Model):
    """A timescale that begins by itself, not with an event that happens now: a record was taken over."""

    clock: str
    by: str
    """The event it counts from, as in the rules."""
    at: datetime
    """When that was."""
    scope: int | None = None
    anchor: datetime | None = None
    or_now: bool = False
    """Where its time has passed, nobody knows whether it was done: then it is due on the day of taking over."""


class Notice(Model):
    """Somebody is told at once."""

    about: str
    roles: tuple[str, ...]
    content: dict[str, Any] = {}


@dataclass
class Decision:
    """What a command comes to. Everything in it can be put into JSON."""

    facts: dict[str, Any] = field(default_factory=lambda: {})
    opened: dict[str, Any] | None = None
    enquiry_facts: dict[int, dict[str, Any]] = field(default_factory=lambda: {})
    moves: list[dict[str, Any]] = field(default_factory=lambda: [])
    events: list[Event] = field(default_factory=lambda: [])
    begun: list[Begun] = field(default_factory=lambda: [])
    notices: list[Notice] = field(default_factory=lambda: [])
    lacking: list[str] = field(default_factory=lambda: [])
    notes: list[str] = field(default_factory=lambda: [])


class Draft:
    """Collects a decision; each verb below is used by the decisions of `procedures.decisions`."""

    def __init__(self, state: JourneyState, command: Command, now: datetime, rules: Rules, posts: Mapping[str, str]) -> None:
        self.state, self.command, self.now, self.rules, self.posts = state, command, now, rules, posts
        self.decision = Decision()
        self._missing = list(state.missing)
        self._stages = {enquiry.number: enquiry.stage for enquiry in state.enquiries}
        self._registration = state.registration

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.command.happened_at

    @property
    def enquiry(self) -> Enquiry:
        """The enquiry meant: the one named, else the latest that is open, else the latest.

        Raises:
            Refused: where there is no such enquiry.
        """
        wanted = self.command.enquiry if isinstance(self.command, EnquiryCommand) else None
        if wanted is not None:
            for enquiry in self.state.enquiries:
                if enquiry.number == wanted:
                    return enquiry
            raise Refused("no_such_enquiry", number=wanted)
        if not self.state.enquiries:
            raise Refused("no_enquiry")
        running = [each for each in self.state.enquiries if each.stage not in STOOD_DOWN | {"registered"}]
        return (running or list(self.state.enquiries))[-1]

    @property
    def protected_in(self) -> Enquiry:
        """The enquiry that a protective step belongs to. Where there is none, or the last ended in registration before this happened,
        the step opens one of its own: what protects does not wait for a report. The report is then what is missing.
        """
        if self.state.enquiries:
            enquiry = self.enquiry
            if enquiry.stage != "registered" or enquiry.conference_at is None or self.at <= enquiry.conference_at:
                return enquiry
        enquiry = self.opens(Enquiry(number=len(self.state.enquiries) + 1, reported_at=self.at, how="none", reporter="none"))
        self.raises("report_received", enquiry)
        self.lacks("report", "enquiry", enquiry)
        self.tells("enquiry_without_report", "team_manager")
        return enquiry

    def opens(self, enquiry: Enquiry) -> Enquiry:
        """A new enquiry, beside whatever runs."""
        self.decision.opened = enquiry.model_dump(mode="json")
        self._stages[enquiry.number] = enquiry.stage
        return enquiry

    def move(self, trigger: str, enquiry: Enquiry | None = None) -> None:
        """Take a step of a machine.

        Raises:
            Refused: where the procedures know no such step from that stage.
        """
        machine = "registration" if enquiry is None else "enquiry"
        stage = self._registration if enquiry is None else self._stages[enquiry.number]
        try:
            after = next_stage(machine, stage, trigger)
        except NotPossible as error:
            raise Refused("not_from_this_stage", stage=stage, step=self.command.name, then=following(machine, stage)) from error
        if enquiry is None:
            self._registration = after
            self.decision.moves.append({"trigger": trigger})
        else:
            self._stages[enquiry.number] = after
            self.decision.moves.append({"trigger": trigger, "enquiry": enquiry.number})

    def reopened(self, enquiry: Enquiry) -> Enquiry:
        """The enquiry, taken up again where it had been stood down: what protects is never refused for what was decided before."""
        if enquiry.stage not in STOOD_DOWN:
            return enquiry
        self.move("screen_strategy", enquiry)
        begun_anew = {"stood_down": False, "s47_at": None, "determination": None, "first_strategy_at": None, "safety_plan": False}
        self.learns(enquiry, **begun_anew)
        return enquiry.model_copy(update={**begun_anew, "stage": "strategy"})

    def no_longer_planned(self, *conferences: str) -> None:
        """Those dates are no longer booked."""
        self.fact(planned={kind: at for kind, at in self.state.planned.items() if kind not in conferences})

    def name_removed(self) -> None:
        """The name leaves the register, and with it all that was due for it."""
        self.move("deregister")
        self.fact(categories=())
        self.raises("deregistered")

    def raises(self, name: str, enquiry: Enquiry | None = None, **details: Any) -> None:
        """Something happened that timescales start or stop on."""
        self.decision.events.append(Event(name=name, scope=None if enquiry is None else enquiry.number, **details))

    def begins(self, clock: str, by: str, at: datetime, enquiry: Enquiry | None = None, **details: Any) -> None:
        """A timescale of a record that is taken over."""
        self.decision.begun.append(Begun(clock=clock, by=by, at=at, scope=None if enquiry is None else enquiry.number, **details))

    def fact(self, **facts: Any) -> None:
        """What is now known of the child."""
        self.decision.facts.update(json_of(facts))

    def learns(self, enquiry: Enquiry, **facts: Any) -> None:
        """What is now known of the enquiry."""
        self.decision.enquiry_facts.setdefault(enquiry.number, {}).update(json_of(facts))

    def tells(self, about: str, *roles: str, **content: Any) -> None:
        """These roles are told at once."""
        self.decision.notices.append(Notice(about=about, roles=roles, content=json_of(content)))

    def lacks(self, thing: str, about: str, enquiry: Enquiry | None = None) -> None:
        """It takes effect without this, which becomes urgent and is owned; the record cannot be closed while it is missing."""
        number = None if enquiry is None else enquiry.number
        self._missing.append(MissingThing(thing=thing, about=about, enquiry=number, since=self.at))
        self.decision.lacking.append(thing)
        self._keep_missing()

    def given(self, thing: str, about: str | None = None, enquiry: Enquiry | None = None) -> bool:
        """What was missing is there. True where it had been missing."""
        number = None if enquiry is None else enquiry.number

        def meant(each: MissingThing) -> bool:
            return each.thing == thing and (about is None or each.about == about) and (number is None or each.enquiry == number)

        kept = [each for each in self._missing if not meant(each)]
        was_missing = len(kept) < len(self._missing)
        self._missing = kept
        if was_missing:
            self._keep_missing()
        return was_missing

    def is_missing(self, thing: str, enquiry: Enquiry) -> bool:
        """Whether anything of that kind is still missing in the enquiry."""
        return any(each.thing == thing and each.enquiry == enquiry.number for each in self._missing)

    def must_be_safe(self, enquiry: Enquiry) -> None:
        """Nobody stands a child down who is not known to be safe, or before the police know of a possible crime.

        Raises:
            Refused: the child was not checked, is not safe, or the police were not told.
        """
        if enquiry.safe is not True:
            raise Refused("screening_before_safety")
        if self.state.open_clocks("police_told", enquiry.number):
            raise Refused("screening_before_police")

    def notes(self, key: str) -> None:
        """Something the person should know; not a refusal."""
        self.decision.notes.append(key)

    def _keep_missing(self) -> None:
        self.fact(missing=self._missing)


def json_of(value: Any) -> Any:
    """The value as JSON holds it (instants as ISO 8601)."""
    if isinstance(value, Mapping):
        return {str(key): json_of(each) for key, each in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return to_jsonable_python(value)
