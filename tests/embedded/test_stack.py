"""The parts together: what survives kill -9 of their owner, who may skip time, who may log in."""

import asyncio
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing._timeskipping import TimeSkipper, TimeSkippingConfig  # pyright: ignore[reportPrivateUsage]
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from embedded.engine import open_namespace
from embedded.mail_catcher import refuse
from embedded.stack import Endpoints, Given, Stack, endpoints_of
from tests.embedded.processes import RUN_A_STACK, children, eventually, python, runs, said

PARTS = {"postgres", "engine", "mail-catcher"}


@workflow.defn
class Sleeps:
    """Waits for two days."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=2))


async def skip_a_day(address: str, namespace: str) -> timedelta:
    """How far a workflow's clock is ahead after a day was skipped."""
    client = await Client.connect(address, namespace=namespace)
    async with Worker(client, task_queue="sleep", workflows=[Sleeps], workflow_runner=UnsandboxedWorkflowRunner()):
        handle = await client.start_workflow(Sleeps.run, id="sleeps", task_queue="sleep")
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        try:
            await skipper.fast_forward(handle, timedelta(days=1))
            return await skipper.get_current_time(handle) - datetime.now(UTC)
        finally:
            await handle.terminate()


async def test_only_the_namespace_of_rehearsals_can_skip_time(stack: Endpoints) -> None:
    assert await skip_a_day(stack.temporal_address, stack.namespace) > timedelta(hours=23)
    await open_namespace(stack.temporal_address, "another")
    with pytest.raises(RPCError, match=r"(?i)time.?skipping") as refused:
        await skip_a_day(stack.temporal_address, "another")
    assert refused.value.status is not RPCStatusCode.UNAVAILABLE


async def test_everything_listens_on_this_machine_alone(stack: Endpoints) -> None:
    listening = {
        name: {each.laddr.ip for each in process.net_connections() if each.status == psutil.CONN_LISTEN}
        for name, process in children(stack.directory).items()
    }
    assert {name: listening[name] for name in PARTS} == {name: {"127.0.0.1"} for name in PARTS}


async def test_nobody_logs_in_to_the_database_without_the_password(stack: Endpoints) -> None:
    dsn = stack.postgres_superuser_dsn.replace("/siwrnai?", "/postgres?")
    connection = await asyncpg.connect(dsn)
    hosts = await connection.fetch("SELECT type, auth_method FROM pg_hba_file_rules")
    await connection.close()
    assert {row["auth_method"] for row in hosts} == {"scram-sha-256"}
    password = dsn.partition("postgres:")[2].partition("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn.replace(password, "gwall"))


async def test_files_with_passwords_and_letters_are_their_owners_alone(stack: Endpoints) -> None:
    private = [stack.directory / "endpoints.json", stack.directory / "postgres" / "superuser.password"]
    folders = [stack.mailbox, stack.keys, stack.directory / "logs", stack.directory / "engine"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in private] == [0o600] * len(private)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * len(folders)


async def test_a_rehearsal_leaves_parts_given_from_outside_alone(home: Path) -> None:
    words: list[str] = []
    given = Given(temporal_address="127.0.0.1:1", database_url="postgresql://live@127.0.0.1:1/live", smtp_url="smtp://127.0.0.1:1")
    async with Stack(home, "rehearsal", time_skipping=True, durable=False, given=given).running(words.append) as endpoints:
        reached = {endpoints.temporal_address, endpoints.postgres_superuser_dsn, endpoints.smtp_url}
    assert reached.isdisjoint(given)
    assert any(word.startswith("A rehearsal uses parts of its own") for word in words)


async def test_given_parts_are_not_started(home: Path, stack: Endpoints) -> None:
    given = Given(stack.temporal_address, stack.postgres_superuser_dsn, stack.smtp_url)
    async with Stack(home, "siwrnai", time_skipping=False, durable=True, given=given).running(print) as endpoints:
        assert children(home) == {}
        assert endpoints.postgres_superuser_dsn == stack.postgres_superuser_dsn


def test_kill_9_of_the_owner_leaves_nothing_running_and_nothing_lost(home: Path) -> None:
    with python(RUN_A_STACK, str(home)) as owner:
        said(owner, "running")
        processes = children(home)
        assert set(processes) == PARTS
        keep_something(home)
        owner.kill()
        assert eventually(lambda: not any(runs(process) for process in processes.values()), within=30)
    assert endpoints_of(home) is None
    with python(RUN_A_STACK, str(home)) as owner:
        said(owner, "running")
        assert asyncio.run(is_kept(home))
        processes = children(home)
        asyncio.run(live_time_cannot_be_skipped(home))
        owner.terminate()
        owner.wait()
        assert eventually(lambda: not any(runs(process) for process in processes.values()), within=30)


def endpoints(home: Path) -> Endpoints:
    found = endpoints_of(home)
    assert found is not None
    return found


def keep_something(home: Path) -> None:
    async def keep() -> None:
        found = endpoints(home)
        connection = await asyncpg.connect(found.postgres_superuser_dsn.replace("/siwrnai?", "/postgres?"))
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        await connection.close()
        client = await Client.connect(found.temporal_address, namespace=found.namespace)
        await client.start_workflow("kept", id="w-kept", task_queue="nobody-polls-it")
        refuse(found.mailbox, {"neb@enghraifft.example": (550, "5.1.1")})

    asyncio.run(keep())


async def is_kept(home: Path) -> bool:
    found = endpoints(home)
    connection = await asyncpg.connect(found.postgres_superuser_dsn.replace("/siwrnai?", "/postgres?"))
    answer = await connection.fetchval("SELECT answer FROM kept")
    await connection.close()
    client = await Client.connect(found.temporal_address, namespace=found.namespace)
    described = await client.get_workflow_handle("w-kept").describe()
    return answer == 42 and described.workflow_type == "kept" and (found.mailbox / "rules.json").exists()


async def live_time_cannot_be_skipped(home: Path) -> None:
    found = endpoints(home)
    with pytest.raises(RPCError, match=r"(?i)time.?skipping"):
        await skip_a_day(found.temporal_address, found.namespace)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run PostgreSQL as")
async def test_as_root_postgresql_runs_as_an_unprivileged_user(stack: Endpoints) -> None:
    postgres = children(stack.directory)["postgres"]
    assert 0 not in {*postgres.uids(), *postgres.gids()}
