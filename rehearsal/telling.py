"""What happened, told: JSON lines for programs, timelines and letters for people. Times are Europe/London."""

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from procedures import words
from procedures.outcomes import outcomes
from procedures.times import END_OF_DAY, local
from record.letters import SeenLetter
from rehearsal.cast import Cast
from rehearsal.expectations import Refusal
from rehearsal.result import Result
from schemas.clocks import ClockState
from schemas.commands import COMMANDS
from schemas.meeting_commands import MEETING_COMMANDS
from schemas.meetings import MeetingEntry
from schemas.timeline import SERVICE, RecordedEntry

CLOCK_KINDS = frozenset({"clock", "watch"})

Line = dict[str, Any]

SAID = {
    ClockState.started: "due {due}",
    ClockState.due_moved: "due date moved from {was_due} to {due}{because}",
    ClockState.reminded: "{to} reminded, due {due}",
    ClockState.overdue: "[red]overdue, was due {due}[/red]",
    ClockState.escalated: "[red]escalated to {to}, was due {due}[/red]",
}
"""What a timeline for people says of a timescale; of all else the state alone."""


def json_lines(result: Result) -> Iterator[str]:
    """One line an entry, refusal and letter: each child's in the order of its timeline, all together by when they were recorded."""
    for line in _lines(result):
        yield orjson.dumps(line).decode()


def _lines(result: Result) -> Iterator[Line]:
    told: list[list[Line]] = []
    for child, entries in result.timelines.items():
        told.append([_entry(entry, child, result.cast) for entry in entries])
    for meeting, log in result.meetings.items():
        told.append([_of_meeting(entry, meeting, result.cast) for entry in log])
    told.append([_refusal(each) for each in result.refusals])
    told.append([_letter(each, result.cast) for each in result.letters])
    return heapq.merge(*told, key=lambda line: dt.datetime.fromisoformat(line["recorded_at"]))


def _entry(entry: RecordedEntry, child: str, cast: Cast) -> Line:
    line: Line = {
        "child": child,
        "kind": entry.kind,
        "seq": entry.seq,
        "happened_at": _iso(entry.happened_at),
        "recorded_at": _iso(entry.recorded_at),
        "actor": cast.key(entry.actor),
    }
    if entry.kind in CLOCK_KINDS:
        return line | _clock(entry.content, cast)
    stages = {"registration": entry.after.registration, "enquiries": {str(number): stage for number, stage in entry.after.enquiries}}
    missing = entry.content.get("lacking")
    return line | stages | ({"missing": missing} if missing else {})


def _clock(content: dict[str, Any], cast: Cast) -> Line:
    line: Line = {
        "clock": content["clock"],
        "instance": content["instance"],
        "started_at": _iso(dt.datetime.fromisoformat(content["started_at"])),
        "state": content["state"],
        "due": _iso(dt.datetime.fromisoformat(content["due"])),
    }
    if "to" in content:
        line["to"] = cast.key(content["to"])
    for name in ("rung", "role", "late_seconds", "reason", "was_due", "days", "settings"):
        if content.get(name):
            line[name] = content[name]
    if content.get("deputy_for"):
        line["deputy_for"] = cast.key(content["deputy_for"])
    return line


def _of_meeting(entry: MeetingEntry, meeting: str, cast: Cast) -> Line:
    return {
        "meeting": meeting,
        "kind": entry.kind,
        "seq": entry.seq,
        "happened_at": _iso(entry.happened_at),
        "recorded_at": _iso(entry.decided_at),
        "actor": cast.key(entry.actor),
    }


def _refusal(refusal: Refusal) -> Line:
    at = _iso(refusal.at)
    return {
        "child": refusal.child,
        "kind": "refused",
        "happened_at": _iso(refusal.turn.at),
        "recorded_at": at,
        "actor": refusal.turn.by,
        "command": refusal.command,
        "reason": refusal.code,
        "sentence": refusal.sentence,
    }


def _letter(letter: SeenLetter, cast: Cast) -> Line:
    return {
        "child": cast.key(letter.child),
        "kind": "letter",
        "happened_at": _iso(letter.at),
        "recorded_at": _iso(letter.at),
        "actor": SERVICE,
        "letter": letter.kind,
        "about": "meeting" if letter.about.startswith("meeting:") else letter.about,
        "to": cast.key(letter.recipient),
        "language": letter.language,
        "cause": letter.cause.rpartition(">")[0],
        "state": letter.state,
    }


def _iso(instant: dt.datetime) -> str:
    return local(instant).isoformat(timespec="seconds")


# For people.


def show(result: Result, console: Console) -> None:
    """Each child's timeline, then what was sent to whom."""
    for key, child in result.play.script.children.items():
        if result.timelines.get(key):
            console.print(_timeline(child.name, result.timelines[key], result), "")
    for key, log in result.meetings.items():
        console.print(_meeting(key, log, result), "")
    console.print(_post(result), "")


def _timeline(name: str, entries: Iterable[RecordedEntry], result: Result) -> Table:
    table = Table(title=name, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("When", "What", "Who"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(_moment(entry.happened_at), _sentence(entry, result), _name(entry.actor, result))
    return table


def _meeting(key: str, log: Iterable[MeetingEntry], result: Result) -> Table:
    table = Table(title=f"Meeting {key.replace('_', ' ')}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("When", "What", "Who"):
        table.add_column(heading, overflow="fold")
    for entry in log:
        model = MEETING_COMMANDS.get(entry.kind)
        table.add_row(
            _moment(entry.happened_at), entry.kind.replace("_", " ") if model is None else model.title, _name(entry.actor, result)
        )
    return table


def _sentence(entry: RecordedEntry, result: Result) -> str:
    if entry.kind not in CLOCK_KINDS:
        title = COMMANDS[entry.kind].title if entry.kind in COMMANDS else entry.kind.replace("_", " ")
        late = "" if entry.recorded_at - entry.happened_at < dt.timedelta(minutes=5) else f" (told {_moment(entry.recorded_at)})"
        done = "; ".join(outcomes(entry.kind, entry.content.get("body", {}), "en", lambda id: _name(id, result)))
        return f"[bold]{title}[/bold]{late}" + (f" – {escape(done)}" if done else "")
    content = entry.content
    said = SAID.get(content["state"], "{state}")
    if content["state"] == ClockState.met and content.get("late_seconds"):
        said = "[yellow]met late, was due {due}[/yellow]"
    due, to = _moment(dt.datetime.fromisoformat(content["due"])), _name(content.get("to"), result)
    was_due = _moment(dt.datetime.fromisoformat(content.get("was_due", content["due"])))
    reasons = (*content.get("days", ()), *content.get("settings", ()))
    because = f", because of {', '.join(reasons)}" if reasons else ""
    return f"  {words.clock(content['clock'], 'en')}: {said.format(state=content['state'].replace('_', ' '), due=due, to=to, was_due=was_due, because=because)}"


def _post(result: Result) -> Table:
    table = Table(title="Letters", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("When", "To", "Letter", "About", "Child", "State"):
        table.add_column(heading, overflow="fold")
    for letter in result.letters:
        child = result.play.script.children[result.cast.key(letter.child) or ""].name
        about = "meeting" if letter.about.startswith("meeting:") else letter.about.replace("_", " ")
        table.add_row(_moment(letter.at), _name(letter.recipient, result), letter.kind, about, child, letter.state.replace("_", " "))
    return table


def _name(id: str | None, result: Result) -> str:
    key = result.cast.key(id)
    script = result.play.script
    person = script.people.get(key or "") or script.relatives.get(key or "")
    return person.name if person is not None else (key or "nobody")


def _moment(instant: dt.datetime) -> str:
    there = local(instant)
    return f"{there:%a %d %b %Y}" if there.time() == END_OF_DAY else f"{there:%a %d %b %Y %H:%M}"
