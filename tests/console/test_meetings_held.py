"""A meeting held as its chair records it: from a file with an outcome for each sibling; what cannot be is said, and nothing is changed."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.endings import Code
from tests.console.conftest import Desk


async def in_enquiries(desk: Desk, huw: str, child: str) -> None:
    """A report, and enquiries begun."""
    by = ("--actor", huw)
    await desk.gets("journey", "report", child, *by, "--how", "telephone", "--words", "A bruise.", "--alleged", "neglect")
    await desk.gets("journey", "enquiries-started", child, *by, "--mode", "joint")


@pytest.fixture
async def meeting(desk: Desk, huw: str, children: tuple[str, str]) -> str:
    """A conference about two siblings, arranged."""
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).isoformat(timespec="minutes")
    chair = await desk.gets("directory", "add-person", "--name", "Nia Rhys", "--language", "cy", "--email", "nia@enghraifft.example")
    about = [part for child in children for part in ("--children", child)]
    said = await desk.gets("meeting", "arranged", "--actor", huw, "--kind", "icpc", "--starts", starts, "--chair", chair, *about)
    return said.splitlines()[0].split()[-1].rstrip(".")


@pytest.fixture
async def children(desk: Desk, huw: str, child: str) -> tuple[str, str]:
    """Two siblings in enquiries."""
    second = await desk.gets("child", "register", "--actor", huw, "--name", "Tomos Prys", "--born", "2020-06-01", "--language", "cy")
    for each in (child, second):
        await in_enquiries(desk, huw, each)
    return child, second


async def written(desk: Desk, path: Path, meeting: str, huw: str, **outcomes: dict[str, Any]) -> Path:
    """The file that the chair writes: who is invited is named by `meeting show`."""
    shown = await desk.gets("meeting", "show", meeting, "--actor", huw)
    invited = [word for line in shown.splitlines() for word in line.split()[:1] if word.startswith("i-")]
    assert invited
    said = {"attendance": [{"invitee": each, "how": "there"} for each in invited], "children": outcomes}
    await asyncio.to_thread(path.write_text, yaml.safe_dump(said))
    return path


async def test_an_outcome_for_each_sibling_from_one_file(
    desk: Desk, huw: str, children: tuple[str, str], meeting: str, tmp_path: Path
) -> None:
    ela, tomos = children
    register = {"decision": "register", "rationale": "Why.", "categories": ["neglect"]}
    await desk.gets("meeting", "participation-chosen", meeting, "--actor", huw, "--child", ela, "--how", "advocate")
    assert "through the advocate" in await desk.gets("meeting", "show", meeting, "--actor", huw)
    line = ("meeting", "held", meeting, "--actor", huw, "--file")
    short = await written(desk, tmp_path / "short.yaml", meeting, huw, **{ela: register})
    ran = await desk.runs(*line, str(short))
    assert (ran.code, tomos in ran.err) == (Code.refused, True)
    wrong = await written(desk, tmp_path / "wrong.yaml", meeting, huw, **{ela: register, tomos: {"decision": "perhaps"}})
    ran = await desk.runs(*line, str(wrong))
    assert (ran.code, f"{tomos}: " in ran.err) == (Code.mistake, True)
    refused = await written(desk, tmp_path / "refused.yaml", meeting, huw, **{ela: register, tomos: {**register, "categories": []}})
    ran = await desk.runs(*line, str(refused))
    assert (ran.code, "Nothing was recorded" in ran.err, tomos in ran.err) == (Code.refused, True, True)
    right = await written(
        desk, tmp_path / "right.yaml", meeting, huw, **{ela: register, tomos: {**register, "categories": ["neglect", "physical"]}}
    )
    ran = await desk.runs("--language", "cy", *line, str(right))
    assert ran.code == Code.done, ran.err
    assert f"Cofnodwyd ar daith {ela}." in ran.out
    assert "rhy ychydig o asiantaethau" in ran.out
    shown = await desk.gets("meeting", "show", meeting, "--actor", huw)
    assert "held" in shown
    assert "physical" not in await desk.gets("journey", "show", ela)
    assert "physical" in await desk.gets("journey", "show", tomos)
    ran = await desk.runs(*line, str(right))
    assert (ran.code, "held or called off" in ran.err) == (Code.refused, True)


async def test_a_file_that_is_none_is_said_to_be(desk: Desk, huw: str, tmp_path: Path) -> None:
    for text in ("- a\n", "childern: {}\n", "children: {c-1: register}\n"):
        path = tmp_path / "outcome.yaml"
        path.write_text(text)
        ran = await desk.runs("meeting", "held", "m-1", "--actor", huw, "--file", str(path))
        assert (ran.code, "outcome.yaml is not what a meeting decided" in ran.err) == (Code.mistake, True)
    assert (await desk.runs("meeting", "held", "m-1", "--actor", huw, "--file", str(tmp_path / "none.yaml"))).code == Code.mistake


async def test_an_agency_that_was_followed_up_leaves_the_list_and_what_came_of_it_is_shown(
    desk: Desk, huw: str, children: tuple[str, str], meeting: str, tmp_path: Path
) -> None:
    by, person = ("--actor", huw), await desk.gets("directory", "add-person", "--name", "Elin Bowen", "--email", "elin@enghraifft.example")
    await desk.gets("meeting", "invited", meeting, *by, "--who", f"role=police,person={person}")
    outcomes = {child: {"decision": "register", "rationale": "Why.", "categories": ["neglect"]} for child in children}
    path = await written(desk, tmp_path / "held.yaml", meeting, huw, **outcomes)
    said = yaml.safe_load(await asyncio.to_thread(path.read_text))
    police = next(line.split()[0] for line in (await desk.gets("meeting", "show", meeting, *by)).splitlines() if "Elin Bowen" in line)
    said["attendance"] = [{**each, "how": "absent" if each["invitee"] == police else "there"} for each in said["attendance"]]
    await asyncio.to_thread(path.write_text, yaml.safe_dump(said))
    await desk.gets("meeting", "held", meeting, *by, "--file", str(path))
    assert "Elin Bowen" in await desk.gets("meeting", "followups", *by)
    await desk.gets("meeting", "follow-up-done", meeting, *by, "--invitee", police, "--outcome", "A report comes on Friday.")
    assert await desk.gets("meeting", "followups", *by) == "No agency is still to be followed up."
    shown = await desk.gets("meeting", "show", meeting, *by)
    assert "Absent and followed up: police, by Huw Bevan on " in shown
    assert "A report comes on Friday." in shown
    ran = await desk.runs("--language", "cy", "meeting", "follow-up-done", meeting, *by, "--invitee", police, "--outcome", "Eto.")
    assert (ran.code, "i'w ddilyn" in ran.err) == (Code.refused, True)


async def test_nobody_to_follow_up_is_said(desk: Desk, huw: str) -> None:
    assert await desk.gets("meeting", "followups", "--actor", huw) == "No agency is still to be followed up."


async def test_a_child_that_could_not_be_told_is_named_with_why_and_what_was_decided_is_corrected(
    desk: Desk, huw: str, children: tuple[str, str], meeting: str, tmp_path: Path
) -> None:
    ela, tomos = children
    by = ("--actor", huw)
    for verb, options in (
        ("voice-recorded", ("--how", "in_person")),
        ("advocacy-offered", ("--answer", "accepted")),
        ("agency-reports-received", ()),
    ):
        await desk.gets("journey", verb, tomos, *by, *options)
    register = {"decision": "register", "rationale": "Why.", "categories": ["neglect"]}
    stands_down = {"decision": "not_register", "rationale": "Why."}
    both = await written(desk, tmp_path / "both.yaml", meeting, huw, **{ela: register, tomos: stands_down})
    ran = await desk.runs("meeting", "held", meeting, *by, "--file", str(both))
    assert (ran.code, "under a new id" in ran.err) == (Code.refused, True), ran.err
    shown = await desk.gets("meeting", "show", meeting, *by)
    assert f"Recorded on the journey of {ela}." in shown
    assert f"The journey of {tomos} cannot take it, and the meeting stays open: The conference was not quorate" in shown
    assert f"Ni all taith {tomos} ei dderbyn" in await desk.gets("--language", "cy", "meeting", "show", meeting, *by)
    ran = await desk.runs("meeting", "held", meeting, *by, "--file", str(both))
    assert (ran.code, "neither again nor otherwise" in ran.err, ela in ran.err) == (Code.refused, True, True)
    alone = await written(desk, tmp_path / "alone.yaml", meeting, huw, **{tomos: {**stands_down, "goes_on_because": "All were heard."}})
    ran = await desk.runs("meeting", "held", meeting, *by, "--file", str(alone))
    assert (ran.code, f"Recorded on the journey of {tomos}." in ran.out) == (Code.done, True), ran.err
    assert "cannot take it" not in await desk.gets("meeting", "show", meeting, *by)
