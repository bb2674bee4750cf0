"""The command as a person uses it, on the real engine and the real record."""

import asyncio
import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from console.endings import Code
from correspondence.meetings import answering
from correspondence.mime import mailbox
from correspondence.outbox import Outbox
from correspondence.post import Post, parse_smtp_url
from correspondence.sender import Backoff, Sender
from record.keys import KeyRing
from record.pool import open_pool
from record.roles import Role, dsn
from tests.console.conftest import ROOT, Desk

WORDS = "A bruise on the left arm."


async def report(desk: Desk, child: str, huw: str, *more: str) -> str:
    return await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", WORDS, *more)


async def rows(desk: Desk, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(desk.endpoints.postgres_superuser_dsn)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()


async def test_a_report_is_answered_with_what_was_entered_and_what_is_due_next(desk: Desk, huw: str, child: str) -> None:
    answer = await report(desk, child, huw)
    assert f"Report received: entered on the timeline of {child}, entries 1–5." in answer
    assert "enquiry 1: reported" in answer
    assert "Is the child safe tonight?: " in answer
    assert "(screening/1)" in answer


async def test_what_is_missing_when_something_that_protects_takes_effect_is_told(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    answer = await desk.gets("journey", "screened", child, "--actor", huw, "--decision", "strategy")
    assert "Missing and now urgent: the rationale." in answer


async def test_a_refusal_by_the_procedures_is_its_sentence_in_either_language(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    english = await desk.runs("journey", "screened", child, "--actor", huw, "--decision", "no_further_action")
    welsh = await desk.runs("--language", "cy", "journey", "screened", child, "--actor", huw, "--decision", "no_further_action")
    assert (english.code, welsh.code) == (Code.refused, Code.refused)
    assert english.err.splitlines()[-1].startswith("A report cannot be stood down without the reason")
    assert welsh.err.splitlines()[-1].startswith("Ni ellir rhoi'r gorau i adroddiad heb y rheswm")


async def test_a_repeat_gets_the_first_answer_and_the_same_id_with_other_content_is_refused(desk: Desk, huw: str, child: str) -> None:
    at = ("--id", "k-1", "--happened-at", dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    assert await report(desk, child, huw, *at) == await report(desk, child, huw, *at)
    other = await desk.runs("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", "Something else.", *at)
    assert other.code == Code.mistake
    assert "The id k-1 was used before" in other.err


async def test_a_timeline_is_shown_in_order_with_names_and_reasons_in_either_language(desk: Desk, huw: str, child: str) -> None:
    earlier = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30)).isoformat(timespec="seconds")
    await report(desk, child, huw, "--happened-at", earlier)
    english, welsh = await desk.gets("journey", "show", child), await desk.gets("--language", "cy", "journey", "show", child)
    assert "Ela Prys" in english
    assert "Report received (recorded " in english
    assert "Huw Bevan" in english
    assert "procedural timescale, source: Wales Safeguarding Procedures" in " ".join(english.split())
    assert "Derbyniwyd adroddiad (cofnodwyd " in welsh
    assert "ymholiad 1: adroddwyd" in welsh
    assert WORDS not in english


async def test_words_of_people_are_shown_when_asked_for_but_not_the_childs_own(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    await desk.gets("journey", "voice-recorded", child, "--actor", huw, "--how", "in_person", "--worries", "Dw i ofn y nos.")
    shown = await desk.gets("journey", "show", child, "--words", "--actor", huw)
    assert WORDS in shown
    assert "ofn y nos" not in shown, "who may read it is said with it: the social worker, and whom it names"
    await desk.gets("journey", "allocated", child, "--actor", huw, "--role", "social_worker", "--person", huw)
    assert "ofn y nos" in await desk.gets("journey", "show", child, "--words", "--actor", huw)


async def test_somebody_against_whom_there_is_an_allegation_is_shown_nothing(desk: Desk, huw: str, child: str) -> None:
    gwyn = await desk.gets("directory", "add-person", "--name", "Gwyn Lewis")
    await report(desk, child, huw)
    await desk.gets("journey", "allegation-against-professional", child, "--actor", huw, "--against", gwyn, "--words", "What was said.")
    for view in (("journey", "show", child), ("child", "show", child)):
        shown = await desk.runs(*view, "--actor", gwyn)
        assert shown.code == Code.refused
        assert "Ela" not in shown.out + shown.err


async def test_from_whom_an_address_is_hidden_is_shown_nothing_that_betrays_it_until_it_is_lifted_with_a_reason(
    desk: Desk, huw: str, child: str
) -> None:
    dylan = await desk.gets("directory", "add-person", "--name", "Dylan Prys")
    await report(desk, child, huw)
    made = ("--actor", huw, "--person", dylan, "--hidden", "address")
    await desk.gets("journey", "restriction-made", child, *made, "--because", "bail")
    shown = await desk.runs("journey", "show", child, "--actor", dylan)
    assert shown.code == Code.refused
    assert "Ela" not in shown.out + shown.err
    nobody = await desk.runs("journey", "show", child)
    assert nobody.code == Code.refused
    assert "--actor" in nobody.err, "where something is hidden, the reader must be named"
    assert child not in await desk.gets("journey", "list", "--actor", dylan)
    assert "hidden: where the child lives" in await desk.gets("journey", "show", child, "--actor", huw)
    refused = await desk.runs("journey", "restriction-lifted", child, *made)
    assert "give the reason" in refused.err
    await desk.gets("journey", "restriction-lifted", child, *made, "--reason", "The bail condition ended.")
    assert "Ela" in await desk.gets("journey", "show", child, "--actor", dylan)


async def test_a_read_is_logged_with_who_read_it(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    await desk.gets("journey", "show", child, "--actor", huw)
    await desk.gets("child", "show", child)
    logged = await rows(desk, "SELECT actor, purpose FROM record.reads WHERE $1 = ANY (shown) ORDER BY entry", child)
    assert logged[0]["actor"] == huw
    assert [row["purpose"] for row in logged] == ["journey show", "child show"]
    assert logged[1]["actor"].startswith("login:")


async def test_a_whole_timeline_verifies_and_a_changed_one_does_not(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    whole = await desk.runs("journey", "verify", child)
    assert (whole.code, whole.out) == (
        Code.done,
        f"The timeline of {child} is whole: 5 entries, chained, signed, and their fold is the engine's state.\n",
    )
    await rows(desk, "DELETE FROM record.timeline WHERE child = $1 AND seq = 3", child)
    changed = await desk.runs("journey", "verify", child)
    assert (changed.code, changed.out.splitlines()) == (
        Code.found_wrong,
        [
            f"Child {child}, entry 3: the entry is missing.",
            f"Child {child}, entry 3: the engine's history has it recorded, and the record does not have it.",
        ],
    )


async def test_a_record_that_lags_behind_the_engine_is_found(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    await rows(desk, "DELETE FROM record.timeline WHERE child = $1 AND seq = 5", child)
    await rows(desk, "UPDATE record.heads SET seq = 4 WHERE child = $1", child)
    found = await desk.runs("journey", "verify", child)
    assert (found.code, found.out.splitlines()) == (
        Code.found_wrong,
        [
            f"Child {child}: the engine knows entries that the record does not have (engine/record: 5/4).",
            f"Child {child}, entry 4: the end of the chain has another hash.",
            f"Child {child}, entry 5: the engine's history has it recorded, and the record does not have it.",
        ],
    )


async def test_open_journeys_are_listed_by_what_is_due_next(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    listed = await desk.gets("journey", "list")
    assert child in listed
    assert "Is the child safe tonight?" in listed
    assert "Ela" not in listed


async def test_an_overdue_timescale_shows_with_its_letter_which_can_be_read(desk: Desk, huw: str, child: str) -> None:
    earlier = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=90)).isoformat(timespec="seconds")
    await report(desk, child, huw, "--happened-at", earlier)
    async with asyncio.timeout(30):
        while "waiting" not in (listed := await desk.gets("letters", "list", "--child", child)):
            pass
    letter = next(word for word in listed.split() if len(word) == 32)
    not_sent = await desk.runs("letters", "show", letter)
    assert (not_sent.code, not_sent.err) == (Code.mistake, "This letter is not in the mailbox here (waiting).\n")
    await send(desk)
    assert "sent" in await desk.gets("letters", "list", "--child", child)
    read = await desk.gets("letters", "show", letter)
    assert "To: huw@enghraifft.example" in read
    assert "Is the child safe tonight?" in read
    assert "Ela" not in read
    shown = await desk.gets("journey", "show", child)
    assert "overdue, was due" in shown
    assert "escalated to Huw Bevan (duty manager)" in shown
    assert "alert: Is the child safe tonight?" in shown


async def send(desk: Desk) -> None:
    there = desk.endpoints
    pool = await open_pool(dsn(there.postgres_superuser_dsn, Role.post, there.keys), "tests", most=2)
    async with pool, Post(parse_smtp_url(there.smtp_url), timeout=10) as post:
        outbox = Outbox(pool, desk.authority, KeyRing(there.keys), dt.timedelta(), dt.timedelta(minutes=5))
        again = Backoff(dt.timedelta(seconds=1), dt.timedelta(seconds=1))
        await Sender(outbox, post, mailbox("Siwrnai <siwrnai@enghraifft.example>"), again, answering(outbox.keys)).send_all(asyncio.Event())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("journey", "police-told", "c-nobody", "--actor", "HUW"), "There is no child c-nobody on record."),
        (("journey", "show", "c-nobody"), "There is no child c-nobody on record."),
        (("journey", "verify", "c-nobody"), "There is no child c-nobody on record."),
        (("journey", "police-told", "CHILD", "--actor", "p-nobody"), "There is no person p-nobody in the directory."),
        (("journey", "show", "CHILD", "--actor", "p-nobody"), "There is no person p-nobody in the directory."),
        (("child", "register", "--actor", "p-nobody", "--name", "X", "--born", "2019-03-12"), "There is no person p-nobody"),
        (("child", "register", "--actor", "HUW", "--name", "X", "--born", "2019-03-12", "--id", "CHILD"), "is on record already"),
        (("child", "register", "--actor", "HUW", "--name", "X"), "Give --born with --name, or --expected"),
        (("child", "register", "--actor", "HUW", "--name", "X", "--born", "2999-01-01"), "--born: 2999-01-01 is still to come"),
        (("child", "register", "--actor", "HUW", "--name", "X", "--born", "1990-01-01"), "is 18 or older"),
        (
            ("directory", "add-person", "--name", "X", "--role", "boss"),
            "--role: 'boss' is not known; right would be: advocate, agency_lead, ",
        ),
        (("directory", "away", "--person", "HUW", "--first", "2026-12-02", "--last", "2026-12-01"), "is before --first"),
        (("directory", "post", "--person", "p-nobody", "--role", "director"), "There is no person p-nobody"),
        (("letters", "show", "nothing"), "There is no letter nothing"),
        (
            ("procedures", "check", "/nowhere/mine.toml"),
            "/nowhere/mine.toml cannot be read: there is no such file. Name a file of rules that",
        ),
        (("procedures", "show", "core_grup_first"), "did you mean core_group_first"),
    ],
)
async def test_what_is_not_there_is_named(desk: Desk, huw: str, child: str, arguments: tuple[str, ...], says: str) -> None:
    ran = await desk.runs(*(argument.replace("HUW", huw).replace("CHILD", child) for argument in arguments))
    assert ran.code == Code.mistake
    assert says in ran.err


@pytest.mark.parametrize("by_when", ["soon", "2027-13-45", "2027-02-30T10:00Z"])
async def test_a_wrong_date_within_a_plan_is_named_by_its_option_and_part(desk: Desk, huw: str, child: str, by_when: str) -> None:
    line = f"change_needed=Calm mornings,sign_of_change=She eats,who_helps=Her aunt,by_when={by_when}"
    ran = await desk.runs("journey", "core-group-held", child, "--actor", huw, "--attendance", "school", "--plan", line)
    assert (ran.code, ran.out) == (Code.mistake, "")
    assert re.fullmatch(
        rf"--plan (\(1\) )?by_when: '{by_when}' is not a date with a time; right would be, for instance: 2026-11-23T10:05\+00:00\.\n",
        ran.err,
    )


async def test_whoever_acknowledges_without_saying_what_is_told_where_to_find_it(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    ran = await desk.runs("journey", "acknowledged", child, "--actor", huw, "--action", "A visit.")
    assert ran.code == Code.mistake
    assert "siwrnai journey show CHILD names those that are overdue" in ran.err
    assert "(immediate_safety/1)" in await desk.gets("journey", "show", child)


async def test_an_agency_or_authority_that_is_not_in_the_directory_is_refused_with_those_that_are(desk: Desk, huw: str, child: str) -> None:
    school = await desk.gets("directory", "add-agency", "--name-cy", "Ysgol Glan Nant", "--name-en", "Glan Nant", "--kind", "school")
    other = await desk.gets("directory", "add-agency", "--name-cy", "Sir Arall", "--name-en", "Sir Arall", "--kind", "social_services")
    report = ("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", WORDS, "--agency")
    ran = await desk.runs(*report, "Mair")
    assert ran.code == Code.mistake
    assert "--agency: there is no such agency in the directory: Mair; right would be: " in ran.err
    assert school in ran.err
    await desk.gets(*report, school)
    for given in ("Mair", school):
        ran = await desk.runs("journey", "moved-in", child, "--actor", huw, "--from-authority", given, "--categories", "neglect")
        assert (ran.code, f"; right would be: {other}." in ran.err) == (Code.mistake, True), ran.err
    against = await desk.runs("journey", "allegation-against-professional", child, "--actor", huw, "--against", "Mair", "--words", WORDS)
    assert (against.code, "There is no person Mair in the directory." in against.err) == (Code.mistake, True)


async def test_what_is_still_to_come_is_refused(desk: Desk, huw: str, child: str) -> None:
    ran = await desk.runs(
        "journey", "report", child, "--actor", huw, "--how", "telephone", "--words", WORDS, "--happened-at", "2199-01-01T00:00Z"
    )
    assert ran.code == Code.refused
    assert "still to come" in ran.err


async def test_an_unborn_child_has_no_name_yet(desk: Desk, huw: str) -> None:
    expected = (dt.datetime.now(dt.UTC) + dt.timedelta(days=90)).date().isoformat()
    unborn = await desk.gets("child", "register", "--actor", huw, "--expected", expected)
    assert f"Expected: {expected}" in await desk.gets("child", "show", unborn)
    assert "no name yet" in await desk.gets("journey", "show", unborn)


async def test_brothers_and_sisters_share_a_family(desk: Desk, huw: str, child: str) -> None:
    family = (await desk.gets("child", "show", child)).split("Family: ")[1].split()[0]
    brother = await desk.gets("child", "register", "--actor", huw, "--name", "Ioan Prys", "--born", "2021-01-05", "--family", family)
    assert f"Family: {family}" in await desk.gets("child", "show", brother)


async def test_the_directory_tells_posts_and_who_stands_in(desk: Desk, huw: str) -> None:
    carys = await desk.gets("directory", "add-person", "--name", "Carys Owen", "--language", "cy")
    await desk.gets("directory", "post", "--person", carys, "--role", "service manager")
    today = dt.datetime.now(dt.UTC).date()
    days = ("--first", str(today - dt.timedelta(days=1)), "--last", str(today + dt.timedelta(days=1)))
    await desk.gets("directory", "away", "--person", carys, *days, "--deputy", huw)
    line = next(line for line in (await desk.gets("directory", "people")).splitlines() if carys in line)
    assert "service manager" in line
    assert "away; Huw Bevan" in line


async def test_agencies_are_listed_in_both_languages(desk: Desk) -> None:
    names = ("--name-cy", "Ysgol Bryn Teg", "--name-en", "Bryn Teg School")
    agency = await desk.gets("directory", "add-agency", *names, "--kind", "school")
    assert f"{agency}  Ysgol Bryn Teg / Bryn Teg School" in await desk.gets("directory", "agencies")
    assert (await desk.gets("directory", "add-person", "--name", "Gareth Pugh", "--agency", agency)) != ""


async def test_a_rule_is_shown_with_source_and_trust(desk: Desk) -> None:
    shown = await desk.gets("procedures", "show", "icpc")
    assert "15 working days" in shown
    assert "Source: Wales Safeguarding Procedures section 3.2" in shown
    assert "local setting" in await desk.gets("procedures", "show", "immediate_safety")
    assert "15 diwrnod gwaith" in await desk.gets("--language", "cy", "procedures", "show")


async def test_a_file_of_rules_is_checked(desk: Desk, tmp_path: Path) -> None:
    good = (ROOT / "procedures" / "wales.toml").read_text(encoding="utf-8")
    assert "is a good file of rules" in await desk.gets("procedures", "check", str(ROOT / "procedures" / "wales.toml"))
    bad = tmp_path / "bad.toml"
    bad.write_text(good.replace('trust = "V"', 'trust = "Q"', 1), encoding="utf-8")
    ran = await desk.runs("procedures", "check", str(bad))
    assert ran.code == Code.mistake
    assert "bad.toml: " in ran.err
    assert "right would be" in ran.err


async def test_migrating_again_changes_nothing_and_another_authoritys_database_is_left_alone(desk: Desk) -> None:
    assert await desk.gets("migrate") == "The database is up to date."
    ran = await desk.runs("migrate", SIWRNAI_AUTHORITY="somebody-else")
    assert ran.code == Code.mistake
    assert "this database is of authority" in ran.err


async def test_status_tells_which_parts_are_up(desk: Desk) -> None:
    up = await desk.runs("status")
    assert (up.code, up.out.count(": up")) == (Code.done, 4)
    down = await desk.runs("status", SMTP_URL="smtp://127.0.0.1:9")
    assert (down.code, "Mail server: down" in down.out) == (Code.away, True)


async def test_the_gate_is_open_for_journeys_of_this_version_and_nothing_begins_without_a_worker(
    desk: Desk, huw: str, child: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.gets("journey", "report", child, "--actor", huw, "--how", "telephone", "--words", WORDS)
    monkeypatch.setattr("engine.version.KNOWN_WITHIN", 1.0)
    assert "comes to the recorded state of every open journey" in await desk.gets("gate")
    begun = await desk.runs("gate", "--begin")
    assert (begun.code, "knows of no worker of version" in begun.err) == (Code.away, True)
    elsewhere = await desk.runs("gate", TEMPORAL_NAMESPACE="unknown")
    assert (elsewhere.code, "The engine did not answer (NOT_FOUND)" in elsewhere.err) == (Code.away, True)


async def test_without_a_deployment_one_sentence_says_how_to_start_it(desk: Desk, tmp_path: Path) -> None:
    nothing = {"TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "SIWRNAI_HOME": str(tmp_path)}
    for verb in (("journey", "list"), ("journey", "show", "c-1"), ("status",), ("migrate",), ("gate",)):
        ran = await desk.runs(*verb, **nothing)
        assert (ran.code, ran.out) == (Code.away, "")
        assert ran.err.startswith(f"Siwrnai is not running on the data in {tmp_path}: start it with `make run`")


async def test_a_part_that_is_away_is_named_and_nothing_is_lost(desk: Desk, huw: str, child: str) -> None:
    told = (
        "journey",
        "report",
        child,
        "--actor",
        huw,
        "--how",
        "telephone",
        "--words",
        WORDS,
        "--id",
        "k-2",
        "--happened-at",
        "2026-01-01T10:00Z",
    )
    away = await desk.runs(*told, TEMPORAL_ADDRESS="127.0.0.1:9")
    assert away.code == Code.away
    assert away.err.splitlines()[-1].startswith("The engine cannot be reached at 127.0.0.1:9. Nothing is lost.")
    gone = await desk.runs(*told, DATABASE_URL="postgresql://a:b@127.0.0.1:9/c")
    assert gone.code == Code.away
    assert "The record cannot be reached" in gone.err
    assert (await desk.runs(*told)).code == Code.done


async def test_a_setting_that_cannot_be_used_is_named(desk: Desk) -> None:
    ran = await desk.runs("journey", "list", TEMPORAL_ADDRESS="nowhere")
    assert ran.code == Code.mistake
    assert ran.err.startswith("TEMPORAL_ADDRESS: ")


async def test_a_language_that_is_not_spoken_is_named_with_where_it_was_given_in_both_languages(desk: Desk) -> None:
    english, welsh = "'fr' is not known; right would be: cy, en.", "nid yw 'fr' yn hysbys; byddai hyn yn gywir: cy, en."
    by_environment = await desk.runs("procedures", "show", SIWRNAI_LANGUAGE="fr")
    assert by_environment == (Code.mistake, "", f"SIWRNAI_LANGUAGE: {welsh}\nSIWRNAI_LANGUAGE: {english}\n")
    by_option = await desk.runs("--language", "fr", "procedures", "show")
    assert by_option == (Code.mistake, "", f"--language: {welsh}\n--language: {english}\n")
    assert (await desk.runs("--language", "cy", "procedures", "show", SIWRNAI_LANGUAGE="fr")).code == Code.done


async def test_no_quick_verb_crashes_as_it_leaves(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    runs = await asyncio.gather(*(desk.starts("journey", "verify", child) for _ in range(5)))
    assert [ran.code for ran in runs] == [Code.done] * 5


async def test_an_unknown_case_is_answered_with_those_there_are(desk: Desk) -> None:
    ran = await desk.runs("rehearse", "nothing")
    assert (ran.code, ran.out) == (Code.mistake, "")
    assert "three-siblings" in ran.err


def test_help_loads_nothing_but_itself() -> None:
    program = "import cli, sys; print([each for each in ('pydantic', 'temporalio', 'asyncpg', 'schemas', 'record') if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)  # noqa: S603
    assert ran.stdout == "[]\n"
