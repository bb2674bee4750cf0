"""The same work as a plain Temporal workflow: no rules, no state machine, no codec. It does what a recorded journey did, step by step."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

BARE = "bare"
"""The task queue."""

QUICK = timedelta(seconds=30)
LONGEST_RUN = timedelta(days=365)


@dataclass
class Begin:
    """Whose steps to do, from which one, and when to wake next; `ahead` as a journey's (seconds)."""

    child: str
    ahead: float = 0
    done: int = 0
    wake: str | None = None


@workflow.defn(name="Bare")
class Bare:
    """Sleeps, wakes, takes updates, and writes the rows of its next step."""

    @workflow.init
    def __init__(self, begin: Begin) -> None:
        self.child, self.done, self.wake = begin.child, begin.done, begin.wake
        self.ahead = timedelta(seconds=begin.ahead)
        self.turn = asyncio.Lock()

    @workflow.run
    async def run(self, begin: Begin) -> None:
        """The loop of a journey, with nothing to decide."""
        began = workflow.now()
        while workflow.now() - began < LONGEST_RUN:
            wake, longest = self.wake, LONGEST_RUN - (workflow.now() - began)
            left = longest if wake is None else min(longest, datetime.fromisoformat(wake) - workflow.now() - self.ahead)
            if wake is None or left > timedelta():
                try:
                    await workflow.wait_condition(lambda wake=wake: self.wake != wake, timeout=left)
                    continue
                except TimeoutError:
                    if left == longest:
                        continue
            async with self.turn:
                await self._step()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(Begin(self.child, begin.ahead, self.done, self.wake))

    @workflow.update(name="command")
    async def command(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """One local activity, one regular activity."""
        async with self.turn:
            return await self._step()

    @command.validator
    def may_be_taken(self, envelope: dict[str, Any]) -> None:
        """What the journey refused is refused here."""
        if envelope.get("refused"):
            raise ApplicationError("refused", non_retryable=True)

    @workflow.query(name="sight")
    def sight(self) -> dict[str, Any]:
        """As a journey's, so that the same stage can move it through time."""
        state = {"child": self.child, "family": "f", "authority": "a", "team": "t", "seq": self.done}
        now = workflow.now() + self.ahead
        return {"state": state, "now": now.isoformat(), "ahead": self.ahead.total_seconds(), "next_wake": self.wake}

    async def _step(self) -> dict[str, Any]:
        rows = await workflow.execute_local_activity("bare_rows", args=[self.child, self.done], start_to_close_timeout=QUICK)
        await workflow.execute_activity("bare_insert", rows, start_to_close_timeout=QUICK)
        self.done, self.wake = self.done + 1, rows["next_wake"]
        return rows["flush"]["answer"] or {}


@workflow.defn(name="BareMeeting")
class BareMeeting:
    """Asks each workflow, then tells each."""

    def __init__(self) -> None:
        self.over = False

    @workflow.run
    async def run(self) -> None:
        """Until it was held."""
        await workflow.wait_condition(lambda: self.over and workflow.all_handlers_finished())

    @workflow.update(name="hold")
    async def hold(self, outcomes: dict[str, Any]) -> list[str]:
        """The children that were told."""
        refused = await workflow.execute_activity("bare_ask", outcomes, result_type=list[str], start_to_close_timeout=QUICK)
        if not refused:
            for child, envelope in outcomes.items():
                await workflow.execute_activity("bare_tell", args=[child, envelope], start_to_close_timeout=QUICK)
        self.over = not refused
        return refused


@workflow.defn(name="BareAlert")
class BareAlert:
    """One timer, and one activity when it fires; updates meanwhile."""

    def __init__(self) -> None:
        self.told = 0

    @workflow.run
    async def run(self, child: str, due: str) -> None:
        """Sleep until then (ISO), and act; then stay open, as a journey does."""
        await workflow.sleep(max(datetime.fromisoformat(due) - workflow.now(), timedelta()))
        await workflow.execute_activity("bare_alert", child, start_to_close_timeout=QUICK)
        await workflow.wait_condition(lambda: False)

    @workflow.update(name="command")
    async def command(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """One local activity, one regular activity."""
        rows = await workflow.execute_local_activity("bare_rows", args=["command", 0], start_to_close_timeout=QUICK)
        self.told += 1
        return await workflow.execute_activity("bare_repeat", args=[rows, self.told], start_to_close_timeout=QUICK)
