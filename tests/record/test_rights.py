"""What no process may do to the record, whatever it tries."""

import datetime as dt
import json
from typing import Any

import asyncpg
import pytest

from record import directory, exporting, sealing, texts, timeline
from record.directory import Agency, Person, Post
from record.keys import KeyRing
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from record.timeline import append
from tests.record.examples import AUTHORITY, NAME, WORDS, answer_of, clock, entry, flush, new_child

FORBIDDEN = (
    "UPDATE timeline SET kind = 'x'",
    "UPDATE timeline SET sealed = ''",
    "DELETE FROM timeline",
    "TRUNCATE timeline CASCADE",
    "INSERT INTO timeline SELECT * FROM timeline",
    "UPDATE meeting_log SET kind = 'x'",
    "DELETE FROM meeting_log",
    "TRUNCATE meeting_log",
    "INSERT INTO meeting_log SELECT * FROM meeting_log",
    "UPDATE meetings SET seq = 0",
    "UPDATE meetings SET hash = ''",
    "UPDATE heads SET seq = 0",
    "DELETE FROM heads",
    "INSERT INTO heads (child, authority, team, hash) VALUES ('c', 'sir-enghraifft', 't', '')",
    "DELETE FROM commands",
    "UPDATE commands SET body_hash = 'x'",
    "INSERT INTO reads (authority, actor, purpose, shown, read_at) VALUES ('sir-enghraifft', 'x', 'x', '{}', now() - interval '1 day')",
    "DELETE FROM reads",
    "UPDATE reads SET actor = 'x'",
    "INSERT INTO reads_shown VALUES ('c', 1, 'sir-enghraifft')",
    "DELETE FROM reads_shown",
    "DELETE FROM refusals",
    "UPDATE reports SET sealed = ''",
    "DELETE FROM reports",
    "UPDATE report_drafts SET invitee = 'x'",
    "UPDATE threshold_openings SET invitee = 'x'",
    "DELETE FROM threshold_openings",
    "UPDATE audit_draws SET actor = 'x'",
    "DELETE FROM audit_cases",
    "UPDATE audit_answers SET grade = 'x'",
    "DELETE FROM audit_answers",
    "UPDATE audit_actions SET due = now()",
    "DELETE FROM audit_actions_done",
    "INSERT INTO audit_draws (draw, authority, actor, criteria, frame_size, frame_digest, drawn_at) "
    "VALUES ('d', 'sir-enghraifft', 'x', '{}', 1, 'x', now())",
    "UPDATE retention_log SET actor = 'x'",
    "DELETE FROM retention_log",
    "INSERT INTO retention_log SELECT * FROM retention_log",
    "UPDATE deliveries SET state = 'sent'",
    "DELETE FROM deliveries",
    "UPDATE people SET email = 'x'",
    "DELETE FROM people",
    "UPDATE settings_versions SET body = '{}'",
    "UPDATE rules_files SET body = ''",
    "UPDATE deployment SET virtual = true",
    "INSERT INTO deployment (only_one, authority, virtual) VALUES (false, 'x', true)",
    "ALTER TABLE timeline DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE timeline NO FORCE ROW LEVEL SECURITY",
    "CREATE TABLE mine (id int)",
    "SET ROLE siwrnai_owner",
    "SET SESSION AUTHORIZATION postgres",
)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_no_login_role_may(live: str, keys: KeyRing, role: Role, statement: str) -> None:
    connection = await asyncpg.connect(dsn(live, role, keys.directory))
    try:
        await connection.execute("SELECT set_config('siwrnai.authority', $1, false)", AUTHORITY)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_not_even_the_owner_changes_a_timeline(live: str) -> None:
    connection = await asyncpg.connect(live)
    try:
        await connection.execute("SET ROLE siwrnai_owner")
        await connection.execute("SELECT set_config('siwrnai.authority', $1, false)", AUTHORITY)
        for statement in (*FORBIDDEN[:4], *FORBIDDEN[5:8]):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.journey])
@pytest.mark.parametrize(
    "append", ["SELECT append_entries('c', 't', '{}', '{}', '{}', '{}')", "SELECT append_to_meeting('m', '{}', '{}', '{}')"]
)
async def test_nobody_but_the_journey_appends(live: str, keys: KeyRing, role: Role, append: str) -> None:
    connection = await asyncpg.connect(dsn(live, role, keys.directory))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(append)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.door, Role.pages}])
@pytest.mark.parametrize("table", ["reports", "report_drafts"])
async def test_no_report_is_read_but_through_the_door_and_the_pages(live: str, keys: KeyRing, role: Role, table: str) -> None:
    connection = await asyncpg.connect(dsn(live, role, keys.directory))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"SELECT sealed FROM {table}")  # noqa: S608
    finally:
        await connection.close()


async def test_the_login_that_reads_what_was_sent_reads_nothing_else_and_writes_nothing(live: str, keys: KeyRing) -> None:
    async with await open_pool(dsn(live, Role.exporter, keys.directory), "tests", most=1) as pool:
        async with transaction(pool, AUTHORITY) as conn:
            await conn.fetch(exporting.LETTERS, "c-1")
            await conn.fetch(exporting.TRIES, "L-1")
            readable = await conn.fetch(
                "SELECT DISTINCT table_name FROM information_schema.column_privileges WHERE grantee = 'siwrnai_exporter'"
            )
            writes = await conn.fetch(
                "SELECT 1 FROM information_schema.column_privileges WHERE grantee = 'siwrnai_exporter' AND privilege_type <> 'SELECT'"
            )
        assert {row[0] for row in readable} == {"letters", "letter_orders", "deliveries"}
        assert writes == []
        for statement in ("SELECT content FROM letter_orders", "SELECT sealed FROM texts", "SELECT gather FROM letters FOR UPDATE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction(pool, AUTHORITY) as conn:
                    await conn.execute(statement)


async def test_without_an_authority_nothing_is_seen_or_written(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0, clocks=(clock(),)), keys)
    async with door.acquire() as conn:
        for table in ("children", "child_details", "heads", "timeline", "commands", "texts", "journeys", "clocks", "people"):
            assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await conn.execute("INSERT INTO children (child, family, authority, team) VALUES ('c-x', 'f', $1, 't')", AUTHORITY)


async def test_another_authority_sees_and_writes_nothing_of_ours(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0), keys)
    async with transaction(journey, "sir-arall") as conn:
        assert await timeline.read(conn, whose.child, keys) == []
    with pytest.raises(timeline.UnknownChild):
        await append(journey, flush(whose, 1, authority="sir-arall"), keys)


async def test_the_authority_ends_with_its_transaction(door: Pool, keys: KeyRing) -> None:
    await new_child(door, keys)
    async with door.acquire() as conn:
        async with conn.transaction():
            await conn.execute("SELECT set_config('siwrnai.authority', $1, true)", AUTHORITY)
            assert await conn.fetchval("SELECT count(*) FROM children") > 0
        assert await conn.fetchval("SELECT count(*) FROM children") == 0


async def test_an_auditor_reads_only_what_is_logged(journey: Pool, door: Pool, auditor: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0, 2), keys)
    async with transaction(auditor, AUTHORITY) as conn:
        assert len(await timeline.audit(conn, whose.child, keys, "p-auditor", "sample")) == 2
        logged = await conn.fetch("SELECT actor, purpose, role FROM reads WHERE $1 = ANY(shown)", whose.child)
        assert [tuple(row) for row in logged] == [("p-auditor", "sample", "siwrnai_auditor")]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch("SELECT * FROM timeline")


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_live_record_takes_no_other_time_than_now(journey: Pool, door: Pool, keys: KeyRing, hours: int) -> None:
    whose = await new_child(door, keys)
    stamp = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    with pytest.raises(asyncpg.PostgresError, match="recorded_at of entry 1 is not now"):
        await append_at(journey, whose.child, stamp, keys)


async def test_a_live_record_goes_never_back_in_time(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    now = dt.datetime.now(dt.UTC)
    await append_at(journey, whose.child, now, keys)
    with pytest.raises(asyncpg.PostgresError, match="recorded_at of entry 2 is not now"):
        await append_at(journey, whose.child, now - dt.timedelta(seconds=1), keys, seq=2)


async def append_at(pool: Pool, child: str, stamp: dt.datetime, keys: KeyRing, seq: int = 1) -> None:
    """Append as a process would that stamps with a clock of its own."""
    async with transaction(pool, AUTHORITY) as conn:
        previous = await conn.fetchval("SELECT hash FROM lock_head($1, NULL)", child)
        place = sealing.Place(child, stamp, previous)
        (sealed,) = sealing.seal([entry(seq)], place, sealing.Secrets(keys.child_key(child), keys.signing_key))
        await conn.execute("SELECT append_entries($1, 't', $2, $3, $4, $5)", child, *([each] for each in sealed))


async def test_no_name_or_words_stand_in_the_database(live: str, journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        reference = await texts.put(conn, whose.child, WORDS, keys)
    said = entry(1, words=f"text:{reference.id}#{reference.sha256}", where=WORDS)
    answer = answer_of(whose, "cmd-1", 1)
    await append(journey, flush(whose, 0, entries=(said,), command_id="cmd-1", answer=answer, texts=(reference.id,)), keys)
    connection = await asyncpg.connect(live)
    try:
        for table in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'record'"):
            rows = await connection.fetch(f"SELECT t::text AS row FROM {table[0]} t")  # noqa: S608
            whole = "\n".join(row["row"] for row in rows)
            for secret in (NAME, WORDS, "2014-05-06", NAME.encode().hex(), WORDS.encode().hex()):
                assert secret not in whole, table[0]
    finally:
        await connection.close()


async def test_texts_are_linked_and_never_purged_after(journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        kept, draft = [await texts.put(conn, whose.child, WORDS, keys) for _ in range(2)]
    await append(journey, flush(whose, 0, texts=(kept.id,)), keys)
    async with transaction(door, AUTHORITY) as conn:
        await texts.purge(conn, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
        assert await conn.execute("DELETE FROM texts WHERE id = $1", kept.id) == "DELETE 0"
        assert await texts.get(conn, whose.child, kept, keys) == WORDS
        with pytest.raises(LookupError):
            await texts.get(conn, whose.child, draft, keys)
        with pytest.raises(sealing.CannotOpen):
            await texts.get(conn, whose.child, kept._replace(sha256="00"), keys)


async def test_the_pages_see_of_children_those_alone_whom_a_meeting_still_to_be_held_is_about(live: str, keys: KeyRing, door: Pool) -> None:
    invited, other = await new_child(door, keys), await new_child(door, keys)
    for child, stage in ((invited, "arranged"), (other, "held")):
        await arranged(live, child.child, child.team, stage)
    async with await open_pool(dsn(live, Role.pages, keys.directory), "tests") as pages, transaction(pages, AUTHORITY) as connection:
        for table in ("children", "child_details"):
            rows = await connection.fetch(f"SELECT child FROM {table} WHERE child = ANY ($1)", [invited.child, other.child])  # noqa: S608
            assert [row["child"] for row in rows] == [invited.child]


@pytest.mark.parametrize("role", [Role.pages, Role.replies])
async def test_whoever_comes_from_outside_sees_of_the_directory_those_alone_who_have_to_do_with_a_meeting(
    live: str, keys: KeyRing, door: Pool, role: Role
) -> None:
    names = {each: f"p-{each}-{role[8:]}" for each in ("chair", "guest", "author", "over", "long-over", "stranger")}
    agencies = {each: f"a-{each}-{role[8:]}" for each in ("guest", "stranger")}
    long_ago, child = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), await new_child(door, keys)
    async with transaction(door, AUTHORITY) as connection:
        for each, agency in agencies.items():
            row = Agency(agency=agency, kind="school", name_cy=each, name_en=each, valid_from=long_ago)
            await directory.put_agency(connection, row, "p-admin")
        for each, person in names.items():
            row = Person(person=person, name=each, agency=agencies.get(each), valid_from=long_ago)
            await directory.put_person(connection, row, "p-admin")
            await directory.put_post(connection, Post(role=f"r-{person}", person=person, valid_from=long_ago), "p-admin")
    now = dt.datetime.now(dt.UTC)
    state = {"chair": names["chair"], "invitees": [{"person": names["guest"]}], "reports": [{"to": names["author"]}]}
    await arranged(live, child.child, child.team, "arranged", now + dt.timedelta(days=400), state)
    for each, days in (("over", 7), ("long-over", 15)):
        other = await new_child(door, keys)
        await arranged(live, other.child, other.team, "held", now - dt.timedelta(days=days), {"arranger": names[each]})
    seen = {each for each in names if each not in {"long-over", "stranger"}}
    async with await open_pool(dsn(live, role, keys.directory), "tests") as outside, transaction(outside, AUTHORITY) as connection:
        people, there = await directory.people(connection, now), await directory.agencies(connection, now)
        assert {each for each, person in names.items() if person in people} == seen
        assert {each for each, agency in agencies.items() if agency in there} == {"guest"}
        assert {each for each, person in names.items() if await directory.posts_of(connection, person, now)} == seen


async def arranged(
    live: str, child: str, team: str, stage: str, starts: dt.datetime | None = None, state: dict[str, Any] | None = None
) -> None:
    """A meeting about that child, put there by whoever may do everything."""
    connection = await asyncpg.connect(live)
    try:
        await connection.execute("SET search_path = record")
        await connection.execute(
            "INSERT INTO meetings (meeting, authority, team, children, stage, starts, state) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            *(f"m-{child}", AUTHORITY, team, [child], stage, starts, json.dumps(state or {})),
        )
    finally:
        await connection.close()
