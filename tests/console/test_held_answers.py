"""Answers by mail that wait for a person: each is settled by itself, and one to a meeting that is over is set aside."""

import pytest

from console.endings import Mistake
from console.held_answers import confirm, discard
from console.running import Running
from embedded.stack import Endpoints
from record import inbox
from record.pool import transaction
from tests.correspondence.invited import Invited, invited

POLICE, MARI = "p-arolygydd", "p-mari"


async def two_wait(stack: Endpoints, here: Invited) -> tuple[Running, int, int]:
    """Two answers of the police that nobody vouches for: there, and not there."""
    await here.comes(await here.reply(POLICE, headers=(), ago=60), await here.reply(POLICE, "DECLINED", headers=()))
    there = here.there.here
    first, second = await waiting(here)
    return Running(there.door_pool, there.authority, there.keys, stack), first, second


async def waiting(here: Invited) -> list[int]:
    """The numbers of those that wait."""
    async with transaction(here.pool, here.there.here.authority) as connection:
        return [row.entry for row in await inbox.held(connection)]


async def test_one_that_is_set_aside_leaves_the_other_waiting(stack: Endpoints) -> None:
    async with invited(stack) as here:
        running, first, second = await two_wait(stack, here)
        await discard(running, second, MARI)
        assert (await here.guest(POLICE)).waits, "the other has not been settled"
        await confirm(running, first, MARI, None)
        guest = await here.guest(POLICE)
        assert (guest.waits, guest.comes, await waiting(here)) == (False, True, [])


async def test_one_that_is_confirmed_leaves_the_other_waiting(stack: Endpoints) -> None:
    async with invited(stack) as here:
        running, first, second = await two_wait(stack, here)
        await confirm(running, second, MARI, None)
        assert (await here.guest(POLICE)).waits
        assert await waiting(here) == [first]


async def test_of_a_meeting_that_is_over_they_are_set_aside_and_none_is_confirmed(
    stack: Endpoints, capsys: pytest.CaptureFixture[str]
) -> None:
    async with invited(stack) as here:
        running, first, second = await two_wait(stack, here)
        await here.there.does("called_off", reason="The chair is ill.")
        with pytest.raises(Mistake, match=f"discard-answer {first}"):
            await confirm(running, first, MARI, None)
        for entry in (first, second):
            await discard(running, entry, MARI)
        assert "is set aside" in capsys.readouterr().out
        assert await waiting(here) == []
        with pytest.raises(Mistake, match="No answer"):
            await discard(running, first, MARI)
