"""A child followed from before birth to eighteen, on the real engine, in virtual time."""

import datetime as dt
from itertools import pairwise

import pytest

from embedded.stack import Endpoints
from procedures.times import LONDON
from tests.live import Live, live
from tests.procedures.child import at
from tests.short_runs import chain_of
from tests.workflows.eighteen_years import CHAPTERS, EIGHTEEN, Act
from workflows.renewal import LONGEST_RUN

STEP = dt.timedelta(days=121)


async def live_through(here: Live, child: str, chapter: list[Act]) -> None:
    """Everything that is recorded of one time on the register."""
    for act in chapter:
        await here.does(child, act.name, act.when, **act.fields)


async def pass_years(here: Live, child: str, until: dt.datetime) -> None:
    """Years in which nothing is owed, a step at a time."""
    while (then := min(here.stage.now + STEP, until)) > here.stage.now:
        await here.stage.move_to(then, here.door)
        await here.stage.bring(child)
        await here.stage.watch(here.door, child)


@pytest.mark.timeout(280)
async def test_from_before_birth_to_eighteen_on_one_chain(stack: Endpoints) -> None:
    async with live(stack) as here:
        child = await here.child(born_on=None)
        here.stage.now = at("2027-03-01 10:00")
        for number, chapter in enumerate(CHAPTERS, 1):
            if child in here.stage.journeys:
                await pass_years(here, child, at(chapter[0].when))
            await live_through(here, child, chapter)
            state = await here.state(child)
            assert (state.journey, state.closed, state.registration) == (number, True, "deregistered")
            assert state.clocks == {}
        await pass_years(here, child, dt.datetime(EIGHTEEN, 3, 20, tzinfo=LONDON))
        began = [instant for _, instant in reversed(await chain_of(here.client, child))]
        assert all(then - before <= LONGEST_RUN + 2 * STEP for before, then in pairwise([*began, here.stage.now])), (
            "a run a year, and what the engine jumps over in steps of the test"
        )
        entries = await here.entries(child)
        assert [entry.kind for entry in entries].count("conference_held") == len(CHAPTERS)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert await here.whole(child)
