"""How a deployment stands, on a person's screen."""

import datetime as dt
from collections.abc import Iterator

from rich.markup import escape

from console.language import say
from console.showing import screen, short, table
from observing import clocks
from schemas.status import CheckpointsSeen, JourneysSeen, OutboxSeen, PlaceSeen, Queue, Status, Stuck

KEPT_WITHIN = dt.timedelta(hours=1)
"""Places are tried again every ten minutes: a checkpoint that is not kept there for so long is late."""


def print_page(found: Status, now: dt.datetime) -> None:
    """A line for each part and each number, then what is late and what is stuck."""
    for line in lines(found, now):
        print(line)
    if found.journeys is not None and found.journeys.first_late:
        made = table("child", "due", "late_by", title=say("status.late_ones"))
        for each in found.journeys.first_late:
            made.add_row(each.child, short(each.due), _age(each.due, now))
        screen().print(made)
    if found.stuck:
        made = table("workflow", "held_by", "tries", "since", "failure", title=say("status.stuck_ones"))
        for each in found.stuck:
            made.add_row(*(escape(cell) for cell in _row(each)))
        screen().print(made)


def lines(found: Status, now: dt.datetime) -> Iterator[str]:
    """The parts, the engine, the queues and the numbers."""
    for part in found.parts:
        yield f"{say(f'parts.{part.name}')}: {say('parts.up' if part.up else 'parts.down')}  {part.where}".rstrip()
    if found.engine is not None:
        yield say("status.engine", version=found.engine.server_version, build=found.engine.current_build or say("status.no_build"))
    for queue in found.queues:
        yield from _queue(queue, now)
    if found.outbox is not None:
        yield _outbox(found.outbox, now)
    if found.journeys is not None:
        yield _journeys(found.journeys, now)
    if found.checkpoints is not None:
        yield from _checkpoints(found.checkpoints, now)
    if found.uncounted:
        yield say("status.uncounted", keys=", ".join(found.uncounted))
    if found.clock_ahead is not None and clocks.is_wrong(ahead := dt.timedelta(seconds=found.clock_ahead)):
        yield say("status.clock_ahead" if found.clock_ahead > 0 else "status.clock_behind", by=_span(abs(ahead)))
    yield say("status.stuck", many=len(found.stuck))


def _queue(queue: Queue, now: dt.datetime) -> Iterator[str]:
    yield say("status.queue", queue=queue.name, tasks=say(f"status.{queue.tasks}_tasks"), waiting=queue.waiting, workers=len(queue.pollers))
    for each in queue.pollers:
        yield say("status.poller", identity=each.identity, ago=_age(each.asked_at, now), build=each.build or say("status.no_build"))


def _outbox(outbox: OutboxSeen, now: dt.datetime) -> str:
    numbers = outbox.model_dump(include={"waiting", "deferred", "refused"})
    return say("status.outbox", **numbers) + ("" if outbox.oldest is None else f" {say('status.oldest', age=_age(outbox.oldest, now))}")


def _journeys(journeys: JourneysSeen, now: dt.datetime) -> str:
    numbers = journeys.model_dump(include={"open", "closed", "late"})
    latest = "" if journeys.latest is None else f" {say('status.latest', age=_age(journeys.latest, now))}"
    return say("status.journeys", **numbers) + latest


def _checkpoints(made: CheckpointsSeen, now: dt.datetime) -> Iterator[str]:
    yield say("status.checkpoint", **made.model_dump(include={"number", "chains", "entries"}), age=_age(made.at, now))
    if made.contradicted:
        yield say("status.contradicted", many=made.contradicted)
    if not made.places:
        yield say("status.kept_nowhere")
    for each in made.places:
        key = "status.kept_at" if each.failure is None else "status.not_kept_at"
        late = "" if not is_late(each, now) or each.waiting_since is None else say("status.kept_late", age=_age(each.waiting_since, now))
        yield say(key, place=each.place, waiting=each.waiting, failure=each.failure, age=_age(each.tried_at, now)) + late


def is_late(place: PlaceSeen, now: dt.datetime) -> bool:
    """Whether a checkpoint waits there for longer than a place that takes them would let it."""
    return place.waiting_since is not None and now - place.waiting_since > KEPT_WITHIN


def _row(each: Stuck) -> tuple[str, ...]:
    by = each.held.activity if each.by == "activity" else say("status.workflow_task")
    return (
        f"{each.held.kind} {each.held.workflow}",
        by,
        str(each.held.attempt),
        short(each.since),
        f"{each.held.failure} {each.held.message}",
    )


def _age(since: dt.datetime, now: dt.datetime) -> str:
    return _span(max(dt.timedelta(), now - since))


def _span(time: dt.timedelta) -> str:
    """`3 d 04:05:06`, without the days where there are none."""
    seconds = int(time.total_seconds())
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock
