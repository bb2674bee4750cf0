"""Machines whose clocks are set wrong: what they do is stamped by the record's clock, and each of them is named."""

import asyncio
import datetime as dt
import json
import re
from pathlib import Path

import pytest

from embedded.stack import Endpoints
from record import timeline, versions
from record.keys import KeyRing
from record.pool import transaction
from schemas.timeline import RecordedEntry
from tests.observing.conftest import WITHIN, Watched, deployed, scraped, working
from tests.observing.wrong_clock import WRONG, wrong

LITTLE = dt.timedelta(seconds=10)

HOUR = dt.timedelta(hours=1)


async def record_now(here: Watched) -> dt.datetime:
    """The record's clock."""
    async with transaction(here.door, here.authority) as connection:
        return await versions.now(connection)


async def entries(here: Watched, child: str) -> list[RecordedEntry]:
    """The child's timeline."""
    async with transaction(here.door, here.authority) as connection:
        return await timeline.read(connection, child, KeyRing(here.endpoints.keys))


async def until_escalated(here: Watched, child: str) -> list[RecordedEntry]:
    """The timeline, once somebody was told that the first timescale is overdue, and the letter is gone."""
    async with asyncio.timeout(WITHIN):
        while True:
            async with transaction(here.door, here.authority) as connection:
                sent = await connection.fetchval("SELECT count(*) FROM letters WHERE state = 'sent'")
            found = await entries(here, child)
            if sent and any(each.content.get("state") == "escalated" for each in found):
                return found
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("by", [3 * HOUR, -3 * HOUR], ids=["ahead", "behind"])
async def test_a_wrong_clock_of_worker_and_sender_dates_nothing_and_is_named(stack: Endpoints, tmp_path: Path, by: dt.timedelta) -> None:
    async with deployed(stack, tmp_path) as here, working(here, by):
        manager = await here.gets(
            "directory",
            "add-person",
            "--name",
            "Huw",
            "--role",
            "team_manager",
            "--role",
            "duty_manager",
            "--email",
            "huw@enghraifft.example",
        )
        child = await here.gets("child", "register", "--actor", manager, "--name", "Ela", "--born", "2019-03-12", "--language", "cy")
        before = await record_now(here)
        reported = (before - dt.timedelta(minutes=61)).replace(microsecond=0)
        await here.gets(
            *("journey", "report", child, "--actor", manager, "--how", "telephone", "--alleged", "physical", "--words", "Bruised."),
            *("--happened-at", reported.isoformat()),
        )
        found = await until_escalated(here, child)
        after = await record_now(here)
        assert all(before <= each.recorded_at <= after for each in found)
        assert all(before - LITTLE <= each.decided_at <= after + LITTLE for each in found)
        clocks = {each.content["clock"]: each.content for each in found if each.kind == "clock" and each.content["state"] == "started"}
        assert dt.datetime.fromisoformat(clocks["immediate_safety"]["due"]) == reported + HOUR
        assert {each.content["clock"] for each in found if each.content.get("state") == "overdue"} == {"immediate_safety"}
        await named(here, by)


async def named(here: Watched, by: dt.timedelta) -> None:
    """Where each process's clock is said to be wrong: its log, its metrics, and status on that machine."""
    for name, address in (("worker", here.worker_metrics), ("correspondence.sender", here.sender_metrics)):
        lines = [json.loads(line) for line in (here.folder / f"{name}.log").read_text(encoding="utf-8").splitlines()]
        told = [line["ahead_seconds"] for line in lines if line["event"] == "clock_wrong"]
        assert told
        assert told[0] == pytest.approx(by.total_seconds(), abs=5)
        shown = re.search(r"^siwrnai_clock_difference_seconds(?:\{.*\})? (\S+)$", await scraped(address), re.MULTILINE)
        assert shown is not None
        assert float(shown[1]) == pytest.approx(abs(by.total_seconds()), abs=5)
    there = await here.runs("status", module=WRONG, **wrong("cli", by))
    assert there.code == 1
    way = "ahead of" if by > dt.timedelta() else "behind"
    assert re.search(rf"The clock of this machine is 0(2:59:5|3:00:0)\d {way} the record's: set it\.", there.out)
    right = await here.runs("status", "--json")
    assert abs(json.loads(right.out)["clock_ahead"]) < 1
    assert "The clock of this machine" not in (await here.runs("status")).out
