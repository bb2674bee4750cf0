"""A child's family at a desk: recorded, invited, previewed, released; and nothing is shown that opens anything for somebody else."""

import datetime as dt
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from console.endings import Code
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk


class Conference(NamedTuple):
    """An initial conference, arranged; the mother has a mailbox, the father is handed his letters."""

    meeting: str
    child: str
    mother: str
    father: str
    """Their ids as the record has them."""


def nine_days_on() -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).isoformat(timespec="minutes")


@pytest.fixture
async def conference(desk: Desk, huw: str, child: str) -> Conference:
    by = ("--actor", huw)
    chair = await desk.gets("directory", "add-person", "--name", "Nia Rhys", "--language", "en", "--email", "nia@enghraifft.example")
    mother = await desk.gets(
        *("child", "family-member", child, *by, "--relation", "parent", "--name", "Siân Prys", "--language", "en", "--way", "email"),
        *("--email", "sian@teulu.example", "--need", "interpreter", "--need-detail", "Polish"),
    )
    father = await desk.gets("child", "family-member", child, *by, "--relation", "parent", "--name", "Dylan Prys", "--way", "by_hand")
    await desk.gets("journey", "report", child, *by, "--how", "telephone", "--words", "A bruise.", "--alleged", "neglect")
    await desk.gets("journey", "enquiries-started", child, *by, "--mode", "joint")
    said = await desk.gets(
        *("meeting", "arranged", *by, "--kind", "icpc", "--starts", nine_days_on(), "--chair", chair, "--children", child),
        *("--place", "Canolfan Enghraifft"),
    )
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    return Conference(meeting, child, mother, father)


def invitee_of(shown: str, name: str) -> str:
    return next(line.split()[0] for line in shown.splitlines() if line.startswith("i-") and name in line)


def of(preview: str, name: str) -> str:
    """What a preview says of that person."""
    (found,) = [each for each in re.split(r"^(?=\S)", preview, flags=re.MULTILINE) if each.startswith(name)]
    return found


async def ordered(desk: Desk, recipient: str) -> int:
    """How many letters were ordered for that person."""
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        return await connection.fetchval("SELECT count(*) FROM letter_orders WHERE recipient = $1", recipient)


async def test_the_family_is_shown_with_the_safe_way_and_what_they_need(desk: Desk, huw: str, conference: Conference) -> None:
    shown = " ".join((await desk.gets("child", "family", conference.child, "--actor", huw)).split())
    assert all(each in shown for each in (conference.mother, "Siân", "sian@teulu.example", "Polish", "handed over by the"))
    ran = await desk.runs(
        "child", "family-member", conference.child, "--actor", huw, "--relation", "parent", "--name", "A", "--way", "email"
    )
    assert (ran.code, "needs an address" in ran.err) == (Code.mistake, True)


async def test_a_proposal_names_the_family(desk: Desk, huw: str, conference: Conference) -> None:
    assert "Dylan Prys" in await desk.gets("meeting", "propose", "icpc", conference.child, ACTOR=huw)


async def test_a_preview_shows_each_letter_as_it_would_be_and_orders_nothing(desk: Desk, huw: str, conference: Conference) -> None:
    shown = await desk.gets("meeting", "preview", conference.meeting, "--actor", huw)
    mother, father = (of(shown, name) for name in ("Siân Prys", "Dylan Prys"))
    assert all(each in mother for each in ("by email; language: English", "Not released", "Canolfan Enghraifft"))
    assert "handed over by the social worker; language: Welsh and English" in father
    assert "/answer/…" in mother
    assert not re.search(r"/answer/\w", shown), "a link that answers for somebody is theirs alone"
    assert conference.child not in mother
    assert await ordered(desk, conference.mother) == 0
    cymraeg = await desk.gets("--language", "cy", "meeting", "preview", conference.meeting, "--actor", huw)
    assert "Heb ei ryddhau" in cymraeg


async def test_released_by_mail_it_is_ordered_and_on_paper_it_is_owed(desk: Desk, huw: str, conference: Conference) -> None:
    show = ("meeting", "show", conference.meeting, "--actor", huw)
    shown = await desk.gets(*show)
    assert shown.count("not released") == 2
    spoken = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat(timespec="seconds")
    for name in ("Siân Prys", "Dylan Prys"):
        who = invitee_of(shown, name)
        await desk.gets("meeting", "released", conference.meeting, "--actor", huw, "--invitee", who, "--spoken-at", spoken)
    assert (await ordered(desk, conference.mother), await ordered(desk, conference.father)) == (1, 0)
    after = " ".join((await desk.gets(*show)).split())
    assert "not released" not in after
    assert "needs something booked" in after
    assert "Not released" not in await desk.gets("meeting", "preview", conference.meeting, "--actor", huw)
    await desk.gets("meeting", "handed-over", conference.meeting, "--actor", huw, "--invitee", invitee_of(shown, "Dylan Prys"))
    await desk.gets("meeting", "needs-booked", conference.meeting, "--actor", huw, "--invitee", invitee_of(shown, "Siân Prys"))
    assert "needs something booked" not in " ".join((await desk.gets(*show)).split())


async def test_the_preview_is_logged_and_shows_nothing_to_whoever_may_not_be_told(desk: Desk, huw: str, conference: Conference) -> None:
    preview = ("meeting", "preview", conference.meeting)
    await desk.gets(*preview, "--actor", huw)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        logged = await connection.fetchval("SELECT count(*) FROM reads WHERE purpose = 'meeting preview' AND actor = $1", huw)
    assert logged >= 1
    other = await desk.gets("directory", "add-person", "--name", "Ifan Rees", "--language", "cy", "--email", "ifan@enghraifft.example")
    hiding = ("journey", "restriction-made", conference.child, "--actor", huw, "--person", other)
    await desk.gets(*hiding, "--hidden", "everything", "--because", "conflict_of_interest")
    ran = await desk.runs(*preview, "--actor", other)
    assert (ran.code, ran.out) == (Code.refused, "")


async def test_a_letter_on_paper_is_as_the_record_has_the_person_and_only_once_it_is_released(
    desk: Desk, huw: str, conference: Conference, tmp_path: Path
) -> None:
    by = ("--actor", huw)
    dylan = invitee_of(await desk.gets("meeting", "show", conference.meeting, *by), "Dylan Prys")
    record = (
        "child",
        "family-member",
        conference.child,
        *by,
        "--person",
        conference.father,
        "--relation",
        "parent",
        "--name",
        "Dylan Prys",
    )
    letter = ("meeting", "letter", conference.meeting, dylan, *by, "--out")
    refused = await desk.runs(*letter, str(tmp_path / "early.html"))
    assert (refused.code, "before it is released" in refused.err) == (Code.refused, True)
    spoken = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat(timespec="seconds")
    await desk.gets("meeting", "released", conference.meeting, *by, "--invitee", dylan, "--spoken-at", spoken)
    await desk.gets(*letter, str(tmp_path / "by-hand.html"))
    assert "<address>Dylan Prys</address>" in (tmp_path / "by-hand.html").read_text()
    more = ("--way", "post", "--address", "1 Stryd Enghraifft", "--need", "large_print", "--language", "cy", "--apart")
    await desk.gets(*record, *more)
    await desk.gets(*letter, str(tmp_path / "post.html"))
    page = (tmp_path / "post.html").read_text()
    assert all(each in page for each in ("1 Stryd Enghraifft", "font-size: 18pt"))
    assert 'lang="en"' not in page
    await desk.gets(*record, "--way", "none")
    refused = await desk.runs(*letter, str(tmp_path / "none.html"))
    assert (refused.code, "Tell them yourself" in refused.err) == (Code.refused, True)
    assert not (tmp_path / "none.html").exists()
