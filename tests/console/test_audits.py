"""Cases drawn for audit by hand: the same again, shown to the entitled alone, found, put right, counted."""

import datetime as dt
import json

import pytest

from console.endings import Code
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk

FOUND = "All three say the same, word for word."


@pytest.fixture(scope="module")
async def nia(desk: Desk, huw: str) -> str:
    """Nia, who audits. Huw, of the case, may audit too, for all that the directory says."""
    await desk.gets("directory", "post", "--role", "reviewing_service", "--person", huw)
    return await desk.gets("directory", "add-person", "--name", "Nia Probert", "--role", "auditor")


@pytest.fixture(scope="module")
async def children(desk: Desk, huw: str, nia: str) -> list[str]:
    """Four children with a journey; the first had a decision."""
    made: list[str] = []
    for _ in range(4):
        child = await desk.gets("child", "register", "--actor", huw, "--name", "Ela Prys", "--born", "2019-03-12", "--language", "cy")
        await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
        made.append(child)
    await desk.gets("journey", "screened", made[0], "--actor", huw, "--decision", "strategy", "--rationale", "Why.",
        "--threshold-element", "significant_harm_likely")  # fmt: skip
    await desk.gets("journey", "allocated", made[0], "--actor", huw, "--role", "social_worker", "--person", huw)
    return made


async def draw(desk: Desk, nia: str, *more: str) -> tuple[str, list[str]]:
    """A draw's id, and the children shown."""
    id, _, *rows = (await desk.gets("audit", "draw", "--actor", nia, *more)).splitlines()
    return id, [row.split()[0] for row in rows if not row.startswith(("Drawn", " "))]


async def test_the_same_seed_draws_the_same_children_and_what_is_recorded_is_compared(desk: Desk, nia: str, children: list[str]) -> None:
    as_of = dt.datetime.now(dt.UTC).isoformat()
    first, drawn = await draw(desk, nia, "--size", "2", "--seed", "autumn", "--as-of", as_of)
    second, again = await draw(desk, nia, "--size", "2", "--seed", "autumn", "--as-of", as_of)
    assert drawn == again
    assert len(drawn) == 2
    assert first != second
    assert await desk.gets("audit", "redraw", first, "--actor", nia) == "The same 2 cases, from the same 4."
    listed = await desk.gets("audit", "draws", "--actor", nia)
    assert first in listed
    assert "seed autumn" in listed


async def test_by_theme_only_where_it_arises(desk: Desk, nia: str, children: list[str]) -> None:
    _, drawn = await draw(desk, nia, "--size", "9", "--theme", "rationale")
    assert drawn == children[:1]
    nowhere = await desk.runs("audit", "draw", "--actor", nia, "--size", "1", "--theme", "optimism")
    assert (nowhere.code, "this finds none" in nowhere.err and "rationale (1)" in nowhere.err) == (Code.mistake, True)


async def test_what_cannot_be_drawn_is_said(desk: Desk, nia: str, children: list[str]) -> None:
    nobody = await desk.gets("directory", "add-person", "--name", "Gwen Parry")
    for arguments, said in (
        (("--actor", nobody, "--size", "1"), "does not hold the post"),
        (("--actor", "p-none", "--size", "1"), "There is no person p-none"),
        (("--actor", nia, "--size", "1", "--theme", "none"), "right would be: rationale"),
        (("--actor", nia, "--size", "0"), "is too small"),
        (("--actor", nia, "--size", "1", "--as-of", "2090-01-01T00:00Z"), "still to come"),
    ):
        ran = await desk.runs("audit", "draw", *arguments)
        assert (ran.code, said in ran.err) == (Code.mistake, True), ran.err


async def test_a_finding_leads_to_an_action_that_is_overdue_until_it_is_done(desk: Desk, nia: str, huw: str, children: list[str]) -> None:
    id, _ = await draw(desk, nia, "--size", "9")
    child = children[1]
    answer = ("audit", "answer", id, child, "--actor", nia, "--question", "own_words")
    month_ago = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=31):%Y-%m-%d}"
    action = await desk.gets(*answer, "--grade", "improve", "--finding", FOUND, "--action", "Hear her alone.", "--owner", huw, "--due",
        month_ago)  # fmt: skip
    form = await desk.gets("audit", "form", id, child, "--actor", nia)
    assert FOUND in form
    assert f"Hear her alone. – Huw Bevan, by {month_ago} – overdue, and escalated to: " in form
    late = await desk.runs("audit", "actions", "--draw", id, "--actor", nia)
    assert (late.code, action in late.out) == (Code.found_wrong, True)
    found = json.loads(await desk.gets("audit", "results", "--draw", id, "--json", "--actor", nia))
    (voice,) = [each for each in found["themes"] if each["theme"] == "voice"]
    assert (voice["grades"], voice["open"], voice["overdue"]) == ({"improve": 1}, 1, 1)
    stranger = await desk.gets("directory", "add-person", "--name", "Siân Rees")
    done = ("audit", "action-done", action, "--words", "Heard on Monday.", "--actor")
    assert (await desk.runs(*done, stranger)).code == Code.mistake
    await desk.gets(*done, huw)
    assert (await desk.runs(*done, huw)).err.startswith(f"{action} was said to be done before")
    assert (await desk.runs("audit", "actions", "--draw", id, "--actor", nia)).code == Code.done
    assert await desk.gets("audit", "actions", "--draw", id, "--open", "--actor", nia) == "There is nothing to put right."
    welsh = await desk.gets("--language", "cy", "audit", "results", "--draw", id, "--actor", nia)
    assert "angen gwella: 1" in welsh


async def test_an_answer_needs_words_and_an_action_an_owner_and_a_date(desk: Desk, nia: str, huw: str, children: list[str]) -> None:
    id, drawn = await draw(desk, nia, "--size", "1")
    other = next(child for child in children if child not in drawn)
    answer = ("audit", "answer", id, drawn[0], "--actor", nia, "--question", "on_time")
    for arguments, said in (
        ((*answer, "--grade", "done"), "--finding is missing"),
        ((*answer, "--grade", "fine"), "right would be: well_done, done, improve"),
        ((*answer, "--grade", "A"), "'A' is not a key; right would be one as the list has it"),
        ((*answer, "--grade", "improve", "--finding", FOUND, "--action", "Do."), "--owner is missing"),
        ((*answer, "--grade", "improve", "--finding", FOUND, "--action", "Do.", "--owner", huw), "--due is missing"),
        ((*answer, "--grade", "improve", "--finding", FOUND, "--action", "Do.", "--owner", huw, "--due", "2020-01-01"), "check the year"),
        (
            (*answer, "--grade", "done", "--finding", FOUND, "--action", "Do.", "--owner", huw, "--due", "2027-01-02"),
            "nothing is to be put",
        ),
        (("audit", "answer", id, other, "--actor", nia, "--question", "on_time", "--grade", "not_applicable"), "was not drawn"),
    ):
        ran = await desk.runs(*arguments)
        assert (ran.code, said in ran.err) == (Code.mistake, True), ran.err


async def test_nobody_audits_a_case_in_which_they_have_a_part(desk: Desk, nia: str, huw: str, children: list[str]) -> None:
    id, _ = await draw(desk, nia, "--size", "9")
    ran = await desk.runs("audit", "answer", id, children[0], "--actor", huw, "--question", "on_time", "--grade", "not_applicable")
    assert (ran.code, "has a part in the case" in ran.err) == (Code.refused, True)


async def test_a_case_is_hidden_from_whoever_may_not_be_told_of_it_and_the_draw_stays_the_same(
    desk: Desk, nia: str, huw: str, children: list[str]
) -> None:
    id, drawn = await draw(desk, nia, "--size", "9", "--seed", "hidden")
    hidden = children[3]
    finding = ("--question", "on_time", "--grade", "improve", "--finding", FOUND)
    await desk.gets("audit", "answer", id, hidden, "--actor", nia, *finding)
    await desk.gets(
        "journey", "restriction-made", hidden, "--actor", huw, "--person", nia, "--hidden", "everything", "--because", "source_of_harm"
    )
    assert hidden in drawn
    fresh, shown = await draw(desk, nia, "--size", "9", "--seed", "hidden")
    assert sorted(shown) == sorted(set(children) - {hidden})
    for verb in (("draws",), ("draws",), ("actions",), ("results", "--json", "--draw", id)):
        ran = await desk.runs("audit", *verb, "--actor", nia)
        assert hidden not in ran.out
    assert '"answers":1' not in ran.out
    for verb in (("form", fresh, hidden), ("answer", fresh, hidden, *finding)):
        ran = await desk.runs("audit", *verb, "--actor", nia)
        assert ran.code == Code.refused
    assert await desk.gets("audit", "redraw", fresh, "--actor", nia) == "The same 4 cases, from the same 4."
    # Nor is anything said to a reader without a name.
    assert hidden not in await desk.gets("audit", "draws")


async def test_reads_are_logged(desk: Desk, nia: str, children: list[str]) -> None:
    id, _ = await draw(desk, nia, "--size", "9")
    await desk.gets("audit", "form", id, children[0], "--actor", nia)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        logged = await connection.fetch("SELECT purpose, role FROM reads WHERE actor = $1 AND shown @> $2", nia, [id, children[0]])
    assert sorted(tuple(row) for row in logged) == [("audit draw", "siwrnai_auditor"), ("audit form", "siwrnai_auditor")]
