"""A newer version comes: the gate is asked while the database is still as the former version left it, and where it objects nothing has changed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from embedded.engine import open_namespace
from embedded.stack import Endpoints
from gate import objections
from meetings import workflow_of
from record.deployment import Deployment
from record.migrate import MIGRATIONS, migrate
from record.pool import Connection, Pool, open_pool
from record.roles import Role, dsn
from tests.embedded.processes import SERVE, python, said
from tests.embedded.test_backup import Desk, served, stop
from tests.embedded.test_versions import copy
from tests.live import Live
from tests.workflows.test_meetings_arranged import around, arranging

SCHEMAS = ScriptDirectory(str(MIGRATIONS))

A_TABLE = '''"""What the newer version needs."""

from alembic import op

revision, down_revision = "9999", "{newest}"


def upgrade() -> None:
    op.execute("CREATE TABLE newer (id text)")
'''

OLDEST = "0031"

EARLIER = [each.revision for each in SCHEMAS.walk_revisions() if each.revision >= OLDEST][1:]
"""As the database may be when the gate is asked."""

READ = ("heads", "timeline", "journeys", "meetings", "meeting_log")
"""What the gate looks at in the record."""


def newer_than_this(folder: Path) -> Path:
    """A version that takes other steps, and wants one more table."""
    code = copy(folder, "steps")
    (code / "record" / "migrations" / "versions" / "v9999_newer.py").write_text(A_TABLE.format(newest=SCHEMAS.get_current_head()))
    return code


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("backup")
def test_where_the_gate_objects_the_database_is_as_it_was_and_the_former_version_goes_on(home: Path) -> None:
    newer, desk = str(newer_than_this(home.parent)), Desk(home)
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        _, child = desk.reported()
        by_hand = Desk(home, PYTHONPATH=newer).runs("migrate")
        assert (by_hand.returncode, "Nothing has changed: go on with the former version" in by_hand.stderr) == (1, True)
        stop(serving)
    with python(SERVE, **served(home), PYTHONPATH=newer) as refused:
        _, complaint = refused.communicate()
    assert refused.returncode == 1
    assert complaint.startswith("Siwrnai does not start: This version (")
    assert f"cannot go on with 1 of what is open; the first is {child}: " in complaint
    assert complaint.strip().endswith("Nothing has changed: go on with the former version, and see docs/versions.md")
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        desk.gets("migrate")
        desk.gets("journey", "verify", child)
        stop(serving)


@asynccontextmanager
async def as_left_by_a_former_version(here: Live, schema: str) -> AsyncGenerator[tuple[Pool, Connection]]:
    """What the gate looks at in a database with a former schema: as the door and as the superuser."""
    address = urlunsplit(urlsplit(here.superuser)._replace(path=f"/{here.authority.replace('-', '_')}_{schema}"))
    upgrade = command.upgrade

    def former(config: Config, _: str) -> None:
        upgrade(config, schema)

    with pytest.MonkeyPatch.context() as then:
        then.setattr("record.migrate.command.upgrade", former)
        await migrate(address, here.keys, Deployment(authority=here.authority))
    superuser = await asyncpg.connect(address)
    try:
        async with here.superuser_connection() as present:
            for table in READ:
                await copied(present, superuser, table)
        async with await open_pool(dsn(address, Role.door, here.keys.directory), "tests", most=2) as door:
            yield door, superuser
    finally:
        await superuser.close()


async def copied(present: Connection, former: Connection, table: str) -> None:
    """The rows, without the columns that came later."""
    columns = (
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    )
    names = ", ".join(row["attname"] for row in await former.fetch(columns, f"record.{table}"))
    rows = await present.fetch(f"SELECT {names} FROM record.{table}")  # noqa: S608 - names of our own tables.
    async with former.transaction():
        await former.execute("SET LOCAL session_replication_role = replica")
        await former.copy_records_to_table(table, schema_name="record", columns=names.split(", "), records=map(tuple, rows))


@pytest.mark.parametrize("schema", EARLIER)
async def test_the_gate_reads_a_database_as_a_former_version_left_it(stack: Endpoints, schema: str) -> None:
    own = stack.model_copy(update={"namespace": f"upgrade-{schema}"})
    await open_namespace(own.temporal_address, own.namespace)
    async with around(own) as there:
        await there.does("arranged", **arranging(there))
        here = there.here
        async with as_left_by_a_former_version(here, schema) as (door, superuser):
            assert await objections(here.client, door, here.authority, here.keys) == []
            await superuser.execute("UPDATE record.meeting_log SET actor = 'p-other' WHERE meeting = $1 AND seq = 1", there.meeting)
            (objection,) = await objections(here.client, door, here.authority, here.keys)
            assert objection.workflow == workflow_of(there.meeting), "the log was read"
