"""A database of its own for the post, and orders in it as journeys make them."""

import datetime as dt
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from activities.digests import Standing
from correspondence.meetings import answering
from correspondence.mime import mailbox
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Backoff, Sender
from record import digests, directory, letters
from record.directory import Absence, Person
from record.keys import KeyRing
from record.letters import RefusedOrder, SeenLetter
from record.migrate import Deployment, migrate
from record.pool import Connection, Pool, open_pool, transaction
from record.projections import Whose, put_clocks, put_journey
from record.roles import Role, dsn
from schemas.clocks import Language
from schemas.flush import ClockRow, JourneySummary
from schemas.letters import DeliveryState, LetterKind, LetterOrder
from tests.correspondence.examples import DUE, FACTS, item
from tests.record.conftest import AUTHORITY, keys, new_database, server
from tests.record.examples import new_child

__all__ = ["keys", "server"]

ADDRESS = "huw.bevan@enghraifft.example"
FROM = mailbox("Siwrnai <siwrnai@enghraifft.example>")
SOON = Backoff(dt.timedelta(seconds=0.2), dt.timedelta(seconds=0.2))


@dataclass
class Record:
    """The record, by the roles that touch letters."""

    superuser: str
    keys: KeyRing
    journey: Pool
    door: Pool
    post: Pool

    def outbox(self, lease: dt.timedelta = letters.LEASE, now: dt.datetime | None = None) -> Outbox:
        """What the sender sees, while the record's clock stands at that instant; in virtual time unless one is given."""

        async def clock(_: Connection) -> dt.datetime | None:
            return now

        return Outbox(self.post, AUTHORITY, self.keys, dt.timedelta(), lease, clock)

    async def person(self, email: str | None = ADDRESS, language: Language | None = "en") -> str:
        """Somebody in the directory."""
        person = f"p-{secrets.token_hex(4)}"
        async with transaction(self.door, AUTHORITY) as connection:
            entry = Person(
                person=person, name="Huw Bevan", email=email, language=language, valid_from=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
            )
            await directory.put_person(connection, entry, "p-admin")
        return person

    async def child(self, family: str | None = None) -> Whose:
        """A child on record."""
        return await new_child(self.door, self.keys, family)

    async def order(self, whose: Whose, kind: str, about: str, recipient: str, **more: Any) -> LetterOrder:
        """An order as a journey makes it, with its timescale running."""
        made = item(kind, about, whose.child, **more).order
        order = made.model_copy(update={"recipient": recipient, "cause": f"{made.cause}>{recipient}"})
        async with transaction(self.journey, AUTHORITY) as connection:
            if order.due is not None and order.kind is not LetterKind.correction:
                await put_clocks(connection, whose, (clock_of(order),))
            await letters.order(connection, whose, [order])
        return order

    async def end_clock(self, whose: Whose, order: LetterOrder) -> None:
        """The timescale of that order is met."""
        async with transaction(self.journey, AUTHORITY) as connection:
            await put_clocks(connection, whose, (clock_of(order).model_copy(update={"running": False, "state": "met"}),))

    async def overdue(self, whose: Whose, clock: str, owner: str, due: dt.datetime = DUE) -> ClockRow:
        """A timescale of that child that is overdue, and whose owner, that person, was told."""
        row = clock_of(item("alert", clock, due=due).order).model_copy(update={"owner": owner, "rung": 1, "content": FACTS})
        async with transaction(self.journey, AUTHORITY) as connection:
            await put_journey(connection, whose, 1, JourneySummary(registration="registered", roles={row.owner_role: owner}))
            await put_clocks(connection, whose, (row,))
        return row

    async def away(self, person: str, away_from: dt.datetime, away_to: dt.datetime, deputy: str) -> None:
        """That person is away, and somebody stands in."""
        async with transaction(self.door, AUTHORITY) as connection:
            await directory.put_absence(connection, Absence(person=person, away_from=away_from, away_to=away_to, deputy=deputy), "p-admin")

    async def write_digests(self, as_of: dt.datetime) -> None:
        """The digests of a morning, as the digest's workflow has them written."""
        async with transaction(self.journey, AUTHORITY) as connection:
            standing = Standing(connection, as_of)
            for each in await digests.items(connection, as_of, standing.told, standing.followed):
                await digests.insert(connection, each, as_of)

    async def seen(self, *children: Whose) -> list[SeenLetter]:
        """The letters about these children and what became of them."""
        async with transaction(self.door, AUTHORITY) as connection:
            return await letters.seen(connection, [child.child for child in children])

    async def refused(self) -> list[RefusedOrder]:
        """What journeys still have to be told of refused letters."""
        async with transaction(self.post, AUTHORITY) as connection:
            return await letters.untold_refusals(connection)

    async def states(self, *children: Whose) -> list[DeliveryState]:
        """What became of the letters about these children."""
        return [each.state for each in await self.seen(*children)]


def clock_of(order: LetterOrder) -> ClockRow:
    """The row of the timescale that an order speaks of."""
    assert order.instance is not None
    assert order.due is not None
    return ClockRow(
        instance=order.instance,
        clock=order.about,
        state="overdue",
        running=True,
        started_at=order.due - dt.timedelta(days=14),
        due=order.due,
        owner_role="social_worker",
    )


@pytest.fixture
async def record(server: str, keys: KeyRing) -> AsyncIterator[Record]:
    superuser = new_database(server)
    await migrate(superuser, keys, Deployment(authority=AUTHORITY))
    pools = [await open_pool(dsn(superuser, role, keys.directory), "tests") for role in (Role.journey, Role.door, Role.post)]
    yield Record(superuser, keys, *pools)
    for pool in pools:
        await pool.close()


def sender(record: Record, url: str, **more: Any) -> Sender:
    """The sender of that record's letters to the mail server at `url`, in virtual time unless told otherwise."""
    made = Sender(record.outbox(), Post(parse_smtp_url(url), 2), FROM, SOON, answering(record.keys))
    return replace(made, **more)
