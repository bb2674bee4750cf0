"""What a journey did, read from the engine's history and the record: the steps that a plain workflow then does alike."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payloads
from temporalio.client import Client

from bench.bare_worker import Step
from bench.place import runs_of
from procedures.fold import fold
from procedures.settlement import next_wake
from record.pool import Pool, transaction
from schemas.flush import Flush
from schemas.state import JourneyState


async def flushes_of(client: Client, child: str) -> list[Flush]:
    """Each thing that the journey recorded, in order."""
    found: list[Flush] = []
    for run in await runs_of(client, child):
        for event in run.events:
            asked = event.activity_task_scheduled_event_attributes
            if asked.activity_type.name == "record":
                found.append(await decoded(client, asked.input))
    return found


async def decoded(client: Client, payloads: Payloads) -> Flush:
    """The flush in a payload."""
    (flush,) = await client.data_converter.decode(payloads.payloads, [Flush])
    return flush


async def steps_of(client: Client, pool: Pool, child: str, begun: JourneyState | None = None) -> list[Step]:
    """The same as a plain workflow does it: rows, and when it wakes next. `begun` where the journey began with a state."""
    flushes = await flushes_of(client, child)
    first = flushes[0]
    async with transaction(pool, first.authority) as connection:
        rows = [tuple(row) for row in await connection.fetch("SELECT * FROM timeline WHERE child = $1 ORDER BY seq", child)]
    state = JourneyState(child=child, family=first.family, authority=first.authority, team=first.team)
    return _steps(flushes, rows, begun or state)


def _steps(flushes: Sequence[Flush], rows: Sequence[tuple[object, ...]], state: JourneyState) -> list[Step]:
    steps: list[Step] = []
    for flush in flushes:
        state = fold(state, flush.entries)
        wake = next_wake(state)
        written = rows[flush.expected_head : flush.expected_head + len(flush.entries)]
        steps.append(Step(flush.model_dump(mode="json"), written, None if wake is None else wake.isoformat()))
    return steps
