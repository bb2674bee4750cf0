"""The shipped cases, whole, on a stack of their own: all as expected, and nothing personal in the engine, the logs or the names of files."""

import datetime as dt
import re
import tempfile
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory

from audit.replay import as_known, as_stood, recorded_by
from commands import referenced
from console.viewing import beginning
from embedded.stack import Endpoints, Stack
from engine.codec import EncryptingCodec
from engine.connect import connect
from procedures.fold import apply, digest
from procedures.times import local
from procedures.working_days import Calendar
from record.keys import KeyRing
from record.projections import Whose
from rehearsal import Play, Result, find, read, run
from rehearsal.acts import command_of
from rehearsal.meeting_acts import PAPERS, REPORTS, calendar_answers, held, meeting_commands, of_meeting, papers_written, reports_given
from rehearsal.reading import Turn
from rehearsal.script import Act
from schemas.commands import Command
from schemas.meeting_commands import Arrange
from schemas.meetings import MeetingKind

WAKES_A_CHILD = 80
"""Journeys moved to an instant at which something is due: what a rehearsal costs, whatever the machine."""

# Where tests run in parallel, one process runs the long case once.
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("whole")]


@pytest.fixture(scope="module")
async def own_stack() -> AsyncGenerator[Endpoints]:
    """A stack in which nothing else has been. Not in pytest's folder: another run of pytest shuts PostgreSQL's own user out of that."""
    with tempfile.TemporaryDirectory(prefix="siwrnai-whole-") as home:
        async with Stack(Path(home) / "stack", "rehearsal", time_skipping=True, durable=False).running(print) as endpoints:
            yield endpoints


@pytest.fixture(scope="module")
async def siblings(own_stack: Endpoints) -> Result:
    """The whole of `three-siblings`."""
    return await run(read(find("three-siblings")), own_stack)


async def test_three_siblings_and_a_baby_is_as_expected_whole_and_within_its_budget(siblings: Result) -> None:
    assert siblings.sentences == []
    assert all(siblings.timelines[child] for child in ("ela", "tomos", "cadi", "gwen"))
    assert siblings.wakes < WAKES_A_CHILD * len(siblings.timelines)


async def test_nobody_gets_more_than_one_alert_a_family_and_day(siblings: Result) -> None:
    alerts = {(each.recipient, each.at.date(), each.letter) for each in siblings.letters if each.kind == "alert" and each.letter}
    assert len(alerts) == len({(recipient, day) for recipient, day, _ in alerts})


async def test_not_accepted_is_as_expected(own_stack: Endpoints) -> None:
    accepted = await run(read(find("not-accepted")), own_stack)
    assert accepted.sentences == []
    replays_as_the_engine_held_it(accepted)


async def test_a_move_over_easter_is_as_expected(own_stack: Endpoints) -> None:
    moved = await run(read(find("easter-move")), own_stack)
    assert moved.sentences == []
    replays_as_the_engine_held_it(moved)


async def test_siblings_and_silence_replay_at_every_entry_as_the_engine_held_them(siblings: Result, silence: Result) -> None:
    replays_as_the_engine_held_it(siblings)
    replays_as_the_engine_held_it(silence)


def replays_as_the_engine_held_it(result: Result) -> None:
    """At every entry the fold is the state of which the engine kept the digest, and an instant's replay is the fold of what was on record by then."""
    for key, entries in result.timelines.items():
        cast = result.cast
        family = cast.id_of("families", cast.script.children[key].family)
        state = begun = beginning(Whose(child=cast.child(key), family=family, authority=cast.authority, team=cast.team))
        for entry in entries:
            state = apply(state, entry)
            assert digest(state) == entry.digest, f"{key}, entry {entry.seq}"
        for at in sorted({each.recorded_at for each in entries})[::10]:
            assert digest(as_known(begun, entries, at)) == recorded_by(entries, at)[-1].digest
        stands = as_stood(begun, entries, max((each.recorded_at for each in entries), default=dt.datetime.max.replace(tzinfo=dt.UTC)))
        assert (stands.stages, stands.clocks.keys()) == (state.stages, state.clocks.keys()), "in the end both ways meet"


@pytest.fixture(scope="module")
async def silence(own_stack: Endpoints) -> Result:
    """The whole of `silence`."""
    return await run(read(find("silence")), own_stack)


async def test_where_nobody_acts_every_ladder_is_climbed_as_expected(silence: Result) -> None:
    assert silence.sentences == []


async def test_each_working_morning_one_digest_names_what_is_overdue_to_its_owner(silence: Result) -> None:
    digests = [each for each in silence.letters if each.kind == "digest"]
    mornings = {local(each.at) for each in digests}
    assert all(f"{morning:%H:%M}" == "08:00" and Calendar(version=0).is_working_day(morning.date()) for morning in mornings)
    assert len({(each.recipient, each.at) for each in digests}) == len({each.letter for each in digests}), "one a recipient and day"
    named = {(each.child, each.about, each.at) for each in digests}
    for child, entries in silence.timelines.items():
        for entry in entries:
            if entry.kind == "clock" and entry.content["state"] == "escalated" and entry.content["rung"] == 1:
                missed = [
                    at for at in mornings if at > entry.happened_at and (silence.cast.child(child), entry.content["clock"], at) not in named
                ]
                assert not missed, f"{child}: {entry.content['clock']} is not named on {missed[:3]}"


async def test_while_the_team_manager_is_away_the_digest_goes_to_the_deputy(silence: Result) -> None:
    gethin, lowri = (silence.cast.id_of("people", key) for key in ("gethin", "lowri"))
    away = (dt.date(2026, 12, 23), dt.date(2027, 1, 8))
    of_gethin = [local(each.at).date() for each in silence.letters if each.kind == "digest" and each.recipient == gethin]
    of_lowri = [local(each.at).date() for each in silence.letters if each.kind == "digest" and each.recipient == lowri]
    assert of_lowri and all(away[0] <= day <= away[1] for day in of_lowri)
    assert of_gethin and not any(away[0] <= day <= away[1] for day in of_gethin)


async def test_nothing_personal_is_in_the_engine_the_logs_or_the_names_of_files(siblings: Result, own_stack: Endpoints) -> None:
    personal = await personal_words(siblings.play)
    assert len(personal) > 100
    searched = {path: path.read_bytes() for path in files(own_stack.directory)}
    assert {path.suffix for path in searched} >= {".sqlite", ".log"}
    for path, content in searched.items():
        assert not found(personal, content), f"{path.name} holds {found(personal, content)}"
    names = "\n".join(str(path.relative_to(own_stack.directory)) for path in own_stack.directory.rglob("*"))
    assert not found(personal, names.encode())


async def test_nothing_personal_is_in_the_engine_even_where_one_has_the_key(siblings: Result, own_stack: Endpoints) -> None:
    """The histories, decrypted: ids, dates and enumerations alone."""
    personal = await personal_words(siblings.play)
    keys = KeyRing(own_stack.keys)
    client = await connect(own_stack.temporal_address, own_stack.namespace, keys)
    codec, histories, stages = EncryptingCodec(keys.codec), 0, 0
    async for history in all_histories(client):
        histories += 1
        for payload in payloads(history):
            (plain,) = await codec.decode([payload])
            stages += b"section47" in plain.data
            assert not found(personal, plain.data), f"{history.workflow_id} holds {found(personal, plain.data)}"
    assert histories > len(siblings.timelines)
    assert stages > 0, "nothing was decrypted"


def files(stack: Path) -> Iterator[Path]:
    """What the engine writes, and every log."""
    for path in stack.rglob("*"):
        if path.is_file() and ("engine" in path.parts or path.suffix == ".log"):
            yield path


def found(words: set[str], content: bytes) -> list[str]:
    return [word for word in words if word.encode() in content]


async def personal_words(play: Play) -> set[str]:
    """Every name, part of a name, date of birth and address of the script, and every sentence that is said in it."""
    script = play.script
    people = [each.name for each in (*script.people.values(), *script.relatives.values())]
    children = [text for each in script.children.values() for text in (each.name, each.address, each.school) if text]
    names = [*people, *children, *(agency.name for agency in script.agencies.values())]
    births = [each.born.isoformat() for each in script.children.values() if isinstance(each.born, dt.date)]
    said: list[str] = []
    kinds: dict[str, MeetingKind] = {}

    async def keep(words: str) -> str:
        said.append(words)
        return ""

    for turn in play.turns:
        for act in turn.acts:
            for child in turn.children:
                if turn.meeting is None:
                    await referenced(command_of(act, child, turn.by or "", turn.at, lambda _, key: key), keep)
            if turn.meeting is not None:
                for command, more in said_to_meeting(act, turn, kinds):
                    said.extend(more)
                    if command is not None:
                        await referenced(command, keep)
    parts = [part for name in names for part in re.split(r"[\s-]+", name) if len(part) > 3]
    return {*names, *parts, *births, *said}


def said_to_meeting(act: Act, turn: Turn, kinds: dict[str, MeetingKind]) -> Iterator[tuple[Command | None, list[str]]]:
    """The commands of an act, with the sentences that were decided for each child, or reported."""
    said = of_meeting(turn.by or "", turn.at, lambda _, key: key)
    meeting = turn.meeting or ""
    if act.command == REPORTS:
        yield None, [reports_given(act).words]
        return
    if act.command == PAPERS:
        yield None, [words for each in papers_written(act, turn.children, said) for words in each.sections().values()]
        return
    if act.command == "held":
        day = held(act, kinds[meeting], turn.children, said)
        sentences = [each for fields in day.said.values() for each in fields.values() if isinstance(each, str) and " " in each]
        yield day.command, sentences
        return
    yield None, [each.reason for each in calendar_answers(act).values() if each.reason is not None]
    for command in meeting_commands(act, turn.children, said):
        if isinstance(command, Arrange):
            kinds[meeting] = command.kind
        yield command, []


async def all_histories(client: Client) -> AsyncGenerator[WorkflowHistory]:
    async for execution in client.list_workflows():
        yield await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()


def payloads(message: Any) -> Iterator[Payload]:
    """Every payload within a message of the engine."""
    if isinstance(message, WorkflowHistory):
        for event in message.events:
            yield from payloads(event)
    elif isinstance(message, Payload):
        yield message
    elif hasattr(message, "ListFields"):
        for _, value in message.ListFields():
            yield from payloads(value)
    elif hasattr(message, "values"):
        for value in message.values():
            yield from payloads(value)
    elif not isinstance(message, str | bytes) and hasattr(message, "__len__"):
        for value in message:
            yield from payloads(value)
