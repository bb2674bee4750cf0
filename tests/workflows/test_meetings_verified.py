"""What the engine knows of a meeting is held against its log: an entry that no meeting recorded, another state, a meeting that nobody runs."""

import datetime as dt

from console.audit_verify import Verifying
from embedded.stack import Endpoints
from meetings import workflow_of
from procedures.meetings.fold import apply
from record import meetings
from record.pool import transaction
from schemas.auditing import Finding
from schemas.meetings import MeetingEntry, MeetingFlush
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
