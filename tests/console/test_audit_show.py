"""`siwrnai audit show` on a running deployment."""

import datetime as dt
from pathlib import Path

import orjson

from tests.console.conftest import Desk


def ago(**before: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**before)).isoformat(timespec="seconds")


async def reported(desk: Desk, child: str, huw: str) -> None:
    said = ("--how", "telephone", "--words", "A bruise.", "--happened-at", ago(days=2))
    await desk.gets("journey", "report", child, "--actor", huw, *said)
    await desk.gets("journey", "allocated", child, "--actor", huw, "--role", "social_worker", "--person", huw)


async def test_a_journey_as_it_was_known_and_as_it_stood(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    between = ago(days=1)
    known = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--at", between, "--json"))
    stood = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--at", between, "--as-stood", "--json"))
    assert (known["entries"], known["enquiries"], known["timescales"]) == (0, [], [])
    assert [each["stage"] for each in stood["enquiries"]] == ["reported"]
    assert "screening" in {each["clock"] for each in stood["timescales"]}
    assert known["recorded_since"] and known["recorded_since"] == stood["recorded_since"]
    assert ["registration"] not in [each["facet"] for each in known["differing"]]
    assert {each["facet"][0] for each in known["differing"]} >= {"enquiries", "clocks"}

    now = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--json"))
    assert {(each["role"], each["person"]) for each in now["roles"]} == {("social_worker", huw)}
    assert {"role": "team_manager", "person": huw, "deputy": None} in now["posts"]
    assert now["letters"], "what is overdue was told"
    assert [each["purpose"] for each in now["reads"]][-3:] == ["audit show"] * 3, "its own reading is logged before it is shown"
    assert now["in_force"].keys() == {"rules", "calendar", "settings"}


async def test_for_a_person_in_either_language(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    english = await desk.gets("audit", "show", child, "--actor", huw)
    assert english.startswith("As it was known on ")
    assert "social worker: Huw Bevan" in english
    welsh = await desk.gets("--language", "cy", "audit", "show", child, "--actor", huw, "--as-stood")
    assert welsh.startswith("Fel yr oedd pethau ar ")
    early = await desk.gets("audit", "show", child, "--actor", huw, "--at", "2020-01-01T00:00+00:00")
    assert "Nothing was on record by then." in early


async def test_the_page_is_a_private_file_and_its_making_is_a_read(desk: Desk, huw: str, child: str, tmp_path: Path) -> None:
    await reported(desk, child, huw)
    file = tmp_path / "replay.html"
    assert str(file) in await desk.gets("audit", "show", child, "--actor", huw, "--html", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Huw Bevan" in file.read_text()
    again = await desk.runs("audit", "show", child, "--actor", huw, "--html", str(file))
    assert again.code == 2 and "File exists" in again.err
    reads = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--json"))["reads"]
    assert "audit show: whole page" in {each["purpose"] for each in reads if each["actor"] == huw}


async def test_what_cannot_be_shown_is_said(desk: Desk, huw: str, child: str) -> None:
    wrong = await desk.runs("audit", "show", child, "--actor", huw, "--at", "yesterday")
    assert wrong.code == 2 and "2026-11-23 10:05" in wrong.err
    nobody = await desk.runs("audit", "show", "c-nobody", "--actor", huw)
    assert nobody.code == 2
    await reported(desk, child, huw)
    ahead = await desk.runs("audit", "show", child, "--actor", huw, "--at", "2190-01-01")
    assert (ahead.code, ahead.out, "2190-01-01 is still to come" in ahead.err) == (2, "", True), ahead.err
    other = await desk.gets("directory", "add-person", "--name", "Rhys Morgan", "--language", "en")
    await desk.gets(*("journey", "allegation-against-professional", child, "--actor", huw, "--against", other, "--words", "What was said."))
    shut_out = await desk.runs("audit", "show", child, "--actor", other)
    assert shut_out.code == 3, "who is shut out is shown nothing"


async def test_a_meeting_about_a_brother_too_is_shown_to_those_alone_who_may_be_told_of_him(desk: Desk, huw: str) -> None:
    mari = await desk.gets("directory", "add-person", "--name", "Mari Lloyd", "--language", "en")
    sister = await desk.gets("child", "register", "--actor", huw, "--name", "Ela", "--born", "2019-03-12", "--family", "f-audited")
    brother = await desk.gets("child", "register", "--actor", huw, "--name", "Tomos", "--born", "2021-03-12", "--family", "f-audited")
    chair = await desk.gets("directory", "add-person", "--name", "Nia Probert", "--language", "en", "--email", "nia@enghraifft.example")
    for each in (sister, brother):
        await reported(desk, each, huw)
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).isoformat(timespec="minutes")
    await desk.gets(
        *("meeting", "arranged", "--actor", huw, "--kind", "strategy", "--children", sister, "--children", brother),
        *("--starts", starts, "--chair", chair),
    )
    await desk.gets(
        *(
            "journey",
            "restriction-made",
            brother,
            "--actor",
            huw,
            "--person",
            mari,
            "--hidden",
            "everything",
            "--because",
            "conflict_of_interest",
        ),
    )
    whole = orjson.loads(await desk.gets("audit", "show", sister, "--actor", huw, "--json"))
    assert [each["kind"] for each in whole["meetings"]] == ["strategy"]
    without = orjson.loads(await desk.gets("audit", "show", sister, "--actor", mari, "--json"))
    assert (without["meetings"], without["withheld_meetings"]) == ([], 1)
    assert "brother or sister too: 1" in await desk.gets("audit", "show", sister, "--actor", mari)
    reads = orjson.loads(await desk.gets("audit", "show", brother, "--actor", huw, "--json"))["reads"]
    assert ("audit show", huw) in {(each["purpose"], each["actor"]) for each in reads}, "his own log says that his meeting was shown"
