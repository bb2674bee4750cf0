"""A journey goes on in a new run, and nobody notices: nothing is lost, nothing is done twice, no instant moves."""

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowUpdateInput, WorkflowUpdateHandle

from activities.meetings import Meetings
from commands import CommandRefused, referenced
from embedded.stack import Endpoints
from schemas.commands import Envelope
from schemas.engine import Heard, Told
from schemas.timeline import Answer
from tests.live import live, opaque
from tests.procedures.child import THERE, at
from tests.short_runs import runs_of
from workflows import renewal


async def test_commands_that_cross_a_renewal_are_each_taken_once(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "MOST_COMMANDS", 3)
    async with live(stack) as here:
        child = await here.reported()
        offers = [(opaque("k"), here.command("advocacy_offered", "2026-11-20 16:40")) for _ in range(24)]
        answers: list[Answer] = []
        for wave in range(0, len(offers), 6):
            # A run ends when no command is under way: without a pause it would not.
            answers += await asyncio.gather(
                *(here.door.submit(child, offer, id) for id, offer in offers[wave : wave + 6] for _ in range(2))
            )
        assert answers[::2] == answers[1::2], "sent twice, answered alike"
        entries = [entry.command_id for entry in await here.entries(child) if entry.kind == "advocacy_offered"]
        assert sorted(str(id) for id in entries) == sorted(id for id, _ in offers)
        assert len(await runs_of(here.client, child)) > 2
        assert await here.whole(child)


async def test_a_repeat_of_an_id_from_an_earlier_run_gets_the_first_answer(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "MOST_COMMANDS", 1)
    async with live(stack) as here:
        child = await here.reported()
        told = here.command("police_told", "2026-11-20 16:40")
        first = await here.door.submit(child, told, "k-told")
        await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
        before = await here.entries(child)
        assert await here.door.submit(child, told, "k-told") == first
        assert await here.entries(child) == before
        assert len(await runs_of(here.client, child)) > 2


async def test_a_repeat_under_way_while_the_first_is_taken_and_the_run_renewed_is_no_refusal(
    stack: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "MOST_COMMANDS", 1)
    async with live(stack) as here:
        child = await here.reported()
        screened = here.command("screened", "2026-11-20 16:40", decision="strategy")
        late = Late()
        slow = asyncio.ensure_future(replace(here.door, client=late.client(here.client)).submit(child, screened, "k-screened"))
        await late.begun.wait()
        first = await here.door.submit(child, screened, "k-screened")
        await here.does(child, "police_told", "2026-11-20 16:41")
        late.released.set()
        assert await slow == first, "what was taken is not refused because its repeat comes to a journey that has gone on"
        with pytest.raises(CommandRefused):
            await here.door.submit(child, screened, "k-other")
        assert await here.whole(child)


async def test_a_renewal_moves_no_instant(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    async with live(stack) as here:
        child = await here.reported()
        before, (run,) = await here.door.sight(child), await runs_of(here.client, child)
        monkeypatch.setattr(renewal, "MOST_COMMANDS", 1)
        await here.does(child, "advocacy_offered", "2026-11-20 16:40")
        sight = await here.door.sight(child)
        assert before is not None and sight is not None
        assert len(await runs_of(here.client, child)) > 1
        assert (sight.next_wake, sight.ahead) == (before.next_wake, before.ahead)
        await here.stage.move_to(at("2026-11-20 17:45"), here.door)
        overdue = [entry for entry in await here.entries(child) if entry.content.get("state") == "overdue"]
        assert {(entry.content["clock"], entry.decided_at.replace(microsecond=0)) for entry in overdue} == {
            ("immediate_safety", at("2026-11-20 17:40")),
            ("police_told", at("2026-11-20 17:40")),
        }
        assert run in await runs_of(here.client, child)
        assert await here.whole(child)


async def test_a_journey_is_renewed_when_the_engine_suggests_it(short: Endpoints) -> None:
    async with live(short) as here:
        child = await here.reported()
        for minute in range(10):
            await here.does(child, "advocacy_offered", f"2026-11-20 16:{41 + minute}")
        await here.stage.move_to(at("2026-11-24 09:00"), here.door)
        assert len(await runs_of(here.client, child)) > 2
        assert await here.whole(child)


async def test_a_quiet_journey_is_renewed_each_year(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.reported(possible_crime=False, alleged=[], how="in_writing", reporter="public")
        await here.does(child, "safety_checked", "2026-11-20 17:00", safe=True)
        stood_down: dict[str, Any] = {"decision": "no_further_action", "rationale": "Noise.", "threshold_element": "abuse_or_neglect"}
        await here.does(child, "screened", "2026-11-23 10:00", **stood_down)
        await here.does(child, "reporter_told", "2026-11-24 10:00", reason_told=False)
        await here.does(child, "record_closed", "2026-11-25 10:00", rationale="Nothing is owed.")
        before = await here.state(child)
        for year in range(1, 4):
            # Nothing is due any more: only the engine's clock moves.
            here.stage.now = at("2026-11-25 10:00") + year * dt.timedelta(days=366)
            await here.stage.bring(child)
            await here.state(child)
            assert len(await runs_of(here.client, child)) == year + 1
        assert await here.state(child) == before
        await here.does(child, "report", "2029-12-03 10:00", how="in_writing", words="Again.")
        assert (await here.state(child)).journey == 2
        assert await here.whole(child)


async def test_a_meeting_that_tells_a_journey_under_renewal_tells_it_once(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "MOST_COMMANDS", 1)
    async with live(stack) as here:
        children = [await here.reported() for _ in range(3)]
        for child in children:
            await here.does(child, "enquiries_started", "2026-11-20 17:00", mode="joint")
        held = {"chair": "p-nia", "attendance": THERE, "rationale": "Why.", "decision": "register", "categories": ["neglect"]}
        register = here.command("conference_held", "2026-11-20 17:00", **held)
        meeting = opaque("m")
        outcomes = dict.fromkeys(children, register)
        telling = asyncio.ensure_future(here.door.hold_meeting(meeting, outcomes))
        offer = here.command("advocacy_offered", "2026-11-20 17:00")
        await asyncio.gather(*(here.door.submit(child, offer, opaque("k")) for child in children))
        outcome = await telling
        assert sorted(outcome.told) == sorted(children)
        for child in children:
            assert [entry.kind for entry in await here.entries(child)].count("conference_held") == 1
            assert await here.whole(child)


async def test_a_meeting_that_tells_a_journey_again_after_a_lost_answer_hears_no_refusal(
    stack: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "MOST_COMMANDS", 1)
    async with live(stack) as here:
        child = await here.reported()
        held = {"chair": "p-nia", "attendance": THERE, "rationale": "Why.", "decision": "register", "categories": ["neglect"]}
        await here.does(child, "enquiries_started", "2026-11-20 17:00", mode="joint")
        register = here.command("conference_held", "2026-11-20 17:00", **held)
        meeting = opaque("m")
        outcome = await here.door.hold_meeting(meeting, {child: register})
        assert outcome.told == (child,)
        body = await referenced(register, unkept)
        again = Envelope(command_id=f"{meeting}:{child}:outcome", name="conference_held", received_at=here.stage.now, body=body)
        tell = Meetings(here.client, here.journey_pool).tell
        assert await tell(Told(child=child, envelope=again)) == Heard()
        assert (await tell(Told(child=child, envelope=again.model_copy(update={"command_id": "k-other"})))).refusal is not None


async def unkept(words: str) -> str:
    """A reference in place of words that nobody will read."""
    return f"text:{len(words):032x}#{len(words):064x}"


class Late(Interceptor, OutboundInterceptor):
    """Holds an update back between the door and the engine until it is released."""

    def __init__(self) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    def client(self, client: Client) -> Client:
        """The same client with the wait in it."""
        return Client(client.service_client, namespace=client.namespace, data_converter=client.data_converter, interceptors=[self])

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Called by the client."""
        self.next = next
        return self

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        """Wait, then send."""
        self.begun.set()
        await self.released.wait()
        return await self.next.start_workflow_update(input)
