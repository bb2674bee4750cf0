"""A command of a script to a meeting: what is arranged, answered, reported and held, as the doors of meetings take it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from console.language import say
from procedures import vocabulary
from procedures.meetings.holding import CONFERENCES, OUTCOME
from rehearsal.acts import KINDS, IdOf, Said, Wrong, made_of, nearest, value_problem
from rehearsal.calendars import CalendarAnswer
from rehearsal.script import Act, MeetingExpect
from rehearsal.source import Problem
from schemas.base import Model
from schemas.commands.base import COMMANDS, Command
from schemas.holding import Hold
from schemas.meeting_commands import MEETING_COMMANDS, Arrange, Release
from schemas.meetings import MeetingKind, Reply
from schemas.paper_commands import WrittenPaper

KINDS_OF_MEETINGS: Mapping[str, str] = {
    **KINDS,
    "child": "children",
    "children": "children",
    "role": "parts",
    "invitee": "invitees",
    "apart_from": "invitees",
}
"""What an id in a command to a meeting refers to; all others refer to people."""

ANSWERS, REPORTS, PAPERS = "answers", "reports_given", "papers_written"
"""Several people answer, or give their reports, in one step: each for themselves; and a paper is written for each child of the step."""

KNOWN_BY_MEETING = frozenset({"actor", "happened_at", "attendance", "chair", "meeting", "goes_on_because", "conference"})
"""What a script does not say of a child's outcome: the meeting knows it."""


class ReportsGiven(Model):
    """Reports of these people, one on each child about whom they are asked, with these words in each section."""

    people: tuple[str, ...]
    words: str


class Held(NamedTuple):
    """The day, and what was decided for each child: the fields of the command to its journey, as the door takes them."""

    command: Hold
    said: dict[str, dict[str, Any]]
    """By the script's key."""


def meeting_commands(act: Act, children: Sequence[str], said: Said) -> list[Command]:
    """The commands of an act that is neither `held`, `reports given` nor `papers written`, each by who gives it.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    if act.command == ANSWERS:
        return [_answer(act, key, reply, said) for key, reply in act.fields.items() if not _is_by_calendar(reply)]
    known = {*(name for name, model in MEETING_COMMANDS.items() if not model.service), ANSWERS, REPORTS, PAPERS} - {"report_given"}
    if act.command not in known:
        raise Wrong([Problem(act.place, say("script.no_command", command=act.command, near=nearest(act.command, known)))])
    model = MEETING_COMMANDS[act.command]
    fields = dict(act.fields)
    if issubclass(model, Arrange):
        fields.setdefault("children", list(children))
    if issubclass(model, Release):
        fields.setdefault("spoken_at", said.at)
    return [made_of(model, act, fields, said)]


def calendar_answers(act: Act) -> dict[str, CalendarAnswer]:
    """By the key of the person: what their calendar program answers.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    found, problems = dict[str, CalendarAnswer](), list[Problem]()
    for key, answer in act.fields.items() if act.command == ANSWERS else ():
        if _is_by_calendar(answer):
            written = {name: value.replace(" ", "_") if name == "reply" else value for name, value in answer.items()}
            try:
                found[key] = CalendarAnswer.model_validate(written)
            except ValidationError as error:
                where = f"{act.command} {key}"
                problems += [Problem((*act.place, key), value_problem(each, where)) for each in error.errors()]
    if problems:
        raise Wrong(problems)
    return found


def reports_given(act: Act) -> ReportsGiven:
    """Who gives reports, and what they say.

    Raises:
        Wrong: it says something else.
    """
    said = act.fields.get("from")
    people = tuple(cast("list[str]", said)) if isinstance(said, list) else (str(said),)
    if said is None or set(act.fields) != {"from", "words"}:
        raise Wrong([Problem(act.place, say("script.needs", command=act.command, where=" from, words"))])
    return ReportsGiven(people=people, words=str(act.fields["words"]))


def papers_written(act: Act, children: Sequence[str], said: Said) -> list[WrittenPaper]:
    """The paper about each of these children, in one language: what is common to them, and what differs under `each`.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    said = said._replace(kinds={**said.kinds, "person": "invitees"})
    return [made_of(WrittenPaper, act, {**act.fields_for(child), "child": child}, said) for child in children]


def held(act: Act, kind: MeetingKind, children: Sequence[str], said: Said) -> Held:
    """The day of a meeting of that kind.

    Raises:
        Wrong: with each problem and its place within the step's `do`.
    """
    fields = {name: value for name, value in act.fields.items() if name != "decided"}
    fields["attendance"] = _listed(fields.get("attendance"), "invitee")
    if "participation" in fields:
        fields["participation"] = _listed(fields["participation"], "child")
    command = made_of(Hold, act, fields, said)
    decided = {child: _outcome(act, kind, child, said._replace(kinds=KINDS)) for child in children} if kind in OUTCOME else {}
    return Held(command, decided)


def _outcome(act: Act, kind: MeetingKind, child: str, said: Said) -> dict[str, Any]:
    """Checked as the journey's own command, with a stand-in for what the meeting will say."""
    model = COMMANDS[OUTCOME[kind]]
    own = {**cast("dict[str, Any]", act.fields.get("decided") or {}), **act.each.get(child, {})}
    known: dict[str, Any] = {"attendance": {"social_services": "present"}}
    if kind in CONFERENCES:
        known["chair"] = said.by
    if kind in CONFERENCES - {MeetingKind.rcpc}:
        known["conference"] = kind.value
    if twice := sorted(own.keys() & KNOWN_BY_MEETING):
        raise Wrong([Problem(act.place, say("script.said_by_meeting", name=twice[0]))])
    made = made_of(model, act, {**own, **known}, said)
    return {name: value for name, value in made.model_dump(mode="json", exclude_unset=True).items() if name not in KNOWN_BY_MEETING}


def meeting_problems(act: Act, meeting: str, meetings: dict[str, MeetingKind], children: Sequence[str], said: Said) -> Iterator[Problem]:
    """What is wrong with a command to a meeting; `meetings` are those arranged so far, and hears of this one."""
    key_of = said.id_of

    def id_of(kind: str, key: str) -> str:
        return key_of("people" if kind == "invitees" else kind, key)

    said = of_meeting(said.by, said.at, id_of)
    try:
        if act.command == "arranged":
            (command,) = meeting_commands(act, children, said)
            meetings[meeting] = cast(Arrange, command).kind
        elif meeting not in meetings:
            yield Problem(act.place, say("script.not_arranged", meeting=meeting, near=nearest(meeting, meetings)))
        elif act.command == "held":
            held(act, meetings[meeting], children, said)
        elif act.command == PAPERS:
            papers_written(act, children, said)
        elif act.command == REPORTS:
            for person in reports_given(act).people:
                said.id_of("people", person)
        else:
            meeting_commands(act, children, said)
            for person in calendar_answers(act):
                said.id_of("people", person)
    except Wrong as wrong:
        yield from wrong.problems
    except ValueError as error:
        yield Problem(act.place, str(error))


def of_meeting(by: str, at: dt.datetime, id_of: IdOf) -> Said:
    """What is said to a meeting: parts are words of the procedures, all else has an id."""

    def known(kind: str, key: str) -> str:
        return part(key) if kind == "parts" else id_of(kind, key)

    return Said(by, at, known, KINDS_OF_MEETINGS)


def part(key: str) -> str:
    """A part in which somebody is invited; it may be written with spaces.

    Raises:
        ValueError: there is none such.
    """
    word, known = key.strip().replace(" ", "_"), vocabulary.table("invitees")
    if word not in known:
        raise ValueError(say("script.not_among", key=key, kind="parts", near=nearest(word, known)))
    return word


def people_in(expect: MeetingExpect) -> Iterable[str]:
    """Everybody whom the expectation names."""
    named = (
        *(expect.invited or {}, expect.chased, expect.reminded, expect.answers, expect.via, expect.contribution),
        *(expect.attendance or {}, expect.on_paper or {}, expect.nothing_to or (), expect.no_place or (), expect.reports_missing or ()),
        *(*expect.papers.values(), expect.papers_on_paper or {}),
    )
    return dict.fromkeys(key for each in named for key in each)


def _answer(act: Act, key: str, answer: Any, said: Said) -> Command:
    """`police: accepted`, or with details under it: `{reply: declined, reason: On leave.}`. By the page, where nothing else is said."""
    details = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {"reply": answer}
    try:
        Reply(str(details.get("reply")).replace(" ", "_"))
    except ValueError:
        right = ", ".join(Reply)
        where = f"{act.command} {key}"
        raise Wrong(
            [Problem((*act.place, key), say("script.choice", where=where, given=f"'{details.get('reply')}'", right=right))]
        ) from None
    fields = {"via": "page", **details, "invitee": key}
    return made_of(MEETING_COMMANDS["answered"], act, fields, said._replace(by=key))


def _is_by_calendar(answer: Any) -> bool:
    return isinstance(answer, dict) and cast("dict[str, Any]", answer).get("via") == "calendar"


def _listed(written: Any, key: str) -> Any:
    """`mari: there` for each; or with details under it."""
    if not isinstance(written, Mapping):
        return written
    said = cast(Mapping[str, Any], written)
    return [{key: each, **(how if isinstance(how, Mapping) else {"how": how})} for each, how in said.items()]
