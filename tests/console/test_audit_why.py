"""`siwrnai audit why` and `siwrnai audit review` on a running deployment."""

import datetime as dt
import re

import orjson

from tests.console.conftest import Desk


def ago(**before: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**before)).isoformat(timespec="seconds")


async def reported(desk: Desk, child: str, huw: str) -> None:
    said = ("--how", "telephone", "--words", "A bruise.", "--happened-at", ago(days=9))
    await desk.gets("journey", "report", child, "--actor", huw, *said)


async def test_why_a_letter_was_sent_and_a_date_is_due(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    shown = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--json"))
    alert = next(each for each in shown["letters"] if each["kind"] == "alert" and each["about"] == "screening")
    (why,) = orjson.loads(await desk.gets("audit", "why", child, "--actor", huw, "--letter", alert["cause"], "--json"))
    assert [each["kind"] for each in why["links"]] == ["clock", "clock", "report"]
    assert why["links"][-1]["actor"] == huw
    assert (why["written"]["letter"]["recipient"], "team_manager" in why["written"]["roles"]) == (huw, True)
    told = await desk.gets("audit", "why", child, "--actor", huw, "--letter", alert["letter"])
    assert re.match(r"(?s)Letter \w+, ordered 20.*alert,\s+Screening\s+decision", told)
    assert re.search(r"to: Huw Bevan, .*team manager", told)
    assert "by email, in English; " in told
    assert "how far it can be trusted: V, read in the procedures or a statute" in told
    due = await desk.gets("audit", "why", child, "--actor", huw, "--timescale", "screening/1")
    assert "Wales Safeguarding Procedures section 3.1 page 4" in due
    assert re.search(r"command \w+ of Huw Bevan", due)
    unknown = await desk.runs("audit", "why", child, "--actor", huw, "--timescale", "screening/7")
    assert unknown.code == 2 and "screening/1" in unknown.err


async def test_every_decision_and_refusal_says_why(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    await desk.runs("journey", "screened", child, "--actor", huw, "--decision", "no_further_action", "--rationale", "Nothing.")
    await desk.gets("journey", "screened", child, "--actor", huw, "--decision", "strategy", "--rationale", "He was hit.")
    plain = await desk.gets("audit", "why", child, "--actor", huw)
    assert "Screening decision" in plain and "He was hit." not in plain
    spoken = await desk.gets("audit", "why", child, "--actor", huw, "--words")
    assert "rationale: He was hit." in spoken
    assert spoken.count("He was hit.") == 1, "nothing is said twice"
    (number,) = re.findall(r"^(\d+)  .*Screening decision, Huw Bevan", plain.partition("Refused")[2], flags=re.MULTILINE)
    refused = await desk.gets("--language", "cy", "audit", "why", child, "--actor", huw, "--refusal", number)
    assert f"Gwrthodiad {number}, " in refused
    assert "sefyllfa'r plentyn ar y pryd: heb fod ar y Gofrestr Amddiffyn Plant; ymholiad 1: adroddwyd" in refused
    assert "screening_needs_threshold" in refused
    said = orjson.loads(await desk.gets("audit", "why", child, "--actor", huw, "--json", "--words"))
    assert said[0]["links"][0]["words"]["rationale"] == [["He was hit."]]
    kept = orjson.loads(await desk.gets("audit", "why", child, "--actor", huw, "--json"))
    assert kept[0]["links"][0]["words"]["rationale"][0][0].startswith("text:")


async def test_who_dissented_and_the_evidence_are_told_by_agency_and_category(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    act = ("journey", "strategy-held", child, "--actor", huw, "--attendance", "police", "--attendance", "social_services")
    await desk.gets(*act, "--outcome", "section47_joint", "--medical", "not_needed", "--rationale", "A bruise.")
    decided = ("--decision", "register", "--categories", "physical", "--chair", huw, "--attendance", "police")
    dissent = ("--rationale", "She is at risk.", "--dissent", "agency=police,reason=The risk is not shown.")
    await desk.gets("journey", "conference-held", child, "--actor", huw, *decided, *dissent)
    spoken = await desk.gets("audit", "why", child, "--actor", huw, "--words")
    assert "dissent: police; The risk is not shown." in spoken
    assert "anghytuno: heddlu; " in await desk.gets("--language", "cy", "audit", "why", child, "--actor", huw)


async def test_words_of_a_meetings_own_log_are_read_and_that_is_logged(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    chair = await desk.gets("directory", "add-person", "--name", "Nia Probert", "--language", "en", "--email", "nia@enghraifft.example")
    starts = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    when = starts.isoformat(timespec="minutes")
    await desk.gets("meeting", "arranged", "--actor", huw, "--kind", "strategy", "--children", child, "--starts", when, "--chair", chair)
    shown = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--json"))
    (meeting,) = [each["meeting"] for each in shown["meetings"]]
    later = (starts + dt.timedelta(days=1)).isoformat(timespec="minutes")
    await desk.gets("meeting", "moved", meeting, "--actor", huw, "--starts", later, "--reason", "The chair is ill.")
    shown = orjson.loads(await desk.gets("audit", "show", child, "--actor", huw, "--json"))
    letter = next(
        each for each in reversed(shown["letters"]) if each["cause"].startswith(f"meeting:{meeting}") and each["recipient"] == chair
    )
    why = "audit", "why", child, "--actor", huw, "--letter", letter["cause"]
    assert "The chair is ill." not in await desk.gets(*why)
    spoken = await desk.gets(*why, "--words")
    assert "reason: The chair is ill." in spoken
    assert re.search(r"to: Nia Probert, chair", spoken)
    assert "The chair is ill." in await desk.gets(*why, "--words", "--json")
    review = await desk.gets("audit", "review", child, "--actor", huw, "--json")
    assert "The chair is ill." not in review, "without --words none are printed"


async def test_a_review_names_what_was_late_in_either_language(desk: Desk, huw: str, child: str) -> None:
    await reported(desk, child, huw)
    english = await desk.gets("audit", "review", child, "--actor", huw)
    assert re.search(r"Screening.*due .*is still not done, \d+ days after it\. Reason: none recorded\.", english)
    assert "Drift that hides inside compliance\nnothing" in english
    welsh = await desk.gets("--language", "cy", "audit", "review", child, "--actor", huw)
    assert "Rheswm: dim wedi'i gofnodi." in welsh
    made = orjson.loads(await desk.gets("audit", "review", child, "--actor", huw, "--json"))
    screening = next(each for each in made["timescales"] if each["clock"] == "screening")
    assert screening["should_be_due"] == screening["due"]
