"""What the database insists on before it lets a record go, and what is left when it has."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from record import audits, children, letters, retention, texts, timeline, verification
from record.audits import Found, Frame, ToDo
from record.keys import KeyMissing, KeyRing
from record.pool import Connection, Pool, open_pool, transaction
from record.projections import Whose
from record.retention import Said, StillNeeded
from record.roles import Role, dsn
from record.timeline import append
from schemas.audits import Criteria, Drawn
from schemas.flush import JourneySummary
from schemas.retention import Kind
from tests.record.examples import AT, AUTHORITY, WORDS, answer_of, clock, entry, flush, new_child

CLOSED = JourneySummary(registration="not_registered", enquiries=((1, "no_further_action"),), closed=True)

FACTS: dict[str, Any] = {"state": "neither", "rules": "ab12", "settings": 1}


@pytest.fixture(scope="module")
async def custodian(live: str, keys: KeyRing) -> AsyncIterator[Pool]:
    async with await open_pool(dsn(live, Role.custodian, keys.directory), "tests") as pool:
        yield pool


async def closed(journey: Pool, door: Pool, keys: KeyRing, family: str | None = None) -> Whose:
    """A child whose record is closed, with words on it."""
    whose = await new_child(door, keys, family)
    async with transaction(door, AUTHORITY) as conn:
        reference = await texts.put(conn, whose.child, WORDS, keys)
    said = entry(1, words=f"text:{reference.id}#{reference.sha256}")
    id = f"cmd-{whose.child}"
    answer = answer_of(whose, id, 1)
    await append(
        journey,
        flush(
            whose, 0, entries=(said,), command_id=id, answer=answer, texts=(reference.id,), clocks=(clock(running=False),), summary=CLOSED
        ),
        keys,
    )
    return whose


async def says(custodian: Pool, keys: KeyRing, child: str, kind: Kind, actor: str, **facts: Any) -> None:
    async with transaction(custodian, AUTHORITY) as conn:
        words = "A claim at court." if kind in {Kind.hold, Kind.hold_lifted, Kind.withdrawn} else None
        await retention.append(conn, Said(child, kind, actor, FACTS | facts, words), keys)


async def signed(custodian: Pool, keys: KeyRing, child: str) -> None:
    await says(custodian, keys, child, Kind.proposed, "p-ann")
    await says(custodian, keys, child, Kind.confirmed, "p-bob", proposed_by="p-ann", confirmed_by="p-bob")


async def test_two_people_sign_and_the_second_is_not_the_first(journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    child = (await closed(journey, door, keys)).child
    with pytest.raises(StillNeeded, match="two people"):
        await says(custodian, keys, child, Kind.confirmed, "p-bob", proposed_by="p-ann")
    await says(custodian, keys, child, Kind.proposed, "p-ann")
    for actor, first in (("p-ann", "p-ann"), ("p-ann", "p-bob"), ("p-bob", "p-huw")):
        with pytest.raises(StillNeeded, match="two people"):
            await says(custodian, keys, child, Kind.confirmed, actor, proposed_by=first)
    with pytest.raises(StillNeeded, match="nobody confirmed"):
        await says(custodian, keys, child, Kind.destroyed, "p-ann")
    async with transaction(door, AUTHORITY) as conn:
        assert (await children.details(conn, child, keys)).name is not None
    await says(custodian, keys, child, Kind.confirmed, "p-bob", proposed_by="p-ann")
    with pytest.raises(StillNeeded, match="is destroyed"):
        await says(custodian, keys, child, Kind.proposed, "p-ann")


async def test_what_needs_the_record_is_in_the_way(journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    whose = await closed(journey, door, keys)
    await says(custodian, keys, whose.child, Kind.proposed, "p-ann")

    async def refused(way: str) -> None:
        async with transaction(custodian, AUTHORITY) as conn:
            assert await retention.in_the_way(conn, whose.child) == (way,)
        for kind in (Kind.proposed, Kind.confirmed):
            with pytest.raises(StillNeeded, match="still needed"):
                await says(custodian, keys, whose.child, kind, "p-bob", proposed_by="p-ann")

    await says(custodian, keys, whose.child, Kind.hold, "p-bob")
    await refused("hold")
    await says(custodian, keys, whose.child, Kind.hold_lifted, "p-bob")
    sibling = await new_child(door, keys, whose.family)
    await append(journey, flush(sibling, 0), keys)
    await refused("sibling")
    await append(journey, flush(sibling, 1, summary=CLOSED), keys)
    await append(journey, flush(whose, 1), keys)
    await refused("open")


async def test_a_record_that_grew_since_it_was_proposed_is_proposed_anew(journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    whose = await closed(journey, door, keys)
    await says(custodian, keys, whose.child, Kind.proposed, "p-ann")
    await append(journey, flush(whose, 1, summary=CLOSED), keys)
    with pytest.raises(StillNeeded, match="as it stands"):
        await says(custodian, keys, whose.child, Kind.confirmed, "p-bob", proposed_by="p-ann")
    await signed(custodian, keys, whose.child)


async def test_a_proposal_taken_back_is_answered_no_more(journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    child = (await closed(journey, door, keys)).child

    async def withdrawn() -> None:
        await says(custodian, keys, child, Kind.withdrawn, "p-huw")

    with pytest.raises(StillNeeded, match="no proposal"):
        await withdrawn()
    await says(custodian, keys, child, Kind.proposed, "p-ann")
    await withdrawn()
    with pytest.raises(StillNeeded, match="no proposal"):
        await says(custodian, keys, child, Kind.confirmed, "p-bob", proposed_by="p-ann")
    with pytest.raises(StillNeeded, match="no proposal"):
        await withdrawn()
    await signed(custodian, keys, child)
    with pytest.raises(StillNeeded, match="is destroyed"):
        await withdrawn()
    async with transaction(custodian, AUTHORITY) as conn:
        assert await retention.check(conn, keys) == []


async def test_what_auditors_wrote_of_a_child_goes_with_its_record(
    live: str, journey: Pool, door: Pool, auditor: Pool, custodian: Pool, keys: KeyRing
) -> None:
    child = (await closed(journey, door, keys)).child
    async with transaction(auditor, AUTHORITY) as conn:
        criteria = Criteria(seed="s", size=1, as_of=AT, late_within_days=1, long_on_register_days=1)
        made = await audits.put_draw(conn, "p-nia", criteria, Frame(1, "ab"), [Drawn(child=child, signs=())])
        found = Found(made.draw, child, "on_time", "improve", "A week late.")
        await audits.answer(conn, found, "p-nia", keys)
        for words in ("Do it.", "Do that."):
            await audits.act(conn, found, ToDo(words, "p-huw", AT.date()), "p-nia", keys)
        first, last = await audits.actions(conn, keys, child=child)
        await audits.done(conn, first, audits.Ended(AT.date(), "Done."), "p-huw", keys)
    await signed(custodian, keys, child)
    connection = await asyncpg.connect(live)
    try:
        for table, key in (("audit_answers", "draw"), ("audit_actions", "draw"), ("audit_actions_done", "action")):
            left = await connection.fetch(
                f"SELECT t.sealed FROM record.{table} t WHERE t.{key} = ANY ($1)",  # noqa: S608
                [made.draw, first.action],
            )
            assert {row["sealed"] for row in left} == {None}, table
    finally:
        await connection.close()
    async with transaction(auditor, AUTHORITY) as conn:
        (answer,) = await audits.answers(conn, keys, child=child)
        assert (answer.grade, answer.finding) == ("improve", None)
        assert not any(each.is_overdue(dt.date(2099, 1, 1)) for each in await audits.actions(conn, keys, child=child))
    # The key is there yet: the database refuses by itself.
    writes: tuple[Callable[[Connection], Awaitable[object]], ...] = (
        lambda conn: audits.answer(conn, found, "p-nia", keys),
        lambda conn: audits.act(conn, found, ToDo("More.", "p-huw", AT.date()), "p-nia", keys),
        lambda conn: audits.done(conn, last, audits.Ended(AT.date(), "Done."), "p-huw", keys),
    )
    for write in writes:
        with pytest.raises(KeyMissing):
            async with transaction(auditor, AUTHORITY) as conn:
                await write(conn)


STAYS = {"timeline", "retention_log"}
"""Sealed for good under a key that nobody has: the chains stand as they were signed."""


async def test_every_table_with_sealed_words_of_a_child_is_known_to_destruction(live: str) -> None:
    connection = await asyncpg.connect(live)
    try:
        tables = await connection.fetch(
            """
            SELECT table_name AS name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'record' AND table_type = 'BASE TABLE' AND column_name IN ('child', 'sealed')
            GROUP BY table_name HAVING count(DISTINCT column_name) = 2
            """
        )
        said = await connection.fetchval(
            "SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE proname IN ('append_retention', 'destroy_rows', 'empty_audits')"
        )
    finally:
        await connection.close()
    assert {"papers", "outlines", "reports", "report_drafts", "audit_answers", "audit_actions"} <= {row["name"] for row in tables}
    unknown = {row["name"] for row in tables if not re.search(rf"\b{row['name']}\b", said)} - STAYS
    assert not unknown, f"words of a child would stay: empty {unknown} when its destruction is signed"


async def test_nothing_personal_is_left_and_the_chain_verifies_without_the_key(
    live: str, journey: Pool, door: Pool, custodian: Pool, keys: KeyRing
) -> None:
    whose = await closed(journey, door, keys)
    child = whose.child
    await signed(custodian, keys, child)
    keys.destroy_for_good(child, b"{}")
    connection = await asyncpg.connect(live)
    try:
        named = await connection.fetch(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'record' AND column_name = 'child'"
        )
        left = {
            row[0]
            for row in named
            if await connection.fetchval(f"SELECT count(*) FROM record.{row[0]} WHERE child = $1", child)  # noqa: S608
        }
    finally:
        await connection.close()
    assert left == {"children", "heads", "timeline", "retention_log"}
    async with transaction(door, AUTHORITY) as conn:
        assert await verification.check(conn, child, keys) == []
        assert [each.content for each in await timeline.read(conn, child, keys)] == [{}]
        assert await letters.seen(conn, [child]) == []


async def test_nothing_more_is_written_of_a_destroyed_child(journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    whose = await closed(journey, door, keys)
    await signed(custodian, keys, whose.child)
    # The key is there yet: the database refuses by itself.
    with pytest.raises(asyncpg.PostgresError, match="is destroyed"):
        await append(journey, flush(whose, 1), keys)
    for write in (_text, _details):
        with pytest.raises(asyncpg.PostgresError, match="is destroyed"):
            async with transaction(door, AUTHORITY) as conn:
                await write(conn, whose.child, keys)


async def _text(conn: Connection, child: str, keys: KeyRing) -> None:
    await texts.put(conn, child, WORDS, keys)


async def _details(conn: Connection, child: str, keys: KeyRing) -> None:
    await children.put_details(conn, child, children.ChildDetails(name="Ela"), keys, "p-huw")


async def test_the_log_is_chained_signed_and_whole(live: str, journey: Pool, door: Pool, custodian: Pool, keys: KeyRing) -> None:
    child = (await closed(journey, door, keys)).child
    await signed(custodian, keys, child)
    async with transaction(custodian, AUTHORITY) as conn:
        assert await retention.check(conn, keys) == []
        proposed, confirmed = await retention.log(conn, child)
    assert (proposed.entry.kind, confirmed.entry.kind) == (Kind.proposed, Kind.confirmed)
    assert (confirmed.entry.proposed_by, confirmed.entry.confirmed_by) == ("p-ann", "p-bob")
    assert retention.is_ours(confirmed, keys)
    forged = confirmed.model_copy(update={"entry": confirmed.entry.model_copy(update={"confirmed_by": "p-huw"})})
    assert not retention.is_ours(forged, keys)
    connection = await asyncpg.connect(live)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('siwrnai.authority', $1, true)", AUTHORITY)
            await connection.execute("UPDATE record.retention_log SET actor = 'p-huw' WHERE seq = $1", proposed.entry.seq)
            assert await retention.check(connection, keys) == [proposed.entry.seq]
            await connection.execute("UPDATE record.retention_log SET actor = 'p-ann' WHERE seq = $1", proposed.entry.seq)
    finally:
        await connection.close()


async def test_only_whoever_may_do_everything_destroys_again_without_two_signatures(
    journey: Pool, door: Pool, custodian: Pool, keys: KeyRing
) -> None:
    child = (await closed(journey, door, keys)).child
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await says(custodian, keys, child, Kind.destroyed_again, "p-ann")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.custodian])
async def test_no_other_login_appends_or_destroys(live: str, keys: KeyRing, role: Role) -> None:
    async with await open_pool(dsn(live, role, keys.directory), "tests", most=1) as pool:
        for statement in ("SELECT append_retention('', '', '', '')", "SELECT destroy_rows('c', '{children}')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction(pool, AUTHORITY) as conn:
                    await conn.execute(statement)


async def test_the_custodian_sees_no_words_and_deletes_nothing(live: str, keys: KeyRing, custodian: Pool) -> None:
    for statement in (
        "SELECT sealed FROM child_details",
        "SELECT sealed FROM texts",
        "SELECT sealed FROM timeline",
        "DELETE FROM texts",
        "DELETE FROM children",
        "SELECT destroy_rows('c', '{children}')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(custodian, AUTHORITY) as conn:
                await conn.execute(statement)


def test_a_destroyed_key_opens_nothing_also_where_a_copy_is_brought_back(keys: KeyRing) -> None:
    key = keys.make_child_key("c-gone")
    keys.destroy_for_good("c-gone", b"first")
    keys.destroy_for_good("c-gone", b"second")
    assert keys.destroyed()["c-gone"] == b"first"
    path = keys.directory / "children" / "c-gone.key"
    assert not path.exists()
    path.write_bytes(key)
    assert keys.is_there("c-gone")
    with pytest.raises(KeyMissing):
        keys.child_key("c-gone")
    with pytest.raises(KeyMissing):
        keys.make_child_key("c-gone")
