"""A child's journey worked out by the pure rules alone: no engine, no database. Reads as a case file does."""

import datetime as dt
from typing import Any

from procedures.decisions import Refused
from procedures.fold import digest, fold
from procedures.in_force import rules_in_force
from procedures.recipients import Directory
from procedures.settlement import Settlement, became_late, next_wake, settle_command, settle_due, told_of_late
from procedures.times import LONDON
from procedures.working_days import Calendar
from procedures.writing import Surroundings
from schemas.clocks import Clock
from schemas.commands import COMMANDS
from schemas.letters import LetterOrder
from schemas.state import JourneyState
from schemas.timeline import Answer, Entry, Versions

POSTS = {
    "duty_manager": "p-duty",
    "team_manager": "p-huw",
    "service_manager": "p-carys",
    "head_of_service": "p-rhodri",
    "director": "p-meinir",
    "reviewing_service": "p-review",
    "reviewing_service_head": "p-review-head",
    "senior_safeguarding_manager": "p-senior",
}


def at(text: str) -> dt.datetime:
    """`2026-11-20 16:40` on the wall clock of Wales; a day alone is its last second."""
    if len(text) == 10:
        text += " 23:59:59"
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON)


class Child:
    """One child. `does` a command; `wait` lets time pass, firing all that is due on the way."""

    def __init__(self, posts: dict[str, str] | None = None, deputies: dict[str, str | None] | None = None) -> None:
        self.state = JourneyState(child="c-1", family="f-1", authority="sir-enghraifft", team="t-1")
        self.entries: list[Entry] = []
        self.letters: list[LetterOrder] = []
        self.directory = Directory(posts=posts or POSTS, deputies=deputies or {})
        self.now = at("2026-11-01 09:00")
        self.commands = 0

    @property
    def around(self) -> Surroundings:
        rules = rules_in_force()
        return Surroundings(rules, Calendar(version=0), self.directory, Versions(rules=rules.hash, calendar=0, settings=0))

    def does(self, name: str, when: str, told: str | None = None, **fields: Any) -> Answer:
        """A command that happened `when`, recorded then or when `told`."""
        happened = at(when)
        self.wait(told or when)
        command = COMMANDS[name].model_validate({"actor": "p-mari", "happened_at": happened, **fields})
        self.commands += 1
        settlement = settle_command(self.state, f"k-{self.commands}", command, self.now, self.around)
        self._take(self._told_of_late(settlement))
        assert settlement.answer is not None
        return settlement.answer

    def refused(self, name: str, when: str, **fields: Any) -> str:
        """The code with which the command is refused; nothing has changed."""
        self.wait(when)
        before = digest(self.state)
        try:
            self.does(name, when, **fields)
        except Refused as refused:
            assert digest(self.state) == before
            return refused.code
        raise AssertionError(f"{name} was taken")

    def wait(self, until: str) -> None:
        """Let time pass, waking at each instant that a timescale needs."""
        end = at(until)
        while (wake := next_wake(self.state)) is not None and wake <= end:
            self.now = max(self.now, wake)
            settlement = settle_due(self.state, self.now, self.around)
            assert settlement.entries, f"woken at {wake} for nothing"
            self._take(self._told_of_late(settlement))
        self.now = max(self.now, end)

    def _told_of_late(self, settlement: Settlement) -> Settlement:
        late = became_late(self.state, settlement.state)
        return told_of_late(settlement, late, {}, self.now, self.around)

    def _take(self, settlement: Settlement) -> None:
        self.state = fold(self.state, settlement.entries)
        assert digest(self.state) == settlement.entries[-1].digest
        self.entries += settlement.entries
        self.letters += settlement.letters

    def clock(self, name: str) -> Clock:
        """The one running timescale of that name."""
        (clock,) = [each for each in self.state.clocks.values() if each.clock == name]
        return clock

    def runs(self, name: str) -> bool:
        """True where a timescale of that name runs."""
        return any(each.clock == name for each in self.state.clocks.values())

    def due(self, name: str) -> str:
        """When the running timescale of that name is due, on the wall clock; a day alone where it is its end."""
        due = self.clock(name).plan.due.astimezone(LONDON)
        return f"{due:%Y-%m-%d}" if f"{due:%H:%M:%S}" == "23:59:59" else f"{due:%Y-%m-%d %H:%M}"

    def said(self, name: str) -> list[str]:
        """What the timeline says of that timescale, in order."""
        return [entry.content["state"] for entry in self.entries if entry.kind in {"clock", "watch"} and entry.content["clock"] == name]

    def told(self, about: str) -> list[str]:
        """Who was written to about that."""
        return [letter.recipient for letter in self.letters if letter.about == about]


THERE = [{"agency": "social_services"}, {"agency": "police"}, {"agency": "school"}, {"agency": "health_visitor"}]

EVIDENCE = [{"concern": "neglect", "change": "Fed and clean.", "seen_by": "School nurse.", "over": "Six months."}]

REGISTERS: dict[str, Any] = {"chair": "p-nia", "attendance": THERE, "decision": "register", "categories": ["neglect"], "rationale": "Why."}
"""What an initial conference says that registers the child for neglect."""


def reported(**fields: Any) -> Child:
    """A child about whom a teacher telephoned on Friday 20 November 2026 at 16:40."""
    child = Child()
    report: dict[str, Any] = {"how": "telephone", "alleged": ["physical"], "possible_crime": True, "words": "A bruise.", **fields}
    child.does("report", "2026-11-20 16:40", **report)
    return child


def enquired_into(**fields: Any) -> Child:
    """The same child, with section 47 enquiries begun on Monday 23 November 2026 at 15:00."""
    child = reported(**fields)
    child.does("safety_checked", "2026-11-20 17:05", safe=True)
    child.does("police_told", "2026-11-20 17:05")
    child.does("written_report", "2026-11-20 17:35", received_at=at("2026-11-20 17:35"))
    child.does("screened", "2026-11-23 10:05", decision="strategy", rationale="Why.", threshold_element="significant_harm_likely")
    child.does("strategy_held", "2026-11-23 15:00", attendance=THERE, outcome="section47_joint", medical="needed", rationale="Why.")
    child.does("visit", "2026-11-23 17:30", seen=True, alone="alone", place="family")
    child.does("advocacy_offered", "2026-11-23 17:30", answer="accepted")
    child.does("reporter_told", "2026-11-24 17:00")
    return child


def registered(**fields: Any) -> Child:
    """The same child, registered on Monday 14 December 2026 at 13:30."""
    child = enquired_into(**fields)
    child.does("allocated", "2026-11-24 17:30", role="social_worker", person="p-mari")
    child.does("determined", "2026-12-02 16:00", outcome="substantiated_at_risk", rationale="Why.")
    child.does("safety_plan_agreed", "2026-12-02 17:10", words="Who does what.")
    child.does("advocacy_offered", "2026-12-02 17:10", answer="accepted")
    child.does("voice_recorded", "2026-12-10 10:00", how="in_person", worries="That I must move.")
    child.does("conference_held", "2026-12-14 13:30", **REGISTERS)
    child.does("advocacy_offered", "2026-12-14 16:00", answer="accepted")
    return child
