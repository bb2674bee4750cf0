"""What people get after a conference: on the real engine and record, as the pages' own role, with real letters."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest

from activities.too_young import too_young
from commands import CommandRefused
from embedded.stack import Endpoints
from meetings import MeetingDoor, workflow_of
from procedures.in_force import rules_in_force
from procedures.times import LONDON
from record import family, outlines, papers
from record.pool import Connection, Pool, open_pool, transaction
from record.roles import Role, dsn
from schemas.commands.base import Harm, PlanLine
from schemas.family import FamilyMember, Relation, Way
from schemas.outlines import Tried
from schemas.papers import ChildPaper, Closed, Decided, Paper, PaperSection, PaperWords
from tests.live import opaque
from tests.workflows.test_meetings_arranged import Around, around, arranging
from tests.workflows.test_meetings_held import REGISTER, Day
from web.app import pages
from web.invitations import RecordedInvitations
from web.links import PAPERS, Links
from web.recorded_papers import RecordedPapers

T = TypeVar("T")

BASE = "https://siwrnai.enghraifft.example"
MOTHER, FATHER, CARER = "r-mam", "r-tad", "r-nain"
FIRST_PLAN, SECOND_PLAN = "Breakfast each day at the first home.", "A bed of her own."
OUTLINE = Paper.outline_plan


@dataclass
class After:
    """A conference about two siblings that was held: a mother of both, written to by mail; a father on paper; a carer of the second, unreleased."""

    there: Around
    pool: Pool
    """As the pages' own role."""

    def __post_init__(self) -> None:
        here = self.there.here
        self.port = RecordedPapers(MeetingDoor(here.client, self.pool, here.authority, here.keys))

    async def writes(self, paper: Paper = OUTLINE, children: tuple[str, ...] | None = None, **more: Any) -> None:
        first = self.there.children[0]
        for child in children or self.there.children:
            plan = FIRST_PLAN if child == first else SECOND_PLAN
            words = PaperWords.model_validate(
                {
                    "decided": Decided(
                        on=dt.date(2026, 12, 15), decision="register", categories=(Harm.neglect,), voice_for=("conference",)
                    ),
                    "sections": {PaperSection.reasons: f"Why, of {plan}", PaperSection.voice: f"Voice, of {plan}"},
                    "plan": (PlanLine(change_needed=plan, sign_of_change="Seen.", who_helps="Mari."),),
                    **more,
                }
            )
            await self.recorded(lambda connection, child=child, words=words: papers.put(
                connection, self.there.meeting, child, paper, "en", words, self.there.here.keys, "p-nia"
            ))  # fmt: skip

    async def recorded(self, act: Callable[[Connection], Awaitable[T]]) -> T:
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            return await act(connection)

    async def knows(self, member: FamilyMember, *children: str) -> None:
        for child in children:
            await self.recorded(lambda connection, child=child: family.put(connection, child, member, self.there.here.keys, "p-mari"))

    async def ordered(self) -> dict[str, list[str]]:
        """To whom letters about papers were ordered, and under the protection of which child."""
        rows = await self.recorded(
            lambda connection: connection.fetch("SELECT recipient, child FROM letter_orders WHERE kind = 'paper' ORDER BY at")
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["recipient"], []).append(row["child"])
        return found

    async def notices(self, about: str) -> list[str]:
        rows = await self.recorded(
            lambda connection: connection.fetch("SELECT recipient FROM letter_orders WHERE kind = 'notice' AND about = $1", about)
        )
        return [row["recipient"] for row in rows]

    async def reads(self, person: str, code: str | None = None) -> tuple[Tried, tuple[ChildPaper, ...]]:
        guest = await self.there.guest(person)
        here = self.there.here
        if code is None:
            code = await self.recorded(lambda connection: outlines.give_code(connection, self.there.meeting, guest, here.keys, "p-mari"))
        found = await self.port.read(guest, code, "en", dt.datetime.now(dt.UTC))
        return found.tried, found.papers


def moment() -> str:
    return f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"


@asynccontextmanager
async def after(stack: Endpoints) -> AsyncGenerator[After]:
    async with around(stack) as there:
        here, (first, second) = there.here, there.children
        pool = await open_pool(dsn(here.superuser, Role.pages, stack.keys), "tests pages", most=10)
        try:
            found = After(there, pool)
            mother = FamilyMember(
                person=MOTHER, relation=Relation.parent, name="Siân Prys", language="cy", way=Way.email, email="sian@teulu.example"
            )
            await found.knows(mother, first, second)
            await found.knows(
                FamilyMember(person=FATHER, relation=Relation.parent, name="Dylan Prys", way=Way.by_hand, apart=True), first, second
            )
            await found.knows(
                FamilyMember(person=CARER, relation=Relation.carer, name="Mair", way=Way.email, email="mair@teulu.example"), second
            )
            await there.does("arranged", **arranging(there))
            now = dt.datetime.now(dt.UTC).isoformat()
            for person in (MOTHER, FATHER):
                await there.does("released", actor="p-huw", invitee=await there.guest(person), spoken_at=now)
            await Day(there).holds("k-held", dict.fromkeys(there.children, REGISTER), how="absent")
            yield found
        finally:
            await pool.close()


async def test_each_reader_hears_that_something_waits_the_family_by_its_safe_way_and_each_journey_that_it_went_out(
    stack: Endpoints,
) -> None:
    async with after(stack) as found:
        there = found.there
        await found.writes()
        said = there.command("circulated", actor="p-nia", paper="outline_plan")
        answer = await there.door.submit(there.meeting, said, "k-out")
        assert set(answer.notes) == {"family_not_released"}
        ordered = await found.ordered()
        assert {"p-sarjant", "p-pennaeth"} & ordered.keys(), "absent or not"
        assert MOTHER in ordered
        assert not {FATHER, CARER} & ordered.keys(), "on paper, and not released"
        father = next(each for each in (await there.state()).invitees if each.person == FATHER)
        assert (father.on_paper, father.handed_over_at) == (True, None)
        assert await found.notices("paper_to_hand_over")
        assert await found.notices("paper_waits_for_you")
        for child in there.children:
            assert [each.kind for each in await there.here.entries(child)].count("outline_plan_circulated") == 1
            clocks = (await there.here.state(child)).clocks
            assert "outline_plan/1" not in clocks, "its timescale is met"
        await there.does("handed_over", actor="p-huw", invitee=father.id)
        assert len((await found.ordered())[MOTHER]) == 1
        assert await there.door.submit(there.meeting, said, "k-out") == answer, "a repeat gets the first answer"
        assert len((await found.ordered())[MOTHER]) == 1


async def test_what_was_not_sent_meets_no_timescale_whoever_says_so(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, child = found.there, found.there.children[0]
        for said in ({}, {"sent_by": there.meeting}):
            with pytest.raises(CommandRefused, match=f"siwrnai meeting circulated {there.meeting} --paper outline_plan"):
                await there.here.door.submit(child, there.here.command("outline_plan_circulated", moment(), **said), opaque("k"))
        assert "outline_plan/1" in (await there.here.state(child)).clocks
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        assert "outline_plan/1" not in (await there.here.state(child)).clocks


async def test_a_meeting_that_was_held_runs_for_what_is_asked_of_it_and_no_longer(stack: Endpoints) -> None:
    async with after(stack) as found:
        there = found.there
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        handle = there.here.client.get_workflow_handle(workflow_of(there.meeting))
        await asyncio.wait_for(handle.result(), timeout=30)


async def test_who_is_released_afterwards_gets_what_went_out_and_reads_of_the_own_child_alone(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, now = found.there, dt.datetime.now(dt.UTC)
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        assert await found.reads(CARER) == (Tried.no_code, ())
        await there.does("released", actor="p-huw", invitee=await there.guest(CARER), spoken_at=now.isoformat())
        assert (await found.ordered())[CARER] == [there.children[1]]
        tried, read = await found.reads(CARER)
        assert tried is Tried.opened
        assert [each.plan[0].change_needed for each in read] == [SECOND_PLAN]


async def test_voices_and_closed_parts_are_not_for_the_family_and_a_hidden_address_is_betrayed_by_no_word(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, mother = found.there, await found.there.guest(MOTHER)
        await found.writes(closed=(Closed(section="reasons", person=mother),))
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        _, read = await found.reads(MOTHER)
        assert [each.sections for each in read] == [{}, {}]
        assert all(each.plan and each.decided.categories and not each.decided.voice_for for each in read)
        _, read = await found.reads("p-pennaeth")
        assert [set(each.sections) for each in read] == [{PaperSection.reasons, PaperSection.voice}] * 2
        restricted = there.here.command(
            "restriction_made", moment(), person=MOTHER, hidden="address", because="injunction", reason="A court order."
        )
        await there.here.door.submit(there.children[0], restricted, "k-hidden")
        _, read = await found.reads(MOTHER)
        assert [(each.told_by_worker, each.sections, each.plan) for each in read] == [(True, {}, ())] * 2, "the children share an address"
        assert [each.decided.decision for each in read] == ["register"] * 2


async def test_who_is_told_nothing_gets_nothing_of_that_child_and_loses_what_was_sent(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, (first, second) = found.there, found.there.children
        await found.writes()
        said = there.here.command("allegation_against_professional", moment(), against="p-pennaeth", words="What was said.")
        await there.here.door.submit(first, said, "k-allegation")
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        assert (await found.ordered())["p-pennaeth"] == [second], "under the child of whom they may hear"
        _, read = await found.reads("p-pennaeth")
        assert [each.plan[0].change_needed for each in read] == [SECOND_PLAN]
        await there.here.door.submit(second, said, "k-allegation-2")
        assert await found.reads("p-pennaeth") == (Tried.no_code, ())


async def test_a_paper_is_for_its_meeting_written_first_and_not_for_anybody_to_circulate(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, first = found.there, found.there.children[0]
        with pytest.raises(CommandRefused, match="not written yet"):
            await there.does("circulated", actor="p-nia", paper="outline_plan")
        await found.writes(children=(first,))
        with pytest.raises(CommandRefused, match="No such paper"):
            await there.does("circulated", actor="p-nia", paper="review_outcome")
        with pytest.raises(CommandRefused, match="minute-taker"):
            await there.does("circulated", actor="p-sarjant", paper="outline_plan")
        answer = await there.does("circulated", actor="p-nia", paper="outline_plan")
        assert "paper_for_some" in answer.notes
        journeys = [[each.kind for each in await there.here.entries(child)] for child in there.children]
        assert [each.count("outline_plan_circulated") for each in journeys] == [1, 0]
        _, read = await found.reads(MOTHER)
        assert [each.plan[0].change_needed for each in read] == [FIRST_PLAN]


async def test_five_wrong_codes_close_the_page_and_whoever_arranged_is_told_though_the_meeting_is_over(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, mother = found.there, await found.there.guest(MOTHER)
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        assert await found.reads(MOTHER, "00000000") == (Tried.no_code, ()), "nobody gave a code yet"
        code = await found.recorded(lambda connection: outlines.give_code(connection, there.meeting, mother, there.here.keys, "p-mari"))
        wrong = f"{(int(code) + 1) % 10**8:08}"
        assert [(await found.reads(MOTHER, wrong))[0] for _ in range(5)] == [*[Tried.wrong] * 4, Tried.locked]
        assert await found.notices("outline_locked") == ["p-mari"]
        assert (await found.reads(MOTHER, code))[0] is Tried.locked


async def test_the_page_itself_says_nothing_without_the_code_and_is_gone_for_whoever_may_not_read(stack: Endpoints) -> None:
    async with after(stack) as found:
        there = found.there
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        links = Links(there.here.keys.links, BASE)
        application = pages(RecordedInvitations(found.port.door), links, tls=True, papers=found.port)
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=BASE) as client:  # pyright: ignore[reportArgumentType]
            guests = {person: await there.guest(person) for person in (MOTHER, CARER)}
            look = await client.get(links.for_(PAPERS).link(guests[MOTHER], until))
            assert (look.status_code, look.headers["content-language"]) == (200, "cy")
            chosen = await client.get(f"{links.for_(PAPERS).link(guests[MOTHER], until)}?lang=en")
            assert (chosen.headers["content-language"], '?lang=en" novalidate' in chosen.text) == ("en", True), "and its form keeps it"
            assert not [each for each in (FIRST_PLAN, *there.children) if each in look.text]
            code = await found.recorded(
                lambda connection: outlines.give_code(connection, there.meeting, guests[MOTHER], there.here.keys, "p-mari")
            )
            opened = await client.post(links.for_(PAPERS).link(guests[MOTHER], until), data={"code": code})
            assert FIRST_PLAN in opened.text
            assert "Yn Saesneg yn unig" in opened.text
            assert (await client.get(links.for_(PAPERS).link(guests[CARER], until))).status_code == 410
            assert (await client.get(links.link(guests[MOTHER], until).replace("/answer/", "/papers/"))).status_code == 404


async def test_the_record_lists_who_took_part_and_who_was_kept_apart_to_those_alone_who_handle_it(stack: Endpoints) -> None:
    async with after(stack) as found:
        there = found.there
        await found.writes(Paper.conference_record)
        await there.does("circulated", actor="p-nia", paper="conference_record")
        _, chairs = await found.reads("p-nia")
        assert {("p-arolygydd", "police", "absent"), (None, "parents", "absent")} <= {
            (each.name, each.part, each.how) for each in chairs[0].attendance
        }
        assert [(each.name, each.part) for each in chairs[0].separately] == [(None, "parents")], "the page knows no names of the family"
        for person, parents in ((MOTHER, 1), ("p-pennaeth", 2)):
            _, read = await found.reads(person)
            assert set(map(repr, read[0].attendance)) <= set(map(repr, chairs[0].attendance))
            # The father attends at a separate time, so the mother's list is without him.
            assert [each.part for each in read[0].attendance].count("parents") == parents
            assert [each.separately + each.not_invited for each in read] == [()] * 2, "that somebody was kept apart is not theirs to read"
        hidden = there.here.command("restriction_made", moment(), person=MOTHER, hidden="address", because="injunction", reason="An order.")
        await there.here.door.submit(there.children[0], hidden, opaque("k"))
        _, read = await found.reads(MOTHER)
        assert [each.attendance for each in read] == [()] * 2, "who works with the children would betray where they live"


async def test_a_lifted_restriction_sends_nothing_and_tells_which_papers_could_be_sent(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, child = found.there, found.there.children[0]
        hidden = {"person": MOTHER, "hidden": "address"}
        made = there.here.command("restriction_made", moment(), **hidden, because="injunction", reason="A court order.")
        await there.here.door.submit(child, made, opaque("k"))
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        sent = (await found.ordered())[MOTHER]
        lifted = there.here.command("restriction_lifted", moment(), **hidden, reason="The order has ended.")
        await there.here.door.submit(child, lifted, opaque("k"))
        assert await found.notices("papers_now_readable")
        assert (await found.ordered())[MOTHER] == sent
        now = dt.datetime.now(dt.UTC).isoformat()
        await there.does("released", actor="p-huw", invitee=await there.guest(MOTHER), spoken_at=now)
        assert len((await found.ordered())[MOTHER]) == len(sent) + 1, "the release sends them"
        await there.does("circulated", actor="p-nia", paper="outline_plan", to=[await there.guest(MOTHER)])
        assert len((await found.ordered())[MOTHER]) == len(sent) + 1, "and nobody sends them twice"


async def test_somebody_who_is_still_told_nothing_by_another_restriction_could_be_sent_nothing(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, child = found.there, found.there.children[0]
        await found.writes()
        await there.does("circulated", actor="p-nia", paper="outline_plan")
        for hidden in ("address", "everything"):
            said = {"person": MOTHER, "hidden": hidden, "because": "injunction", "reason": "A court order."}
            await there.here.door.submit(child, there.here.command("restriction_made", moment(), **said), opaque("k"))
        lifted = there.here.command("restriction_lifted", moment(), person=MOTHER, hidden="address", reason="The order has ended.")
        await there.here.door.submit(child, lifted, opaque("k"))
        assert not await found.notices("papers_now_readable")


async def test_a_record_that_is_destroyed_keeps_no_paper_of_the_other_child_back(stack: Endpoints) -> None:
    async with after(stack) as found:
        there, (first, second) = found.there, found.there.children
        await found.writes()
        there.here.keys.destroy_child_key(first)
        state = await there.state()
        guest = next(each for each in state.invitees if each.person == MOTHER).model_copy(
            update={"role": "child_where_appropriate", "children": (first,)}
        )
        invited = state.model_copy(update={"invitees": (guest,)})
        rule, keys = rules_in_force().papers, there.here.keys
        assert await found.recorded(lambda connection: too_young(connection, invited, rule, keys)) == {MOTHER}
        await there.does("circulated", actor="p-nia", paper="outline_plan", children=[second])
