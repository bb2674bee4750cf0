"""`siwrnai serve` as a person meets it: Ctrl-C, a second one, a start that fails."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg

from embedded.serve import STARTED
from embedded.stack import Endpoints, endpoints_of
from tests.embedded.processes import SERVE, children, eventually, python, runs, said

LOGINS = """
SELECT DISTINCT a.usename, r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
    OR EXISTS (SELECT FROM pg_proc p WHERE p.proowner = r.oid) OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
"""

OUTSIDE = {"TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "SMTP_URL": ""}


async def logged_in(endpoints: Endpoints) -> dict[str, bool]:
    """Who is logged in to the record, and whether as one who owns anything, is superuser, or is a member of another role."""
    connection = await asyncpg.connect(endpoints.postgres_superuser_dsn)
    try:
        return dict(map(tuple, await connection.fetch(LOGINS)))
    finally:
        await connection.close()


def test_ctrl_c_stops_everything_with_exit_code_0_and_a_second_serve_touches_nothing(home: Path) -> None:
    with python(SERVE, SIWRNAI_HOME=str(home), **OUTSIDE) as serving:
        lines = said(serving, "Siwrnai runs")
        assert "first start" in lines
        processes = children(home)
        assert [line for line in STARTED.values() if line not in lines] == []
        assert set(STARTED) == set(processes)
        assert set(processes) == {"postgres", "engine", "mail-catcher", "worker", "sender", "pages", "replies"}
        with python(SERVE, SIWRNAI_HOME=str(home), **OUTSIDE) as second:
            _, complaint = second.communicate()
        assert second.returncode == 1
        assert complaint.splitlines() == [
            f"Siwrnai does not start: Process {serving.pid} already runs Siwrnai in {home}: stop it first, or set SIWRNAI_HOME to another folder"
        ]
        assert all(runs(process) for process in processes.values())
        endpoints = endpoints_of(home)
        assert endpoints is not None
        logins = asyncio.run(logged_in(endpoints))
        assert set(logins) == {"siwrnai_journey", "siwrnai_post", "siwrnai_pages", "siwrnai_replies"}
        assert not any(logins.values()), "a live process logs in as a superuser or an owner"
        os.killpg(serving.pid, signal.SIGINT)
        assert serving.wait() == 0
        assert not any(runs(process) for process in processes.values())


def test_the_first_start_is_done_once_and_kill_9_leaves_no_service(home: Path) -> None:
    with python(SERVE, SIWRNAI_HOME=str(home), **OUTSIDE) as serving:
        said(serving, "first start")
        said(serving, "Siwrnai runs")
        processes = children(home)
        serving.kill()
        assert eventually(lambda: not any(runs(process) for process in processes.values()), within=30)
    with python(SERVE, SIWRNAI_HOME=str(home), **OUTSIDE) as serving:
        assert "first start" not in said(serving, "Siwrnai runs")
        serving.send_signal(signal.SIGTERM)
        assert serving.wait() == 0


def test_a_start_that_fails_is_one_sentence_and_exit_code_1(home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with python(SERVE, SIWRNAI_HOME=str(home), **OUTSIDE) as serving:
        _, complaint = serving.communicate()
    assert serving.returncode == 1
    assert complaint.splitlines() == [
        f"Siwrnai does not start: The database in {data} is of PostgreSQL 16, not 18: bring it over with pg_upgrade first"
    ]


def test_a_destruction_that_fails_holds_up_nobody(home: Path) -> None:
    broken = f"""
import destruction
from record import retention

async def unfinished(connection):
    return ["c-gone"]

async def finish(self, child, actor):
    raise PermissionError(child)

retention.unfinished, destruction.Destruction.finish = unfinished, finish
{SERVE}"""
    with python(broken, SIWRNAI_HOME=str(home), **OUTSIDE) as serving:
        lines = said(serving, "Siwrnai runs")
        (complaint,) = (line for line in lines if "c-gone" in line)
        assert "not at its end yet: PermissionError" in complaint
        assert lines.index(complaint) > max(lines.index(STARTED[name]) for name in ("worker", "sender"))
        serving.send_signal(signal.SIGTERM)
        assert serving.wait() == 0


def test_a_home_that_cannot_be_written_to_is_named() -> None:
    with python(SERVE, SIWRNAI_HOME="/proc/siwrnai", **OUTSIDE) as serving:
        _, complaint = serving.communicate()
    assert serving.returncode == 1
    assert complaint.startswith("Siwrnai does not start: SIWRNAI_HOME: /proc/siwrnai cannot be written to")


def test_kill_9_of_make_run_stops_it_cleanly(home: Path) -> None:
    make = f"import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', {SERVE!r}])"
    with python(make, SIWRNAI_HOME=str(home), SIWRNAI_STOP_WITH_PARENT="yes", **OUTSIDE) as parent:
        said(parent, "Siwrnai runs")
        processes = children(home)
        parent.kill()
        assert "Siwrnai has stopped; everything is kept" in said(parent, "everything is kept")
    assert not any(runs(process) for process in processes.values())
