"""What the engine knows of a meeting is held against its log: an entry that no meeting recorded, another state, a meeting that nobody runs."""

import asyncio
import datetime as dt

from temporalio.client import Client

from console.audit_verify import Verifying
from embedded.stack import Endpoints
from engine.journeys import run_journey, running
from meetings import workflow_of
from procedures.meetings.fold import apply
from record import meetings
from record.pool import transaction
from schemas.auditing import Finding
from schemas.engine import JOURNEYS, Begin
from schemas.meetings import MeetingEntry, MeetingFlush
from schemas.state import JourneyState
from tests.live import opaque
from tests.workflows.test_meetings_arranged import Around, around, arranging, in_time


async def found(there: Around, child: str | None = None) -> tuple[Finding, ...]:
    here = there.here
    verifying = Verifying(here.door_pool, here.authority, here.keys, here.client, "p-arolygydd", "audit verify")
    await (verifying.of_all() if child is None else verifying.of_child(child))
    return (await verifying.against_checkpoints()).findings


async def forged(there: Around) -> int:
    """One who has all keys, and full rights on the record alone, adds an entry with all that belongs to it."""
    before, now = await there.state(), dt.datetime.now(dt.UTC)
    entry = MeetingEntry(
        seq=before.seq + 1, kind="forecast", happened_at=now, decided_at=now, actor="siwrnai", cause="forged#1", content={"enough": False}
    )
    flush = MeetingFlush(state=apply(before, entry), expected_head=before.seq, entries=(entry,))
    async with transaction(there.here.journey_pool, there.here.authority) as connection:
        await meetings.append(connection, flush, there.here.keys)
    return entry.seq


async def test_an_entry_that_no_meeting_recorded_is_named_by_the_engines_history_and_state(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        await there.does("answered", invitee=await there.guest("p-arolygydd"), reply="accepted", via="page")
        await there.does("moved", starts=in_time() + dt.timedelta(hours=1), reason="The school asked.")
        assert await found(there) == ()
        entry = await forged(there)
        differs = f"{entry - 1}/{entry}"
        for child in (None, there.children[0]):
            assert await found(there, child) == (
                Finding(what="meeting_engine_differs", meeting=there.meeting, detail=differs),
                Finding(what="not_in_history", meeting=there.meeting, entry=entry),
            )


async def test_a_meeting_still_to_be_held_that_the_engine_does_not_run_is_named(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        await there.here.client.get_workflow_handle(workflow_of(there.meeting)).terminate("lost")
        assert await found(there) == (Finding(what="meeting_lost", meeting=there.meeting),)


async def taken_away(there: Around, *statements: str, whose: str) -> None:
    """By somebody with full rights on the record, with all that belongs to it."""
    async with there.here.superuser_connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for each in statements:
            await connection.execute(each, whose)


async def found_once_listed(there: Around, gone: Finding) -> tuple[Finding, ...]:
    """The engine lists what runs some moments late."""
    async with asyncio.timeout(30):
        while gone not in (findings := await found(there)):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return findings


async def test_a_meeting_that_was_taken_away_whole_before_any_checkpoint_is_named_by_the_engine(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        last, tables = (await there.state()).seq, ("meeting_log", "meeting_commands", "meetings")
        await taken_away(there, *(f"DELETE FROM record.{each} WHERE meeting = $1" for each in tables), whose=there.meeting)  # noqa: S608
        findings = await found_once_listed(there, Finding(what="meeting_gone", meeting=there.meeting))
        assert {each.meeting for each in findings if each.child is None} == {there.meeting}
        assert [each.entry for each in findings if each.what == "meeting_entry_missing"] == list(range(1, last + 1))


async def test_a_child_that_was_taken_away_whole_before_any_checkpoint_is_named_by_the_engine(stack: Endpoints) -> None:
    async with around(stack) as there:
        child = there.children[0]
        last = (await there.here.state(child)).seq
        tables = ("timeline", "heads", "children", "letter_orders", "journeys", "clocks", "commands")
        await taken_away(there, *(f"DELETE FROM record.{each} WHERE child = $1" for each in tables), whose=child)  # noqa: S608
        findings = await found_once_listed(there, Finding(what="child_gone", child=child))
        assert {(each.child, each.meeting) for each in findings} == {(child, None)}
        assert [each.entry for each in findings if each.what == "history_entry_missing"] == list(range(1, last + 1))


async def test_what_the_engine_runs_for_others_or_has_recorded_nothing_of_is_not_accused(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        here, begun = there.here, workflow_of(opaque("m"))
        # Arranged elsewhere, and only held here; and a journey to which nothing was told yet.
        await here.client.start_workflow("Meeting", id=begun, task_queue=JOURNEYS)
        state = JourneyState(child=opaque("c"), family="f-1", authority=here.authority, team="t-1")
        await run_journey(here.client, state.child, Begin(state=state), replace=False)
        async with asyncio.timeout(30):
            while not {begun, state.child, workflow_of(there.meeting)} <= await listed(here.client):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert await found(there) == ()
        # To another authority nothing of this one's is known.
        other = Verifying(here.door_pool, opaque("a"), here.keys, here.client, "p-arolygydd", "audit verify")
        await other.of_all()
        assert (await other.against_checkpoints()).findings == ()
        for each in (begun, state.child):
            await here.client.get_workflow_handle(each).terminate("the test is over")


async def listed(client: Client) -> set[str]:
    return {each for kind in ("Journey", "Meeting") async for page in running(client, kind) for each in page}


async def test_the_letters_of_a_record_that_is_destroyed_are_not_missed_while_the_meetings_history_is_kept(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        child = there.children[0]
        await taken_away(there, "DELETE FROM record.letter_orders WHERE child = $1", whose=child)
        missing = [each for each in await found(there, child) if each.what == "letter_missing"]
        assert {each.child for each in missing if each.meeting is not None} == {child}
        there.here.keys.destroy_child_key(child)
        assert await found(there, child) == ()
