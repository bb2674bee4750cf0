"""Agencies' reports on the real engine and record: taken once, sealed under each child's own key, told to each journey; drafts by their code."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from activities.drafts import Drafts
from commands import CommandRefused
from embedded.stack import Endpoints
from meetings import workflow_of
from record import meetings, reports
from record.keys import KeyMissing
from record.pool import transaction
from report_pages import ReportPages
from reporting import Reporting
from schemas.answering import Contact, Gone, InBoth, Refused, Taken
from schemas.reporting import NotSaved, ReportsSeen, Saved, Whose
from schemas.reports import Kept, ReportWords, Section
from tests.workflows.test_meetings_arranged import Around, around, arranging
from tests.workflows.test_meetings_held import REGISTER, Day

CONTACT = Contact(name=InBoth(cy="Swyddfa Cynadleddau", en="Conference Office"), telephone="01632 960 001")
SAID = "He says that he hides under the bed when his father comes home."
WHOLE = ReportWords(sections=dict.fromkeys((*Section,), SAID), kept=(Kept(section=Section.harm, person="i-stranger"),))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Agency:
    """Reports of one meeting, through the door and as the page does it."""

    def __init__(self, there: Around) -> None:
        self.there = there
        self.reporting = Reporting(there.door)
        self.pages = ReportPages(self.reporting, lambda _: CONTACT)

    async def whose(self, person: str, child: str) -> Whose:
        return Whose(self.there.meeting, await self.there.guest(person), child)

    async def seen(self, person: str) -> ReportsSeen:
        seen = await self.pages.look(self.there.meeting, await self.there.guest(person))
        assert isinstance(seen, ReportsSeen)
        return seen

    async def saves(self, whose: Whose, words: ReportWords, code: str) -> str:
        """A draft that is kept; its code."""
        saved = await self.pages.save(whose, words, code)
        assert isinstance(saved, Saved)
        return saved.code

    async def words(self, whose: Whose) -> str:
        async with transaction(self.there.here.door_pool, self.there.here.authority) as connection:
            state = await meetings.state(connection, whose.meeting)
            assert state is not None
            asked = state.report(whose.invitee, whose.child)
            assert asked is not None
            assert asked.given is not None
            return await reports.get(connection, whose.child, asked.given.words, self.there.here.keys)


async def test_a_report_is_taken_once_and_its_words_stand_under_the_childs_own_key_alone(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, (ela, tomos) = Agency(there), there.children
        whose = await agency.whose("p-pennaeth", ela)
        at = now()
        first, second = await asyncio.gather(*(agency.pages.give(whose, WHOLE, at) for _ in range(2)))
        assert (first, second) == (Taken(), Taken())
        assert await agency.pages.give(whose, WHOLE, now()) == Taken()
        state = await there.state()
        assert len([each for each in state.reports if each.given is not None]) == 1
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            log = await meetings.read(connection, there.meeting)
            stored = await connection.fetch("SELECT sealed FROM reports WHERE meeting = $1", there.meeting)
        assert len([each for each in log if each.kind == "report_given"]) == 1, "sent twice it is one report"
        assert all(SAID.encode() not in row["sealed"] for row in stored)
        history = await there.here.client.get_workflow_handle(workflow_of(there.meeting)).fetch_history()
        assert "hides under" not in history.to_json()
        kept = ReportWords.model_validate_json(await agency.words(whose))
        assert set(kept.sections) == {*Section} - {Section.chronology, Section.gaps}, "only what this form asks for"
        assert kept.kept == (), "nobody is kept from reading who is not invited"
        await agency.pages.give(await agency.whose("p-pennaeth", tomos), WHOLE, now())
        there.here.keys.destroy_child_key(ela)
        with pytest.raises(KeyMissing):
            await agency.words(whose)
        assert SAID in await agency.words(await agency.whose("p-pennaeth", tomos))


async def test_each_journey_is_told_once_when_the_last_report_on_that_child_is_in_and_when_the_parents_have_them(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, (ela, tomos) = Agency(there), there.children
        for person in ("p-arolygydd", "p-pennaeth"):
            await agency.pages.give(await agency.whose(person, ela), WHOLE, now())
        kinds = [entry.kind for entry in await there.here.entries(ela)]
        assert kinds.count("agency_reports_received") == 1
        assert "agency_reports_received" not in [entry.kind for entry in await there.here.entries(tomos)]
        await there.does("reports_shown", children=(ela,))
        assert "reports_shared" in [entry.kind for entry in await there.here.entries(ela)]
        assert await there.here.whole(ela)


async def test_a_thin_report_is_taken_and_flagged_and_one_that_the_chair_returned_is_asked_for_again(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, ela = Agency(there), there.children[0]
        whose = await agency.whose("p-arolygydd", ela)
        await agency.pages.give(whose, ReportWords(sections={Section.harm: "Short."}), now())
        (child,) = [each for each in (await agency.seen("p-arolygydd")).children if each.child == ela]
        assert {Section.harm, Section.impact, Section.voice} <= set(child.thin)
        returning = {"invitee": whose.invitee, "child": ela, "missing": ("harm", "impact")}
        with pytest.raises(CommandRefused, match="chair of the meeting alone"):
            await there.does("report_returned", None, **returning)
        await there.does("report_returned", None, actor="p-nia", **returning)
        (child,) = [each for each in (await agency.seen("p-arolygydd")).children if each.child == ela]
        assert child.returned == (Section.harm, Section.impact)
        await agency.pages.give(whose, WHOLE, now())
        (child,) = [each for each in (await agency.seen("p-arolygydd")).children if each.child == ela]
        assert (child.returned, child.thin) == ((), ())


async def test_a_draft_opens_with_its_code_and_after_five_wrong_ones_no_more(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency = Agency(there)
        whose = await agency.whose("p-pennaeth", there.children[0])
        code = await agency.saves(whose, WHOLE, "")
        assert await agency.pages.draft(whose, f" {code[:5].upper()} {code[5:]}\n") == WHOLE
        assert await agency.pages.save(whose, ReportWords(), f" {code} ") == Saved(code), "saved again it keeps its code"
        assert [each.has_draft for each in (await agency.seen("p-pennaeth")).children] == [True, False]
        for wrong in range(5):
            assert await agency.pages.draft(whose, f"wrong{wrong}") is None
        assert await agency.pages.draft(whose, code) is None
        again = await agency.pages.save(whose, WHOLE, code)
        assert isinstance(again, Saved)
        assert (again.code != code, again.beside) == (True, True)
        assert await agency.pages.draft(whose, again.code) == WHOLE


async def test_whoever_does_not_give_the_code_replaces_no_draft_and_giving_the_report_takes_away_its_own_alone(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency = Agency(there)
        whose = await agency.whose("p-pennaeth", there.children[0])
        first = await agency.saves(whose, WHOLE, "")
        others = ReportWords(sections={Section.harm: "Another's words."})
        for code in ("", "wrong"):
            second = await agency.saves(whose, others, code)
            assert await agency.pages.draft(whose, first) == WHOLE
            assert await agency.pages.draft(whose, second) == others
        await agency.pages.give(whose, others, now(), second)
        assert await agency.pages.draft(whose, second) is None
        assert await agency.pages.draft(whose, first) == WHOLE, "nothing that was typed is lost"
        await agency.pages.give(whose, WHOLE, now(), first.upper())
        assert await agency.pages.draft(whose, first) is None


async def test_whoever_holds_a_link_saves_a_few_drafts_and_no_more(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency = Agency(there)
        whose = await agency.whose("p-pennaeth", there.children[0])
        codes = [await agency.saves(whose, WHOLE, "") for _ in range(reports.MOST_DRAFTS)]
        assert await agency.pages.save(whose, WHOLE, "") == NotSaved(why="full")
        assert await agency.pages.save(whose, ReportWords(), codes[0]) == Saved(codes[0])


@pytest.mark.parametrize("held", [True, False])
async def test_a_draft_that_was_never_given_goes_some_time_after_the_meeting(stack: Endpoints, held: bool) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, here = Agency(there), there.here
        await agency.pages.save(await agency.whose("p-pennaeth", there.children[0]), WHOLE, "")

        async def goes(days: int) -> int:
            """What goes when so many days more have passed."""
            async with here.superuser_connection() as connection:
                await connection.execute("UPDATE record.meeting_log SET decided_at = decided_at - make_interval(days => $1)", days)
            return await Drafts(here.journey_pool, here.authority).let_go()

        assert await goes(400) == 0, "the meeting is still to be held"
        if held:
            await Day(there).holds("k-held", dict.fromkeys(there.children, REGISTER))
        else:
            await there.does("called_off", reason="The chair is ill.")
        assert await goes(13) == 0
        await here.settings({"report_drafts.kept_days": 20})
        assert await goes(6) == 0, "the authority keeps them for longer"
        assert await goes(2) == 1
        async with transaction(here.door_pool, here.authority) as connection:
            assert await reports.drafts(connection, there.meeting) == set()


async def test_the_worker_takes_away_no_draft_of_a_meeting_that_is_to_be_held_and_reads_none(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, here = Agency(there), there.here
        await agency.pages.save(await agency.whose("p-pennaeth", there.children[0]), WHOLE, "")
        async with transaction(here.journey_pool, here.authority) as connection:
            assert await connection.execute("DELETE FROM report_drafts") == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT sealed FROM report_drafts")


async def test_the_page_names_nobody_and_gives_back_no_words(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency = Agency(there)
        await agency.pages.give(await agency.whose("p-pennaeth", there.children[0]), WHOLE, now())
        seen = await agency.seen("p-pennaeth")
        assert "Ela" not in seen.model_dump_json()
        assert "Prys" not in seen.model_dump_json()
        assert "hides" not in seen.model_dump_json()
        assert seen.children[0].label.en.startswith("E. P. (aged 12, c-")


async def test_whoever_is_nobody_here_sees_nothing_and_after_the_meeting_nothing_is_taken(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency = Agency(there)
        whose = await agency.whose("p-pennaeth", there.children[0])
        assert await agency.pages.look(there.meeting, "i-nobody") is None
        assert await agency.pages.look("m-nobody", whose.invitee) is None
        assert await agency.pages.look(there.meeting, await there.guest("p-nia")) is None, "the chair is asked for no report"
        assert await agency.pages.give(whose._replace(child="c-nobody"), WHOLE, now()) == Refused(why="gone")
        await there.does("called_off", reason="The chair is ill.")
        gone = await agency.pages.look(there.meeting, whose.invitee)
        assert isinstance(gone, Gone)
        assert gone.why == "cancelled"
        assert await agency.pages.give(whose, WHOLE, now()) == Refused(why="gone")
        assert await agency.pages.save(whose, WHOLE, "") == NotSaved(why="gone")


async def test_the_opening_of_the_thresholds_is_counted_for_the_invitee(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        agency, guest = Agency(there), await there.guest("p-pennaeth")
        address = await agency.pages.thresholds(there.meeting, guest, "cy", counted=True)
        assert address == "https://www.diogelu.cymru/"
        assert await agency.pages.thresholds(there.meeting, guest, None, counted=False) == "https://www.safeguarding.wales/"
        assert await agency.pages.thresholds(there.meeting, "i-nobody", "en", counted=True) is None
        async with transaction(there.here.door_pool, there.here.authority) as connection:
            assert await reports.openings(connection, there.meeting) == {guest: 1}
