"""What the database lets nobody do to audits, and what of a draw it gives again."""

import datetime as dt

import asyncpg
import pytest

from audit.sampling import signs
from record import audits, digests, texts
from record.audits import Ended, Found, Frame, ToDo
from record.keys import KeyRing
from record.pool import Pool, open_pool, transaction
from record.projections import Whose, put_journey
from record.roles import Role, dsn
from record.timeline import append
from schemas.audits import Criteria, Draw, Drawn, Sign
from schemas.flush import JourneySummary
from schemas.timeline import Stages
from tests.record.examples import AT, AUTHORITY, STAGES, entry, flush, new_child

EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
SAID = "Nobody asked her alone"


def criteria(as_of: dt.datetime) -> Criteria:
    return Criteria(seed="autumn", size=1, as_of=as_of, late_within_days=365, long_on_register_days=730)


async def drawn(auditor: Pool, door: Pool, keys: KeyRing) -> tuple[Whose, Draw]:
    whose = await new_child(door, keys)
    async with transaction(auditor, AUTHORITY) as conn:
        now = await conn.fetchval("SELECT clock_timestamp()")
        made = await audits.put_draw(conn, "p-nia", criteria(now), Frame(1, "ab"), [Drawn(child=whose.child, signs=())])
    return whose, made


async def test_a_case_is_given_as_it_was_known_at_the_instant(journey: Pool, door: Pool, auditor: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    await append(journey, flush(whose, 0), keys)
    async with transaction(auditor, AUTHORITY) as conn:
        between = await conn.fetchval("SELECT clock_timestamp()")
    on = Stages(registration="registered")
    later = (
        entry(2).model_copy(update={"kind": "conference_held", "before": STAGES, "after": on}),
        entry(3, cause="cmd-2#1/visit#1:overdue").model_copy(update={"kind": "clock", "before": on, "after": on}),
    )
    await append(journey, flush(whose, 1, entries=later), keys)
    async with transaction(auditor, AUTHORITY) as conn:
        before = {each.child: each for each in await audits.cases(conn, between, EVER)}[whose.child]
        now = await conn.fetchval("SELECT clock_timestamp()")
        after = {each.child: each for each in await audits.cases(conn, now, EVER)}[whose.child]
        lately = {each.child: each for each in await audits.cases(conn, now, AT + dt.timedelta(seconds=1))}[whose.child]
    assert (before.kinds, before.late, before.moved) == ({"report"}, 0, ())
    assert (after.kinds, after.late) == ({"report", "conference_held", "clock"}, 1)
    assert [(each.before, each.after) for each in after.moved] == [("not_registered", "registered")]
    assert lately.late == 0


@pytest.mark.parametrize(
    ("stage", "enquired"), [("section47", True), ("conference", True), ("strategy", False), ("care_and_support", False)]
)
async def test_enquiries_count_however_they_began(
    journey: Pool, door: Pool, auditor: Pool, keys: KeyRing, stage: str, enquired: bool
) -> None:
    whose = await new_child(door, keys)
    after = Stages(registration="not_registered", enquiries=((1, "no_further_action"), (2, stage)))
    later = (entry(2).model_copy(update={"kind": "strategy_held", "before": STAGES, "after": after}),)
    await append(journey, flush(whose, 0), keys)
    await append(journey, flush(whose, 1, entries=later), keys)
    async with transaction(auditor, AUTHORITY) as conn:
        now = await conn.fetchval("SELECT clock_timestamp()")
        known = {each.child: each for each in await audits.cases(conn, now, EVER)}[whose.child]
    assert known.kinds == {"report", "strategy_held", *(("enquiries_started",) if enquired else ())}
    assert (Sign.no_voice in signs(known, criteria(now))) == enquired


async def test_an_action_ends_with_the_journey_of_a_child_who_died(auditor: Pool, journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose, made = await drawn(auditor, door, keys)
    async with transaction(auditor, AUTHORITY) as conn:
        found = Found(made.draw, whose.child, "own_words", "improve", SAID)
        await audits.act(conn, found, ToDo("Ask her.", "p-huw", dt.date(2026, 12, 1)), "p-nia", keys)

    async def stands(ended: str | None) -> tuple[bool, bool]:
        """Whether it is overdue, and the morning's digest tells it."""
        async with transaction(journey, AUTHORITY) as conn:
            await put_journey(conn, whose, 1, JourneySummary(registration="not_registered", ended=ended))
            told = await conn.fetch(digests.ACTIONS, dt.date(2026, 12, 2))
        async with transaction(auditor, AUTHORITY) as conn:
            (known,) = await audits.actions(conn, keys, made.draw)
        return known.is_overdue(dt.date(2026, 12, 2)), whose.child in {row["child"] for row in told}

    assert await stands(None) == (True, True)
    assert await stands("death") == (False, False)
    assert await stands(None) == (True, True), "recorded in error, and taken back"


async def test_what_is_found_is_sealed_under_the_childs_key_and_only_the_last_answer_counts(
    live: str, auditor: Pool, door: Pool, keys: KeyRing
) -> None:
    whose, made = await drawn(auditor, door, keys)
    first = Found(made.draw, whose.child, "own_words", "improve", SAID)
    async with transaction(auditor, AUTHORITY) as conn:
        await audits.answer(conn, first, "p-nia", keys)
        to_do = ToDo(f"{SAID}: ask her", "p-huw", dt.date(2026, 12, 1))
        action = await audits.act(conn, first, to_do, "p-nia", keys)
        assert await audits.act(conn, first, to_do, "p-nia", keys) == action
        await audits.answer(conn, first._replace(grade="done"), "p-nia", keys)
        (now,) = await audits.answers(conn, keys, made.draw)
        assert (now.grade, now.finding) == ("done", SAID)
        (known,) = await audits.actions(conn, keys, made.draw)
        assert known.words == f"{SAID}: ask her"
        assert await audits.done(conn, known, Ended(dt.date(2026, 12, 1), SAID), "p-huw", keys)
        assert not await audits.done(conn, known, Ended(dt.date(2026, 12, 2), "Other."), "p-huw", keys)
        (known,) = await audits.actions(conn, keys, made.draw)
        assert (known.done_on, known.done_by) == (dt.date(2026, 12, 1), "p-huw")
    connection = await asyncpg.connect(live)
    try:
        for table in ("audit_draws", "audit_cases", "audit_answers", "audit_actions", "audit_actions_done"):
            whole = "\n".join(row[0] for row in await connection.fetch(f"SELECT t::text FROM record.{table} t"))  # noqa: S608
            assert SAID not in whole
            assert SAID.encode().hex() not in whole
    finally:
        await connection.close()
    keys.destroy_child_key(whose.child)
    async with transaction(auditor, AUTHORITY) as conn:
        (now,) = await audits.answers(conn, keys, made.draw)
        (known,) = await audits.actions(conn, keys, made.draw)
        assert (now.grade, now.finding, known.words) == ("done", None, None)


async def test_a_case_that_was_not_drawn_has_no_form(auditor: Pool, door: Pool, keys: KeyRing) -> None:
    _, made = await drawn(auditor, door, keys)
    other = await new_child(door, keys)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with transaction(auditor, AUTHORITY) as conn:
            await audits.answer(conn, Found(made.draw, other.child, "own_words", "done", SAID), "p-nia", keys)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.auditor])
async def test_no_other_login_sees_or_writes_audits(live: str, keys: KeyRing, role: Role) -> None:
    async with await open_pool(dsn(live, role, keys.directory), "tests", most=1) as pool:
        for statement in ("SELECT * FROM audit_answers", "SELECT audit_frame(now(), now())", "INSERT INTO audit_cases DEFAULT VALUES"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction(pool, AUTHORITY) as conn:
                    await conn.execute(statement)


async def test_another_authority_is_given_no_case_and_no_draw(auditor: Pool, journey: Pool, door: Pool, keys: KeyRing) -> None:
    whose, made = await drawn(auditor, door, keys)
    await append(journey, flush(whose, 0), keys)
    async with transaction(auditor, "sir-arall") as conn:
        assert await audits.cases(conn, await conn.fetchval("SELECT clock_timestamp()"), EVER) == []
        assert await audits.draws(conn, made.draw) == []


async def test_words_of_people_are_nothing_that_the_auditors_login_reads(auditor: Pool, door: Pool, keys: KeyRing) -> None:
    whose = await new_child(door, keys)
    async with transaction(door, AUTHORITY) as conn:
        reference = await texts.put(conn, whose.child, SAID, keys)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(auditor, AUTHORITY) as conn:
            await texts.get(conn, whose.child, reference, keys)
