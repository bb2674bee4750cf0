"""Somebody with full rights on the database tampers with a meeting's log: it is found, and named."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.checkpoints import Checkpoints
from console.audit_verify import Verifying
from record import sealing
from record.canonical import canonical
from record.keys import KeyRing
from record.timeline import HeadAhead
from schemas.checkpoints import CheckpointRequest
from schemas.meetings import MeetingFlush
from tests.procedures.meetings.table import Table
from tests.record.examples import AUTHORITY
from tests.record.meeting_logs import MEETING, append, called_off, flushed, held_by, on_record
from tests.record.tampered import Place, tampered

CHAIN = f"meeting/{MEETING}"

SET_BACK = (
    "DELETE FROM meeting_log WHERE meeting = $1 AND seq > 3",
    "UPDATE meetings m SET seq = 3, hash = l.hash, recorded_at = l.recorded_at FROM meeting_log l"
    " WHERE m.meeting = $1 AND l.meeting = $1 AND l.seq = 3",
)

OF_THE_ROW = (
    "kind = 'strategy'",
    "starts = starts + interval '3 years'",
    "due = 'infinity'",
    "chair = 'p-forger'",
    "arranger = NULL",
    "invitees = invitees[2:]",
    "papers_until = 'infinity'",
)
"""By these it is listed and found, and by whom."""

SAID_ANEW = "UPDATE meeting_log SET content = replace(replace(content::text, 'true', '1'), 'false', '0')::jsonb WHERE meeting = $1 AND content::text ~ 'true|false'"
"""Python takes the one for the other."""

Found = set[tuple[str, int | None, int | None]]


@pytest.fixture
async def place(server: str, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Place]:
    """Three children, and a meeting about two of them, all of it in one anchored checkpoint."""
    async with tampered(server, keys, tmp_path) as made:
        await made.registered()
        await on_record(made.door, made.journey, held_by(*made.children[:2]), made.keys)
        await made.checkpoint()
        yield made


async def does(place: Place, *statements: str) -> None:
    await place.does(*statements, values=[MEETING])


async def found(place: Place, *, anchors: bool = True) -> Found:
    """What, entry, checkpoint; of the meeting, and of checkpoints themselves."""
    findings = (await place.verified(anchors=anchors)).findings
    return {(each.what, each.entry, each.checkpoint) for each in findings if each.meeting == MEETING or each.child is None}


async def test_a_log_is_whole_and_its_end_stands_in_the_checkpoint(place: Place) -> None:
    verified = await place.verified()
    last = await place.superuser.fetchval("SELECT max(seq) FROM record.meeting_log")
    assert (await found(place), verified.meetings, verified.entries, verified.taken_over) == (set(), 1, 12 + last, 0)
    (line,) = [orjson.loads(file.read_bytes()) for file in place.folder.glob("*.jsonl")]
    assert {"child": CHAIN, "seq": last}.items() <= next(each for each in line["moved"] if each["child"] == CHAIN).items()
    said = orjson.loads(line["statement"])
    assert (said["version"], said["chains"], said["entries"]) == (2, 4, 12 + last)


@pytest.mark.parametrize(
    ("change", "what", "entry"),
    [
        ("UPDATE meeting_log SET kind = 'x' WHERE meeting = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE meeting_log SET content = content || '{\"x\": 1}' WHERE meeting = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE meeting_log SET actor = 'p-forger' WHERE meeting = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE meeting_log SET decided_at = 'infinity' WHERE meeting = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE meeting_log SET recorded_at = recorded_at - interval '1 day' WHERE meeting = $1 AND seq = 2", "recorded_before", 2),
        ("UPDATE meeting_log SET signature = sha256(signature) || sha256(hash) WHERE meeting = $1 AND seq = 2", "not_signed", 2),
        ("UPDATE meeting_log SET canonical = '' WHERE meeting = $1 AND seq = 2", "header_unreadable", 2),
        ("DELETE FROM meeting_log WHERE meeting = $1 AND seq = 2", "entry_missing", 2),
        ("DELETE FROM meeting_log WHERE meeting = $1 AND seq > 1", "entries_missing", 2),
        ("UPDATE meeting_log SET seq = CASE seq WHEN 2 THEN 3 ELSE 2 END + 100 WHERE meeting = $1 AND seq IN (2, 3)", "entries_missing", 2),
        ("UPDATE meetings SET seq = 1000000 WHERE meeting = $1", "entries_missing", 7),
        ("UPDATE meetings SET hash = sha256(hash) WHERE meeting = $1", "other_head", 6),
        ("UPDATE meetings SET recorded_at = '2100-01-01' WHERE meeting = $1", "head_dated", 6),
        ("UPDATE meeting_log SET recorded_at = '2100-01-01' WHERE meeting = $1 AND seq = 6", "recorded_ahead", 6),
        (SAID_ANEW, "column_differs", 1),
        ("DELETE FROM meetings WHERE meeting = $1", "meeting_gone", None),
        ("UPDATE meetings SET stage = 'held' WHERE meeting = $1", "meeting_not_as_logged", None),
        *((f"UPDATE meetings SET {each} WHERE meeting = $1", "meeting_not_as_logged", None) for each in OF_THE_ROW),  # noqa: S608
        ("UPDATE meetings SET children = '{c-1}' WHERE meeting = $1", "meeting_not_as_logged", None),
        ("UPDATE meetings SET state = jsonb_set(state, '{chair}', '\"p-forger\"') WHERE meeting = $1", "meeting_not_as_logged", None),
        ("UPDATE meetings SET state = '{\"x\": 1}' WHERE meeting = $1", "unreadable", None),
    ],
)
async def test_a_changed_row_is_named(place: Place, change: str, what: str, entry: int | None) -> None:
    await does(place, change)
    assert (what, entry, None) in await found(place)


async def test_entries_in_another_order_are_named(place: Place) -> None:
    for old, new in ((2, 102), (3, 2), (102, 3)):
        await does(place, f"UPDATE meeting_log SET seq = {new} WHERE meeting = $1 AND seq = {old}")  # noqa: S608
    assert {("not_chained", 2, None), ("not_chained", 3, None), ("column_differs", 2, None)} <= await found(place)


async def rechained(place: Place, signing: Ed25519PrivateKey | None) -> None:
    """The second entry says another actor, and every hash after it follows; signed anew where somebody has a key."""
    rows = await place.superuser.fetch("SELECT seq, canonical, hash FROM record.meeting_log WHERE meeting = $1 ORDER BY seq", MEETING)
    previous = rows[0]["hash"]
    for row in rows[1:]:
        said = orjson.loads(row["canonical"])
        said |= {"previous": previous.hex()} | ({"actor": "p-forger"} if row["seq"] == 2 else {})
        header = canonical(said)
        digest = sealing.chain_hash(previous, header)
        await place.does(
            "UPDATE meeting_log SET canonical = $3, hash = $4, previous = $5, actor = $6 WHERE meeting = $1 AND seq = $2",
            values=(MEETING, row["seq"], header, digest, previous, said["actor"]),
        )
        if signing is not None:
            values = (MEETING, row["seq"], signing.sign(digest))
            await place.does("UPDATE meeting_log SET signature = $3 WHERE meeting = $1 AND seq = $2", values=values)
        previous = digest
    await place.does("UPDATE meetings SET hash = $2 WHERE meeting = $1", values=(MEETING, previous))


@pytest.mark.parametrize("forged", [None, "another key"])
async def test_one_who_recomputes_the_whole_chain_has_not_the_signing_key(place: Place, forged: str | None) -> None:
    await rechained(place, None if forged is None else Ed25519PrivateKey.generate())
    there = await found(place)
    assert {("not_signed", seq, None) for seq in range(2, 7)} <= there
    assert ("not_as_checkpoint", 6, 1) in there


async def test_even_with_the_signing_key_the_checkpoint_tells(place: Place) -> None:
    await rechained(place, place.keys.signing_key)
    assert await found(place) == {("not_as_checkpoint", 6, 1)}


async def test_a_tail_that_is_cut_off_with_the_head_set_back_is_named(place: Place) -> None:
    state = flushed(held_by(*place.children[:2]), 0, 3).state
    await does(place, *SET_BACK)
    assert await found(place) == {("gone_since_checkpoint", 6, 1), ("meeting_not_as_logged", None, None)}
    await place.does("UPDATE meetings SET state = $2 WHERE meeting = $1", values=(MEETING, state.model_dump_json()))
    assert await found(place) == {("gone_since_checkpoint", 6, 1)}
    # Another checkpoint hides nothing, and says so by itself.
    made = await Checkpoints(place.journey, place.keys).make(CheckpointRequest(authority=AUTHORITY))
    assert made.contradicted == (CHAIN,)
    assert await found(place) == {("gone_since_checkpoint", 6, 1)}


async def test_a_meeting_that_is_taken_away_whole_is_named(place: Place) -> None:
    await does(place, "DELETE FROM meeting_log WHERE meeting = $1", "DELETE FROM meetings WHERE meeting = $1")
    assert {("gone_since_checkpoint", 6, 1), ("meeting_gone", None, None)} <= await found(place, anchors=False)
    # With its marks as well: the stored checkpoint no longer holds what was signed, and the copy kept outside names the meeting.
    await place.does("DELETE FROM checkpoint_marks WHERE chain = $1", values=[CHAIN])
    assert await found(place, anchors=False) == {("checkpoint_marks", None, 1), ("checkpoint_heads", None, 1)}
    assert ("chain_gone", 6, 1) in await found(place)


async def test_what_was_recorded_since_a_checkpoint_that_is_taken_away_is_named_by_the_copy_kept_outside(place: Place) -> None:
    table = called_off(*place.children[:2])
    await append(place.journey, flushed(table, 6), place.keys)
    await place.checkpoint()
    await does(place, *(each.replace("3", "6") for each in SET_BACK))
    await place.does(
        "UPDATE meetings SET state = $2, stage = 'arranged' WHERE meeting = $1",
        values=(MEETING, flushed(table, 0, 6).state.model_dump_json()),
    )
    await place.does(*(f"DELETE FROM {table} WHERE number = 2" for table in ("checkpoints", "checkpoint_marks")), values=[])  # noqa: S608
    assert await found(place, anchors=False) == set()
    assert await found(place) == {("checkpoint_missing", None, 2), ("gone_since_checkpoint", len(table.entries), 2)}


async def added(place: Place, table: Table, signing: Ed25519PrivateKey, at: dt.datetime) -> None:
    """One more entry, its head, and the row that is shown."""
    entry, before = table.entries[6], "SELECT hash FROM record.meeting_log WHERE meeting = $1 AND seq = 6"
    said = {**entry.model_dump(), "meeting": MEETING, "recorded_at": at}
    chained = sealing.chain(said, previous := await place.superuser.fetchval(before, MEETING), signing)
    await place.does(
        "INSERT INTO meeting_log SELECT $1, 7, authority, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM meeting_log"
        " WHERE meeting = $1 AND seq = 6",
        values=(
            *(MEETING, entry.kind, entry.happened_at, at, entry.actor, entry.cause, entry.command_id),
            *(orjson.dumps(entry.content).decode(), previous, chained.hash, chained.signature, chained.canonical),
        ),
    )
    await place.does("UPDATE meetings SET seq = 7, hash = $2, recorded_at = $3 WHERE meeting = $1", values=(MEETING, chained.hash, at))
    state = flushed(table, 0, 7).state
    await place.does(
        "UPDATE meetings SET state = $2, stage = $3 WHERE meeting = $1", values=(MEETING, state.model_dump_json(), state.stage)
    )


async def test_an_entry_that_is_put_in_is_named(place: Place) -> None:
    await added(place, called_off(*place.children[:2]), Ed25519PrivateKey.generate(), dt.datetime.now(dt.UTC))
    assert await found(place) == {("not_signed", 7, None)}


async def test_an_entry_that_is_added_back_dated_by_one_who_has_all_keys_is_named(place: Place) -> None:
    """It claims to have been recorded an hour before a checkpoint that does not know it."""
    await added(place, called_off(*place.children[:2]), place.keys.signing_key, dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    assert await found(place) == {("backdated", 7, 1), ("recorded_before", 7, None)}


async def test_a_log_that_is_passed_off_as_another_meetings_is_named(place: Place) -> None:
    await does(
        place,
        "INSERT INTO meetings (meeting, authority, team, children, seq, stage, state, hash) SELECT 'm-2', authority, team, children, seq,"
        " stage, jsonb_set(state, '{meeting}', '\"m-2\"'), hash FROM meetings WHERE meeting = $1",
        "INSERT INTO meeting_log SELECT 'm-2', seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content,"
        " previous, hash, signature, canonical FROM meeting_log WHERE meeting = $1",
    )
    named = {(each.what, each.meeting, each.entry) for each in (await place.verified()).findings if each.meeting is not None}
    assert {("not_chained", "m-2", 1), ("column_differs", "m-2", 1)} <= named
    assert not {each for each in named if each[1] == MEETING}


async def test_of_one_child_its_own_meetings_are_looked_at(place: Place) -> None:
    # Not by the row alone, in which somebody can leave one out.
    await does(place, *SET_BACK, "UPDATE meetings SET children = children[2:] WHERE meeting = $1")

    async def of(child: str) -> set[tuple[str, str | None, str | None]]:
        verifying = Verifying(place.door, AUTHORITY, place.keys, reader="p-arolygydd", purpose="audit verify")
        await verifying.of_child(child)
        verified = await verifying.against_checkpoints(sorted(place.folder.glob("*.jsonl")))
        return {(each.what, each.child, each.meeting) for each in verified.findings if each.meeting is not None}

    first, _, other = place.children
    assert ("gone_since_checkpoint", None, MEETING) in await of(first)
    assert await of(other) == set()


async def test_an_end_without_a_hash_is_named_and_stops_no_checkpoint(place: Place) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await does(place, "UPDATE meetings SET hash = NULL WHERE meeting = $1")
    await place.does("ALTER TABLE meetings DROP CONSTRAINT has_an_end", values=[])
    await does(place, "UPDATE meetings SET hash = NULL WHERE meeting = $1")
    assert await found(place) == {("no_head", 6, None)}
    work = Checkpoints(place.journey, place.keys)
    assert (await work.make(CheckpointRequest(authority=AUTHORITY))).contradicted == (CHAIN,)
    await does(place, "UPDATE meetings SET seq = seq + 1 WHERE meeting = $1")
    await work.make(CheckpointRequest(authority=AUTHORITY))
    assert (await work.make(CheckpointRequest(authority=AUTHORITY))).contradicted == (CHAIN,)


async def test_nothing_is_signed_as_of_an_instant_to_which_somebody_set_the_head(place: Place) -> None:
    head = await place.superuser.fetchval("SELECT recorded_at FROM record.meetings WHERE meeting = $1", MEETING)
    await does(place, "UPDATE meetings SET recorded_at = '2100-01-01' WHERE meeting = $1")
    table = called_off(*place.children[:2])
    with pytest.raises(HeadAhead, match="m-1: the chain's end is said to have been recorded at 2100"):
        await append(place.journey, flushed(table, 6), place.keys)
    await place.does("UPDATE meetings SET recorded_at = $2 WHERE meeting = $1", values=(MEETING, head))
    await append(place.journey, flushed(table, 6), place.keys)
    assert await found(place) == set()


async def test_a_log_goes_on_whose_last_entry_was_recorded_while_the_clock_was_ahead(place: Place) -> None:
    """The clock was put right since: what was signed then stands, and is named; the meeting is not held up."""
    ahead = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    await added(place, called_off(*place.children[:2]), place.keys.signing_key, ahead)
    state = flushed(called_off(*place.children[:2]), 0).state
    entry = called_off(*place.children[:2]).entries[-1].model_copy(update={"seq": 8, "kind": "answers_gathered", "cause": "x"})
    await append(place.journey, MeetingFlush(state=state.model_copy(update={"seq": 8}), expected_head=7, entries=(entry,)), place.keys)
    assert {("recorded_ahead", 7, None), ("recorded_ahead", 8, None)} <= await found(place)


async def test_a_log_verifies_without_the_keys_of_the_meeting_and_its_children(place: Place) -> None:
    for each in (MEETING, *place.children):
        place.keys.destroy_for_good(each, b"{}")
    assert await found(place) == set()
