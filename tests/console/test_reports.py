"""Agencies' reports by hand: what is missing is said, what stands is shown without words, and the pack is for the entitled alone."""

import datetime as dt
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from console.endings import Code
from record import directory
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk

SAID = "She told her teacher that she does not sleep at home any more."
WHOLE = [part for name in ("work", "harm", "impact", "change", "known-how", "strengths", "voice") for part in (f"--{name}", SAID)]


class Known(NamedTuple):
    """A conference that is arranged about one child."""

    meeting: str
    child: str
    chair: str
    head: str
    mother: str
    invitee: str
    parent: str


async def person(desk: Desk, name: str, *more: str) -> str:
    email = f"{name.split(maxsplit=1)[0].lower()}@enghraifft.example"
    return await desk.gets("directory", "add-person", "--name", name, "--email", email, *more)


@pytest.fixture(scope="module")
async def known(desk: Desk, huw: str) -> Known:
    agency = await desk.gets(
        "directory", "add-agency", "--name-cy", "Ysgol Enghraifft", "--name-en", "Enghraifft School", "--kind", "school"
    )
    head = await person(desk, "Gwen Parry", "--agency", agency, "--language", "cy")
    chair, mother = await person(desk, "Nia Probert"), await person(desk, "Siân Prys", "--language", "cy")
    child = await desk.gets("child", "register", "--actor", huw, "--name", "Ela Prys", "--born", "2014-05-03", "--language", "cy")
    await desk.gets("child", "agencies", child, "--actor", huw, "--agency", f"part=education,agency={agency}")
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=21)).isoformat(timespec="minutes")
    said = await desk.gets(
        *("meeting", "arranged", "--actor", huw, "--kind", "icpc", "--children", child, "--chair", chair, "--starts", starts),
        *("--add", f"role=parents,person={mother}"),
    )
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    rows = {
        line.split()[0]: line
        for line in (await desk.gets("meeting", "show", meeting, "--actor", chair)).splitlines()
        if line.startswith("i-")
    }
    (invitee,) = [id for id, line in rows.items() if "Gwen Parry" in line]
    (parent,) = [id for id, line in rows.items() if "Siân Prys" in line]
    return Known(meeting, child, chair, head, mother, invitee, parent)


async def test_every_verb_is_there_in_a_process_of_its_own(desk: Desk) -> None:
    ran = await desk.starts("meeting", "--help")
    assert all(verb in ran.out for verb in ("report ", "reports ", "pack ", "report-returned", "reports-shown", "reports-by-agency"))


def giving(known: Known) -> list[str]:
    return ["meeting", "report", known.meeting, "--actor", known.head, "--invitee", known.invitee, "--child", known.child]


async def test_what_is_missing_is_said_before_it_is_given(desk: Desk, known: Known) -> None:
    before = await desk.gets("meeting", "reports", known.meeting, "--actor", known.chair)
    said = await desk.gets(*giving(known), "--harm", SAID, "--check")
    assert said == (
        "empty or very short: The agency's work with the child and family, Impact on this child, What has changed since last time, "
        "How that is known, Strengths, The child's own words"
    )
    assert await desk.gets("meeting", "reports", known.meeting, "--actor", known.chair) == before


@pytest.fixture(scope="module")
async def returned(desk: Desk, known: Known) -> Known:
    """The school's report was given, with a section kept from the mother, and returned by the chair."""
    assert "Received for meeting" in await desk.gets(*giving(known), *WHOLE, "--keep", f"section=harm,person={known.parent}")
    shown = await desk.gets("meeting", "reports", known.meeting, "--actor", known.chair)
    assert "given 20" in shown
    assert "sleep" not in shown
    back = ("meeting", "report-returned", known.meeting, "--invitee", known.invitee, "--child", known.child, "--missing", "voice")
    refused = await desk.runs(*back, "--actor", known.head)
    assert (refused.code, refused.err.splitlines()[-1]) == (Code.refused, "This is for the chair of the meeting alone.")
    await desk.gets(*back, "--actor", known.chair)
    return known


async def test_how_it_stands_is_shown_without_words_and_what_was_returned_is_counted_by_agency(desk: Desk, returned: Known) -> None:
    shown = await desk.gets("meeting", "reports", returned.meeting, "--actor", returned.chair)
    assert "returned; more is needed on: The child's own words" in " ".join(shown.split())
    assert "sleep" not in shown
    (line,) = [each for each in (await desk.gets("meeting", "reports-by-agency")).splitlines() if each.startswith("Enghraifft School")]
    assert line.split()[2:] == ["1", "1", "0", "0", "1"]


async def test_the_pack_begins_with_the_gaps_and_a_parent_reads_all_but_what_is_kept_from_them(
    desk: Desk, returned: Known, tmp_path: Path
) -> None:
    known = returned
    chairs, parents = tmp_path / "pack.html", tmp_path / "parent.html"
    await desk.gets("meeting", "pack", known.meeting, "--out", str(chairs), "--actor", known.chair)
    page = chairs.read_text()
    assert (chairs.stat().st_mode & 0o777) == 0o600
    assert page.index("Gaps") < page.index("School or early years: Gwen Parry") < page.index(SAID)
    assert "This section is not to be shared with: Siân Prys, parents or carers" in page
    assert "more was asked for, not given again yet: The child&#39;s own words" in page
    await desk.gets("meeting", "pack", known.meeting, "--out", str(parents), "--for", known.parent, "--actor", known.chair)
    theirs = parents.read_text()
    assert 'lang="cy"' in theirs
    assert theirs.count(SAID) == page.count(SAID) - 1
    assert "Y risg o niwed sylweddol" not in theirs
    assert "Bylchau" not in theirs
    assert "rhannu" not in theirs
    again = await desk.runs("meeting", "pack", known.meeting, "--out", str(chairs), "--actor", known.chair)
    assert (again.code, "name a new file" in again.err) == (Code.mistake, True)


async def test_the_pack_is_for_the_entitled_alone_and_each_read_is_logged(desk: Desk, known: Known, tmp_path: Path) -> None:
    out = tmp_path / "pack.html"
    for nobody in (known.head, known.mother):
        refused = await desk.runs("meeting", "pack", known.meeting, "--out", str(out), "--actor", nobody)
        assert (refused.code, out.exists()) == (Code.refused, False)
    missing = await desk.runs("meeting", "pack", known.meeting, "--out", str(out))
    assert (missing.code, missing.err.startswith("--actor is missing")) == (Code.mistake, True)
    stranger = await desk.runs("meeting", "pack", known.meeting, "--out", str(out), "--for", known.invitee, "--actor", known.chair)
    assert (stranger.code, "nobody of the family" in stranger.err) == (Code.mistake, True)
    for reader in ([], ["--for", known.parent]):
        await desk.gets("meeting", "pack", known.meeting, "--out", str(tmp_path / f"{len(reader)}.html"), "--actor", known.chair, *reader)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        logged = await connection.fetch(
            "SELECT actor, purpose FROM reads WHERE $1 = ANY (shown) AND purpose LIKE 'meeting pack%'", known.child
        )
    assert {tuple(row) for row in logged} == {
        (known.chair, "meeting pack for the chair"),
        (known.chair, f"meeting pack for {known.parent}"),
    }


async def test_the_agenda_is_a_page_for_the_entitled_alone_in_either_language_and_each_read_is_logged(
    desk: Desk, returned: Known, tmp_path: Path
) -> None:
    known, out = returned, tmp_path / "agenda.html"
    line = ("meeting", "agenda", known.meeting, "--out", str(out), "--actor")
    for nobody in (known.head, known.mother):
        refused = await desk.runs(*line, nobody)
        assert (refused.code, out.exists()) == (Code.refused, False)
    await desk.gets("journey", "screened", known.child, "--actor", known.chair, "--decision", "strategy", "--rationale", "Why.",
        "--threshold-element", "significant_harm_likely")  # fmt: skip
    father = await desk.gets(
        *("child", "family-member", known.child, "--actor", known.chair, "--relation", "parent", "--name", "Dylan Prys", "--way", "by_hand")
    )
    await desk.gets("meeting", "invited", known.meeting, "--actor", known.chair, "--who", f"role=parents,person={father}")
    await desk.gets(*line, known.chair)
    page = out.read_text()
    assert "Dylan Prys" in page, "one of the family by name, as the room knows them"
    assert father not in page
    assert (out.stat().st_mode & 0o777) == 0o600
    assert f"Ela Prys ({known.child})" in page
    assert "Likely to suffer significant harm: the decisions so far rest on it" in page
    assert "The child&#39;s voice has not been recorded." in page
    assert "A report that was returned and not given again: Gwen Parry (school or early years)" in page
    assert SAID not in page, "no words of a report"
    welsh = tmp_path / "agenda-cy.html"
    await desk.gets("meeting", "agenda", known.meeting, "--language", "cy", "--out", str(welsh), "--actor", known.chair)
    assert "Trefn y dydd" in welsh.read_text()
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        logged = await connection.fetch("SELECT actor FROM reads WHERE $1 = ANY (shown) AND purpose = 'meeting agenda'", known.meeting)
    assert [row["actor"] for row in logged] == [known.chair] * 2


async def test_a_report_that_was_given_stays_in_every_pack_when_its_author_is_left_out(desk: Desk, returned: Known, tmp_path: Path) -> None:
    known = returned
    await desk.gets("meeting", "left-out", known.meeting, "--actor", known.chair, "--invitee", known.invitee, "--reason", "Another comes.")
    for reader in ([], ["--for", known.parent]):
        out = tmp_path / f"{len(reader)}.html"
        await desk.gets("meeting", "pack", known.meeting, "--out", str(out), "--actor", known.chair, *reader)
        assert (SAID in out.read_text(), "Gwen Parry" in out.read_text()) == (True, True)
    assert "Gwen Parry" in await desk.gets("meeting", "reports", known.meeting, "--actor", known.chair)
    (line,) = [each for each in (await desk.gets("meeting", "reports-by-agency")).splitlines() if each.startswith("Enghraifft School")]
    assert line.split()[2:] == ["1", "1", "0", "0", "1"]


async def test_school_terms_are_entered_listed_and_withdrawn_and_a_school_has_a_holiday_contact(desk: Desk, huw: str) -> None:
    assert "No school terms are known" in await desk.gets("terms", "list")
    assert "No timescale moves" in await desk.gets("terms", "add", "2031-01-06", "2031-02-14", "--actor", huw)
    assert await desk.gets("terms", "list") == "Monday 6 January 2031 to Friday 14 February 2031"
    overlaps = await desk.runs("terms", "add", "2031-02-14", "2031-03-14", "--actor", huw)
    assert (overlaps.code, overlaps.err.startswith("Another term shares days with it")) == (Code.mistake, True)
    wrong = await desk.runs("terms", "add", "2031-02-14", "2031-01-06", "--actor", huw)
    assert (wrong.code, wrong.err.startswith("The term ends before it begins")) == (Code.mistake, True)
    assert (await desk.runs("terms", "withdraw", "2031-01-06", "2031-02-15", "--actor", huw)).err.startswith("There is no such term")
    await desk.gets("terms", "withdraw", "2031-01-06", "2031-02-14", "--actor", huw)
    names = ("--name-cy", "Ysgol Arall", "--name-en", "Another School", "--kind", "school")
    agency = await desk.gets("directory", "add-agency", *names, "--holiday-contact", huw)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        there = await directory.agencies(connection, dt.datetime.now(dt.UTC))
    assert there[agency].holiday_contact == huw
    unknown = await desk.runs("directory", "add-agency", *names, "--holiday-contact", "p-nobody")
    assert unknown.code == Code.mistake
