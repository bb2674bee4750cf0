"""A family at a meeting on the real engine, record and mail: nothing goes to any of them before it is released, whatever stops and begins."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from commands import CommandRefused
from correspondence.meetings import answering
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Sender
from embedded.stack import Endpoints
from record import family
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from schemas.family import FamilyMember, Relation, Way
from schemas.meetings import MeetingAnswer
from tests.correspondence.conftest import FROM, SOON
from tests.correspondence.invited import Invited
from tests.correspondence.mail_server import MailServer, serving
from tests.correspondence.test_sender import NEVER
from tests.workflows.test_meetings_arranged import Around, around, arranging, in_time

MOTHER, FATHER, GRANDMOTHER = "f-sian", "f-dylan", "f-mair"
MAILBOX = "sian@teulu.example"
SOCIAL_WORKER, MANAGER = "p-mari", "p-huw"


class Family:
    """A conference about two siblings: the mother has a mailbox, the father gets paper, the grandmother comes for the second alone."""

    def __init__(self, there: Around) -> None:
        self.there = there
        self.server = MailServer()

    async def knows(self, *members: FamilyMember, child: int | None = None) -> None:
        """That is what the record has of both children, or of one."""
        here = self.there.here
        async with transaction(here.door_pool, here.authority) as connection:
            for each in self.there.children if child is None else (self.there.children[child],):
                for member in members:
                    await family.put(connection, each, member, here.keys, SOCIAL_WORKER)

    async def post(self) -> list[EmailMessage]:
        """What the post sends now, with the rights of the post alone."""
        here, before = self.there.here, len(self.server.got)
        pool = await open_pool(dsn(here.superuser, Role.post, here.keys.directory), "tests post", most=2)
        nothing = dt.timedelta()
        async with pool, serving(self.server) as there:
            outbox = Outbox(pool, here.authority, here.keys, nothing, dt.timedelta(minutes=5))
            async with Post(parse_smtp_url(there.url), 5) as post:
                await Sender(outbox, post, FROM, SOON, answering(here.keys)).send_all(NEVER)
        return [message_from_bytes(each, policy=policy.default) for _, each in self.server.got[before:]]

    async def to(self) -> list[str]:
        """To whom the post sends now."""
        return [str(each["To"]) for each in await self.post()]

    async def release(self, person: str, by: str = MANAGER) -> MeetingAnswer:
        """Somebody spoke with that person, and lets it go."""
        spoken_at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        return await self.there.does("released", actor=by, invitee=await self.there.guest(person), spoken_at=spoken_at)

    async def restart(self) -> None:
        """The worker goes, and another begins."""
        await self.there.workers.aclose()
        await self.there.work()


@asynccontextmanager
async def invited(stack: Endpoints) -> AsyncGenerator[Family]:
    async with around(stack) as there:
        found = Family(there)
        mother = FamilyMember(person=MOTHER, relation=Relation.parent, name="Siân Prys", language="cy", way=Way.email, email=MAILBOX)
        father = FamilyMember(person=FATHER, relation=Relation.parent, name="Dylan Prys", way=Way.by_hand)
        await found.knows(mother, father)
        mair = FamilyMember(person=GRANDMOTHER, relation=Relation.carer, name="Mair Prys", way=Way.email, email="mair@teulu.example")
        await found.knows(mair, child=1)
        await there.does("arranged", **arranging(there))
        yield found


async def test_a_released_mother_gets_her_letter_and_an_unreleased_father_nothing_whatever_stops(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        there = family_of.there
        state = await there.state()
        invited_for = {each.person: each.children for each in state.invitees if each.role == "parents"}
        assert invited_for == {MOTHER: there.children, FATHER: there.children, GRANDMOTHER: there.children[1:]}
        to = await family_of.to()
        assert "p-arolygydd@enghraifft.example" in to, "agencies are asked at once"
        assert not [each for each in to if "teulu" in each]
        await family_of.restart()
        await family_of.release(MOTHER)
        (letter,) = [each for each in await family_of.post() if "teulu" in str(each["To"])]
        assert letter["To"] == MAILBOX
        assert letter["Content-Language"] == "cy"
        assert all(child not in letter.as_string() for child in there.children)
        await family_of.restart()
        assert await family_of.to() == []
        assert await there.sent(MOTHER) == [("REQUEST", 0)]
        assert await there.sent(FATHER) == await there.sent(GRANDMOTHER) == []


async def test_a_father_who_gets_paper_is_sent_no_mail_and_his_letter_stays_owed_over_a_restart(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        there = family_of.there
        await family_of.release(FATHER)
        await family_of.restart()
        dylan = next(each for each in (await there.state()).invitees if each.person == FATHER)
        assert (dylan.on_paper, dylan.handed_over_at) == (True, None)
        assert await there.sent(FATHER) == []
        await there.does("handed_over", actor=MANAGER, invitee=dylan.id)
        dylan = next(each for each in (await there.state()).invitees if each.person == FATHER)
        assert dylan.handed_over_at is not None


async def test_moved_and_called_off_reach_those_alone_who_were_released(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        there = family_of.there
        await family_of.release(MOTHER)
        await there.does("moved", starts=in_time() + dt.timedelta(hours=3))
        await family_of.restart()
        await there.does("called_off", reason="The chair is ill.")
        assert await there.sent(MOTHER) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
        assert await there.sent(FATHER) == await there.sent(GRANDMOTHER) == []


async def test_the_way_that_is_safe_when_the_post_sends_counts_and_of_two_records_the_more_careful(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        await family_of.release(MOTHER)
        careful = FamilyMember(person=MOTHER, relation=Relation.parent, name="Siân Prys", language="cy", way=Way.none)
        await family_of.knows(careful, child=1)
        assert not [each for each in await family_of.to() if "teulu" in each], "ordered, but not safe any more"
        await family_of.there.does("moved", starts=in_time() + dt.timedelta(hours=3))
        assert await family_of.there.sent(MOTHER) == [("REQUEST", 0)]


async def test_a_grandmother_whom_one_childs_record_alone_names_is_written_to_as_that_record_has_her(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        await family_of.release(GRANDMOTHER)
        (letter,) = [each for each in await family_of.post() if "teulu" in str(each["To"])]
        assert (letter["To"], letter["Content-Language"]) == ("mair@teulu.example", "cy, en")
        await family_of.there.does("left_out", invitee=await family_of.there.guest(GRANDMOTHER), reason="She asked.")
        assert "mair@teulu.example" in await family_of.to(), "her calendar is cleared"


async def test_nobody_else_releases(stack: Endpoints) -> None:
    async with invited(stack) as family_of:
        with pytest.raises(CommandRefused):
            await family_of.release(MOTHER, by="p-nia")
        assert not [each for each in await family_of.to() if "teulu" in each]


async def test_a_mother_who_answers_by_her_calendar_is_asked_after_and_counts_once_somebody_confirms_it(stack: Endpoints) -> None:
    """Her mailbox is sealed with her children: whoever reads answers cannot know it."""
    async with invited(stack) as family_of:
        there = family_of.there
        await family_of.release(MOTHER)
        pool = await open_pool(dsn(there.here.superuser, Role.replies, stack.keys), "tests replies", most=4)
        async with pool:
            answers = Invited(there, pool)
            await answers.comes(await answers.reply(MOTHER, attendee=MAILBOX, sender=MAILBOX))
            mother = await answers.guest(MOTHER)
            assert (mother.answer, mother.waits) == (None, True)
            assert [(state, came_to) for _, state, came_to in await answers.rows()] == [("held", "to_be_confirmed")]
            assert "answer_to_confirm" in await answers.notices()
