"""A meeting on the real engine and record: arranged once, whatever crashes; invitations ordered; answers counted; each journey told its date."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from temporalio.service import RPCError

from commands import CommandRefused, IdTaken
from embedded.stack import Endpoints
from meetings import MeetingDoor, workflow_of
from named import UnknownAgency
from procedures.in_force import rules_in_force
from procedures.meetings.chasing import is_family
from procedures.meetings.dates import proposed
from procedures.meetings.fold import fold
from procedures.times import LONDON
from procedures.working_days import Calendar
from record import directory, meetings
from record.directory import SAFEGUARDING_LEAD, Agency, Person, Post
from record.pool import transaction
from schemas.meeting_commands import MEETING_COMMANDS
from schemas.meetings import MeetingAnswer, MeetingState, Reply
from tests.live import EARLY, Live, live, opaque
from tests.procedures.child import THERE
from worker import journeys_worker

AGENCIES = {"police": "heddlu", "education": "ysgol", "gp": "meddygfa"}
PLACE = "Canolfan Deulu Enghraifft"


async def known(here: Live) -> None:
    """The directory of agencies, and who speaks for each; nobody for the GP."""
    async with transaction(here.door_pool, here.authority) as connection:
        for agency in AGENCIES.values():
            row = Agency(agency=agency, kind="other", name_cy=agency, name_en=agency, valid_from=EARLY)
            await directory.put_agency(connection, row, "p-admin")
        for person, agency in (("p-sarjant", "heddlu"), ("p-arolygydd", "heddlu"), ("p-pennaeth", "ysgol")):
            row = Person(person=person, name=person, email=f"{person}@enghraifft.example", language="en", agency=agency, valid_from=EARLY)
            await directory.put_person(connection, row, "p-admin")
        await directory.put_post(connection, Post(role=SAFEGUARDING_LEAD, person="p-arolygydd", valid_from=EARLY), "p-admin")


class Around:
    """One meeting about two siblings, in real time."""

    def __init__(self, here: Live, children: tuple[str, ...]) -> None:
        self.here, self.children = here, children
        self.door = MeetingDoor(here.client, here.door_pool, here.authority, here.keys)
        self.meeting = self.door.new_id()
        self.workers = AsyncExitStack()

    async def work(self) -> None:
        """A worker begins."""
        await self.workers.enter_async_context(journeys_worker(self.here.client, self.here.journey_pool, self.here.keys))

    def command(self, name: str, **fields: Any) -> Any:
        return MEETING_COMMANDS[name].model_validate({"actor": "p-mari", "happened_at": dt.datetime.now(LONDON), **fields})

    async def does(self, name: str, id: str | None = None, **fields: Any) -> MeetingAnswer:
        return await self.door.submit(self.meeting, self.command(name, **fields), id or opaque("k"))

    async def state(self) -> MeetingState:
        async with transaction(self.here.door_pool, self.here.authority) as connection:
            state = await meetings.state(connection, self.meeting)
            assert state is not None
            log = await meetings.read(connection, self.meeting)
        assert fold(MeetingState(meeting=self.meeting, authority=self.here.authority), log) == state
        return state

    async def guest(self, person: str) -> str:
        return next(each.id for each in (await self.state()).invitees if each.person == person)

    async def sent(self, person: str) -> list[tuple[str, int]]:
        """The calendar objects that were ordered for a person, in their order."""
        async with transaction(self.here.door_pool, self.here.authority) as connection:
            seen = await connection.fetch(
                "SELECT content FROM letter_orders WHERE recipient = $1 AND kind = 'invitation' ORDER BY at", person
            )
        return [(row["content"]["method"], row["content"]["sequence"]) for row in seen]


@asynccontextmanager
async def around(stack: Endpoints) -> AsyncGenerator[Around]:
    async with live(stack, worker=False, virtual=False) as here:
        await known(here)
        family = opaque("f")
        there = Around(here, (await here.child(family, agencies=AGENCIES), await here.child(family, agencies=AGENCIES)))
        await there.work()
        for child in there.children:
            now = f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"
            for name, fields in (
                ("report", {"how": "telephone", "words": "A bruise.", "alleged": ["neglect"]}),
                ("screened", {"decision": "strategy", "rationale": "Why.", "threshold_element": "significant_harm_likely"}),
                ("strategy_held", {"attendance": THERE, "outcome": "section47_single", "medical": "not_needed", "rationale": "Why."}),
            ):
                await here.door.submit(child, here.command(name, now, **fields), opaque("k"))
        try:
            yield there
        finally:
            await there.workers.aclose()
            for id in (*there.children, workflow_of(there.meeting)):
                with suppress(RPCError):
                    await here.client.get_workflow_handle(id).terminate("the test is over")


def in_time() -> dt.datetime:
    """A date that leaves notice."""
    return proposed(rules_in_force().arranging["icpc"], None, dt.datetime.now(dt.UTC), Calendar(version=0))


def arranging(there: Around, **fields: Any) -> dict[str, Any]:
    said = {"kind": "icpc", "children": there.children, "starts": in_time(), "chair": "p-nia", "place": PLACE}
    return {**said, **fields}


async def test_arranged_once_with_everybody_invited_and_each_journey_told(stack: Endpoints) -> None:
    async with around(stack) as there:
        said = there.command("arranged", **arranging(there))
        first = await there.door.submit(there.meeting, said, "k-arrange")
        assert await there.door.submit(there.meeting, said, "k-arrange") == first, "a repeat gets the first answer"
        with pytest.raises(IdTaken):
            await there.does("arranged", "k-arrange", **arranging(there, chair="p-review"))
        state = await there.state()
        assert {each.person: each.children for each in state.invitees} == dict.fromkeys(
            ("p-nia", "p-arolygydd", "p-pennaeth"), there.children
        )
        assert "nobody_for:gp" in first.notes
        assert await there.sent("p-arolygydd") == [("REQUEST", 0)]
        assert state.due is not None
        for child in there.children:
            journey = await there.here.state(child)
            assert journey.planned["icpc"] == state.starts
            assert await there.here.whole(child)


async def test_the_words_of_a_meeting_are_in_the_record_alone(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        history = await there.here.client.get_workflow_handle(workflow_of(there.meeting)).fetch_history()
        assert PLACE not in history.to_json()
        state = await there.state()
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            assert await meetings.words(connection, there.meeting, state.place or "", there.here.keys) == PLACE
            stored = await connection.fetch("SELECT sealed FROM meeting_texts WHERE meeting = $1", there.meeting)
        assert all(PLACE.encode() not in row["sealed"] for row in stored)


async def test_answers_at_once_are_all_counted_and_a_worker_that_goes_loses_none(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        ids = [each.id for each in (await there.state()).invitees]
        under_way = asyncio.gather(*(there.does("answered", invitee=id, reply="accepted", via="page") for id in ids))
        await asyncio.sleep(0.05)
        await there.workers.aclose()
        await there.work()
        await under_way
        state = await there.state()
        assert all(each.answer is not None and each.answer.reply is Reply.accepted for each in state.invitees)


async def test_moved_then_called_off_and_every_calendar_is_right(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        later = in_time() + dt.timedelta(hours=3)
        await there.does("moved", starts=later)
        for child in there.children:
            assert (await there.here.state(child)).planned["icpc"] == later
        await there.does("called_off", reason="The chair is ill.")
        assert await there.sent("p-pennaeth") == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
        with pytest.raises(CommandRefused, match="Arrange another"):
            await there.does("answered", invitee=await there.guest("p-pennaeth"), reply="accepted")


async def test_what_is_refused_changes_nothing(stack: Endpoints) -> None:
    async with around(stack) as there:
        for chair in ("p-huw", "p-duty"):
            with pytest.raises(CommandRefused, match="line management"):
                await there.does("arranged", **arranging(there, chair=chair))
        with pytest.raises(CommandRefused, match="arrange it first"):
            await there.does("called_off", reason="Why.")
        assert await there.sent("p-arolygydd") == []
        await there.does("arranged", **arranging(there))
        assert await there.sent("p-arolygydd") == [("REQUEST", 0)]


async def test_another_room_alone_updates_calendars_and_tells_no_journey_of_a_move(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        await there.does("moved", starts=in_time(), place="Ystafell arall")
        assert await there.sent("p-pennaeth") == [("REQUEST", 0), ("REQUEST", 1)]
        await there.does("answered", invitee=await there.guest("p-pennaeth"), reply="accepted", sequence=0)
        await there.does("moved", starts=in_time() + dt.timedelta(hours=1))
        for child in there.children:
            assert [entry.kind for entry in await there.here.entries(child)].count("conference_moved") == 1


async def test_who_is_added_comes_for_the_agency_that_the_directory_has_and_is_invited_as_its_professionals_are(stack: Endpoints) -> None:
    async with around(stack) as there:
        carer = {"role": "foster_carer", "person": "p-sarjant"}
        with pytest.raises(UnknownAgency):
            await there.does("arranged", **arranging(there, add=[{**carer, "agency": "maethu"}]))
        await there.does("arranged", **arranging(there, add=[carer]))
        (known,) = [each for each in (await there.state()).invitees if each.person == "p-sarjant"]
        assert (known.agency, is_family(known), await there.sent("p-sarjant")) == ("heddlu", False, [("REQUEST", 0)])
