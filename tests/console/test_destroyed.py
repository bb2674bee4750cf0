"""A record whose time is over, by hand: kept, held, signed by two, destroyed for good; killed at each step it goes on, and never half says so."""

import datetime as dt
import secrets
import sys
from pathlib import Path

import pytest

from console.endings import Code
from record import children, verification
from record.children import ChildDetails
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.projections import Whose
from record.roles import Role, dsn
from tests.console.conftest import ROOT, Desk

LATE = ("--reason", "Entered from the paper file.")

KILLED = """
import os, signal, sys
import destruction
from record.keys import KeyRing

def die(*given):
    os.kill(os.getpid(), signal.SIGKILL)

async def die_later(*given):
    die()

where = sys.argv.pop(1)
if where == "engine":
    destruction.forget_journey = die_later
elif where == "key":
    KeyRing.destroy_child_key = die
elif where == "end":
    destruction.retention.unfinished = die_later

from cli import main
main()
"""


@pytest.fixture(scope="module")
async def ann(desk: Desk, huw: str) -> str:
    return await desk.gets("directory", "add-person", "--name", "Ann Ceidwad", "--role", "register_custodian", "--role", "auditor")


@pytest.fixture(scope="module")
async def bob(desk: Desk, ann: str) -> str:
    return await desk.gets("directory", "add-person", "--name", "Bob Pennaeth", "--role", "head_of_service")


async def closed(desk: Desk, huw: str, family: str | None = None, born: str = "2000-01-01") -> str:
    """A child of years ago, whose record was closed in 2017."""
    child, keys = f"c-{secrets.token_hex(6)}", KeyRing(desk.endpoints.keys)
    whose = Whose(child=child, family=family or f"f-{child}", authority=desk.authority, team="duty")
    known = ChildDetails(name="Ela Prys", born_on=dt.date.fromisoformat(born), language="cy")
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, keys.directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        await children.register(connection, whose, known, keys, huw)

    async def did(minute: int, verb: str, *more: str) -> None:
        at = f"2017-03-01T10:{minute:02}+00:00"
        await desk.gets("journey", verb, child, "--actor", huw, "--happened-at", at, *LATE, *more)

    await did(0, "report", "--how", "telephone", "--words", "Hunger.")
    await did(1, "safety-checked", "--safe")
    await did(2, "screened", "--decision", "no_further_action", "--rationale", "No.", "--threshold-element", "significant_harm_likely")
    await did(3, "reporter-told")
    await did(4, "record-closed", "--rationale", "Done.")
    # No sender runs here: what is still to be sent would be in the way.
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.post, keys.directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        await connection.execute("UPDATE letters SET state = 'sent' WHERE id IN (SELECT letter FROM letter_orders WHERE child = $1)", child)
    return child


async def killed(desk: Desk, where: str, *arguments: str, program: Path) -> int:
    """Run `siwrnai` in a process that is killed at that step."""
    import asyncio

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", str(program), where, *arguments),
        env={**desk.environment, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def test_a_record_is_kept_until_its_time_is_over_and_nothing_needs_it(desk: Desk, huw: str, ann: str, bob: str) -> None:
    child = await closed(desk, huw)
    young = await closed(desk, huw, born="2012-01-01")
    shown = await desk.gets("audit", "kept", "--actor", ann)
    assert "Tuesday 2 January 2024" not in shown
    assert f"{child}  never enquired into nor on the register  Monday 1 January 2024: its time is over" in shown
    assert "Tuesday 1 January 2036" in shown
    propose = ("audit", "destroy-proposed", "--actor")
    early = await desk.runs(*propose, ann, young)
    assert (early.code, "is kept until Tuesday 1 January 2036" in early.err) == (Code.refused, True)
    held = ("audit", "hold", child, "--actor", bob, "--reason", "A claim at court.")
    await desk.gets(*held)
    assert (await desk.runs(*held)).code == Code.mistake
    assert "a legal hold stands" in (await desk.runs(*propose, ann, child)).err
    await desk.gets("audit", "hold-lifted", child, "--actor", ann, "--reason", "Settled.")
    sibling = await desk.gets("child", "register", "--actor", huw, "--name", "Efan", "--born", "2019-03-12", "--family", f"f-{child}")
    await desk.gets("journey", "report", sibling, "--actor", huw, "--how", "telephone", "--words", "Hunger.")
    needed = await desk.runs(*propose, ann, child)
    assert (needed.code, "a brother's or sister's record is open" in needed.err) == (Code.refused, True)
    opened = await desk.runs(*propose, ann, sibling)
    assert (opened.code, "is open" in opened.err) == (Code.refused, True)


async def test_two_sign_with_the_right_post_and_neither_of_the_cases_own_line(desk: Desk, huw: str, ann: str, bob: str) -> None:
    child = await closed(desk, huw)
    wrong = await desk.runs("audit", "destroy-proposed", child, "--actor", huw)
    assert (wrong.code, "does not hold the post" in wrong.err) == (Code.mistake, True)
    # Huw is head of the reviewing service now; he is still the team's manager.
    await desk.gets("directory", "post", "--role", "reviewing_service_head", "--person", huw)
    own = await desk.runs("audit", "destroy-proposed", child, "--actor", huw)
    assert (own.code, "of the own line" in own.err) == (Code.refused, True)
    nobody = await desk.runs("audit", "destroy-confirmed", child, "--actor", bob)
    assert (nobody.code, nobody.err.startswith("Nobody has proposed it")) == (Code.refused, True)
    await desk.gets("audit", "destroy-proposed", child, "--actor", ann)
    same = await desk.runs("audit", "destroy-confirmed", child, "--actor", ann)
    assert (same.code, "somebody else confirms it" in same.err) == (Code.refused, True)
    assert "Hunger." in await desk.gets("journey", "show", child, "--words", "--actor", ann)


async def test_a_proposal_is_taken_back_with_a_reason_and_then_confirmed_no_more(desk: Desk, huw: str, ann: str, bob: str) -> None:
    child = await closed(desk, huw)
    withdraw = ("audit", "destroy-withdrawn", child, "--actor", bob)
    reason = ("--reason", "Her brother asked to read it first.")
    nothing = await desk.runs(*withdraw, *reason)
    assert (nothing.code, nothing.err.startswith("No proposal to destroy")) == (Code.mistake, True)
    await desk.gets("audit", "destroy-proposed", child, "--actor", ann)
    silent = await desk.runs(*withdraw)
    assert (silent.code, "--reason" in silent.err) == (Code.mistake, True)
    assert (await desk.gets(*withdraw, *reason)).startswith("Withdrawn: ")
    refused = await desk.runs("audit", "destroy-confirmed", child, "--actor", bob)
    assert (refused.code, "was withdrawn" in refused.err) == (Code.refused, True)
    assert "Hunger." in await desk.gets("journey", "show", child, "--words", "--actor", ann)
    log = [line for line in (await desk.gets("audit", "destructions")).splitlines() if child in line]
    assert [("Ann Ceidwad" in each, "proposal withdrawn" in each) for each in log] == [(True, False), (False, True)]
    # Proposed anew, it may be confirmed by whoever took the first back.
    await desk.gets("audit", "destroy-proposed", child, "--actor", ann)
    assert (await desk.gets("audit", "destroy-confirmed", child, "--actor", bob)).startswith("Destroyed for good")
    late = await desk.runs(*withdraw, *reason)
    assert (late.code, "destroyed" in late.err) == (Code.refused, True)


async def test_killed_at_each_step_it_goes_on_and_says_it_is_done_only_then(
    desk: Desk, huw: str, ann: str, bob: str, tmp_path: Path
) -> None:
    child, keys = await closed(desk, huw), KeyRing(desk.endpoints.keys)
    draw = (await desk.gets("audit", "draw", "--size", "99", "--seed", "s", "--actor", ann)).splitlines()[0]
    before = dt.datetime.now(dt.UTC).isoformat()
    await desk.gets("audit", "destroy-proposed", child, "--actor", ann)
    program, confirm = tmp_path / "killed.py", ("audit", "destroy-confirmed", child, "--actor", bob)
    program.write_text(KILLED)
    for where, key_there in (("engine", True), ("key", True), ("end", False)):
        assert await killed(desk, where, *confirm, program=program) == -9
        ran = await desk.runs("audit", "destructions")
        assert (ran.code, f"destroy-confirmed {child} goes on" in ran.out) == (Code.found_wrong, True)
        assert keys.is_there(child) is key_there
    said = await desk.gets(*confirm)
    assert said.startswith(f"Destroyed for good: {child}.")
    assert (await desk.gets(*confirm)).startswith(f"Destroyed for good: {child}.")
    log = await desk.gets("audit", "destructions")
    mine = [line for line in log.splitlines() if child in line]
    assert [each.count("Ann Ceidwad, Bob Pennaeth") for each in mine] == [0, 1, 1]
    assert "goes on where" not in log
    # What is left can be checked, and not read.
    assert "is whole as far as can be checked" in await desk.gets("journey", "verify", child)
    shown = await desk.gets("journey", "show", child, "--actor", ann)
    assert "The child's key is destroyed" in shown
    assert "Ela" not in shown
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, keys.directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        assert await verification.check(connection, child, keys) == []
    again = await desk.runs("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "Hunger.")
    assert (again.code, "There is no child" in again.err) == (Code.mistake, True)
    register = await desk.runs("audit", "hold", child, "--actor", ann, "--reason", "Too late.")
    assert (register.code, "was destroyed" in register.err) == (Code.refused, True)
    # It is drawn no more; as the record stood before, it still is.
    assert child not in await desk.gets("audit", "draw", "--size", "99", "--actor", ann)
    assert child in await desk.gets("audit", "draw", "--size", "99", "--as-of", before, "--actor", ann)
    assert (await desk.runs("audit", "redraw", draw, "--actor", ann)).code == Code.done
    # A copy of the key that somebody brings back opens nothing, is named, and is taken away.
    path = keys.directory / "children" / f"{child}.key"
    path.write_bytes(bytes(32))
    back = await desk.runs("audit", "destructions")
    assert (back.code, f"The key of {child} is there again" in back.out) == (Code.found_wrong, True)
    await desk.gets(*confirm)
    assert not path.exists()
    assert (await desk.runs("audit", "destructions")).code == Code.done
