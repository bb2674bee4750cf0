"""Why a conference is held, on the command line: written by those who may, and a code that is shown once."""

import re
from pathlib import Path

from console.endings import Code
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk
from tests.console.test_family_letter import Known, known
from tests.console.test_reports import person

__all__ = ["known"]

REASON = "A bruise on the left arm that nobody explains."


async def test_the_verbs_are_there_in_a_process_of_its_own(desk: Desk) -> None:
    ran = await desk.starts("meeting", "--help")
    assert all(verb in ran.out for verb in ("outline ", "code "))


async def test_it_is_kept_sealed_and_for_a_child_of_the_meeting_alone(desk: Desk, known: Known, tmp_path: Path) -> None:
    file = tmp_path / "reason.txt"
    file.write_text(REASON)
    write = ("meeting", "outline", known.meeting, "--actor", known.chair)
    said = await desk.gets(*write, "--child", known.child, "--reason", f"@{file}", "--conclusion", "Likely to suffer harm.")
    assert said.startswith(f"Kept for {known.child}.")
    other = await desk.runs(*write, "--child", "c-other", "--reason", REASON)
    assert (other.code, "not about c-other" in other.err) == (Code.mistake, True)
    nothing = await desk.runs(*write, "--child", known.child)
    assert (nothing.code, "--reason" in nothing.err) == (Code.mistake, True)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        (row,) = await connection.fetch("SELECT * FROM outlines WHERE child = $1", known.child)
    assert REASON not in str(dict(row))
    assert row["recorded_by"] == known.chair


async def test_only_the_social_worker_their_manager_and_the_chair_write_it(desk: Desk, known: Known) -> None:
    somebody = await person(desk, "Gwen Parry")
    refused = await desk.runs("meeting", "outline", known.meeting, "--actor", somebody, "--child", known.child, "--reason", REASON)
    assert (refused.code, "may not write this" in refused.err) == (Code.refused, True)


async def test_a_code_is_shown_once_to_the_hands_that_pass_it_on(desk: Desk, known: Known, huw: str) -> None:
    give = ("meeting", "code", known.meeting)
    said = await desk.gets(*give, known.by["Siân Prys"], "--actor", huw)
    assert re.match(r"Code: \d{4} \d{4}\. It is shown once\.", said)
    professional = await desk.gets(*give, known.by["Rhys Morgan"], "--actor", huw)
    assert professional.split(".")[0] != said.split(".")[0]
    refused = await desk.runs(*give, known.by["Siân Prys"], "--actor", known.chair)
    assert refused.code == Code.refused
    supporter = await desk.runs(*give, known.by["Lowri Wyn"], "--actor", huw)
    assert (supporter.code, "not told this way" in supporter.err) == (Code.refused, True)
    stranger = await desk.runs(*give, "i-nobody", "--actor", huw)
    assert (stranger.code, "Nobody with the id i-nobody" in stranger.err) == (Code.mistake, True)
    missing = await desk.runs(*give, known.by["Siân Prys"])
    assert (missing.code, missing.err.startswith("--actor is missing")) == (Code.mistake, True)


async def test_there_is_nothing_more_to_read_once_it_is_called_off(desk: Desk, known: Known, huw: str) -> None:
    await desk.gets("meeting", "called-off", known.meeting, "--actor", huw, "--reason", "The chair is ill.")
    code = await desk.runs("meeting", "code", known.meeting, known.by["Siân Prys"], "--actor", huw)
    assert (code.code, "held or called off" in code.err) == (Code.refused, True)
    write = ("meeting", "outline", known.meeting, "--actor", known.chair, "--child", known.child, "--reason", REASON)
    assert (await desk.runs(*write)).code == Code.refused
