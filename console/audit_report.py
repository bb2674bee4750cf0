"""What a verification says: to a person in sentences, to a program as JSON."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.client import Client
from temporalio.service import RPCError

from console.audit_anchors import files
from console.audit_verify import Verifying
from console.endings import Code, Ended, Mistake
from console.engine_door import door
from console.language import say
from console.reading import identifier
from console.running import Running, on_deployment
from console.showing import moment
from console.viewing import reader, whose_child
from record import chains, directory, versions
from schemas.auditing import Finding, Verified

WHERE = ("child", "meeting", "entry", "checkpoint")


class Reading(NamedTuple):
    """What the log of reads is told."""

    actor: str | None
    """None: the system's user."""
    purpose: str


def verify(child: str | None, anchors: Sequence[Path], *, engine: bool, actor: str | None, json: bool) -> int:
    """Look at one child, or at all of them, and print what was found.

    Raises:
        Ended: no such child or file, or the engine does not answer.
    """
    known = None if child is None else identifier(child, "CHILD")
    found = on_deployment(lambda here: verified(here, known, Reading(actor, "audit verify"), anchors, engine=engine))
    print(found.model_dump_json(indent=2) if json else "\n".join(sentences(found)))
    return Code.found_wrong if found.findings else Code.done


async def verified(here: Running, child: str | None, by: Reading, anchors: Sequence[Path] = (), *, engine: bool = True) -> Verified:
    """What the verification of one child, or of all, comes to."""
    kept = await asyncio.to_thread(files, anchors, here.authority)
    async with here.record() as connection:
        if by.actor is not None and not await directory.knows(connection, by.actor, await versions.now(connection)):
            raise Mistake(say("mistakes.unknown_person", person=by.actor))
        if child is not None:
            await whose_child(connection, child)
        many = 1 if child is not None else await chains.count(connection)
        many += len(await (chains.meetings(connection) if child is None else chains.meetings_of(connection, child)))
    async with _client(here, engine=engine) as client:
        verifying = Verifying(here.pool, here.authority, here.keys, client, reader(by.actor), by.purpose)
        if child is not None:
            await verifying.of_child(child)
        else:
            await _all(verifying, many)
        return await verifying.against_checkpoints(kept)


@asynccontextmanager
async def _client(here: Running, *, engine: bool) -> AsyncGenerator[Client | None]:
    if not engine:
        yield None
        return
    async with door(here) as way_in:
        try:
            yield way_in.client
        except (TimeoutError, RPCError):
            raise Ended(Code.away, say("away.worker", address=here.endpoints.temporal_address)) from None


async def _all(verifying: Verifying, many: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(say("audit.looking"), total=many)
        verifying.step = lambda: bar.advance(task)
        await verifying.of_all()


def sentences(found: Verified) -> list[str]:
    """Each finding, then what was looked at, then up to when it could have been found."""
    lines = [sentence(each) for each in found.findings]
    if found.keys_destroyed:
        lines.append(say("audit.keys_destroyed", many=len(found.keys_destroyed)))
    numbers = found.model_dump(include={"children", "meetings", "entries", "checkpoints", "anchored_copies"})
    lines.append(say("audit.sum", **numbers, findings=len(found.findings)))
    if found.taken_over:
        lines.append(say("audit.taken_over", many=found.taken_over))
    if "engine" not in found.compared:
        lines.append(say("audit.record_only"))
    vouched = found.vouched
    when = "" if vouched.at is None else moment(vouched.at)
    return [*lines, say(f"audit.vouched_{vouched.by}", number=vouched.number, when=when)]


def sentence(found: Finding) -> str:
    """Where, and what."""
    facts = found.model_dump()
    where = ", ".join(say(f"audit.in_{name}", **facts) for name in WHERE if facts[name] is not None)
    what = say(f"found.{found.what}", **facts)
    return f"{where[:1].upper()}{where[1:]}: {what}." if where else f"{what[:1].upper()}{what[1:]}."
