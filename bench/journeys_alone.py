"""A case as its journeys alone play it: what its meetings tell each journey, without the meetings, so that plain workflows can do the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from procedures.meetings.holding import BY, CONFERENCES, OUTCOME
from rehearsal.meeting_acts import REPORTS
from rehearsal.reading import Play, Turn
from rehearsal.script import Act, Script
from schemas.meetings import MeetingKind

ALL_IN = "agency_report"
"""The timescale that a step meets in which the last report is given."""

OF_MEETINGS = "paper_sent_by_meeting"
"""What a journey refuses because its conference was a meeting here; alone it takes it."""


def journeys_alone(play: Play) -> Play:
    """The play whose steps go to journeys alone."""
    meetings = _Meetings(play.script)
    turns = (_to_journeys(turn, meetings) for turn in play.turns)
    return replace(play, turns=tuple(turn for turn in turns if turn is not None))


def _to_journeys(turn: Turn, meetings: "_Meetings") -> Turn | None:
    """The step as its journeys hear of it; none where they hear nothing."""
    if turn.meeting is None:
        return None if turn.expect.refused == OF_MEETINGS else turn
    acts = tuple(told for act in turn.acts for told in meetings.told(act, turn))
    return replace(turn, meeting=None, acts=acts) if acts else None


@dataclass
class _Meetings:
    script: Script
    kinds: dict[str, MeetingKind] = field(default_factory=lambda: {})

    def told(self, act: Act, turn: Turn) -> Iterator[Act]:
        """What the children's journeys are told because of a command to their meeting."""
        meeting = turn.meeting or ""
        if act.command == "arranged":
            self.kinds[meeting] = MeetingKind(str(act.fields["kind"]).replace(" ", "_"))
        kind = self.kinds[meeting]
        if act.command == "held":
            yield self._outcome(act, kind, turn)
        elif kind not in CONFERENCES:
            return
        elif act.command == "arranged":
            said = {"conference": kind.value, "planned_at": act.fields["starts"], "chair": act.fields["chair"]}
            yield Act(command="conference_arranged", fields=said)
        elif act.command == "moved":
            yield Act(command="conference_moved", fields={"conference": kind.value, "planned_at": act.fields["starts"]})
        elif act.command == REPORTS and ALL_IN in turn.expect.met:
            yield Act(command="agency_reports_received", fields={})
        elif act.command == "reports_shown":
            yield Act(command="reports_shared", fields={})
        elif act.command == "circulated":
            yield Act(command=f"{str(act.fields['paper']).replace(' ', '_')}_circulated", fields={})

    def _outcome(self, act: Act, kind: MeetingKind, turn: Turn) -> Act:
        known: dict[str, Any] = {"attendance": self._attendance(cast("Mapping[str, str]", act.fields["attendance"]))}
        if kind in CONFERENCES:
            known["chair"] = turn.by
        if kind in CONFERENCES - {MeetingKind.rcpc}:
            known["conference"] = kind.value
        return Act(command=OUTCOME[kind], fields={**cast("dict[str, Any]", act.fields.get("decided") or {}), **known}, each=act.each)

    def _attendance(self, took: Mapping[str, str]) -> dict[str, str]:
        """By agency: how the first of its people took part."""
        found: dict[str, str] = {}
        for key, how in took.items():
            agency = self._agency(key)
            if agency is not None:
                found.setdefault(agency, BY[how.replace(" ", "_")])
        return found

    def _agency(self, key: str) -> str | None:
        if key in self.script.relatives:
            relation = self.script.relatives[key].relation
            return relation.value if relation in {"parent", "child"} else None
        person = self.script.people[key]
        if person.agency is not None:
            return self.script.agencies[person.agency].kind.value
        return "social_services" if {"social_worker", "team_manager"} & set(person.post) else None
