"""What `siwrnai holidays` and `siwrnai settings` share: the preview, and after it the change, told to every open journey."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from activities.changes import Affected, Proposal
from changing import Amend, Changing
from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import Running
from console.showing import clock_title, moment, screen, table
from engine.connect import connect
from record import directory, operating, reads, versions
from schemas.engine import SweepProgress
from workflows.sweep import Sweep

LOOK_EVERY = 0.5
"""Seconds between two looks at a sweep."""


@dataclass(frozen=True)
class Wanted:
    """A change as a person asked for it."""

    kind: versions.Kind
    amend: Amend
    actor: str
    apply: bool


async def change(here: Running, wanted: Wanted) -> int:
    """Show whom the change affects; with `apply` put it in force and have the journeys told. Returns the exit code."""
    async with here.record() as connection:
        if not await directory.knows(connection, wanted.actor, await versions.now(connection)):
            raise Mistake(say("mistakes.unknown_person", person=wanted.actor))
    changing = Changing(here.pool, here.authority)
    proposal = await (changing.calendar(wanted.amend) if wanted.kind == "calendar" else changing.settings(wanted.amend))
    affected = await _previewed(here, changing, proposal, wanted.actor)
    _print(affected)
    for rules, children in sorted(proposal.unread.items()):
        print(say("change.unread", rules=rules, children=", ".join(sorted(children))), file=sys.stderr)
    if not wanted.apply:
        print(say("change.preview"))
        return Code.done
    version = await changing.put_in_force(wanted.kind, wanted.amend, wanted.actor)
    print(say("change.in_force", version=version))
    return await tell_all(here)


async def tell_all(here: Running) -> int:
    """Have every open journey told of what is in force. Returns the exit code."""
    progress = await _swept(here, Changing(here.pool, here.authority))
    print(say("change.told", moved=progress.moved, looked_at=progress.looked_at))
    if progress.failed:
        print(say("change.failed", children=", ".join(progress.failed)), file=sys.stderr)
    return Code.done if not progress.failed else Code.found_wrong


async def _previewed(here: Running, changing: Changing, proposal: Proposal, actor: str) -> list[Affected]:
    async with here.record() as connection:
        total = (await operating.journeys(connection, await versions.now(connection))).open
    affected: list[Affected] = []
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=_errors()) as bar:
        task = bar.add_task(say("change.looking"), total=total)
        async for page in changing.preview(proposal):
            affected += page.affected
            bar.update(task, advance=page.looked_at)
    async with here.record() as connection:
        await reads.log(connection, actor, "preview of a change", sorted({each.child for each in affected}))
    return affected


def _print(affected: list[Affected]) -> None:
    moved = [each for each in affected if each.was != each.due]
    now = datetime.now(UTC)
    if moved:
        made = table("child", "what", "was_due", "new_due")
        for each in sorted(moved, key=lambda each: (each.child, each.due)):
            at_once = f" ({say('change.at_once')})" if each.due <= now else ""
            made.add_row(each.child, clock_title(each.clock), moment(each.was), moment(each.due) + at_once)
        screen().print(made)
    others = len(affected) - len(moved)
    print(say("change.affects", timescales=len(moved), children=len({each.child for each in moved}), others=others))


async def _swept(here: Running, changing: Changing) -> SweepProgress:
    there = here.endpoints
    try:
        client: Client = await connect(there.temporal_address, there.namespace, here.keys)
        sweep = await changing.sweep(client)
    except (RuntimeError, RPCError):
        raise Ended(Code.away, say("change.no_engine")) from None
    done = asyncio.ensure_future(sweep.result())
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_errors()) as bar:
        task = bar.add_task("", total=None)
        while not done.done():
            await asyncio.wait({done}, timeout=LOOK_EVERY)
            progress = await _so_far(sweep)
            bar.update(task, description=say("change.telling", moved=progress.moved, looked_at=progress.looked_at))
    return done.result()


async def _so_far(sweep: WorkflowHandle[Sweep, SweepProgress]) -> SweepProgress:
    with suppress(RPCError):
        return await sweep.query(Sweep.so_far)
    return SweepProgress()


def _errors() -> Console:
    return Console(stderr=True)
