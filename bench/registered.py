"""Children on the register, on record and in the engine, for the rows that are no whole case."""

import asyncio
import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bench.place import AUTHORITY, Place
from commands import Door
from procedures.in_force import rules_in_force
from record import children
from record.children import ChildDetails
from record.pool import transaction
from record.projections import Whose
from schemas.commands import COMMANDS, Command
from schemas.engine import JOURNEYS, Begin
from schemas.state import JourneyState
from schemas.timeline import Versions
from tests.procedures.child import at, registered

SINCE = at("2026-12-14 16:00")
"""From then on nothing is due for some days: the conference has registered the child."""

BORN = dt.date(2018, 5, 3)


@dataclass(frozen=True)
class Clock:
    """Real time, moved to the afternoon of the conference: all journeys and the door share it."""

    ahead: dt.timedelta

    async def now(self) -> dt.datetime:
        """The moved instant."""
        return dt.datetime.now(dt.UTC) + self.ahead


def clock() -> Clock:
    """Begins at the conference."""
    return Clock(SINCE - dt.datetime.now(dt.UTC))


def opaque() -> str:
    """A fresh id."""
    return f"c-{secrets.token_hex(6)}"


def state_of(child: str, template: JourneyState) -> JourneyState:
    """The state of a child of whom nothing is on record yet."""
    return template.model_copy(update={"child": child, "family": f"f-{child}", "authority": AUTHORITY, "team": "t-1", "seq": 0})


async def on_record(place: Place, ids: Iterable[str]) -> None:
    """Register them."""
    known = ChildDetails(name="Ela Prys", born_on=BORN, language="cy")
    for child in ids:
        whose = Whose(child=child, family=f"f-{child}", authority=AUTHORITY, team="t-1")
        async with transaction(place.door_pool, AUTHORITY) as connection:
            await children.register(connection, whose, known, place.keys, "p-mari")


async def begun(place: Place, ids: Iterable[str], template: JourneyState, ahead: dt.timedelta, at_once: int = 40) -> None:
    """Begin their journeys in the engine."""
    gate = asyncio.Semaphore(at_once)

    async def begin(child: str) -> None:
        async with gate:
            await place.client.start_workflow("Journey", Begin(state=state_of(child, template), ahead=ahead), id=child, task_queue=JOURNEYS)

    await asyncio.gather(*(begin(child) for child in ids))


async def until_begun(place: Place, ids: list[str]) -> None:
    """Each has done its first task: the timer that it then sleeps on is in its history."""
    for id in ids:
        while (await place.plain.get_workflow_handle(id).describe()).history_length < 5:  # noqa: ASYNC110 - the engine tells no one.
            await asyncio.sleep(0.02)


def registered_state() -> JourneyState:
    """As the conference leaves it, planned with what is in force here."""
    return in_force(registered().state)


def in_force(state: JourneyState) -> JourneyState:
    """The same state, with the first versions of calendar and settings."""
    first = Versions(rules=rules_in_force().hash, calendar=1, settings=1)
    clocks = {name: each.model_copy(update={"versions": first}) for name, each in state.clocks.items()}
    return state.model_copy(update={"clocks": clocks, "versions": first})


async def one_registered(place: Place) -> tuple[str, Door]:
    """A child with a journey, and the door with its clock."""
    child, moved = opaque(), clock()
    await on_record(place, [child])
    await begun(place, [child], registered_state(), moved.ahead)
    return child, replace(place.door, now=moved.now)


async def command(door: Door, name: str, **fields: Any) -> Command:
    """A command by the social worker, of this instant."""
    now = await door.clock()
    return COMMANDS[name].model_validate({"actor": "p-mari", "happened_at": now, **fields})


async def visit(door: Door) -> Command:
    """The most frequent command of all."""
    return await command(door, "visit", seen=True, alone="alone", place="home", bedroom_seen=True)
