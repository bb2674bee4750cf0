"""Whatever somebody with all rights does to a timeline, `check` finds it and names the entry."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from record import sealing, timeline
from record.keys import KeyRing
from record.pool import Connection, Pool, transaction
from record.projections import Whose
from record.timeline import append
from record.verification import Problem, check
from tests.record.examples import AUTHORITY, flush, new_child


@pytest.fixture
async def whose(journey: Pool, door: Pool, keys: KeyRing) -> Whose:
    """A child with a timeline of four entries."""
    child = await new_child(door, keys)
    await append(journey, flush(child, 0, 4), keys)
    return child


@pytest.fixture
async def superuser(live: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(live)
    yield connection
    await connection.close()


async def problems(journey: Pool, whose: Whose, keys: KeyRing) -> list[Problem]:
    async with transaction(journey, AUTHORITY) as conn:
        return await check(conn, whose.child, keys)


async def test_a_timeline_as_written_is_whole(journey: Pool, whose: Whose, keys: KeyRing) -> None:
    assert await problems(journey, whose, keys) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE timeline SET kind = 'x' WHERE child = $1 AND seq = 2", "column_differs"),
        ("UPDATE timeline SET happened_at = happened_at - interval '1 day' WHERE child = $1 AND seq = 2", "column_differs"),
        (
            "UPDATE timeline SET canonical = convert_to(replace(convert_from(canonical, 'UTF8'), 'p-huw', 'p-nia'), 'UTF8')"
            " WHERE child = $1 AND seq = 2",
            "not_chained",
        ),
        ("UPDATE timeline SET canonical = '' WHERE child = $1 AND seq = 2", "header_unreadable"),
        ("UPDATE timeline SET signature = sha256(signature) || sha256(hash) WHERE child = $1 AND seq = 2", "not_signed"),
        ("UPDATE timeline SET sealed = sealed || '\\x00' WHERE child = $1 AND seq = 2", "content_sealed"),
        (
            "UPDATE timeline SET sealed = (SELECT sealed FROM timeline WHERE child = $1 AND seq = 3) WHERE child = $1 AND seq = 2",
            "content_sealed",
        ),
        ("DELETE FROM timeline WHERE child = $1 AND seq = 2", "entry_missing"),
    ],
)
async def test_a_changed_entry_is_named(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing, change: str, found: str) -> None:
    await superuser.execute(change, whose.child)
    assert any((each.seq, each.what) == (2, found) for each in await problems(journey, whose, keys))


async def test_a_last_entry_taken_away_is_named(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing) -> None:
    await superuser.execute("DELETE FROM timeline WHERE child = $1 AND seq = 4", whose.child)
    assert await problems(journey, whose, keys) == [Problem(4, "entry_missing")]


async def test_entries_in_another_order_are_named(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing) -> None:
    for old, new in ((2, 102), (3, 2), (102, 3)):
        await superuser.execute("UPDATE timeline SET seq = $3 WHERE child = $1 AND seq = $2", whose.child, old, new)
    assert {problem.seq for problem in await problems(journey, whose, keys)} >= {2, 3}


async def test_a_forged_entry_that_chains_lacks_our_signature(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing) -> None:
    await superuser.execute(
        "UPDATE timeline SET canonical = b.c, hash = sha256(previous || b.c) FROM (SELECT"
        " convert_to(replace(convert_from(canonical, 'UTF8'), 'p-huw', 'p-nia'), 'UTF8') AS c"
        " FROM timeline WHERE child = $1 AND seq = 4) b WHERE child = $1 AND seq = 4",
        whose.child,
    )
    assert await problems(journey, whose, keys) == [Problem(4, "not_signed"), Problem(4, "other_head")]


async def test_a_part_can_be_redacted_and_the_chain_still_holds(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing) -> None:
    sealed = await superuser.fetchval("SELECT sealed FROM timeline WHERE child = $1 AND seq = 2", whose.child)
    redacted = sealing.without(sealed, keys.child_key(whose.child), whose.child, 2, {"words"})
    await superuser.execute("UPDATE timeline SET sealed = $2 WHERE child = $1 AND seq = 2", whose.child, redacted)
    assert await problems(journey, whose, keys) == []
    async with transaction(journey, AUTHORITY) as conn:
        entries = await timeline.read(conn, whose.child, keys)
    assert [sorted(entry.content) for entry in entries] == [["facts", "words"], ["facts"], ["facts", "words"], ["facts", "words"]]


async def test_a_part_put_in_the_place_of_another_is_named(journey: Pool, superuser: Connection, whose: Whose, keys: KeyRing) -> None:
    place, key = f"{whose.child}|2", keys.child_key(whose.child)
    forged = sealing.encrypt(key, b'{"words":["AAAA","text:9#9"]}', place)
    await superuser.execute("UPDATE timeline SET sealed = $2 WHERE child = $1 AND seq = 2", whose.child, forged)
    assert await problems(journey, whose, keys) == [Problem(2, "content_differs", "words")]


async def test_with_the_key_destroyed_the_chain_verifies_and_nothing_is_read(journey: Pool, whose: Whose, keys: KeyRing) -> None:
    keys.destroy_child_key(whose.child)
    assert await problems(journey, whose, keys) == []
    async with transaction(journey, AUTHORITY) as conn:
        assert [entry.content for entry in await timeline.read(conn, whose.child, keys)] == [{}] * 4
