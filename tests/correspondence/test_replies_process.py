"""The reader of answers as a process: killed at any moment it loses no mail and reads none as two; told to stop, it stops."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from embedded.stack import Endpoints
from record.pool import transaction
from record.roles import Role, dsn
from tests.correspondence.dovecot import Dovecot, dovecot
from tests.correspondence.invited import MAILBOX, SERVER, Invited, invited

ROOT = Path(__file__).parents[2]
POLICE, SCHOOL = "p-arolygydd", "p-pennaeth"
WITHIN = 60


@asynccontextmanager
async def reader(here: Invited, url: str, **more: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The process, which does not outlive the block."""
    live = here.there.here
    environment = {
        "PATH": os.environ["PATH"],
        "TEMPORAL_ADDRESS": live.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": live.client.namespace,
        "DATABASE_URL": dsn(live.superuser, Role.replies, live.keys.directory),
        "SIWRNAI_KEYS": str(live.keys.directory),
        "SIWRNAI_IMAP_URL": url,
        "SIWRNAI_IMAP_POLL": "0.1",
        "SIWRNAI_REPLIES": MAILBOX,
        "SIWRNAI_AUTHSERV_ID": SERVER,
        **more,
    }
    output = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "correspondence.replies"),
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=output,
        stderr=output,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def settled(here: Invited, there: Dovecot, mails: int) -> None:
    """Every mail is marked as read, and came to something."""
    async with asyncio.timeout(WITHIN):
        while there.unread() or len(rows := await here.rows()) < mails or "to_do" in {state for _, state, _ in rows}:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_killed_at_any_moment_it_loses_no_answer_and_counts_none_twice(stack: Endpoints) -> None:
    async with invited(stack) as here:
        with dovecot() as there:
            mails = [
                await here.reply(person, partstat, ago=100 - each)
                for each, (person, partstat) in enumerate(
                    [(POLICE, "ACCEPTED"), (SCHOOL, "DECLINED"), (POLICE, "TENTATIVE"), (SCHOOL, "ACCEPTED")] * 5
                )
            ]
            chance = random.Random(11)  # noqa: S311
            for each in range(0, len(mails), 4):
                for mail in mails[each : each + 4]:
                    there.deliver(mail)
                had = len(await here.rows())
                async with reader(here, there.url) as process, asyncio.timeout(WITHIN):
                    while len(await here.rows()) == had:  # noqa: ASYNC110
                        await asyncio.sleep(0.005)
                    await asyncio.sleep(chance.random() / 20)
                    process.kill()
            async with reader(here, there.url):
                await settled(here, there, len(mails))
        assert (await here.said(POLICE), await here.said(SCHOOL)) == ("tentative", "accepted")
        assert Counter(await here.rows()) == {("answer", "done", "taken"): len(mails)}
        async with transaction(here.pool, here.there.here.authority) as connection:
            assert await connection.fetchval("SELECT count(*) FROM meeting_commands WHERE name = 'answered'") == len(mails)
        assert await answers(here) == len(mails)


async def answers(here: Invited) -> int:
    async with transaction(here.there.here.door_pool, here.there.here.authority) as connection:
        return await connection.fetchval("SELECT count(*) FROM meeting_log WHERE kind = 'answered'")


async def test_a_mailbox_that_is_away_is_waited_for_and_the_log_names_nobody(stack: Endpoints, tmp_path: Path) -> None:
    async with invited(stack) as here:
        with dovecot() as there:
            there.stop()
            async with reader(here, there.url, SIWRNAI_READY_FILE=str(tmp_path / "ready")) as process:
                async with asyncio.timeout(WITHIN):
                    while not (tmp_path / "ready").exists():  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                await asyncio.sleep(0.5)
                there.start()
                there.deliver(await here.reply(POLICE, "DECLINED", "COMMENT:Mae ar ei wyliau."))
                await settled(here, there, 1)
                process.send_signal(signal.SIGTERM)
                out, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0
        log = (out + err).decode()
        assert '"came_to": "taken"' in log
        assert "mailbox_not_read" in log
        assert "unknown_fields" not in log
        assert [word for word in ("enghraifft.example", "wyliau", "DECLINED", "declined", "cyfrinach") if word in log] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "SIWRNAI_IMAP_URL",
            "imap://user:secret@mail.example?starttls=no",
            "SIWRNAI_IMAP_URL: starttls=no is for a mail server on this machine",
        ),
        ("SIWRNAI_IMAP_URL", "https://mail.example", "SIWRNAI_IMAP_URL: expected imaps://user:password@host:port/folder"),
        ("SIWRNAI_AUTHSERV_ID", "two words", "SIWRNAI_AUTHSERV_ID: expected the names"),
        ("SIWRNAI_REPLIES", "nobody", "SIWRNAI_REPLIES: "),
    ],
)
async def test_a_wrong_setting_is_said_by_its_name_and_nothing_starts(name: str, value: str, said: str, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SIWRNAI_HOME": str(tmp_path), "TEMPORAL_ADDRESS": "127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    environment |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", name: value}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "correspondence.replies"), cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert said in complaint.decode()
    assert "secret" not in complaint.decode()
