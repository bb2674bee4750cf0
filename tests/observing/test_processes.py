"""A journey in real processes with everything switched on: what an operator sees of it, and that nothing personal is among it."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from observing.logs import FIELDS
from observing.metrics import METRICS
from record.roles import Role
from tests.observing.collector import Span
from tests.observing.conftest import WITHIN, Ran, Watched, process, scraped

NAME, STREET, WORDS = "Gwenllian Rhydderch", "Heol Blaenhirwaun", "She said that the stove was thrown at her."
BORN = "2015-02-17"
MANAGER, MAILBOX = "Macsen Llewelyn-Pugh", "macsen.llewelyn@enghraifft.example"
PLANTED = (*NAME.split(), *STREET.split(), BORN, "stove", "thrown", *MANAGER.split(), MAILBOX, "unbelievable")

HELD = r'siwrnai_workflows_held\{[^}]*failure="CheckViolationError"[^}]*\} 1\b'

UNWRITABLE = "ALTER TABLE record.timeline ADD CONSTRAINT broken CHECK (authority <> '{authority}') NOT VALID"
WRITABLE = "ALTER TABLE record.timeline DROP CONSTRAINT IF EXISTS broken"


class Broken(NamedTuple):
    """What an operator saw before, while and after the record could not be written."""

    before: Ran
    page: Ran
    during: Ran
    metrics: str
    after: Ran


async def eventually(true: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until it is so."""
    began = time.monotonic()
    while not await true():
        assert time.monotonic() - began < WITHIN, what
        await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def manager(watched: Watched) -> str:
    """Who runs the team and is on duty."""
    return await watched.gets(
        *("directory", "add-person", "--name", MANAGER, "--language", "en", "--email", MAILBOX),
        *("--role", "team_manager", "--role", "duty_manager"),
    )


@pytest.fixture(scope="module")
async def child(watched: Watched, manager: str) -> str:
    """A child of whom a report came in January: much is overdue, and letters go."""
    child = await watched.gets(
        *("child", "register", "--actor", manager, "--name", NAME, "--born", BORN, "--language", "cy", "--address", STREET)
    )
    await watched.gets(
        *("journey", "report", child, "--actor", manager, "--how", "telephone", "--alleged", "physical", "--words", WORDS),
        *("--happened-at", "2026-01-12T10:00+00:00"),
    )
    return child


@pytest.fixture(scope="module")
async def sent(watched: Watched, child: str) -> list[str]:
    """The letters about that child, all gone."""

    async def all_gone() -> bool:
        async with watched.door.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('siwrnai.authority', $1, true)", watched.authority)
            states = await connection.fetch("SELECT DISTINCT l.id, l.state FROM letters l JOIN letter_orders o ON o.letter = l.id")
        letters[:] = [row["id"] for row in states]
        return bool(states) and {row["state"] for row in states} <= {"sent", "stale", "refused"}

    letters: list[str] = []
    await eventually(all_gone, "letters do not go")
    return letters


async def test_metrics_count_commands_letters_and_lateness_without_ids(watched: Watched, manager: str, child: str, sent: list[str]) -> None:
    refused = await watched.runs(
        "journey", "screened", child, "--actor", manager, "--decision", "no_further_action", "--happened-at", "2026-01-13T10:00+00:00"
    )
    assert refused.code == 3, refused.err
    worker = await scraped(watched.worker_metrics)
    assert re.search(r'siwrnai_commands_taken_total\{[^}]*command="report"[^}]*\} 1\b', worker), worker
    assert re.search(r'siwrnai_commands_refused_total\{[^}]*code="screening_needs_rationale"[^}]*command="screened"', worker)
    assert re.search(r"siwrnai_record_append_seconds_count\{?[^\n]* [1-9]", worker)
    assert re.search(r"siwrnai_wake_lateness_seconds_count\{?[^\n]* [1-9]", worker)
    assert "temporal_" in worker, "the engine client's own are there too"

    async def sampled() -> bool:
        return (
            re.search(r'siwrnai_overdue_timescales\{[^}]*timescale="screening"[^}]*\} 1\b', await scraped(watched.worker_metrics))
            is not None
        )

    await eventually(sampled, "an overdue timescale is not shown")
    sender = await scraped(watched.sender_metrics)
    assert re.search(r'siwrnai_letter_tries_total\{[^}]*state="sent"[^}]*\} [1-9]', sender), sender
    assert "siwrnai_outbox_oldest_seconds" in sender
    told = await scraped(watched.worker_metrics) + sender
    assert [word for word in (child, manager, *sent, *PLANTED) if word in told] == []


async def test_a_trace_leads_from_a_command_to_its_letter(watched: Watched, manager: str, child: str) -> None:
    await watched.gets("journey", "missing", child, "--actor", manager)
    spans: list[Span] = []

    async def whole() -> bool:
        told = watched.collector.spans()
        begun = next((each for each in told if each.name == "command missing" and each.attributes["siwrnai.child"] == child), None)
        spans[:] = [] if begun is None else [each for each in told if each.trace == begun.trace]
        return any(each.name == "letter notice" for each in spans)

    await eventually(whole, "no letter in the trace of the command")
    by_id = {each.id: each for each in spans}
    letter = next(each for each in spans if each.name == "letter notice")
    way = [f"{letter.service} {letter.name}"]
    while letter.parent:
        letter = by_id[letter.parent]
        way.append(f"{letter.service} {letter.name}")
    assert way == [
        "siwrnai-sender letter notice",
        "siwrnai-worker RunActivity:record",
        "siwrnai-worker StartActivity:record",
        "siwrnai-command StartWorkflowUpdate:command",
        "siwrnai-command command missing",
    ]
    assert {"HandleUpdate:command", "RunActivity:settle_command"} <= {each.name for each in spans}


async def test_what_time_alone_brings_is_a_trace_of_its_own(watched: Watched, child: str, sent: list[str]) -> None:
    spans = watched.collector.spans()
    due = [each for each in spans if each.name == "RunActivity:settle_due"]
    assert due
    assert {each.parent for each in due} == {""}
    first = next(each for each in spans if each.name == "command report")
    assert first.trace not in {each.trace for each in due}


@pytest.fixture(scope="module")
async def broken(watched: Watched, manager: str, child: str) -> Broken:
    """The record refused an entry for a while, in a message that repeats the row; then it was mended."""
    before = await watched.runs("status", "--json")
    await watched.breaks(UNWRITABLE.format(authority=watched.authority))
    try:
        told = asyncio.ensure_future(watched.runs("journey", "police-told", child, "--actor", manager, "--reason", "unbelievable"))

        async def stuck() -> bool:
            return child in (await watched.runs("status")).out

        async def counted() -> bool:
            return re.search(HELD, await scraped(watched.worker_metrics)) is not None

        await eventually(stuck, "a journey that cannot record is not listed")
        await eventually(counted, "it is not counted")
        page, during = await asyncio.gather(watched.runs("--language", "cy", "status"), watched.runs("status", "--json"))
        metrics = await scraped(watched.worker_metrics)
    finally:
        await watched.breaks(WRITABLE)
    assert (await told).code == 0
    return Broken(before, page, during, metrics, await watched.runs("status", "--json"))


async def test_what_cannot_be_recorded_is_in_status_and_metrics_until_it_is_mended(child: str, broken: Broken) -> None:
    assert json.loads(broken.before.out)["stuck"] == []
    (stuck,) = json.loads(broken.during.out)["stuck"]
    assert stuck["by"] == "activity"
    assert (stuck["held"]["workflow"], stuck["held"]["activity"]) == (child, "record")
    assert (stuck["held"]["failure"], stuck["held"]["message"]) == ("CheckViolationError", "23514 timeline broken")
    assert broken.during.code == broken.page.code == 1
    assert "sy'n sownd: 1" in broken.page.out
    assert re.search(HELD, broken.metrics)
    assert json.loads(broken.after.out)["stuck"] == []


async def test_logs_tell_what_was_done_in_known_fields_and_hold_nothing_personal(
    watched: Watched, child: str, sent: list[str], broken: Broken
) -> None:
    log = watched.log()
    lines = [json.loads(line) for line in log.splitlines()]
    assert {key for line in lines for key in line} <= set(FIELDS)
    done = [line for line in lines if line["event"] == "activity_done" and line.get("child") == child]
    recorded = next(line for line in done if line["activity"] == "record" and line.get("command_id"))
    assert (recorded["workflow"], recorded["process"], recorded["attempt"]) == ("Journey", "worker", 1)
    assert recorded["seconds"] > 0
    assert recorded["trace"]
    failed = [line for line in lines if line["event"] == "activity_failed"]
    assert {line["error"] for line in failed} == {"CheckViolationError"}
    assert any("record/timeline.py" in place for line in failed for place in line["exception"][-1]["where"])
    assert set(sent) <= {line["letter"] for line in lines if line["event"] == "letter"}
    assert not any("unknown_fields" in line for line in lines)
    assert [word for word in PLANTED if word in log] == []


async def test_spans_hold_nothing_personal(watched: Watched, child: str, sent: list[str], broken: Broken) -> None:
    told = b"".join(watched.collector.bodies)
    assert child.encode() in told
    assert [word for word in PLANTED if word.encode() in told] == []


async def test_an_address_that_is_taken_holds_no_process_up(watched: Watched, child: str) -> None:
    async with process("worker", watched.folder, watched.as_role(Role.journey), name="second"):
        log = (watched.folder / "second.log").read_text(encoding="utf-8")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[0] == "metrics_not_served"
    assert "worker_ready" in events


def test_every_metric_of_ours_has_a_name_of_ours() -> None:
    assert all(metric.name.startswith("siwrnai_") for metric in METRICS)
    assert not any(label in {"child", "letter", "person", "command_id", "workflow_id"} for metric in METRICS for label in metric.labels)
