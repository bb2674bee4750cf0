"""What a run needs around it: a database of its own on a stack, its worker, its sender; and a stack made for one run alone."""

import asyncio
import datetime as dt
import logging
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from console import language
from correspondence.meetings import answering
from correspondence.mime import mailbox
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Backoff, Sender
from embedded.kept import NAMESPACE, database_of
from embedded.program import Program, environment, python
from embedded.services import SERVICES, prepare_record, variables
from embedded.settings import PROCEDURES
from embedded.stack import Endpoints, Stack
from embedded.supervisor import CannotStart, Say, Supervisor
from engine.connect import connect
from engine.leaving import settle
from record import versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from rehearsal import programs, telling
from rehearsal.cast import Cast, cast, enter
from rehearsal.keeping import keep as keep_whole
from rehearsal.keeping import what_next
from rehearsal.reading import Play, Turn, read
from rehearsal.result import Result
from rehearsal.runner import Runner
from rehearsal.source import BadScript
from rehearsal.stage import Overshot, Stuck
from schemas.timeline import SERVICE

CASES = Path(__file__).with_name("cases")

RUNS = 3
"""How often a run is made where the engine overshoots."""

MAIL_FROM = "Siwrnai <siwrnai@rehearsal.invalid>"
LEASE = dt.timedelta(minutes=5)
RETRY = Backoff(dt.timedelta(seconds=1), dt.timedelta(seconds=1))

AS_EXPECTED, DIFFERENT, NOT_RUN, INTERRUPTED = 0, 1, 2, 130

WIDTH = 140
"""Columns, where there is no terminal."""

Look = Callable[[Turn], None]


class NoSuchCase(ValueError):
    """No case of that name is shipped, and there is no such file."""


def find(case: str) -> Path:
    """The file of a case: one that is shipped, by its name, or a file.

    Raises:
        NoSuchCase: neither.
    """
    shipped = CASES / f"{case}.yaml"
    if shipped.is_file():
        return shipped
    if Path(case).is_file():
        return Path(case)
    names = ", ".join(sorted(path.stem for path in CASES.glob("*.yaml")))
    raise NoSuchCase(language.say("script.no_case", case=case, names=names))


def rehearse(case: str, *, json: bool = False, keep: Path | None = None, say: Say) -> int:
    """Run a case on a stack of its own, and print what happened; `say` gets what is said while it starts.

    Returns 0 where all was as expected, 1 where it was not, 2 where it could not be run, 130 after Ctrl-C. Timelines and mailbox stay in `keep`, a new folder.
    """
    keep = None if keep is None else keep.expanduser().absolute()  # Parts are started from folders of their own.
    try:
        play = read(find(case))
        if keep is not None and keep.exists() and any(keep.iterdir()):
            raise NoSuchCase(language.say("script.not_empty", folder=keep))
        _log_quietly()
        result = asyncio.run(_rehearse(play, keep, say))
    except (NoSuchCase, BadScript, CannotStart, Stuck) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    except KeyboardInterrupt:
        print("The rehearsal was stopped before its end.", file=sys.stderr)
        return INTERRUPTED
    _tell(result, json)
    if keep is not None:
        print(_keep(result, keep), file=sys.stderr)
    settle()
    return DIFFERENT if result.differences else AS_EXPECTED


async def _rehearse(play: Play, keep: Path | None, say: Say) -> Result:
    with tempfile.TemporaryDirectory(prefix="siwrnai-rehearsal-") as thrown_away:
        stack = Stack(keep or Path(thrown_away) / "stack", NAMESPACE, time_skipping=True, durable=False)
        async with stack.running(say) as endpoints:
            with _progress() as bar:
                task = bar.add_task(play.script.title, total=len(play.turns), at="")
                look = partial(_advance, bar, task)
                return await run(play, endpoints, look, leave=keep is not None)


def _advance(bar: Progress, task: TaskID, turn: Turn) -> None:
    bar.update(task, advance=1, at=f"{turn.when:%d %b %Y}")


async def run(play: Play, endpoints: Endpoints, look: Look = lambda turn: None, *, leave: bool = False) -> Result:
    """Run a play on the stack of a rehearsal: with a database, ids and a worker of its own.

    Where the engine moved a journey past an instant, as a busy machine can make it do, the run does not count and is made anew.

    `look` is told of each turn that is done. Runs on one stack follow one another: a run ends its journeys in the engine, so that no later
    one's worker gets them, but where it is to leave everything as it ended, with a checkpoint over it.

    Raises:
        CannotStart: the worker does not start.
        Stuck: the worker stands still, or no run counts.
    """
    for _ in range(RUNS - 1):
        try:
            return await _run(play, endpoints, look, leave=leave)
        except Overshot as error:
            print(f"The rehearsal starts again: {error}", file=sys.stderr)
    return await _run(play, endpoints, look, leave=leave)


@dataclass(frozen=True)
class Scene:
    """What one run has for itself."""

    cast: Cast
    endpoints: Endpoints
    """Those of the stack, with the run's own database."""
    keys: KeyRing
    pool: Pool
    """As the door's role."""
    folder: Path
    """Where its processes keep their logs and pids."""


@asynccontextmanager
async def scene(play: Play, endpoints: Endpoints) -> AsyncGenerator[Scene]:
    """A database on the stack of a rehearsal, with ids of its own, and everybody in it."""
    cast_of_run = cast(play.script)
    own = database_of(endpoints, cast_of_run.authority)
    keys = KeyRing(own.keys)
    await prepare_record(own, Deployment(authority=cast_of_run.authority, virtual=True))
    async with pool_of(own, Role.door) as pool:
        await _fill(pool, play, cast_of_run, keys)
        yield Scene(cast_of_run, own, keys, pool, own.directory / "rehearsals" / cast_of_run.authority)


async def _run(play: Play, endpoints: Endpoints, look: Look, *, leave: bool) -> Result:
    async with AsyncExitStack() as parts:
        here = await parts.enter_async_context(scene(play, endpoints))
        supervisor = await parts.enter_async_context(Supervisor(here.folder, quiet))
        await supervisor.start(worker_of(here.endpoints))
        mornings = await parts.enter_async_context(pool_of(here.endpoints, Role.journey))
        post_pool = await parts.enter_async_context(pool_of(here.endpoints, Role.post))
        replies_pool = await parts.enter_async_context(pool_of(here.endpoints, Role.replies))
        post = await parts.enter_async_context(Post(parse_smtp_url(here.endpoints.smtp_url), timeout=30))
        outbox = Outbox(post_pool, here.cast.authority, here.keys, dt.timedelta(), LEASE)
        runner = Runner(
            play=play,
            cast=here.cast,
            client=await connect(here.endpoints.temporal_address, here.endpoints.namespace, here.keys),
            pool=here.pool,
            mornings=mornings,
            keys=here.keys,
            sender=Sender(outbox, post, mailbox(MAIL_FROM), RETRY, answering(here.keys)),
            post=programs.Post(here.endpoints.mailbox, replies_pool),
            progress=look,
        )
        async with AsyncExitStack() as journeys:
            journeys.push_async_callback(runner.close)
            result = await runner.run()
            if leave:
                await runner.seal(result.ended_at)
                journeys.pop_all()
        return result


@asynccontextmanager
async def pool_of(endpoints: Endpoints, role: Role) -> AsyncGenerator[Pool]:
    """Connections to a run's database, as that role."""
    pool = await open_pool(dsn(endpoints.postgres_superuser_dsn, role, endpoints.keys), "siwrnai rehearsal")
    try:
        yield pool
    finally:
        await pool.close()


async def _fill(pool: Pool, play: Play, cast: Cast, keys: KeyRing) -> None:
    async with transaction(pool, cast.authority) as connection:
        await versions.put_rules(connection, PROCEDURES.read_bytes(), SERVICE)
        await versions.put(connection, "calendar", {}, SERVICE)
        await versions.put(connection, "settings", {}, SERVICE)
        await enter(connection, cast, keys, play.turns[0].when)


def worker_of(endpoints: Endpoints) -> Program:
    """The worker of a run, as a process. Its checkpoints are kept in the rehearsal's own folder, and nowhere else."""
    worker = next(each for each in SERVICES if each.name == "worker")
    own = {"SIWRNAI_CHECKPOINT_FOLDER": str(endpoints.directory / "checkpoints"), "SIWRNAI_CHECKPOINT_URL": ""}
    return Program(name="worker", argv=python("-m", worker.module), environment=environment({**variables(worker, endpoints), **own}))


def quiet(_: str) -> None:
    """What the supervisor of a run's worker says is in the worker's log."""


# Telling.


def _log_quietly() -> None:
    """Standard output is the run's alone."""
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[at]}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell(result: Result, json: bool) -> None:
    if json:
        for line in telling.json_lines(result):
            print(line)
    else:
        telling.show(result, Console(width=None if sys.stdout.isatty() else WIDTH))
    sys.stdout.flush()
    for sentence in result.sentences:
        print(sentence, file=sys.stderr)
    print("Not as expected" if result.differences else "As expected", file=sys.stderr)


def _keep(result: Result, folder: Path) -> str:
    """Timelines and letters for reading afterwards; the letters themselves are in the mailbox beside them. Says how to look at it."""
    (folder / "timeline.jsonl").write_text("".join(f"{line}\n" for line in telling.json_lines(result)), encoding="utf-8")
    with (folder / "timelines.txt").open("w", encoding="utf-8") as file:
        telling.show(result, Console(file=file, width=WIDTH))
    return what_next(keep_whole(result, folder), folder)
