"""Random practitioners on the real engine and the real record, while wires are cut, sessions end and workers restart.

Rules are what people do, the passing of time, and what goes wrong meanwhile. After each of them the chain is whole and the fold of the
timeline is the state in the engine; each command is taken once or refused, however often it was sent.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from temporalio.service import RPCError

from commands import CommandRefused, EngineAway, RecordAway
from embedded.stack import Endpoints
from record.pool import AWAY
from rehearsal.stage import Overshot
from schemas.commands import COMMANDS, Command
from schemas.timeline import Answer
from tests.faults import Wire, end_sessions
from tests.live import Live, live
from tests.procedures.acts import ACTS, fields_of
from tests.procedures.child import at
from tests.procedures.invariants import timescales_hold
from worker import journeys_worker

Act = tuple[str, dict[str, Any]]
Fault = str | None
Given = TypeVar("Given")

BEGINS = at("2026-11-20 16:40")
TRIES = 20

FAULTS: tuple[Fault, ...] = (None, None, "wire", "sessions", "worker")


@dataclass
class Practice:
    """One authority, with all that can go wrong around it."""

    here: Live
    wire: Wire
    workers: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def work(self) -> None:
        """A worker begins."""
        await self.workers.enter_async_context(journeys_worker(self.here.client, self.here.journey_pool, self.here.keys))

    async def fails(self, fault: Fault, after: float) -> None:
        """It goes wrong, so many seconds from now."""
        await asyncio.sleep(after)
        if fault == "wire":
            self.wire.cut()
        elif fault == "sessions":
            await end_sessions(self.here.superuser)
        elif fault == "worker":
            await self.workers.aclose()
            await self.work()

    async def submit(self, child: str, command: Command, id: str) -> Answer | str:
        """Sent until it is answered; the refusal's code where it is refused."""
        for _ in range(TRIES):
            try:
                return await self.here.door.submit(child, command, id)
            except CommandRefused as refused:
                return refused.code
            except (EngineAway, RecordAway, *AWAY):
                await asyncio.sleep(0.1)
        raise AssertionError(f"{command.name} was never answered")

    async def again(self, look: Callable[[], Awaitable[Given]]) -> Given:
        """What is seen once whatever went wrong is over."""
        for _ in range(TRIES):
            try:
                return await look()
            except (RPCError, *AWAY):
                await asyncio.sleep(0.1)
        return await look()


@asynccontextmanager
async def practice(stack: Endpoints) -> AsyncGenerator[Practice]:
    """On a stack; the engine is reached by a wire that can be cut."""
    async with Wire(stack.temporal_address).laid() as wire:
        wired = stack.model_copy(update={"temporal_address": wire.address})
        async with live(wired, worker=False) as here:
            here.door = replace(here.door, patience=15)
            going = Practice(here, wire)
            await going.work()
            try:
                yield going
            finally:
                await going.workers.aclose()


class Practitioners(RuleBasedStateMachine):
    """One child, and everybody around it. `going` and `loop` are given before it runs, in a thread beside the loop."""

    going: ClassVar[Practice]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self) -> None:
        super().__init__()
        self.child = ""
        self.sent = 0
        self.taken: dict[str, Answer] = {}
        self.counts = True
        """Until the engine moves the journey too far: what is seen then proves nothing."""

    def does(self, what: Coroutine[Any, Any, Given]) -> Given:
        """Run it where the engine's client lives."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result()

    @initialize()
    def begin(self) -> None:
        """A report comes in."""
        stage = self.going.here.stage
        stage.now = BEGINS
        self.child = self.does(self.going.here.child())
        self.act([("report", {"how": "telephone", "words": "A bruise.", "alleged": ["physical"]})], None, 0, 0, 1)

    @rule(
        acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=3),
        fault=st.sampled_from(FAULTS),
        after=st.integers(0, 12),
        late=st.sampled_from([0, 0, 0, 1, 30]),
        copies=st.integers(1, 2),
    )
    def act(self, acts: Sequence[Act], fault: Fault, after: int, late: int, copies: int) -> None:
        """People record things at the same time, some of them twice, while something may go wrong."""
        if not self.counts:
            return
        happened = max(self.going.here.stage.now - dt.timedelta(hours=late), BEGINS)
        commands: dict[str, Command] = {}
        for name, fields in acts:
            self.sent += 1
            whole = {"actor": "p-huw", "happened_at": happened, **fields_of(name, fields, happened)}
            commands[f"k-{self.sent}"] = COMMANDS[name].model_validate(whole)
        answers = self.does(self._sent(commands, fault, after / 20, copies))
        for id in commands:
            said = [answer for other, answer in answers if other == id and isinstance(answer, Answer)]
            assert said in ([], said[:1] * len(said)), "an id has one answer"
            assert len(acts) > 1 or len(said) in {0, copies}, "what was taken is not refused when it is sent again"
            if said:
                self.taken[id] = said[0]

    async def _sent(self, commands: dict[str, Command], fault: Fault, after: float, copies: int) -> list[tuple[str, Answer | str]]:
        going = self.going
        await self._moved(going.here.stage.bring(self.child))
        ids = [id for id in commands for _ in range(copies)]
        answers, _ = await asyncio.gather(
            asyncio.gather(*(going.submit(self.child, commands[id], id) for id in ids)), going.fails(fault, after)
        )
        await going.again(lambda: going.here.stage.watch(going.here.door, self.child))
        return list(zip(ids, answers, strict=True))

    @rule(hours=st.sampled_from([1, 4, 20, 50, 130]), fault=st.sampled_from(FAULTS))
    def wait(self, hours: int, fault: Fault) -> None:
        """Time passes, and what is due is done."""
        if self.counts:
            self.does(self._waits(hours, fault))

    async def _waits(self, hours: int, fault: Fault) -> None:
        here = self.going.here
        await self.going.fails(fault, 0)
        await self._moved(self.going.again(lambda: here.stage.move_to(here.stage.now + dt.timedelta(hours=hours), here.door)))

    async def _moved(self, moving: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(Overshot):
            await moving
            return
        self.counts = False

    @invariant()
    def whole(self) -> None:
        """The chain is whole, its fold is the engine's state, every taken command stands there once."""
        if self.child and self.counts:
            self.does(self._whole())

    async def _whole(self) -> None:
        here = self.going.here
        assert await self.going.again(lambda: here.whole(self.child)), "chain or fold"
        entries = await self.going.again(lambda: here.entries(self.child))
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert len({entry.cause for entry in entries}) == len(entries)
        assert all(one.recorded_at <= other.recorded_at for one, other in pairwise(entries))
        firsts = {entry.command_id: entry for entry in reversed(entries) if entry.command_id is not None}
        assert set(firsts) == set(self.taken), "each command that was taken is on the timeline, and no other"
        for id, answer in self.taken.items():
            assert [entry.seq for entry in entries if entry.command_id == id] == list(answer.entries)

    def teardown(self) -> None:
        """At the end all that is due is done, and the journey leaves the stage."""
        if not self.child:
            return
        here = self.going.here
        try:
            if self.counts:
                self.does(self._waits(0, None))
            if self.counts:
                state, entries = self.does(here.state(self.child)), self.does(here.entries(self.child))
                timescales_hold(entries, state, here.stage.now)
        finally:
            running = here.stage.journeys.pop(self.child, None)
            if running is not None:
                self.does(running.handle.terminate("the test is over"))
