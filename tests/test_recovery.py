"""The engine brought into agreement with the record, on the real parts: what it lost goes on, what it holds wrong is named and replaced if asked."""

import asyncio

import asyncpg
import pytest

from commands import EngineDisagrees
from embedded.stack import Endpoints
from engine.journeys import TRIED_IN_VAIN
from record.pool import transaction
from recovery import Found, Recovery, Standing
from schemas.engine import Begin, Sight
from tests.live import Live, live


def recovery(here: Live) -> Recovery:
    return Recovery(here.client, here.door_pool, here.authority, here.keys, now=here.stage.clock)


async def found(here: Live) -> dict[str, Found]:
    """How every journey stands."""
    return {each.child: each async for each in recovery(here).look_at_all()}


async def causes(here: Live, child: str) -> list[str]:
    """The letters' causes, in order."""
    async with transaction(here.door_pool, here.authority) as connection:
        return [row["cause"] for row in await connection.fetch("SELECT cause FROM letter_orders WHERE child = $1 ORDER BY cause", child)]


async def sight(here: Live, child: str) -> Sight:
    seen = await here.door.sight(child)
    assert seen is not None
    return seen


async def taken_back(here: Live, child: str, older: Sight) -> None:
    """The engine as an older backup has it: the journey as it stood then."""
    await here.client.get_workflow_handle(child).terminate("an older backup is restored")
    await here.client.start_workflow("Journey", Begin(state=older.state, ahead=older.ahead), id=child, task_queue="journeys")


async def test_what_the_engine_lost_goes_on_from_the_record_with_the_same_timescales_and_no_letter_twice(stack: Endpoints) -> None:
    async with live(stack) as here:
        lost, running = await here.reported(), await here.reported()
        await here.does(lost, "safety_checked", "2026-11-20 17:50", safe=True)
        before, letters, entries = await here.state(lost), await causes(here, lost), await here.entries(lost)
        assert letters, "something was overdue and told"
        await here.client.get_workflow_handle(lost).terminate("the engine was lost")
        assert (await found(here))[lost] == Found(lost, Standing.lost, before.seq)
        outcome = {after.child: (was.standing, after.standing) async for was, after in recovery(here).recover_all(replace=False)}
        assert outcome == {lost: (Standing.lost, Standing.agrees), running: (Standing.agrees, Standing.agrees)}
        assert await here.state(lost) == before
        assert (await causes(here, lost), await here.entries(lost)) == (letters, entries)
        # What falls due from then on is done, as if nothing had been.
        await here.stage.watch(here.door, lost)
        await here.does(lost, "screened", "2026-11-25 10:00", decision="strategy", rationale="Why.")
        assert any(cause.startswith("screening/1:escalated") for cause in await causes(here, lost))
        assert await here.whole(lost)


async def test_it_may_be_repeated_and_skips_what_runs(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        run = (await here.client.get_workflow_handle(child).describe()).run_id
        for replace in (False, True):
            async for before, after in recovery(here).recover_all(replace=replace):
                assert before == after
        assert (await here.client.get_workflow_handle(child).describe()).run_id == run


async def test_an_engine_older_than_the_record_is_named_takes_nothing_and_is_replaced_only_if_asked(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        older = await sight(here, child)
        await here.does(child, "police_told", "2026-11-20 16:40")
        newer = await here.state(child)
        await taken_back(here, child, older)
        assert await found(here) == {child: Found(child, Standing.behind, newer.seq, older.state.seq)}
        # A command is not lost in silence: the door says what is wrong, and the record is as it was.
        with pytest.raises(EngineDisagrees, match="siwrnai recover --check"):
            await here.door.submit(child, here.command("advocacy_offered", "2026-11-20 16:40"), "k-again")
        assert (await here.entries(child))[-1].seq == newer.seq
        async for before, after in recovery(here).recover_all(replace=False):
            assert before == after, "named, and left as it is"
        async for _, after in recovery(here).recover_all(replace=True):
            assert after == Found(child, Standing.agrees, newer.seq, newer.seq)
        await here.door.submit(child, here.command("advocacy_offered", "2026-11-20 16:40"), "k-again")
        assert [entry.kind for entry in await here.entries(child)].count("advocacy_offered") == 1
        assert await here.whole(child)


async def test_a_record_older_than_the_engine_is_named_and_still_wins(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        await here.does(child, "police_told", "2026-11-20 16:40")
        seq = (await here.state(child)).seq
        connection = await asyncpg.connect(here.superuser)
        kept = await connection.fetchval("SELECT max(seq) FROM record.timeline WHERE child = $1 AND kind = 'report'", child)
        kept = await connection.fetchval(
            "SELECT min(seq) - 1 FROM record.timeline WHERE child = $1 AND seq > $2 AND kind <> 'clock'", child, kept
        )
        last = await connection.fetchrow("SELECT hash, recorded_at FROM record.timeline WHERE child = $1 AND seq = $2", child, kept)
        await connection.execute("DELETE FROM record.timeline WHERE child = $1 AND seq > $2", child, kept)
        assert last is not None
        await connection.execute("UPDATE record.heads SET seq = $2, hash = $3, recorded_at = $4 WHERE child = $1", child, kept, *last)
        await connection.close()
        assert await found(here) == {child: Found(child, Standing.ahead, kept, seq)}
        async for _, after in recovery(here).recover_all(replace=True):
            assert after == Found(child, Standing.agrees, kept, kept)
        assert await here.whole(child)


async def test_a_journey_that_no_worker_can_run_is_named_and_replaced(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        seq = (await here.state(child)).seq
        await here.client.get_workflow_handle(child).terminate("replaced by one that cannot run")
        await here.client.start_workflow("Journey", "no beginning", id=child, task_queue="journeys")
        described = here.client.get_workflow_handle(child).describe
        async with asyncio.timeout(60):
            while (await described()).raw_description.pending_workflow_task.attempt < TRIED_IN_VAIN:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert await found(here) == {child: Found(child, Standing.stuck, seq)}
        async for _, after in recovery(here).recover_all(replace=True):
            assert after.standing is Standing.agrees
        assert await here.whole(child)


async def test_where_the_childs_key_is_destroyed_there_is_nothing_to_go_on_from(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        seq = (await here.state(child)).seq
        here.keys.destroy_child_key(child)
        async for before, after in recovery(here).recover_all(replace=True):
            assert before == after == Found(child, Standing.sealed, seq)
