"""A changed calendar reaches every open journey, on the real engine: page by page, those opened meanwhile too."""

import asyncio
import datetime as dt
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from changing import Changing
from embedded.stack import Endpoints
from procedures.in_force import put_in_force, rules_in_force
from procedures.rules import Rules, parse
from procedures.working_days import Calendar
from record import versions
from record.pool import transaction
from schemas.engine import JOURNEYS, SweepProgress, SweepRequest
from tests.live import Live, live, opaque
from tests.workflows.test_outages import said
from workflows.sweep import Sweep

NO_ROOM = ("CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$",)

WHEN = "WHEN (NEW.child = '{}') EXECUTE FUNCTION no_room()"

EARLIER = next((Path(__file__).parents[1] / "procedures" / "earlier").glob("*.toml"))

HOLIDAY = dt.date(2026, 11, 25)


def proclaimed(body: dict[str, object]) -> dict[str, object]:
    return Calendar.of(0, body).with_holiday(HOLIDAY).body


async def swept(here: Live, page: int = 2) -> SweepProgress:
    request = SweepRequest(authority=here.authority, pause=dt.timedelta(), page=page, per_second=1000)
    return await here.client.execute_workflow(Sweep.run, request, id=opaque("sweep"), task_queue=JOURNEYS)


async def due(here: Live, child: str) -> str:
    state = await here.state(child)
    (clock,) = [each for each in state.clocks.values() if each.clock == "reporter_feedback"]
    return f"{clock.plan.due:%Y-%m-%d}"


async def test_every_open_journey_is_told_once_page_by_page(stack: Endpoints) -> None:
    async with live(stack) as here:
        changing = Changing(here.door_pool, here.authority)
        children = [await here.reported() for _ in range(5)]
        proposal = await changing.calendar(proclaimed)
        previewed = [each async for page in changing.preview(proposal) for each in page.affected]
        assert {await due(here, child) for child in children} == {"2026-12-01"}
        await changing.put_in_force("calendar", proclaimed, "p-huw")
        progress = await swept(here)
        assert (progress.moved, progress.failed) == (5, ())
        assert {await due(here, child) for child in children} == {"2026-12-02"}
        for child in children:
            entries = [each for each in await here.entries(child) if each.content.get("state") == "due_moved"]
            assert {(each.content["instance"], dt.datetime.fromisoformat(each.content["due"])) for each in entries} == {
                (each.instance, each.due) for each in previewed if each.child == child and each.was != each.due
            }
            assert await here.whole(child)
        again = await swept(here)
        assert (again.moved, again.passes) == (0, 1)


async def test_a_journey_opened_after_the_change_needs_no_telling(stack: Endpoints) -> None:
    async with live(stack) as here:
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        child = await here.reported()
        assert await due(here, child) == "2026-12-02"
        assert (await swept(here)).moved == 0


async def test_a_journey_that_the_sweep_does_not_reach_moves_its_dates_before_it_does_anything_else(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        await here.does(child, "police_told", "2026-11-20 17:00")
        kinds = [each.content.get("state", each.kind) for each in await here.entries(child)]
        assert kinds.index("due_moved") < kinds.index("police_told")
        assert await due(here, child) == "2026-12-02"


async def test_a_journey_that_cannot_be_told_is_named(stack: Endpoints) -> None:
    async with live(stack) as here:
        lost, child = await here.reported(), await here.reported()
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        await here.stage.journeys.pop(lost).handle.terminate("lost")
        progress = await swept(here)
        assert progress.failed == (lost,)
        assert await due(here, child) == "2026-12-02"


async def test_a_journey_that_cannot_record_is_named_and_holds_up_no_other(stack: Endpoints) -> None:
    async with live(stack) as here:
        children = [await here.reported() for _ in range(3)]
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        stuck = min(children)
        await here.move_head(stuck, -1)
        progress = await asyncio.wait_for(swept(here), 60)
        assert progress.failed == (stuck,)
        assert {await due(here, child) for child in children if child != stuck} == {"2026-12-02"}
        await here.move_head(stuck, 1)
        assert (await swept(here)).failed == ()
        assert await due(here, stuck) == "2026-12-02"


async def test_people_are_answered_while_a_sweep_runs(stack: Endpoints) -> None:
    async with live(stack) as here:
        children = [await here.reported() for _ in range(4)]
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        sweep = asyncio.create_task(swept(here))
        await here.does(children[0], "police_told", "2026-11-20 17:00")
        assert (await sweep).failed == ()
        assert {await due(here, child) for child in children} == {"2026-12-02"}


async def test_a_journey_that_cannot_record_is_named_in_time_and_holds_up_no_other(
    stack: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.changes.PATIENCE", dt.timedelta(seconds=8))
    monkeypatch.setattr("workflows.sweep.MOST_PASSES", 1)
    async with live(stack) as here:
        children = [await here.reported() for _ in range(3)]
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        await said(here, *NO_ROOM, f"CREATE TRIGGER no_room BEFORE INSERT ON record.timeline FOR EACH ROW {WHEN.format(children[0])}")
        progress = await asyncio.wait_for(swept(here, page=10), 90)
        assert children[0] in progress.failed
        assert [await due(here, child) for child in children[1:]] == ["2026-12-02"] * 2
        await said(here, "DROP FUNCTION no_room CASCADE")
        async with asyncio.timeout(60):  # What it was asked for stands.
            while await due(here, children[0]) != "2026-12-02":  # noqa: ASYNC110 - nothing tells of it.
                await asyncio.sleep(0.2)
        assert await here.whole(children[0])


@contextmanager
def planned_by(file: bytes, rules: Rules) -> Generator[None]:
    """What begins here is planned with that file."""
    ours = rules_in_force()
    put_in_force(rules.model_copy(update={"hash": sha256(file).hexdigest()[:16]}))
    try:
        yield
    finally:
        put_in_force(ours)


async def reported_by(here: Live, file: bytes, rules: Rules) -> str:
    async with transaction(here.door_pool, here.authority) as connection:
        await versions.put_rules(connection, file, "p-huw")
    with planned_by(file, rules):
        return await here.reported()


async def test_what_was_planned_with_an_earlier_file_moves_by_the_settings_of_now(stack: Endpoints) -> None:
    async with live(stack) as here:
        earlier = EARLIER.read_bytes()
        child = await reported_by(here, earlier, parse(earlier, "earlier"))
        await here.settings({"clocks.voice_changed.amount": 9, "retention.registered.birthday": 75})
        await Changing(here.door_pool, here.authority).put_in_force("calendar", proclaimed, "p-huw")
        await here.does(child, "police_told", "2026-11-20 17:00")
        assert await due(here, child) == "2026-12-02"


async def test_what_was_planned_with_a_file_that_cannot_be_read_keeps_its_dates_is_named_and_the_journey_goes_on(stack: Endpoints) -> None:
    async with live(stack) as here:
        changing = Changing(here.door_pool, here.authority)
        child = await reported_by(here, b"unreadable = true", rules_in_force())
        other = await here.reported()
        proposal = await changing.calendar(proclaimed)
        assert {each.child async for page in changing.preview(proposal) for each in page.affected} == {other}
        assert list(proposal.unread.values()) == [{child}]
        await changing.put_in_force("calendar", proclaimed, "p-huw")
        progress = await swept(here)
        assert (progress.moved, progress.failed) == (1, (child,))
        # Other settings: the worker of these tests has the rules with the first ones in its library, from when the journey began.
        await here.settings({"clocks.strategy.amount": 2})
        await here.does(child, "police_told", "2026-11-20 17:00")
        assert (await due(here, child), await due(here, other)) == ("2026-12-01", "2026-12-02")
