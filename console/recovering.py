"""`siwrnai recover`: every journey as the engine and as the record have it, and what is done where they differ."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.service import RPCError

from console.endings import Code, Ended
from console.engine_door import door
from console.language import say
from console.running import Running
from recovery import Found, Recovery, Standing

NOT_WRONG = frozenset({Standing.agrees, Standing.sealed})


async def recover(here: Running, *, check: bool, replace: bool) -> int:
    """Look at every journey, start what the engine lost, replace what runs wrong if asked; only look where it is a check.

    Returns 1 where a journey is left that is not as the record has it.

    Raises:
        Ended: the engine, or its worker, does not answer.
    """
    async with door(here) as way_in:
        recovery = Recovery(way_in.client, here.pool, here.authority, here.keys)
        try:
            outcome = await _through(recovery, check=check, replace=replace)
        except (TimeoutError, RPCError):
            raise Ended(Code.away, say("away.worker", address=here.endpoints.temporal_address)) from None
    for line in outcome.lines:
        print(line)
    print(say("recover.sum", journeys=outcome.journeys, agree=outcome.journeys - outcome.left, started=outcome.started, left=outcome.left))
    return Code.found_wrong if outcome.left else Code.done


async def bring_into_agreement(here: Running) -> int:
    """After a backup was brought back: whatever the engine has otherwise goes on from the record."""
    return await recover(here, check=False, replace=True)


@dataclass
class _Outcome:
    """What was found and done, as far as it has gone."""

    lines: list[str] = field(default_factory=lambda: [])
    journeys: int = 0
    started: int = 0
    left: int = 0

    def note(self, before: Found, after: Found) -> None:
        """Add one journey."""
        self.journeys += 1
        self.left += after.standing not in NOT_WRONG
        self.started += after.standing in NOT_WRONG and before.standing not in NOT_WRONG
        if before.standing is not Standing.agrees:
            self.lines.append(_line(before, after))


async def _through(recovery: Recovery, *, check: bool, replace: bool) -> _Outcome:
    outcome = _Outcome()
    children = await recovery.children()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(say("recover.looking"), total=len(children))
        async for before, after in _both(recovery, check=check, replace=replace):
            outcome.note(before, after)
            bar.advance(task)
    outcome.lines.sort()
    return outcome


async def _both(recovery: Recovery, *, check: bool, replace: bool) -> AsyncIterator[tuple[Found, Found]]:
    if not check:
        async for both in recovery.recover_all(replace=replace):
            yield both
        return
    async for found in recovery.look_at_all():
        yield found, found


def _line(before: Found, after: Found) -> str:
    why = say(f"recover.{before.standing}", engine=before.engine, record=before.record)
    done = say("recover.goes_on") if after.standing is Standing.agrees else ""
    return f"{before.child}: {why} {done}".rstrip()
