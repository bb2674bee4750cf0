"""A meeting worked out by the pure rules alone: no engine, no database."""

import datetime as dt
from typing import Any

from procedures.in_force import rules_in_force
from procedures.meetings.around import Around
from procedures.meetings.decide import MeetingSettlement, next_wake, settle_command, settle_due
from procedures.meetings.fold import fold
from procedures.meetings.invitees import ChildFacts, Resolved, resolved, wanted
from procedures.office import Office
from procedures.working_days import Calendar
from schemas.family import Reach
from schemas.letters import LetterKind, LetterOrder
from schemas.meeting_commands import MEETING_COMMANDS
from schemas.meetings import About, Contact, Invitee, MeetingAnswer, MeetingEntry, MeetingState
from schemas.reports import ReportAsked
from tests.procedures.child import at

PEOPLE = {
    "social_worker": "p-mari",
    "police": "p-police",
    "education": "p-head",
    "health_visitor_or_school_nurse": "p-hv",
    "gp": "p-gp",
    "advocate": "p-advocate",
    "minute_taker": "p-minutes",
    "midwife": "p-midwife",
}
AGENCIES = {"police": "heddlu", "education": "ysgol", "gp": "meddygfa"}
LEADS = {"heddlu": "p-police-lead"}


class Table:
    """One meeting about children of one family. `does` a command; `wait` lets time pass."""

    def __init__(self, kind: str = "icpc", children: tuple[str, ...] = ("c-1",), due: str | None = "2026-12-17", **around: Any) -> None:
        self.kind, self.children = kind, children
        self.due = None if due is None else at(due)
        self.people, self.shut_out, self.unborn = dict(PEOPLE), dict[str, frozenset[str]](), frozenset[str]()
        self.family: dict[str, tuple[str, Reach]] = {}
        """By person: the part in which they are invited, and how they are reached."""
        self.releasers = {child: frozenset({"p-mari", "p-huw"}) for child in children}
        self.days = Calendar(version=0)
        self.asks_for_reports = True
        self.around_more = around
        self.state = MeetingState(meeting="m-1", authority="sir-enghraifft")
        self.now = at("2026-12-02 16:30")
        self.entries: list[MeetingEntry] = []
        self.letters: list[LetterOrder] = []
        self.commands = 0

    @property
    def around(self) -> Around:
        rules = rules_in_force() if self.asks_for_reports else rules_in_force().model_copy(update={"reports": {}})
        return Around(
            rules=rules,
            office=Office(rules.office, self.days),
            about=tuple(About(child=child, family="f-1", team="t-1", due=self.due) for child in self.children),
            resolved=self._resolved(),
            line_management=frozenset({"p-huw", "p-carys"}),
            shut_out=self.shut_out,
            leads=LEADS,
            family={person: reach for person, (_, reach) in self.family.items()},
            social_workers=dict.fromkeys(self.children, "p-mari"),
            releasers=self.releasers,
            **self.around_more,
        )

    def _resolved(self) -> Resolved:
        rules = rules_in_force()
        conditions = {child: frozenset({"unborn"}) if child in self.unborn else frozenset[str]() for child in self.children}
        about = [ChildFacts(child, conditions[child], self.shut_out.get(child, frozenset())) for child in self.children]
        parts = wanted(rules.invitees[rules.arranging[self.kind].invitees], about)
        found = {
            (role, child): [Contact(person=person, agency=AGENCIES.get(role))]
            for role, person in self.people.items()
            for child in self.children
        }
        for person, (role, _) in self.family.items():
            for child in self.children:
                found.setdefault((role, child), []).append(Contact(person=person))
        return resolved(parts, found, about)

    def does(self, command: str, when: str | None = None, **fields: Any) -> MeetingAnswer:
        """A command, told when it happened."""
        if when is not None:
            self.wait(when)
        said = MEETING_COMMANDS[command].model_validate({"actor": "p-mari", "happened_at": self.now, **fields})
        self.commands += 1
        settled = settle_command(self.state, f"k-{self.commands}", said, self.now, self.around)
        assert settled.answer is not None
        self._take(settled)
        return settled.answer

    def arranged(self, starts: str = "2026-12-15 10:00", **fields: Any) -> MeetingAnswer:
        """The date is booked."""
        said: dict[str, Any] = {
            "kind": self.kind,
            "children": self.children,
            "starts": at(starts),
            "chair": "p-nia",
            "place": "text:a#b",
            **fields,
        }
        return self.does("arranged", **said)

    def answers(self, role: str, reply: str = "accepted", when: str | None = None, **fields: Any) -> MeetingAnswer:
        """Somebody who was invited answers."""
        return self.does("answered", when, invitee=self.guest(role).id, reply=reply, via="page", **fields)

    def reports(self, role: str, child: str = "c-1", when: str | None = None, **fields: Any) -> MeetingAnswer:
        """An agency's report on a child is given; its words stand in the record."""
        words = f"report:{'0' * 31}1#{'0' * 64}"
        guest = self.guest(role)
        return self.does("report_given", when, actor=guest.person, invitee=guest.id, child=child, words=words, **fields)

    def report(self, role: str, child: str = "c-1") -> ReportAsked:
        """How that agency's report on that child stands."""
        found = self.state.report(self.guest(role).id, child)
        assert found is not None
        return found

    def guest(self, role: str) -> Invitee:
        """Who is invited in that part."""
        return next(each for each in self.state.invitees if each.role == role)

    def wait(self, until: str) -> None:
        """Time passes, and what is due on the way is done."""
        end = at(until)
        while (wake := next_wake(self.state, self.around)) is not None and wake <= end:
            self.now = max(self.now, wake)
            self._take(settle_due(self.state, self.now, self.around))
        self.now = end

    def sent(self, kind: LetterKind, to: str | None = None) -> list[LetterOrder]:
        """The letters of that kind, to anybody or to one person."""
        return [each for each in self.letters if each.kind is kind and to in (None, each.recipient)]

    def calendar(self, person: str) -> dict[str, Any] | None:
        """What that person's calendar holds, after everything that was sent: by the rule that the higher number counts."""
        held: dict[str, Any] | None = None
        for order in self.sent(LetterKind.invitation, person):
            if held is None or order.content["sequence"] >= held["sequence"]:
                held = order.content
        return None if held is None or held["method"] == "CANCEL" else held

    def _take(self, settled: MeetingSettlement) -> None:
        assert fold(self.state, settled.entries) == settled.state
        self.state = settled.state
        self.entries += settled.entries
        self.letters += settled.letters
        assert len({each.cause for each in self.entries}) == len(self.entries)
        assert len({each.cause for each in self.letters}) == len(self.letters)


def day(text: str) -> dt.datetime:
    """The opening of the office on that day."""
    return at(f"{text} 08:30")
