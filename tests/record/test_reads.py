"""Who read a record is found by an index, however much was read."""

import secrets

import asyncpg
import pytest

from record import exporting, reads, replay
from record.pool import Pool, transaction
from tests.record.examples import AUTHORITY

MANY = "INSERT INTO reads (authority, actor, purpose, shown) SELECT $1, 'p', 'x', ARRAY['c-' || n, 't-' || n, 't-' || n] FROM generate_series(1, 20000) n"


async def test_each_that_was_shown_finds_the_reading(door: Pool) -> None:
    child, text, nobody = (f"{kind}-{secrets.token_hex(6)}" for kind in "ctc")
    async with transaction(door, AUTHORITY) as connection:
        await reads.log(connection, "p-huw", "audit show", [child, text, child])
        await reads.log(connection, "p-nia", "audit why", [child])
        found = {shown: [each.actor async for each in exporting.reads_of(connection, shown)] for shown in (child, text, nobody)}
        assert found == {child: ["p-huw", "p-nia"], text: ["p-huw"], nobody: []}
        assert [row["actor"] for row in await connection.fetch(replay.READS, child)] == ["p-huw", "p-nia"]
    async with transaction(door, "a-other") as connection:
        assert await connection.fetch(replay.READS, child) == [], "another authority's"


@pytest.mark.parametrize("query", [exporting.READS, replay.READS])
async def test_where_there_are_many_an_index_finds_them_in_spite_of_row_level_security(live: str, door: Pool, query: str) -> None:
    superuser = await asyncpg.connect(live)
    try:
        await superuser.execute("SELECT set_config('siwrnai.authority', $1, false)", AUTHORITY)
        await superuser.execute(MANY.replace("INTO reads", "INTO record.reads"), AUTHORITY)
        await superuser.execute("ANALYZE record.reads, record.reads_shown")
    finally:
        await superuser.close()
    async with transaction(door, AUTHORITY) as connection:
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", "c-77"))
    assert "reads_shown_pkey" in plan and "Index Cond: (shown = " in plan
    assert "Seq Scan" not in plan
