"""What holds a journey is listed, whether the record, time or our own code stops it."""

import asyncio
import datetime as dt
import time

import pytest
from temporalio import workflow
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from commands import EngineDisagrees
from embedded.stack import Endpoints
from engine import looking
from engine.codec import EncryptingCodec, data_converter
from observing.tracing import Tracing
from record import operating
from record.operating import HeldWorkflow
from record.pool import transaction
from schemas.engine import JOURNEYS, Begin
from tests.live import Live, live
from worker import journeys_worker
from workflows.journey import Journey

WITHIN = 60.0


@workflow.defn(name="Journey")
class Broken:
    """A journey's code with a fault in it."""

    @workflow.init
    def __init__(self, begin: Begin) -> None:
        """As a journey begins."""

    @workflow.run
    async def run(self, begin: Begin) -> None:
        """Fail, as a slip in the code would."""
        raise KeyError(begin.state.child)


async def held(here: Live) -> list[HeldWorkflow]:
    """As status asks."""
    async with transaction(here.door_pool, here.authority) as connection:
        return await operating.held(connection, 20)


async def test_a_journey_that_cannot_record_is_listed_with_what_holds_it_until_it_records_again(stack: Endpoints) -> None:
    async with live(stack) as here:
        child, well = await here.reported(), await here.reported()
        head = (await here.state(child)).seq
        await here.move_head(child, -1)
        with pytest.raises(EngineDisagrees):
            await here.does(child, "police_told", "2026-11-20 16:45")
        (found,) = await held(here)
        assert (found.held.workflow, found.held.kind, found.held.activity) == (child, "Journey", "record")
        assert found.held.failure == "RecordBehind"
        assert found.held.message == f"child {child}: the journey stands at entry {head}, the record at entry {head - 1}"
        await here.does(well, "police_told", "2026-11-20 16:45")
        assert [each.held.workflow for each in await held(here)] == [child], "another's success says nothing of this one"
        await here.move_head(child, 1)
        await here.does(child, "police_told", "2026-11-20 16:45")
        assert await held(here) == []
        assert await here.whole(child)


async def test_a_journey_is_late_a_minute_after_what_it_should_have_done_by_itself(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported()
        sight = await here.door.sight(child)
        assert sight is not None
        assert sight.next_wake is not None
        async with transaction(here.door_pool, here.authority) as connection:
            assert await operating.late(connection, sight.next_wake + dt.timedelta(seconds=59), 20) == []
            now = sight.next_wake + dt.timedelta(minutes=5)
            assert await operating.late(connection, now, 20) == [(child, sight.next_wake)]
            assert await operating.journeys(connection, now) == (1, 0, 1, sight.next_wake)


async def test_a_fault_in_a_journeys_code_is_listed_by_the_engine_with_its_kind_and_without_words(stack: Endpoints) -> None:
    async with live(stack, worker=False) as here:
        async with journeys_worker(here.client, here.journey_pool, here.keys):
            child = await here.reported()
        broken = Worker(here.client, task_queue=JOURNEYS, workflows=[Broken], workflow_runner=UnsandboxedWorkflowRunner())
        async with broken:
            await here.client.get_workflow_handle(child).signal("wake")
            began = time.monotonic()
            while child not in {each.held.workflow for each in await looking.failing(here.client, 20)}:
                assert time.monotonic() - began < WITHIN, "it is not listed"
                await asyncio.sleep(0.5)
        (found,) = [each for each in await looking.failing(here.client, 20) if each.held.workflow == child]
        assert (found.by, found.held.kind) == ("workflow_task", "Journey")
        assert found.held.failure
        assert found.held.message
        assert child not in found.held.message
        async with journeys_worker(here.client, here.journey_pool, here.keys):
            await here.does(child, "police_told", "2026-11-20 16:45")
            assert await here.whole(child), "with the fault mended it goes on where it stood"


async def test_a_history_recorded_without_traces_replays_with_them_and_the_other_way_round(
    stack: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live(stack) as here:
        child = await here.reported()
        await here.does(child, "police_told", "2026-11-20 16:45")
        history = await here.client.get_workflow_handle(child).fetch_history()
        converter = data_converter(EncryptingCodec(here.keys.codec))
        await Replayer(workflows=[Journey], data_converter=converter, interceptors=[Tracing()]).replay_workflow(history)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    async with live(stack) as here:
        assert here.client.config()["interceptors"], "traced"
        child = await here.reported()
        await here.does(child, "police_told", "2026-11-20 16:45")
        history = await here.client.get_workflow_handle(child).fetch_history()
        converter = data_converter(EncryptingCodec(here.keys.codec))
        await Replayer(workflows=[Journey], data_converter=converter).replay_workflow(history)
