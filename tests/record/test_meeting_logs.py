"""Appending to a meeting's log: in order, once, chained and signed; and whatever is changed in it afterwards, the chain tells."""

import asyncio
import datetime as dt
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from record import meetings, sealing
from record.deployment import Deployment
from record.keys import KeyRing
from record.meetings import HeadDiffers
from record.migrate import migrate
from record.pool import Connection, Pool, open_pool, transaction
from record.sealing import ChainedEntry, SealedEntry
from record.verification import LOG, End, Evidence, StoredEntry, checked_meeting, verify
from schemas.chains import Chain
from schemas.meetings import MeetingEntry, MeetingFlush
from tests.procedures.meetings.table import Table
from tests.record.conftest import new_database
from tests.record.examples import AT, AUTHORITY, new_id
from tests.record.meeting_logs import MEETING, append, folded, held_by


async def begun(door: Pool, keys: KeyRing) -> str:
    """A meeting of which nothing is recorded yet."""
    meeting = new_id("m")
    async with transaction(door, AUTHORITY) as connection:
        await meetings.begin(connection, meeting, "t-north", ["c-1"], keys)
    return meeting


def flush(meeting: str, table: Table, head: int, upto: int) -> MeetingFlush:
    """What the table's meeting has to record between two entries, as that meeting's."""
    entries = table.entries[:upto]
    return MeetingFlush(state=folded(entries, meeting), expected_head=head, entries=tuple(entries[head:]))


async def rows(journey: Pool, meeting: str) -> list[asyncpg.Record]:
    async with transaction(journey, AUTHORITY) as connection:
        return await connection.fetch("SELECT * FROM meeting_log WHERE meeting = $1 ORDER BY seq", meeting)


async def test_entries_are_read_as_they_were_written_and_each_hash_takes_in_the_one_before(
    journey: Pool, door: Pool, keys: KeyRing
) -> None:
    meeting, table = await begun(door, keys), held_by("c-1")
    await append(journey, flush(meeting, table, 0, 3), keys)
    await append(journey, flush(meeting, table, 3, 6), keys)
    async with transaction(journey, AUTHORITY) as connection:
        assert await meetings.read(connection, meeting) == table.entries
        assert (await checked_meeting(connection, meeting, keys)).problems == []
    stored = await rows(journey, meeting)
    assert stored[0]["previous"] == sealing.genesis(f"meeting/{meeting}")
    assert [each["previous"] for each in stored[1:]] == [each["hash"] for each in stored[:-1]]


async def test_the_same_flush_again_and_ten_at_once_write_it_once(journey: Pool, door: Pool, keys: KeyRing) -> None:
    meeting, table = await begun(door, keys), held_by("c-1")
    await append(journey, flush(meeting, table, 0, 3), keys)
    await asyncio.gather(*(append(journey, flush(meeting, table, 3, 6), keys) for _ in range(10)))
    first = await rows(journey, meeting)
    await append(journey, flush(meeting, table, 3, 6), keys)
    assert (await rows(journey, meeting), len(first)) == (first, 6)
    with pytest.raises(HeadDiffers):
        await append(journey, flush(meeting, table, 2, 4), keys)


async def chained(connection: Connection, of: str, entry: MeetingEntry, keys: KeyRing, **said: Any) -> list[list[bytes]]:
    """An entry as a process would chain it that says something else of it."""
    previous = await connection.fetchval("SELECT hash FROM meetings WHERE meeting = $1", of)
    whole = {**entry.model_dump(), "meeting": of, "recorded_at": dt.datetime.now(dt.UTC), **said}
    made = sealing.chain(whole, previous or sealing.genesis(f"meeting/{of}"), keys.signing_key)
    return [[each] for each in made]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"meeting": "m-other"}, "an entry of another meeting"),
        ({"seq": 5}, "entry 5 does not follow 3"),
        ({"seq": 3}, "entry 3 does not follow 3"),
        ({"recorded_at": AT}, "recorded_at of entry 4 is not now"),
        ({"recorded_at": None}, "recorded_at of entry 4 is not now"),
        ({"recorded_at": dt.datetime(2200, 1, 1, tzinfo=dt.UTC)}, "recorded_at of entry 4 is not now"),
    ],
)
async def test_the_database_insists_on_whose_which_and_when(
    journey: Pool, door: Pool, keys: KeyRing, said: dict[str, Any], why: str
) -> None:
    meeting, table = await begun(door, keys), held_by("c-1")
    await append(journey, flush(meeting, table, 0, 3), keys)
    with pytest.raises(asyncpg.PostgresError, match=why):
        async with transaction(journey, AUTHORITY) as connection:
            forged = await chained(connection, meeting, table.entries[3], keys, **said)
            await connection.execute("SELECT append_to_meeting($1, $2, $3, $4)", meeting, *forged)


async def test_the_database_insists_on_the_chain(journey: Pool, door: Pool, keys: KeyRing) -> None:
    meeting, table = await begun(door, keys), held_by("c-1")
    async with transaction(journey, AUTHORITY) as connection:
        first = await chained(connection, meeting, table.entries[0], keys)
    await append(journey, flush(meeting, table, 0, 1), keys)
    async with transaction(journey, AUTHORITY) as connection:
        header, digest, signature = await chained(connection, meeting, table.entries[1], keys)
    other = sealing.chain(
        {**table.entries[1].model_dump(), "meeting": meeting, "recorded_at": AT}, sealing.genesis("c-1"), keys.signing_key
    )
    for forged in ([header, first[1], signature], [[other.canonical], [other.hash], [other.signature]]):
        with pytest.raises(asyncpg.PostgresError, match="entry 2 does not chain"):
            async with transaction(journey, AUTHORITY) as connection:
                await connection.execute("SELECT append_to_meeting($1, $2, $3, $4)", meeting, *forged)
    async with transaction(journey, AUTHORITY) as connection:
        await connection.execute("SELECT append_to_meeting($1, $2, $3, $4)", meeting, header, digest, signature)


async def test_in_a_rehearsal_the_database_takes_the_instants_that_it_is_given_as_of_a_timeline(server: str, keys: KeyRing) -> None:
    address, table = new_database(server), held_by("c-1")
    await migrate(address, keys, Deployment(authority=AUTHORITY, virtual=True))
    async with await open_pool(address, "tests") as pool, transaction(pool, AUTHORITY) as connection:
        await meetings.begin(connection, MEETING, "t-north", ["c-1"], keys)
        for entry, at in zip(table.entries, (AT, AT - dt.timedelta(days=1)), strict=False):
            made = await chained(connection, MEETING, entry, keys, recorded_at=at)
            assert await connection.fetchval("SELECT append_to_meeting($1, $2, $3, $4)", MEETING, *made) == entry.seq


async def test_an_unknown_meeting_is_refused(journey: Pool, keys: KeyRing) -> None:
    with pytest.raises(HeadDiffers, match="m-nobody is not on record"):
        await append(journey, flush("m-nobody", held_by("c-1"), 0, 1), keys)
    with pytest.raises(asyncpg.PostgresError, match="m-nobody is not on record here"):
        async with transaction(journey, AUTHORITY) as connection:
            await connection.execute("SELECT append_to_meeting('m-nobody', '{}', '{}', '{}')")


KEY = Ed25519PrivateKey.generate()
EVIDENCE = Evidence(Chain(meeting="m-1"), KEY.public_key())
TABLE = held_by("c-1")


def log() -> list[StoredEntry]:
    """As the database has it."""
    previous, stored = sealing.genesis("meeting/m-1"), list[StoredEntry]()
    for entry in TABLE.entries:
        said = {**entry.model_dump(), "meeting": "m-1", "recorded_at": AT}
        made = sealing.chain(said, previous, KEY)
        columns = {name: {**said, "previous": previous}[name] for name in LOG}
        stored.append(StoredEntry(columns, SealedEntry(made.canonical, b"", made.hash, made.signature)))
        previous = made.hash
    return stored


STORED = log()
END = End(len(STORED), STORED[-1].entry.hash, AT)
NUMBERS = st.integers(0, len(STORED) - 1)


def flipped(value: bytes, bit: int) -> bytes:
    at = bit // 8 % len(value)
    return value[:at] + bytes([value[at] ^ 1 << bit % 8]) + value[at + 1 :]


@settings(max_examples=200, deadline=None)
@given(number=NUMBERS, field=st.sampled_from(ChainedEntry._fields), bit=st.integers(0, 4096))
def test_one_bit_that_is_changed_is_named_by_its_entry(number: int, field: str, bit: int) -> None:
    assert verify(STORED, EVIDENCE, END) == []
    row = STORED[number]
    changed = row._replace(entry=row.entry._replace(**{field: flipped(getattr(row.entry, field), bit)}))
    found = verify([*STORED[:number], changed, *STORED[number + 1 :]], EVIDENCE, END)
    assert number + 1 in {each.seq for each in found}


@settings(max_examples=100, deadline=None)
@given(st.permutations(STORED), st.integers(0, len(STORED)))
def test_any_other_order_and_any_entry_left_out_is_found(order: list[StoredEntry], many: int) -> None:
    assert (verify(order[:many], EVIDENCE, END) == []) is (order[:many] == STORED)
