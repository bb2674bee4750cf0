"""Appending to a child's timeline: in order, once, whole or not at all."""

import asyncio
import datetime as dt
import time

import asyncpg
import pytest

from record import commands, sealing, timeline
from record.commands import CommandRow
from record.keys import KeyRing
from record.pool import Pool, transaction
from record.projections import Whose
from record.timeline import Appended, Head, RecordAhead, RecordBehind, UnknownChild, append
from tests.record.examples import AT, AUTHORITY, alert, answer_of, clock, entry, flush, new_child, new_id


def row(whose: Whose, command_id: str, body_hash: str) -> CommandRow:
    return CommandRow(child=whose.child, command_id=command_id, name="report", body_hash=body_hash, received_at=AT)


async def test_entries_are_read_as_they_were_written(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    said = flush(whose, 0, 3)
    assert await append(journey, said, keys) == Appended(3)
    async with transaction(journey, AUTHORITY) as conn:
        stored = await timeline.read(conn, whose.child, keys)
        first_two = await timeline.read(conn, whose.child, keys, until_seq=2)
    assert all(sealing.same(entry, there) for entry, there in zip(said.entries, stored, strict=True))
    assert [each.seq for each in first_two] == [1, 2]
    assert stored[0].previous == sealing.genesis(whose.child).hex()
    assert stored[1].previous == stored[0].hash


async def test_of_two_writers_at_once_one_is_told_that_the_record_is_ahead(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    one, other = (flush(whose, 0, entries=(entry(1, cause),)) for cause in ("one#1", "other#1"))
    results = await asyncio.gather(append(journey, one, keys), append(journey, other, keys), return_exceptions=True)
    (refused,) = [each for each in results if not isinstance(each, Appended)]
    assert isinstance(refused, RecordAhead)
    assert (refused.child, refused.expected, refused.head) == (whose.child, 0, 1)
    async with transaction(journey, AUTHORITY) as conn:
        assert len(await timeline.read(conn, whose.child, keys)) == 1


async def test_the_same_flush_again_writes_nothing_twice(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    first = flush(whose, 0, 2, command_id="cmd-1", letters=(alert(whose),), clocks=(clock(),))
    assert await append(journey, first, keys) == Appended(2)
    assert await append(journey, first, keys) == Appended(2)
    await append(journey, flush(whose, 2), keys)
    assert await append(journey, first, keys) == Appended(2)
    async with transaction(journey, AUTHORITY) as conn:
        assert len(await timeline.read(conn, whose.child, keys)) == 3
        assert await conn.fetchval("SELECT count(*) FROM letter_orders WHERE child = $1", whose.child) == 1


async def test_ten_of_the_same_flush_at_once_write_it_once(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    same = flush(whose, 0, 2)
    assert await asyncio.gather(*(append(journey, same, keys) for _ in range(10))) == [Appended(2)] * 10


async def test_a_repeated_command_gets_its_first_answer(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose, command_id = await new_child(door, keys), new_id("cmd")
    async with transaction(door, AUTHORITY) as conn:
        assert (await commands.begin(conn, row(whose, command_id, "hash"))).state == "new"
    async with transaction(door, AUTHORITY) as conn:
        assert (await commands.begin(conn, row(whose, command_id, "hash"))).state == "pending"
    await append(journey, flush(whose, 0, command_id=command_id), keys)
    first = answer_of(whose, command_id, 1)
    async with transaction(door, AUTHORITY) as conn:
        begun = await commands.begin(conn, row(whose, command_id, "hash"))
    assert (begun.state, begun.answer) == ("answered", first)
    assert await append(journey, flush(whose, 1, command_id=command_id), keys) == Appended(1, first)


async def test_the_same_id_with_other_content_is_refused(door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        await commands.begin(conn, row(whose, "cmd-1", "hash"))
        with pytest.raises(commands.SameIdOtherContent, match="cmd-1"):
            await commands.begin(conn, row(whose, "cmd-1", "other"))


async def test_other_entries_at_a_written_place_are_refused(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0), keys)
    with pytest.raises(RecordAhead, match="stands at entry 0, the record at entry 1"):
        await append(journey, flush(whose, 0, entries=(entry(1, decided="otherwise"),)), keys)


async def test_a_gap_is_refused(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    with pytest.raises(RecordBehind, match="stands at entry 4, the record at entry 0"):
        await append(journey, flush(whose, 4), keys)
    with pytest.raises(asyncpg.PostgresError, match="entry 3 does not follow 0"):
        await append(journey, flush(whose, 0, entries=(entry(3),)), keys)


async def test_one_cause_makes_one_entry(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0, entries=(entry(1, "cmd-1#1"),)), keys)
    with pytest.raises(asyncpg.UniqueViolationError):
        await append(journey, flush(whose, 1, entries=(entry(2, "cmd-1#1"),)), keys)


async def test_an_unknown_child_is_refused(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    with pytest.raises(UnknownChild):
        await append(journey, flush(whose.model_copy(update={"child": "c-nobody"}), 0), keys)


async def test_a_flush_that_fails_leaves_nothing_behind(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    broken = flush(whose, 0, letters=(alert(whose),), clocks=(clock(), clock()))
    with pytest.raises(asyncpg.CardinalityViolationError):
        await append(journey, broken, keys)
    async with transaction(journey, AUTHORITY) as conn:
        assert await timeline.read(conn, whose.child, keys) == []
        assert await conn.fetchval("SELECT count(*) FROM letter_orders WHERE child = $1", whose.child) == 0


async def test_five_entries_are_appended_quickly(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    took: list[float] = []
    for turn in range(20):
        said = flush(whose, 5 * turn, 5, clocks=tuple(clock(f"screening/{number}") for number in range(5)))
        began = time.perf_counter()
        await append(journey, said, keys)
        took.append(time.perf_counter() - began)
    # A few milliseconds on an idle machine: the limit finds a lost index or a round trip an entry, not a busy neighbour.
    assert sorted(took)[len(took) // 2] < 0.05


@pytest.mark.parametrize("virtual", [True, False])
def test_no_entry_is_recorded_before_the_one_that_it_follows(virtual: bool) -> None:
    later, earlier = AT + dt.timedelta(seconds=1), AT - dt.timedelta(seconds=1)
    head = Head(seq=1, hash=b"", recorded_at=AT, now=earlier, virtual=virtual, answer=None)
    assert head.stamp((entry(2, at=earlier),)) == AT, "a clock that lags behind"
    assert head._replace(now=later).stamp((entry(2, at=later),)) == later
