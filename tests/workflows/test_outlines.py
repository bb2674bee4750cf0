"""Why a conference is held, behind a code: on the real engine and record, as the pages' own role, through the pages themselves."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import httpx
import pytest

from embedded.stack import Endpoints
from meetings import MeetingDoor, workflow_of
from record import directory, outlines, versions
from record.directory import Person
from record.pool import Pool, open_pool, transaction
from record.roles import Role, dsn
from schemas.base import Identifier
from schemas.outlines import OutlineRead, OutlineWords, Tried
from tests.live import EARLY
from tests.workflows.test_meetings_arranged import Around, around, arranging
from web.app import pages
from web.invitations import RecordedInvitations
from web.links import Links
from web.recorded_outlines import RecordedOutlines

BRUISE, HUNGER = "A bruise on the left arm that nobody explains.", "Hungry at school each day."
CONCLUSION = "Likely to suffer significant harm."
BASE = "https://siwrnai.enghraifft.example"


@dataclass
class Reading:
    """A conference about two siblings: a mother hears of both, a father of the first alone, and a friend stands by the mother."""

    there: Around
    pool: Pool
    """As the pages' own role."""
    ids: dict[str, Identifier] = field(default_factory=lambda: {})

    def __post_init__(self) -> None:
        here = self.there.here
        self.door = MeetingDoor(here.client, self.pool, here.authority, here.keys)
        self.port = RecordedOutlines(self.door)
        self.links = Links(here.keys.links, BASE)

    async def code(self, person: str) -> str:
        """The social worker gives that person a code."""
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            return await outlines.give_code(connection, self.there.meeting, self.ids[person], self.there.here.keys, "p-mari")

    async def reads(self, person: str, code: str, now: dt.datetime | None = None) -> OutlineRead:
        """The code is tried through that person's link."""
        return await self.port.read(self.ids[person], code, now or dt.datetime.now(dt.UTC))

    async def tries(self) -> list[str]:
        """What tries came to, in order."""
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            return [row["came_to"] for row in await connection.fetch("SELECT came_to FROM outline_tries ORDER BY entry")]

    async def told(self) -> list[str]:
        """What whoever arranged it was told of pages that were locked."""
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            rows = await connection.fetch("SELECT recipient FROM letter_orders WHERE kind = 'notice' AND about = 'outline_locked'")
        return [row["recipient"] for row in rows]

    @asynccontextmanager
    async def browsing(self) -> AsyncGenerator[httpx.AsyncClient]:
        """Somebody who asks for the pages."""
        application = pages(RecordedInvitations(self.door), self.links, tls=True, outlines=self.port)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=BASE) as client:  # pyright: ignore[reportArgumentType]
            yield client

    def link(self, person: str) -> str:
        """That person's own."""
        return self.links.link(self.ids[person], dt.datetime.now(dt.UTC) + dt.timedelta(days=30))


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**8:08}"


@asynccontextmanager
async def reading(stack: Endpoints) -> AsyncGenerator[Reading]:
    async with around(stack) as there:
        here, (first, second) = there.here, there.children
        async with transaction(here.door_pool, here.authority) as connection:
            for person in ("p-mam", "p-tad", "p-ffrind"):
                row = Person(person=person, name=person, email=f"{person}@enghraifft.example", language="en", valid_from=EARLY)
                await directory.put_person(connection, row, "p-admin")
        add = (
            {"role": "parents", "person": "p-mam"},
            {"role": "parents", "person": "p-tad", "children": (first,)},
            {"role": "supporter", "person": "p-ffrind"},
        )
        await there.does("arranged", **arranging(there, add=add))
        now = dt.datetime.now(dt.UTC).isoformat()
        for person in ("p-mam", "p-tad", "p-ffrind"):
            await there.does("released", actor="p-huw", invitee=await there.guest(person), spoken_at=now)
        async with transaction(here.door_pool, here.authority) as connection:
            for child, reason in ((first, BRUISE), (second, HUNGER)):
                words = OutlineWords(reason=reason, conclusion=CONCLUSION)
                await outlines.put(connection, there.meeting, child, words, here.keys, "p-mari")
        pool = await open_pool(dsn(here.superuser, Role.pages, stack.keys), "tests pages", most=10)
        try:
            found = Reading(there, pool)
            found.ids = {each.person: each.id for each in (await there.state()).invitees}
            yield found
        finally:
            await pool.close()


def reasons(read: OutlineRead) -> list[str]:
    return [each.words.reason for each in read.children]


async def test_the_code_opens_the_words_for_its_person_as_often_as_it_is_sent_and_each_reading_is_logged(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code = await there.code("p-mam")
        assert reasons(await there.reads("p-mam", code)) == [BRUISE, HUNGER]
        assert (await there.reads("p-mam", wrong(code))).left == 4
        assert reasons(await there.reads("p-mam", code)) == [BRUISE, HUNGER]
        assert await there.tries() == ["opened", "wrong", "opened"]
        here = there.there.here
        async with transaction(here.door_pool, here.authority) as connection:
            logged = await connection.fetch("SELECT actor, shown FROM reads WHERE purpose = 'outline of reason on the signed page'")
        assert [(row["actor"], set(row["shown"])) for row in logged] == [("p-mam", {there.there.meeting, *there.there.children})] * 2


async def test_an_authority_sets_after_how_many_wrong_codes_the_page_is_locked(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code, here = await there.code("p-mam"), there.there.here
        async with transaction(here.door_pool, here.authority) as connection:
            await versions.put(connection, "settings", {"codes.most_wrong": 2}, "p-admin")
        assert (await there.reads("p-mam", wrong(code))).left == 1
        await there.reads("p-mam", wrong(code))
        assert reasons(await there.reads("p-mam", code)) == [], "it is locked"


async def test_the_code_is_nowhere_in_the_record_and_the_words_are_neither_in_the_engine_nor_in_a_letter(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code, here = await there.code("p-mam"), there.there.here
        await there.reads("p-mam", code)
        await there.reads("p-mam", wrong(code))
        connection = await asyncpg.connect(here.superuser)
        try:
            rows = [str(dict(row)) for row in await connection.fetch("SELECT * FROM record.outline_codes")]
            rows += [str(dict(row)) for row in await connection.fetch("SELECT * FROM record.outline_tries")]
            letters = str([dict(row) for row in await connection.fetch("SELECT * FROM record.letter_orders")])
        finally:
            await connection.close()
        history = (await here.client.get_workflow_handle(workflow_of(there.there.meeting)).fetch_history()).to_json()
        for secret in (code, wrong(code)):
            assert all(secret not in row for row in rows)
        for words in (BRUISE, HUNGER, CONCLUSION):
            assert words not in history
            assert words not in letters


async def test_nothing_is_read_of_a_brother_or_sister_of_whom_the_reader_may_not_hear(stack: Endpoints) -> None:
    async with reading(stack) as there:
        assert reasons(await there.reads("p-tad", await there.code("p-tad"))) == [BRUISE]


async def test_whoever_is_shut_out_meanwhile_reads_nothing_of_that_child_any_more(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code = await there.code("p-mam")
        connection = await asyncpg.connect(there.there.here.superuser)
        try:
            await connection.execute("UPDATE record.journeys SET shut_out = '{p-mam}' WHERE child = $1", there.there.children[1])
        finally:
            await connection.close()
        assert reasons(await there.reads("p-mam", code)) == [BRUISE]


async def test_another_persons_code_does_not_open_and_counts(stack: Endpoints) -> None:
    async with reading(stack) as there:
        mothers = await there.code("p-mam")
        fathers = await there.code("p-tad")
        assert (await there.reads("p-tad", mothers)).tried is Tried.wrong
        assert (await there.reads("p-tad", fathers)).tried is Tried.opened


async def test_where_no_code_was_given_nothing_opens_and_a_new_code_takes_the_place_of_the_old(stack: Endpoints) -> None:
    async with reading(stack) as there:
        assert (await there.reads("p-mam", "12345678")).tried is Tried.no_code
        old = await there.code("p-mam")
        new = await there.code("p-mam")
        assert (await there.reads("p-mam", old)).tried is Tried.wrong
        assert (await there.reads("p-mam", new)).tried is Tried.opened


async def test_the_fifth_wrong_code_locks_the_page_and_it_is_told_once_whoever_goes_on(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code = await there.code("p-mam")
        found = [(await there.reads("p-mam", wrong(code))).tried for _ in range(5)]
        assert found == [Tried.wrong] * 4 + [Tried.locked]
        assert (await there.reads("p-mam", code)).tried is Tried.locked, "the right one comes too late"
        assert await there.told() == ["p-mari"]
        assert (await there.reads("p-mam", await there.code("p-mam"))).tried is Tried.opened
        assert (await there.reads("p-tad", await there.code("p-tad"))).tried is Tried.opened, "the father's was never locked"


async def test_many_wrong_codes_at_once_are_counted_each(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code = await there.code("p-mam")
        found = await asyncio.gather(*(there.reads("p-mam", wrong(code)) for _ in range(12)))
        assert sorted(each.tried for each in found) == [*[Tried.locked] * 8, *[Tried.wrong] * 4]
        assert (await there.reads("p-mam", code)).tried is Tried.locked
        assert await there.told() == ["p-mari"]


async def test_a_code_ends_with_its_meeting(stack: Endpoints) -> None:
    async with reading(stack) as there:
        code, ends = await there.code("p-mam"), (await there.there.state()).ends
        assert ends is not None
        assert (await there.reads("p-mam", code, ends)).tried is Tried.no_code
        assert (await there.reads("p-mam", code, ends - dt.timedelta(seconds=1))).tried is Tried.opened
        await there.there.does("called_off", reason="The chair is ill.")
        assert (await there.reads("p-mam", code)).tried is Tried.no_code


async def test_on_the_pages_a_link_alone_opens_nothing_and_nobody_is_led_there_without_a_code(stack: Endpoints) -> None:
    async with reading(stack) as there, there.browsing() as client:
        mother = there.link("p-mam")
        assert "/why" not in (await client.get(mother)).text
        assert (await client.get(f"{mother}/why")).status_code == 404
        code = await there.code("p-mam")
        assert f"{mother.removeprefix(BASE)}/why" in (await client.get(mother)).text
        assert BRUISE not in (await client.get(f"{mother}/why?code={code}")).text, "looking opens nothing"
        refused = await client.post(f"{mother}/why", data={"code": wrong(code)})
        assert (refused.status_code, "Tries left: 4" in refused.text, BRUISE in refused.text) == (422, True, False)
        read = await client.post(f"{mother}/why", data={"code": f"{code[:4]} {code[4:]}"})
        assert (read.status_code, BRUISE in read.text, HUNGER in read.text, CONCLUSION in read.text) == (200, True, True, True)
        assert read.headers["cache-control"] == "no-store"
        assert "set-cookie" not in read.headers


async def test_what_cannot_be_a_code_is_not_tried(stack: Endpoints) -> None:
    async with reading(stack) as there, there.browsing() as client:
        await there.code("p-mam")
        for typed in ("", "1234567", "123456789", "abcdefgh", "١٢٣٤٥٦٧٨"):
            assert (await client.post(f"{there.link('p-mam')}/why", data={"code": typed})).status_code == 422
        assert await there.tries() == []


async def test_a_supporter_has_no_such_page_whatever_code_there_is(stack: Endpoints) -> None:
    async with reading(stack) as there, there.browsing() as client:
        code = await there.code("p-ffrind")
        assert (await client.get(f"{there.link('p-ffrind')}/why")).status_code == 404
        assert (await client.post(f"{there.link('p-ffrind')}/why", data={"code": code})).status_code == 404
        assert (await there.reads("p-ffrind", code)).tried is Tried.no_code


FORBIDDEN = (
    "INSERT INTO outline_codes (meeting, invitee, authority, salt, mark, given_by) VALUES ('m', 'i', 'a', '', '', 'p')",
    "INSERT INTO outlines (meeting, child, authority, sealed, recorded_by) VALUES ('m', 'c', 'a', '', 'p')",
    "UPDATE outline_codes SET mark = ''",
    "DELETE FROM outline_codes",
    "SELECT * FROM outline_tries",
    "DELETE FROM outline_tries",
)


async def test_the_pages_can_neither_make_a_code_nor_take_back_a_try_nor_see_what_is_over(stack: Endpoints) -> None:
    async with reading(stack) as there:
        authority = there.there.here.authority
        code = await there.code("p-mam")
        await there.reads("p-mam", wrong(code))
        for statement in FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction(there.pool, authority) as connection:
                    await connection.execute(statement)
        with pytest.raises(asyncpg.RaiseError, match="not taken back"):
            async with transaction(there.pool, authority) as connection:
                await connection.execute("UPDATE outline_codes SET wrong = 0")
        await there.there.does("called_off", reason="The chair is ill.")
        async with transaction(there.pool, authority) as connection:
            assert await connection.fetchval("SELECT count(*) FROM outlines") == 0
            assert await connection.fetchval("SELECT count(*) FROM outline_codes") == 0


@pytest.mark.parametrize("role", [Role.journey, Role.post, Role.replies, Role.auditor])
async def test_nobody_else_sees_them(role: Role, stack: Endpoints) -> None:
    async with reading(stack) as there:
        connection = await asyncpg.connect(dsn(there.there.here.superuser, role, stack.keys))
        try:
            for table in ("outlines", "outline_codes", "outline_tries"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT * FROM record.{table}")  # noqa: S608
        finally:
            await connection.close()
