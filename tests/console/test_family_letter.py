"""A family member's letter on paper: for the hands that pass it on alone, whole or not at all, and each read logged."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from console.endings import Code
from record.keys import KeyRing
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from tests.console.conftest import Desk
from tests.console.test_reports import person


class Known(NamedTuple):
    """A conference about one child, to which a mother, her supporter and the child are invited; the mother is shut out of nothing."""

    meeting: str
    child: str
    chair: str
    by: dict[str, str]
    """The id at the meeting, by name."""


@pytest.fixture(scope="module")
async def known(desk: Desk, huw: str, tmp_path_factory: pytest.TempPathFactory) -> Known:
    chair, police = await person(desk, "Nia Probert"), await person(desk, "Rhys Morgan")
    mother = await person(desk, "Siân Prys")
    friend, older = await person(desk, "Lowri Wyn", "--language", "en"), await person(desk, "Ela Plentyn")
    born = dt.datetime.now(dt.UTC).year - 14
    child = await desk.gets("child", "register", "--actor", huw, "--name", "Ela Prys", "--born", f"{born}-01-03", "--language", "cy")
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=21)).isoformat(timespec="minutes")
    said = await desk.gets(
        *("meeting", "arranged", "--actor", huw, "--kind", "icpc", "--children", child, "--chair", chair, "--starts", starts),
        *("--place", "Canolfan Enghraifft", "--add", f"role=parents,person={mother}", "--add", f"role=supporter,person={friend}"),
        *("--add", f"role=child_where_appropriate,person={older}", "--add", f"role=police,person={police}"),
    )
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    shown = (await desk.gets("meeting", "show", meeting, "--actor", chair)).splitlines()
    names = ("Siân Prys", "Lowri Wyn", "Ela Plentyn", "Rhys Morgan")
    by = {name: line.split()[0] for line in shown for name in names if line.startswith("i-") and name in line}
    found = Known(meeting, child, chair, by)
    early = await desk.runs("meeting", "letter", meeting, by["Siân Prys"], "--out", str(tmp_path_factory.mktemp("a") / "a"), "--actor", huw)
    assert (early.code, "before it is released" in early.err) == (Code.refused, True)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    for name in ("Siân Prys", "Lowri Wyn", "Ela Plentyn"):
        await desk.gets("meeting", "released", meeting, "--actor", huw, "--invitee", by[name], "--spoken-at", now)
    return found


async def test_the_verb_is_there_in_a_process_of_its_own(desk: Desk) -> None:
    ran = await desk.starts("meeting", "letter", "--help")
    assert "--large-print" in ran.out


async def test_a_letter_on_paper_is_in_both_languages_where_none_is_known_and_only_its_owner_reads_the_file(
    desk: Desk, known: Known, huw: str, tmp_path: Path
) -> None:
    out = tmp_path / "mother.html"
    said = await desk.gets("meeting", "letter", known.meeting, known.by["Siân Prys"], "--out", str(out), "--actor", huw)
    assert said.startswith(f"Written: {out}.")
    assert (out.stat().st_mode & 0o777) == 0o600
    page = out.read_text()
    assert page.index('<article lang="cy">') < page.index('<article lang="en">')
    assert page.count("<address>Siân Prys</address>") == 2
    for each in ("Canolfan Enghraifft", "You can have an interpreter", "font-size: 12pt", "080880 23456", "Huw Bevan"):
        assert each in page, each
    for other in ("Ela Prys", "Lowri Wyn", "Rhys Morgan", "Nia Probert", known.child, "/answer/", "bruise", "A bruise"):
        assert other not in page, other
    assert os.listdir(tmp_path) == ["mother.html"]
    again = await desk.runs("meeting", "letter", known.meeting, known.by["Siân Prys"], "--out", str(out), "--actor", huw)
    assert (again.code, "name a new file" in again.err, out.read_text() == page) == (Code.mistake, True, True)


async def test_a_childs_letter_is_for_its_age_in_its_language(desk: Desk, known: Known, huw: str, tmp_path: Path) -> None:
    out = tmp_path / "child.html"
    await desk.gets("meeting", "letter", known.meeting, known.by["Ela Plentyn"], "--out", str(out), "--large-print", "--actor", huw)
    page = out.read_text()
    assert "Rydym yn dy wahodd di i gyfarfod" in page
    assert 'lang="en"' not in page
    assert "font-size: 18pt" in page
    await desk.gets("settings", "set", "older_child.from_age", "15", "--actor", huw, "--apply")
    await desk.gets("meeting", "letter", known.meeting, known.by["Ela Plentyn"], "--out", str(tmp_path / "younger.html"), "--actor", huw)
    younger = (tmp_path / "younger.html").read_text()
    await desk.gets("settings", "withdraw", "older_child.from_age", "--actor", huw, "--apply")
    assert younger.partition("<h1>")[2].partition("<h2>")[0] != page.partition("<h1>")[2].partition("<h2>")[0], "as the authority set it"


async def test_it_is_for_the_hands_that_pass_it_on_alone(desk: Desk, known: Known, huw: str, tmp_path: Path) -> None:
    out = tmp_path / "nobody.html"
    letter = ("meeting", "letter", known.meeting)
    refused = await desk.runs(*letter, known.by["Siân Prys"], "--out", str(out), "--actor", known.chair)
    assert (refused.code, "may not write this letter" in refused.err) == (Code.refused, True)
    missing = await desk.runs(*letter, known.by["Siân Prys"], "--out", str(out))
    assert (missing.code, missing.err.startswith("--actor is missing")) == (Code.mistake, True)
    professional = await desk.runs(*letter, known.by["Rhys Morgan"], "--out", str(out), "--actor", huw)
    assert (professional.code, "nobody of the family" in professional.err) == (Code.mistake, True)
    nowhere = await desk.runs(*letter, known.by["Siân Prys"], "--out", str(tmp_path / "no" / "a.html"), "--actor", huw)
    assert (nowhere.code, "cannot be written" in nowhere.err) == (Code.mistake, True)
    assert not out.exists()


async def test_each_read_is_logged(desk: Desk, known: Known, huw: str, tmp_path: Path) -> None:
    await desk.gets("meeting", "letter", known.meeting, known.by["Lowri Wyn"], "--out", str(tmp_path / "a.html"), "--actor", huw)
    pool = await open_pool(dsn(desk.endpoints.postgres_superuser_dsn, Role.door, KeyRing(desk.endpoints.keys).directory), "tests", most=1)
    async with pool, transaction(pool, desk.authority) as connection:
        logged = await connection.fetch("SELECT actor FROM reads WHERE purpose = $1", f"meeting letter for {known.by['Lowri Wyn']}")
    assert [row["actor"] for row in logged] == [huw]


async def test_what_was_called_off_is_told_on_paper_too(desk: Desk, known: Known, huw: str, tmp_path: Path) -> None:
    await desk.gets("meeting", "called-off", known.meeting, "--actor", huw, "--reason", "The chair is ill.")
    out = tmp_path / "off.html"
    await desk.gets("meeting", "letter", known.meeting, known.by["Lowri Wyn"], "--out", str(out), "--actor", huw)
    page = out.read_text()
    assert "The meeting will not take place" in page
    assert "ill" not in re.sub(r"<[^>]*>|will", "", page.partition("</style>")[2])


async def test_on_paper_is_what_the_childs_record_says_of_the_person_and_a_move_replaces_a_letter_that_was_handed_over(
    desk: Desk, huw: str, tmp_path: Path
) -> None:
    chair = await person(desk, "Mared Huws")
    child = await desk.gets("child", "register", "--actor", huw, "--name", "Gwilym Rees", "--born", "2018-02-03")
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "A bruise.")
    way = ("--way", "post", "--address", "2 Heol Fawr, Aberenghraifft", "--need", "large_print", "--apart", "--language", "en")
    await desk.gets("child", "family-member", child, "--actor", huw, "--relation", "parent", "--name", "Dylan Rees", *way)
    starts = dt.datetime.now(dt.UTC) + dt.timedelta(days=21)
    said = await desk.gets(
        *("meeting", "arranged", "--actor", huw, "--kind", "icpc", "--children", child, "--chair", chair),
        *("--starts", starts.isoformat(timespec="minutes")),
    )
    (meeting,) = re.findall(r"m-[0-9a-f]{16}", said.splitlines()[0])
    shown = (await desk.gets("meeting", "show", meeting, "--actor", huw)).splitlines()
    (father,) = [line.split()[0] for line in shown if line.startswith("i-") and "Dylan Rees" in line]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    await desk.gets("meeting", "released", meeting, "--actor", huw, "--invitee", father, "--spoken-at", now)
    letter = ("meeting", "letter", meeting, father, "--actor", huw, "--out")
    await desk.gets(*letter, str(tmp_path / "first.html"))
    page = (tmp_path / "first.html").read_text()
    for each in ("Dylan Rees\n2 Heol Fawr, Aberenghraifft", "font-size: 18pt", "A time of your own", "You are invited to a meeting"):
        assert each in page, each
    assert 'lang="cy"' not in page
    await desk.gets("meeting", "handed-over", meeting, "--actor", huw, "--invitee", father)
    shown = await desk.gets("audit", "show", child, "--actor", huw)
    assert re.search(
        r"invitation: .*Dylan\s+Rees.*on\s+paper,\s+printed\s+20.*by\s+Huw\s+Bevan;\s+handed\s+over\s+or\s+posted\s+20.*by\s+Huw", shown
    )
    (cause,) = re.findall(r"meeting:\S+:on_paper", shown)
    why = await desk.gets("--language", "cy", "audit", "why", child, "--actor", huw, "--letter", cause)
    assert re.search(r"(?s)at: Dylan Rees.*ar bapur.*rhoddwyd neu postiwyd 20.* gan\s+Huw\s+Bevan", why)
    later = (starts + dt.timedelta(days=1)).isoformat(timespec="minutes")
    await desk.gets("meeting", "moved", meeting, "--actor", huw, "--starts", later, "--reason", "The school asked.")
    await desk.gets(*letter, str(tmp_path / "second.html"))
    assert "Please do not use our earlier letter" in (tmp_path / "second.html").read_text()
