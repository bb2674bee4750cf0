"""Somebody with full rights on the database, and without keys, has it brought up to date once more, so that the service signs what they put in."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import migrate
from tests.procedures.meetings.table import Table
from tests.record.examples import AUTHORITY
from tests.record.meeting_logs import MEETING, append, called_off, flushed, folded, held_by, on_record
from tests.record.tampered import Place, tampered

FORGED = "m-forged"

AS_BEFORE = (
    "SET LOCAL search_path = record",
    "DROP VIEW settings_of_letters",
    "ALTER TABLE checkpoint_marks RENAME COLUMN chain TO child",
    "DROP FUNCTION append_to_meeting(text, bytea[], bytea[], bytea[])",
    "CREATE FUNCTION append_to_meeting(text, bigint, jsonb) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "ALTER FUNCTION append_to_meeting(text, bigint, jsonb) OWNER TO siwrnai_owner",
    "CREATE TEMP TABLE genuine_log AS SELECT * FROM meeting_log",
    "CREATE TEMP TABLE genuine_meetings AS SELECT meeting, hash, recorded_at FROM meetings",
    "ALTER TABLE meetings DROP COLUMN hash, DROP COLUMN recorded_at",
    "DELETE FROM meeting_log",
    """
    ALTER TABLE meeting_log DROP COLUMN previous, DROP COLUMN hash, DROP COLUMN signature, DROP COLUMN canonical,
        ALTER COLUMN recorded_at SET DEFAULT clock_timestamp()
    """,
    "UPDATE alembic_version SET version_num = '0031'",
)

COLUMNS = "meeting, seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content, previous, hash, signature, canonical"

GENUINE = (
    f"INSERT INTO record.meeting_log ({COLUMNS}) SELECT {COLUMNS} FROM genuine_log",  # noqa: S608
    "UPDATE record.meetings m SET hash = g.hash, recorded_at = g.recorded_at FROM genuine_meetings g WHERE g.meeting = m.meeting",
)

NAMED = {("signed_too_late", FORGED, seq, 1) for seq in range(1, 5)}

LOG_AS_IT_WAS = (
    "INSERT INTO meeting_log (meeting, seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content)"
    " SELECT meeting, seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content FROM genuine_log",
)

A_MEETING = """
INSERT INTO record.meetings (meeting, authority, team, children, seq, stage, kind, starts, state, invitees, chair, arranger, due)
VALUES ($1, $2, 't-north', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

AN_ENTRY = """
INSERT INTO record.meeting_log (meeting, seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content)
VALUES ($1, $2, $3, $4, $5, $6, '2019-01-01', $7, $8, $9, $10)
"""


@pytest.fixture
async def place(server: str, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Place]:
    """Three children, and a meeting about two of them, none of it in a checkpoint yet."""
    async with tampered(server, keys, tmp_path) as made:
        await made.registered()
        await on_record(made.door, made.journey, held_by(*made.children[:2]), made.keys)
        yield made


async def has_one_signed(place: Place) -> None:
    """Take the chains off, put in a meeting that never was, have the database brought up to date, and put the genuine rows back."""
    table = Table(children=place.children[:1])
    table.arranged()
    table.does("called_off", reason="text:a#b")
    state = folded(table.entries, FORGED)
    await place.does(*AS_BEFORE, values=())
    await place.does(
        A_MEETING,
        values=(
            *(FORGED, AUTHORITY, list(place.children[:1]), state.seq, state.stage, state.kind, state.starts),
            *(state.model_dump_json(), [each.id for each in state.invitees], state.chair, state.arranger, state.due),
        ),
    )
    for entry in table.entries:
        content = orjson.dumps(entry.model_dump(mode="json")["content"]).decode()
        happened = (entry.happened_at, entry.decided_at, entry.actor, entry.cause, entry.command_id, content)
        await place.does(AN_ENTRY, values=(FORGED, entry.seq, AUTHORITY, entry.kind, *happened))
    await migrate(place.address, place.keys, Deployment(authority=AUTHORITY))
    await place.does(*GENUINE, values=())


async def found(place: Place, *, anchors: bool = True) -> set[tuple[str, str | None, int | None, int | None]]:
    """What, meeting, entry, checkpoint."""
    findings = (await place.verified(anchors=anchors)).findings
    return {(each.what, each.meeting, each.entry, each.checkpoint) for each in findings if each.meeting or each.child is None}


async def test_a_log_that_is_put_in_and_signed_by_another_migration_is_named(place: Place) -> None:
    await place.checkpoint()
    await has_one_signed(place)
    assert await found(place) == NAMED
    # Another checkpoint hides nothing, and the stored one tells without a copy.
    await place.checkpoint()
    assert await found(place, anchors=False) == NAMED


async def test_it_is_named_by_the_copy_kept_outside_where_the_stored_checkpoints_are_taken_away(place: Place) -> None:
    await place.checkpoint()
    await has_one_signed(place)
    await place.does(*(f"DELETE FROM {table}" for table in ("checkpoints", "checkpoint_marks")), values=())  # noqa: S608
    assert await found(place, anchors=False) == set()
    assert await found(place) >= NAMED


async def test_before_there_is_a_checkpoint_with_logs_nothing_tells_of_it(place: Place) -> None:
    """This is the window that the documentation states."""
    await has_one_signed(place)
    assert await found(place) == set()
    await place.checkpoint()
    assert await found(place) == set()


async def test_an_entry_of_an_earlier_version_after_one_of_this_version_is_named(place: Place) -> None:
    await append(place.journey, flushed(called_off(*place.children[:2]), 6), place.keys)
    await place.checkpoint()
    await place.does(*AS_BEFORE, *LOG_AS_IT_WAS, values=())
    await migrate(place.address, place.keys, Deployment(authority=AUTHORITY))
    await place.does(
        "DELETE FROM record.meeting_log WHERE seq < 7", GENUINE[0].replace("genuine_log", "genuine_log WHERE seq < 7"), values=()
    )
    assert ("taken_over_after", MEETING, 7, None) in await found(place)
