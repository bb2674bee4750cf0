"""How a deployment stands, for the one who keeps it running: ids, codes, numbers and instants, nothing of people."""

from typing import Literal

from schemas.base import Instant, Model
from schemas.held import Held


class Part(Model):
    """A part, and whether it answers."""

    name: Literal["engine", "record", "worker", "post"]
    up: bool
    where: str


class EngineSeen(Model):
    """The engine that journeys run in."""

    address: str
    namespace: str
    server_version: str
    current_build: str | None = None
    """The version of the worker that gets tasks; none before the first was made current."""


class Poller(Model):
    """A worker that asks a task queue for work."""

    identity: str
    """Process and machine."""
    build: str
    """Which code it runs; empty where it does not say."""
    asked_at: Instant
    """When it last asked; it asks at least once a minute."""


class Queue(Model):
    """A task queue, and who works on it."""

    name: str
    tasks: Literal["workflow", "activity"]
    waiting: int
    """Tasks that nobody has taken yet, about."""
    pollers: tuple[Poller, ...]


class OutboxSeen(Model):
    """Letters that are not done with."""

    waiting: int
    deferred: int
    """Tried, to be tried again."""
    refused: int
    """For good: their journeys are told, and the next rung hears of it."""
    oldest: Instant | None
    """When the oldest that is not sent yet was ordered."""


class PlaceSeen(Model):
    """A place outside the database where checkpoints are kept."""

    place: str
    """`folder` or `address`, and a fingerprint of where."""
    waiting: int
    """Checkpoints that it has not taken yet."""
    waiting_since: Instant | None = None
    """When the first of them was made."""
    failure: str | None
    """Of its last try: the type."""
    tried_at: Instant


class CheckpointsSeen(Model):
    """The last checkpoint over all chains, and where it is kept."""

    number: int
    at: Instant
    chains: int
    entries: int
    contradicted: int
    """Chains that were not what an earlier checkpoint said, a hundred at most: somebody changed the database."""
    places: tuple[PlaceSeen, ...]
    """Those that were ever tried; none of them: it is kept nowhere outside."""


class LateSeen(Model):
    """A journey that did not act on what is due."""

    child: str
    due: Instant


class JourneysSeen(Model):
    """Journeys, and those that are late."""

    open: int
    closed: int
    late: int
    latest: Instant | None
    """The instant that has been missed for longest."""
    first_late: tuple[LateSeen, ...]
    """The latest of them, at most twenty."""


class Stuck(Model):
    """A workflow that does not get on."""

    held: Held
    by: Literal["activity", "workflow_task"]
    """A failing activity is told by the record; a failing workflow task, which is a fault in the code, by the engine."""
    since: Instant
    last_at: Instant | None = None


class Status(Model):
    """All of it. What cannot be asked, since its part is down, is none."""

    parts: tuple[Part, ...]
    engine: EngineSeen | None
    queues: tuple[Queue, ...]
    outbox: OutboxSeen | None
    journeys: JourneysSeen | None
    checkpoints: CheckpointsSeen | None = None
    """None also where none was made yet."""
    uncounted: tuple[str, ...] = ()
    """Keys of local settings that are stored and count for nothing by the rules of whoever asks."""
    clock_ahead: float | None
    """Seconds that the clock of the machine that asked is ahead of the record's; less than nothing: behind."""
    stuck: tuple[Stuck, ...]
    """At most forty."""
