"""Journeys of every release go on with today's code: same steps, same states, same meaning of each entry."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from embedded.stack import Endpoints
from gate import Diverges, Replays
from procedures.fold import apply, digest
from procedures.meetings.fold import fold
from procedures.settlement import next_wake
from record.keys import KeyRing
from schemas.meetings import MeetingState
from schemas.state import JourneyState
from tests.histories import RELEASES, Kept, KeptMeeting, kept, kept_meetings
from tests.histories.journeys import JOURNEYS, UPGRADED
from tests.histories.record import kept_meeting
from tests.workflows.test_meetings_arranged import around, arranging

files = pytest.mark.parametrize("file", kept(), ids=lambda file: f"{file.parent.name}/{file.name}")


def read(file: Path) -> Kept:
    """The journey in that file."""
    return Kept.model_validate_json(gzip.decompress(file.read_bytes()))


def test_each_release_has_its_journeys_and_the_key_to_them() -> None:
    releases = {file.parent for file in kept()}
    assert releases
    for release in releases:
        assert any((release / "codec").glob("*.key"))
    newest = max(releases, key=lambda release: tuple(int(number) for number in release.name.split(".")))
    assert {file.name for file in newest.glob("*.json.gz")} == {f"{name}.json.gz" for name in (*JOURNEYS, UPGRADED)}
    assert any(len(read(newest / f"{name}.json.gz").runs) > 1 for name in JOURNEYS), "one of them went on in a new run"
    upgraded = read(newest / f"{UPGRADED}.json.gz")
    assert [versions(upgraded.child, run)[-1] for run in upgraded.runs] == ["now", "now"]
    assert versions(upgraded.child, upgraded.runs[0])[0] == "then"


def versions(child: str, run: dict[str, Any]) -> list[str]:
    """On which version of the worker each task of the run ran."""
    done = [each.workflow_task_completed_event_attributes for each in WorkflowHistory.from_json(child, run).events]
    return [each.deployment_version.build_id for each in done if each.scheduled_event_id]


@files
async def test_the_histories_replay_to_the_recorded_states(file: Path) -> None:
    journey = read(file)
    replays = Replays(KeyRing(file.parent))
    states = [await replays.state_after(WorkflowHistory.from_json(journey.child, run)) for run in journey.runs]
    assert [digest(state) for state in states] == [journey.entries[state.seq - 1].digest for state in states]
    assert states[-1].seq == len(journey.entries)
    assert next_wake(states[-1]) == journey.next_wake


@files
def test_the_timeline_folds_to_the_recorded_states(file: Path) -> None:
    journey = read(file)
    state = JourneyState(child=journey.child, family=journey.family, authority=journey.authority, team=journey.team)
    for entry in journey.entries:
        state = apply(state, entry)
        assert (entry.seq, digest(state)) == (entry.seq, entry.digest)


async def test_a_replay_that_takes_other_steps_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    file = RELEASES / kept()[0].parent.name / "one-sibling.json.gz"
    monkeypatch.setattr("workflows.renewal.MOST_COMMANDS", 1)
    with pytest.raises(Diverges):
        for run in read(file).runs:
            await Replays(KeyRing(file.parent)).state_after(WorkflowHistory.from_json("c-1", run))


async def test_a_meeting_that_is_kept_replays_to_the_state_that_its_log_folds_to(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        made = await kept_meeting(there.here, there.meeting)
    read_again = KeptMeeting.model_validate_json(made.model_dump_json())
    history = WorkflowHistory.from_json(there.meeting, read_again.run)
    state = await Replays(KeyRing(stack.keys)).meeting_after(history)
    assert state is not None
    assert state == fold(MeetingState(meeting=made.meeting, authority=made.authority), read_again.log[: state.seq])
    assert state.seq == len(read_again.log) > 0


meetings = pytest.mark.parametrize("file", kept_meetings(), ids=lambda file: f"{file.parent.parent.name}/{file.name}")


def read_meeting(file: Path) -> KeptMeeting:
    """The meeting in that file."""
    return KeptMeeting.model_validate_json(gzip.decompress(file.read_bytes()))


@meetings
async def test_the_histories_of_meetings_replay_to_the_state_that_their_log_folds_to(file: Path) -> None:
    """Both were held before it was written down which journeys were told, and moved to another room before a move said that it was that alone."""
    meeting = read_meeting(file)
    state = await Replays(KeyRing(file.parent.parent)).meeting_after(WorkflowHistory.from_json(meeting.meeting, meeting.run))
    assert state is not None
    assert state == fold(MeetingState(meeting=meeting.meeting, authority=meeting.authority), meeting.log)
    assert (state.stage, state.told, state.untold) == ("held", {}, {})


async def test_a_meeting_held_on_an_older_version_takes_its_own_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(_: str) -> bool:
        return True

    monkeypatch.setattr("workflows.meeting.workflow.patched", always)
    for file in kept_meetings():
        meeting = read_meeting(file)
        with pytest.raises(Diverges):
            await Replays(KeyRing(file.parent.parent)).meeting_after(WorkflowHistory.from_json(meeting.meeting, meeting.run))
