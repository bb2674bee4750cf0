"""Rehearsals while processes are killed, compared with one that nothing disturbed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from correspondence.meetings import answering
from correspondence.mime import mailbox
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Sender
from embedded import supervisor
from embedded.program import Program, environment, python
from embedded.services import Service, variables
from embedded.stack import Endpoints
from embedded.supervisor import Supervisor
from engine.connect import connect
from record.pool import transaction
from record.roles import Role
from rehearsal import Play, Result, programs, stage
from rehearsal.running import LEASE, MAIL_FROM, RETRY, RUNS, Scene, pool_of, quiet, scene, worker_of
from rehearsal.stage import Overshot
from schemas.letters import DeliveryState
from tests.chaos.comparison import Posted, differences, facts, posted
from tests.chaos.killing import Killer
from tests.chaos.patient import Between, PatientRunner, nothing
from tests.chaos.posting import GATE

ROOT = Path(__file__).parents[2]

SENDER = Service("sender", "tests.chaos.posting", Role.post)

QUICK_MAIL = {
    "SIWRNAI_MAIL_FROM": MAIL_FROM,
    "SIWRNAI_MAIL_TIMEOUT": "2",
    "SIWRNAI_MAIL_POLL": "0.05",
    "SIWRNAI_MAIL_SETTLE": "0",
    "SIWRNAI_MAIL_RETRY_FIRST": "0.2",
    "SIWRNAI_MAIL_RETRY_CAP": "1",
}
"""Nothing that is killed is waited for longer than it takes to come up."""


def impatient_supervisor() -> None:
    """What dies is started again at once, and a journey may take longer for what is due than in a quiet run."""
    supervisor.FIRST_WAIT, supervisor.LONGEST_WAIT = 0.3, 1.0
    stage.PATIENCE = 300.0
    stage.DRIFT = 5 * stage.DRIFT


@dataclass
class Outcome:
    """What came of one disturbed run."""

    differences: list[str] = field(default_factory=lambda: [])
    letters: int = 0
    repeats: int = 0
    again: int = 0
    """Runs that did not count, since the engine moved a journey too far."""


async def disturbed(play: Play, endpoints: Endpoints, undisturbed: Result, killer: Killer | None, between: Between = nothing) -> Outcome:
    """One run in which the killer kills, against the one that nothing disturbed."""
    for again in range(RUNS):
        try:
            result, post = await _run(play, endpoints, killer, between)
        except Overshot:
            continue
        wrong = [*result.sentences, *differences(facts(undisturbed), facts(result)), *post.wrong]
        return Outcome(wrong, post.letters, post.repeats, again)
    raise Overshot(f"none of {RUNS} runs counts")


async def _run(play: Play, endpoints: Endpoints, killer: Killer | None, between: Between) -> tuple[Result, Posted]:
    async with AsyncExitStack() as parts:
        here = await parts.enter_async_context(scene(play, endpoints))
        gate = here.folder / "gate"
        own = await parts.enter_async_context(Supervisor(here.folder, quiet))
        await own.start(worker_of(here.endpoints), _sender(here.endpoints, gate))
        mornings = await parts.enter_async_context(pool_of(here.endpoints, Role.journey))
        post_pool = await parts.enter_async_context(pool_of(here.endpoints, Role.post))
        replies_pool = await parts.enter_async_context(pool_of(here.endpoints, Role.replies))
        outbox = Outbox(post_pool, here.cast.authority, here.keys, LEASE, LEASE)
        runner = PatientRunner(
            play=play,
            cast=here.cast,
            client=await connect(here.endpoints.temporal_address, here.endpoints.namespace, here.keys),
            pool=here.pool,
            mornings=mornings,
            keys=here.keys,
            # Sends nothing itself: the process does.
            sender=Sender(outbox, Post(parse_smtp_url(here.endpoints.smtp_url), 2), mailbox(MAIL_FROM), RETRY, answering(here.keys)),
            post=programs.Post(here.endpoints.mailbox, replies_pool),
            progress=lambda _: None,
            endpoints=here.endpoints,
            gate=gate,
            killer=killer,
            between=between,
        )
        parts.push_async_callback(runner.close)
        async with _killing(killer, (endpoints.directory, here.folder)):
            result = await runner.run()
        return result, posted(endpoints.mailbox, await _sent(here))


def _sender(endpoints: Endpoints, gate: Path) -> Program:
    told = {**variables(SENDER, endpoints), **QUICK_MAIL, GATE: str(gate), "PYTHONPATH": str(ROOT)}
    return Program(name=SENDER.name, argv=python("-m", SENDER.module), environment=environment(told))


@asynccontextmanager
async def _killing(killer: Killer | None, folders: tuple[Path, ...]) -> AsyncGenerator[None]:
    if killer is None:
        yield
        return
    killing = asyncio.create_task(killer.kill(folders))
    try:
        yield
    finally:
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing


async def _sent(here: Scene) -> set[str]:
    async with transaction(here.pool, here.cast.authority) as connection:
        rows = await connection.fetch("SELECT id FROM letters WHERE state = $1", DeliveryState.sent.value)
    return {row["id"] for row in rows}
