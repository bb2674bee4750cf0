"""The sender as a process: killed at any moment it loses no letter and repeats one only as it was; told to stop, it stops."""

import asyncio
import datetime as dt
import os
import random
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from record.projections import Whose
from record.roles import Role, dsn
from schemas.letters import DeliveryState
from tests.correspondence.conftest import Record
from tests.correspondence.mail_server import MailServer, says, serving
from tests.observing.wrong_clock import WRONG, wrong

ROOT = Path(__file__).parents[2]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]

SENDER, DYING = "correspondence.sender", "tests.correspondence.dying"


@pytest.fixture
async def start(record: Record) -> AsyncIterator[Start]:
    """Starts processes, none of which outlives the test."""
    processes: list[asyncio.subprocess.Process] = []

    async def start(module: str, url: str, **more: str) -> asyncio.subprocess.Process:
        processes.append(await started(module, record, url, **more))
        return processes[-1]

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def started(module: str, record: Record, url: str, **more: str) -> asyncio.subprocess.Process:
    environment = {
        "PATH": os.environ["PATH"],
        **({"PYTHONPATH": os.environ["PYTHONPATH"]} if "STUBS" in os.environ else {}),
        "DATABASE_URL": dsn(record.superuser, Role.post, record.keys.directory),
        "SIWRNAI_KEYS": str(record.keys.directory),
        "SMTP_URL": url,
        "SIWRNAI_MAIL_FROM": "Siwrnai <siwrnai@enghraifft.example>",
        "SIWRNAI_MAIL_TIMEOUT": "0.5",
        "SIWRNAI_MAIL_POLL": "0.05",
        "SIWRNAI_MAIL_SETTLE": "0",
        **more,
    }
    environment = {name: value for name, value in environment.items() if value}
    output = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, cwd=ROOT, env=environment, stdout=output, stderr=output)


async def until_sent(record: Record, *children: Whose) -> None:
    async with asyncio.timeout(60):
        while set(await record.states(*children)) != {DeliveryState.sent}:  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.05)


async def stopped(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    out, err = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, (out + err).decode()


async def test_killed_between_the_servers_yes_and_our_mark_the_same_bytes_go_again(record: Record, start: Start) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person())
    async with serving(MailServer()) as server:
        dying = await start(DYING, server.url)
        await asyncio.wait_for(dying.communicate(), 20)
        assert dying.returncode == -signal.SIGKILL
        assert len(server.got) == 1, "the server has the letter"
        assert await record.states(child) == [DeliveryState.waiting], "and we do not know it"
        process = await start(SENDER, server.url)
        await until_sent(record, child)
        assert (await stopped(process))[0] == 0
    assert len(server.got) == 2
    assert server.got[0] == server.got[1]


async def test_killed_at_any_moment_it_loses_no_letter_and_changes_none(record: Record, start: Start) -> None:
    person = await record.person()
    children = [await record.child() for _ in range(12)]
    for child in children:
        await record.order(child, "alert", "seen_alone", person)

    async def slowly(_: str) -> str:
        await asyncio.sleep(0.05)
        return "250 ok"

    chance = random.Random(7)  # noqa: S311
    async with serving(MailServer(after_message=slowly)) as server:
        for _ in range(3):
            process = await start(SENDER, server.url)
            async with asyncio.timeout(20):
                had = len(server.kept)
                while len(server.kept) == had:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await asyncio.sleep(chance.random() / 5)
            process.kill()
            await process.communicate()
        process = await start(SENDER, server.url)
        await until_sent(record, *children)
        await stopped(process)
    versions: dict[bytes, set[bytes]] = defaultdict(set)
    for _, message in server.got:
        identity = next(line for line in message.split(b"\r\n") if line.startswith(b"Message-ID"))
        versions[identity].add(message)
    assert len(versions) == len(children), "each letter went"
    assert {len(each) for each in versions.values()} == {1}, "and always the same"


async def test_a_clock_set_wrong_makes_no_reminder_come_too_late(record: Record, start: Start) -> None:
    child, now = await record.child(), dt.datetime.now(dt.UTC)
    await record.order(child, "reminder", "seen_alone", await record.person(), at=now, due=now + dt.timedelta(days=1))
    async with serving(MailServer()) as server:
        await start(WRONG, server.url, **wrong(SENDER, dt.timedelta(days=7)))
        await until_sent(record, child)
    assert len(server.got) == 1


async def test_told_to_stop_it_stops_cleanly_and_says_when_it_is_ready(record: Record, start: Start, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    async with serving(MailServer()) as server:
        process = await start(SENDER, server.url, SIWRNAI_READY_FILE=str(ready))
        async with asyncio.timeout(20):
            while not ready.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await stopped(process) != (None, "")
    assert process.returncode == 0


async def test_the_log_holds_no_address_no_child_and_no_word_of_the_server(record: Record, start: Start) -> None:
    child = await record.child()
    await record.order(child, "alert", "seen_alone", await record.person("huw.bevan@enghraifft.example"))
    async with serving(MailServer(at_recipient=says("450 4.2.1 <huw.bevan@enghraifft.example> is full"))) as server:
        process = await start(SENDER, server.url)
        async with asyncio.timeout(20):
            while await record.states(child) != [DeliveryState.deferred]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        _, log = await stopped(process)
    assert "450 4.2.1" in log
    assert [word for word in ("huw", "enghraifft", child.child, "full") if word in log] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_URL", "http://mail.example", "SMTP_URL"),
        ("SMTP_URL", "smtp://mail.example?starttls=no", "on this machine only"),
        ("SMTP_URL", "", "SMTP_URL: Field required; right would be"),
        ("SIWRNAI_MAIL_FROM", "nobody", "SIWRNAI_MAIL_FROM: expected name@domain"),
        ("SIWRNAI_MAIL_POLL", "0", "SIWRNAI_MAIL_POLL: Input should be greater than 0"),
        ("SIWRNAI_PROCEDURES", "/nowhere/wales.toml", "SIWRNAI_PROCEDURES: there is no such file"),
    ],
)
async def test_a_wrong_setting_is_said_by_its_name_and_nothing_starts(start: Start, name: str, value: str, said: str) -> None:
    process = await start(SENDER, "smtp://127.0.0.1:1?starttls=no", **{name: value})
    _, complaint = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert said in complaint.decode()
