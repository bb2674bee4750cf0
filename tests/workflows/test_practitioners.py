"""Random practitioners on the real engine, a few of them; `make soak` runs many."""

import asyncio

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from embedded.stack import Endpoints
from tests.practice import Practitioners, practice

FEW = settings(
    max_examples=2,
    stateful_step_count=8,
    deadline=None,
    database=None,
    # The same each time: what a seed finds, `make soak` finds.
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


async def test_whatever_people_do_and_whatever_goes_wrong_the_record_is_whole(short: Endpoints) -> None:
    async with practice(short) as going:
        Practitioners.going, Practitioners.loop = going, asyncio.get_running_loop()
        await asyncio.to_thread(run_state_machine_as_test, Practitioners, settings=FEW)
