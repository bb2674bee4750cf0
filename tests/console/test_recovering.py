"""`siwrnai recover` as an operator meets it."""

import pytest
from temporalio.client import Client

from console.endings import Code
from tests.console.conftest import Desk

pytestmark = pytest.mark.timeout(120)


async def terminate(desk: Desk, child: str) -> None:
    client = await Client.connect(desk.endpoints.temporal_address, namespace=desk.endpoints.namespace)
    await client.get_workflow_handle(child).terminate("the engine was lost")


async def test_a_lost_journey_is_named_started_and_then_nothing_is_left_to_do(desk: Desk, huw: str, child: str) -> None:
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
    await terminate(desk, child)
    check = await desk.runs("recover", "--check")
    assert (check.code, check.out.splitlines()) == (
        Code.found_wrong,
        [
            f"{child}: the engine does not run this journey; the record has 5 entries.",
            "Journeys: 1. As the record has them: 0, of which started now: 0. Not as the record has them: 1.",
        ],
    )
    recovered = await desk.runs("recover")
    assert (recovered.code, recovered.out.splitlines()) == (
        Code.done,
        [
            f"{child}: the engine does not run this journey; the record has 5 entries. It goes on from the record.",
            "Journeys: 1. As the record has them: 1, of which started now: 1. Not as the record has them: 0.",
        ],
    )
    assert (await desk.runs("journey", "verify", child)).code == Code.done
    again = await desk.runs("--language", "cy", "recover", "--check")
    assert (again.code, again.out) == (
        Code.done,
        "Teithiau: 1. Fel y mae'r cofnod: 1, a dechreuwyd yn awr: 0. Heb fod fel y mae'r cofnod: 0.\n",
    )


async def test_to_check_and_to_replace_at_once_is_a_mistake(desk: Desk) -> None:
    both = await desk.runs("recover", "--check", "--replace")
    assert (both.code, both.err) == (Code.mistake, "--check only looks: leave out --check or --replace.\n")
