"""Answers that come in the same minute are taken together: each as if it had come alone, and none is lost."""

import asyncio
import datetime as dt

import pytest

from commands import CommandRefused
from console.audit_verify import Verifying
from embedded.stack import Endpoints
from gathering import Gathering
from record import directory, meetings
from record.directory import Agency, Person
from record.pool import transaction
from record.verification import checked_meeting
from schemas.base import Identifier
from schemas.commands.base import Envelope
from schemas.gathered import MOST, CameTo
from schemas.meetings import MeetingAnswer
from tests.correspondence.invited import Invited, invited
from tests.live import EARLY

PEOPLE, SIBLINGS, AGENCIES = 200, 12, 30
MEETINGS = 40
"""A thousand are for the bench, which fails where an answer is lost."""


def envelope(number: int) -> Envelope:
    return Envelope(command_id=f"k-{number}", name="answered", received_at=EARLY, body={})


def answer(meeting: Identifier, each: Envelope) -> CameTo:
    return CameTo(answer=MeetingAnswer(meeting=meeting, command_id=each.command_id, entries=(1,)))


async def test_what_comes_while_one_is_under_way_goes_together_after_it() -> None:
    went: list[int] = []

    async def send(meeting: Identifier, together: list[Envelope]) -> list[CameTo]:
        went.append(len(together))
        await asyncio.sleep(0.01)
        return [answer(meeting, each) for each in together]

    gathering = Gathering(send)
    first = asyncio.create_task(gathering.submit("m-1", envelope(0)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    found = await asyncio.gather(first, *(gathering.submit("m-1", envelope(number)) for number in range(1, MOST + 11)))
    assert [each.answer.command_id for each in found if each.answer] == [f"k-{number}" for number in range(MOST + 11)]
    assert went == [1, MOST, 10]
    await gathering.submit("m-1", envelope(99))
    assert went[-1] == 1


async def test_a_failure_is_everybodys_whose_command_went_with_it_and_nobody_elses() -> None:
    async def send(meeting: Identifier, together: list[Envelope]) -> list[CameTo]:
        if meeting == "m-1":
            raise TimeoutError
        return [answer(meeting, each) for each in together]

    gathering = Gathering(send)
    failed = await asyncio.gather(*(gathering.submit("m-1", envelope(number)) for number in range(3)), return_exceptions=True)
    assert [type(each) for each in failed] == [TimeoutError] * 3
    assert (await gathering.submit("m-2", envelope(1))).answer is not None


async def test_whoever_goes_away_takes_nothing_from_the_others() -> None:
    async def send(meeting: Identifier, together: list[Envelope]) -> list[CameTo]:
        await asyncio.sleep(0.01)
        return [answer(meeting, each) for each in together]

    gathering = Gathering(send)
    gone, stays = (asyncio.create_task(gathering.submit("m-1", envelope(number))) for number in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays).answer is not None


async def test_each_gets_what_it_would_have_got_alone(stack: Endpoints) -> None:
    async with invited(stack) as here:
        there = here.there
        state = await there.state()
        police, school, chair = (next(each for each in state.invitees if each.role == role) for role in ("police", "education", "chair"))
        accepted = there.command("answered", invitee=police.id, reply="accepted", via="page")

        async def refused() -> str:
            with pytest.raises(CommandRefused) as refusal:
                await there.does("answered", invitee=chair.id, reply="accepted", sequence=7)
            return refusal.value.code

        first, again, stale, other = await asyncio.gather(
            there.door.submit(there.meeting, accepted, "k-same"),
            there.door.submit(there.meeting, accepted, "k-same"),
            refused(),
            there.does("answered", invitee=school.id, reply="declined", reason="The school is closed."),
        )
        assert (first, stale) == (again, "stale_answer")
        assert first.entries != other.entries
        assert await there.door.submit(there.meeting, accepted, "k-same") == first, "a repeat after it gets the first answer too"
        assert (await there.state()).invitee(chair.id) == chair


async def test_the_engines_history_is_the_witness_of_what_was_taken_together(stack: Endpoints) -> None:
    async with invited(stack) as here:
        there, live = here.there, here.there.here
        police = next(each for each in (await there.state()).invitees if each.role == "police")
        taken = await there.does("answered", invitee=police.id, reply="accepted", via="page")

        async def found() -> list[tuple[str, str | None, int | None]]:
            verifying = Verifying(live.door_pool, live.authority, live.keys, live.client, "p-arolygydd", "audit verify")
            await verifying.of_all()
            return [(each.what, each.meeting, each.entry) for each in (await verifying.against_checkpoints()).findings]

        assert await found() == []
        async with live.superuser_connection() as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("DELETE FROM record.meeting_log WHERE meeting = $1 AND seq = $2", there.meeting, taken.entries[0])
        entry = taken.entries[0]
        assert await found() == [(what, there.meeting, entry) for what in ("entry_missing", "meeting_entry_missing")]
        async with live.superuser_connection() as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("UPDATE record.meetings SET state = '{}' WHERE meeting = $1", there.meeting)
            await connection.execute("UPDATE record.meeting_log SET canonical = '[]' WHERE meeting = $1 AND seq = 1", there.meeting)
        assert ("header_unreadable", there.meeting, 1) in await found(), "what does not read stops nothing"


async def test_two_hundred_people_about_twelve_siblings_answer_at_once(stack: Endpoints) -> None:
    async with invited(stack, arranged=False) as here:
        there = here.there
        people = [f"p-guest-{number}" for number in range(PEOPLE)]
        await known(here, people)
        children = [await there.here.child() for _ in range(SIBLINGS)]
        starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).replace(microsecond=0)
        guests = [{"role": "practitioners", "person": person} for person in people]
        await there.does("arranged", kind="core_group", children=children, starts=starts, chair="p-nia", add=guests)
        invitees = {each.person: each.id for each in (await there.state()).invitees}
        mails = [await here.reply(person) for person in people[:10]]
        await asyncio.gather(
            here.comes(*mails),
            *(there.does("answered", invitee=invitees[person], reply="accepted", via="page") for person in people[10:]),
        )
        counted = {each.person for each in (await there.state()).invitees if each.comes}
        assert counted == set(people)


async def test_forty_meetings_whose_people_all_answer_at_once_lose_no_answer(stack: Endpoints) -> None:
    async with invited(stack, arranged=False) as here:
        there, people = here.there, ["p-guest-0", "p-guest-1"]
        await known(here, people)
        starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).replace(microsecond=0)
        guests = [{"role": "practitioners", "person": person} for person in people]
        said = there.command("arranged", kind="core_group", children=there.children, starts=starts, chair="p-nia", add=guests)
        found = [there.door.new_id() for _ in range(MEETINGS)]
        await asyncio.gather(*(there.door.submit(each, said, f"k-{each}") for each in found))
        mails: list[bytes] = []
        for there.meeting in found:
            mails += [await here.reply(person) for person in ("p-nia", *people)]
        # Two readers at once, as where one was started before the other had ended.
        other = here.reader()
        await asyncio.gather(here.comes(*mails), *(other.take(each) for each in mails[::7]), other.settle_all())
        await other.settle_all()
        assert await here.rows() == [("answer", "done", "taken")] * len(mails)
        for there.meeting in found:
            assert {each.person for each in (await there.state()).invitees if each.comes} == {"p-nia", *people}
            async with transaction(there.here.door_pool, there.here.authority) as connection:
                log = await meetings.read(connection, there.meeting)
            assert [each.kind for each in log].count("answered") == 3


async def known(here: Invited, people: list[str]) -> None:
    """Of thirty agencies."""
    live = here.there.here
    async with transaction(live.door_pool, live.authority) as connection:
        for number in range(AGENCIES):
            agency = Agency(agency=f"a-guest-{number}", kind="other", name_cy="Asiantaeth", name_en="Agency", valid_from=EARLY)
            await directory.put_agency(connection, agency, "p-admin")
        for number, person in enumerate(people):
            row = Person(
                person=person,
                name=person,
                email=f"{person}@enghraifft.example",
                language="cy",
                agency=f"a-guest-{number % AGENCIES}",
                valid_from=EARLY,
            )
            await directory.put_person(connection, row, "p-admin")


async def test_a_crash_between_the_record_and_the_meetings_knowing_of_it_writes_nothing_twice(stack: Endpoints) -> None:
    async with invited(stack) as here:
        there = here.there
        ids = [each.id for each in (await there.state()).invitees]
        under_way = asyncio.gather(*(there.does("answered", f"k-{id}", invitee=id, reply="accepted", via="page") for id in ids))
        await asyncio.sleep(0.03)
        await there.workers.aclose()
        await there.work()
        await under_way
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            log = await meetings.read(connection, there.meeting)
            assert (await checked_meeting(connection, there.meeting, there.here.keys)).problems == []
        assert sorted(each.content["invitee"] for each in log if each.kind == "answered") == sorted(ids)
