"""Real journeys for a test: a database of its own on the session's stack, a worker in this process, a virtual clock, the one door."""

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from temporalio.client import Client

from commands import Door
from embedded.stack import Endpoints
from engine.connect import connect
from procedures.fold import fold
from procedures.rules import SHIPPED
from procedures.times import LONDON
from procedures.working_days import Calendar
from record import children, directory, timeline, verification, versions
from record.children import ChildDetails
from record.deployment import Deployment
from record.directory import Agency, Person, Post
from record.keys import KeyRing
from record.migrate import migrate
from record.pool import Connection, Pool, open_pool, transaction
from record.projections import Whose
from record.roles import Role, dsn
from rehearsal.stage import Stage
from schemas.commands import COMMANDS, Command
from schemas.state import JourneyState
from schemas.timeline import Answer, RecordedEntry
from tests.procedures.child import POSTS, at
from worker import journeys_worker

EARLY = dt.datetime(2020, 1, 1, tzinfo=LONDON)

REPORT: dict[str, Any] = {"how": "telephone", "alleged": ["physical"], "possible_crime": True, "words": "A bruise on the left arm."}
"""What a teacher tells."""


def opaque(kind: str) -> str:
    """A fresh id."""
    return f"{kind}-{secrets.token_hex(6)}"


@dataclass
class Live:
    """One authority with its staff, and the children of a test."""

    authority: str
    client: Client
    door_pool: Pool
    journey_pool: Pool
    keys: KeyRing
    stage: Stage
    superuser: str
    """For migrations, and for making the DSNs of roles."""
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(self.client, self.door_pool, self.authority, self.keys, now=self.stage.clock)

    async def settings(self, settings: dict[str, Any]) -> None:
        """The authority's settings from now on."""
        async with transaction(self.door_pool, self.authority) as connection:
            await versions.put(connection, "settings", settings, "p-huw")

    async def child(self, family: str | None = None, **details: Any) -> str:
        """A new child on record, with no journey yet; without a family in one of its own."""
        child = opaque("c")
        whose = Whose(child=child, family=family or opaque("f"), authority=self.authority, team="t-1")
        known = ChildDetails.model_validate({"name": "Ela Prys", "born_on": dt.date(2014, 5, 3), "language": "cy", **details})
        async with transaction(self.door_pool, self.authority) as connection:
            await children.register(connection, whose, known, self.keys, "p-duty")
        return child

    def command(self, name: str, when: str, **fields: Any) -> Command:
        """A command by Huw Bevan that happened then."""
        return COMMANDS[name].model_validate({"actor": "p-huw", "happened_at": at(when), **fields})

    async def does(self, child: str, name: str, when: str, told: str | None = None, **fields: Any) -> Answer:
        """Let time pass until it is told, and take the command through the door."""
        await self.stage.move_to(at(told or when), self.door)
        await self.stage.bring(child)
        answer = await self.door.submit(child, self.command(name, when, **fields), opaque("k"))
        await self.stage.watch(self.door, child)
        return answer

    async def reported(self, **fields: Any) -> str:
        """A child about whom a teacher telephoned on Friday 20 November 2026 at 16:40."""
        child = await self.child()
        await self.does(child, "report", "2026-11-20 16:40", **{**REPORT, **fields})
        return child

    async def entries(self, child: str) -> list[RecordedEntry]:
        """The child's timeline."""
        async with transaction(self.door_pool, self.authority) as connection:
            return await timeline.read(connection, child, self.keys)

    async def state(self, child: str) -> JourneyState:
        """The journey's state in the engine."""
        sight = await self.door.sight(child)
        assert sight is not None
        return sight.state

    @asynccontextmanager
    async def superuser_connection(self) -> AsyncGenerator[Connection]:
        """For what only an operator with the database's own key could do."""
        connection = await asyncpg.connect(self.superuser)
        try:
            yield connection
        finally:
            await connection.close()

    async def move_head(self, child: str, by: int) -> None:
        """As where the database was restored from an older backup, or mended."""
        async with self.superuser_connection() as connection:
            await connection.execute("UPDATE record.heads SET seq = seq + $2 WHERE child = $1", child, by)

    async def whole(self, child: str) -> bool:
        """True where the chain is whole, signed, and its fold is the engine's state."""
        state, entries = await self._at_rest(child)
        begun = JourneyState(child=child, family=state.family, authority=state.authority, team=state.team)
        async with transaction(self.door_pool, self.authority) as connection:
            problems = await verification.check(connection, child, self.keys)
        return not problems and fold(begun, entries) == state

    async def _at_rest(self, child: str) -> tuple[JourneyState, list[RecordedEntry]]:
        """Both of the same moment: what a command brought may still be acted on after it was answered."""
        state, entries = await self.state(child), await self.entries(child)
        until = time.monotonic() + 5
        while len(entries) != state.seq and time.monotonic() < until:
            await asyncio.sleep(0.1)
            state, entries = await self.state(child), await self.entries(child)
        return state, entries


@asynccontextmanager
async def live(stack: Endpoints, *, worker: bool = True, virtual: bool = True) -> AsyncGenerator[Live]:
    """Everything made anew on the session's stack; the clock is virtual, as in a rehearsal, or the real one."""
    authority = opaque("a")
    keys = KeyRing(stack.keys)
    superuser = urlunsplit(urlsplit(stack.postgres_superuser_dsn)._replace(path=f"/{authority.replace('-', '_')}"))
    await migrate(superuser, keys, Deployment(authority=authority, virtual=virtual))
    async with AsyncExitStack() as leaving:
        pools: list[Pool] = []
        for role in (Role.door, Role.journey):
            pool = await open_pool(dsn(superuser, role, stack.keys), "tests", most=5)
            leaving.push_async_callback(pool.close)
            pools.append(pool)
        await _staff(pools[0], authority)
        client = await connect(stack.temporal_address, stack.namespace, keys)
        quiet = Quiet(pools[0], authority)
        stage = Stage(client=client, now=at("2026-11-01 09:00"), backstage=quiet, calendar=Calendar(version=0))
        here = Live(authority, client, pools[0], pools[1], keys, stage, superuser)
        if not virtual:
            here.door = replace(here.door, now=None)
        if worker:
            await leaving.enter_async_context(journeys_worker(client, here.journey_pool, keys))
        try:
            yield here
        finally:
            for each in stage.journeys.values():
                await each.handle.terminate("the test is over")


async def _staff(pool: Pool, authority: str) -> None:
    async with transaction(pool, authority) as connection:
        await versions.begin(connection, SHIPPED.read_bytes(), "p-admin")
        for person in (*POSTS.values(), "p-mari", "p-nia"):
            row = Person(person=person, name=person, email=f"{person}@enghraifft.example", language="cy", valid_from=EARLY)
            await directory.put_person(connection, row, "p-admin")
        other = Agency(agency="a-2", kind="social_services", name_cy="Sir Arall", name_en="Sir Arall", valid_from=EARLY)
        await directory.put_agency(connection, other, "p-admin")
        for role, person in POSTS.items():
            await directory.put_post(connection, Post(role=role, person=person, valid_from=EARLY), "p-admin")


@dataclass
class Quiet:
    """Between two instants of these tests no letters are sent and no digests written."""

    pool: Pool
    authority: str

    async def settle(self) -> None:
        """No letters are waited for."""

    async def morning(self, as_of: dt.datetime) -> None:
        """No digests."""

    async def is_recorded(self, child: str, after: int) -> bool:
        """Whether the child's timeline has an entry after that one."""
        async with transaction(self.pool, self.authority) as connection:
            return await connection.fetchval("SELECT count(*) FROM timeline WHERE child = $1 AND seq > $2", child, after) > 0
