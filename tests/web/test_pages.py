"""What the pages do, asked as a browser, a mail scanner and a stranger would."""

import datetime as dt
import re
from html import unescape

import httpx
import pytest

from schemas.answering import REASON_LIMIT, Answer, Answered, Contact, Gone, Refused, Reply
from schemas.clocks import Language
from tests.web.invitations import BEGINS, CONTACT, ENGLISH, NOW, POLICE, WELSH, Kept, invitation
from tests.web.serving import Served
from web.guard import HEADERS
from web.rendering import STYLE, STYLE_PATH
from web.wording import say

ANOTHER_TIME = {"version": "0", "day": "12", "month": "1", "year": "2027", "hour": "14", "minute": "30"}


def words(response: httpx.Response) -> str:
    """What the reader reads."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def wrong(key: str, language: Language = "en") -> str:
    return say(f"wrong.{key}", language, limit="10,000", length="10,001", example="7 12 2026")


def test_looking_changes_nothing_however_often_and_by_whatever_means(web: Served, client: httpx.Client) -> None:
    link = web.link(ENGLISH)
    pages = [client.get(link), client.get(link), client.get(f"{link}/another-time"), client.get(f"{link}?answer=accepted&version=0")]
    assert {page.status_code for page in pages} == {200}
    for path in ("", "/another-time"):
        head = client.head(link + path)
        assert (head.status_code, head.content) == (200, b"")
    assert web.kept.answers == []


def test_it_says_when_where_and_who_asks_and_no_more(web: Served, client: httpx.Client) -> None:
    read = words(client.get(web.link(ENGLISH)))
    for said in (
        "You are invited to a meeting",
        "Friday 8 January 2027 at 10:30",
        "Meeting room 2",
        "Mari Llwyd, chair (IRO)",
    ):
        assert said in read
    assert "Where" not in words(client.get(web.link(POLICE))), "the place is told only where it was given"


def test_each_page_leads_to_the_thresholds_but_none_that_a_familys_others_may_see(web: Served, client: httpx.Client) -> None:
    token = web.thresholds_link(ENGLISH).removeprefix(web.base)
    client.post(web.link(ENGLISH), data={"version": "0", "answer": "accepted"})
    for path in ("", "/another-time", "/answered"):
        assert f'href="{token}?lang=cy"' in client.get(f"{web.link(ENGLISH)}{path}?lang=cy").text
    web.kept.seen[ENGLISH] = invitation("en", of_family=True, answered=Answered(reply=Reply.accepted))
    for path in ("", "/another-time", "/answered"):
        assert "/thresholds/" not in client.get(web.link(ENGLISH) + path).text


def test_it_speaks_the_invitees_language_and_the_other_on_request(web: Served, client: httpx.Client) -> None:
    for invitee, own, other in ((WELSH, "cy", "en"), (ENGLISH, "en", "cy")):
        link = web.link(invitee)
        for address, language in ((link, own), (f"{link}?lang={other}", other), (f"{link}?lang=fr", own)):
            page = client.get(address)
            assert f'<html lang="{language}"' in page.text
            assert page.headers["content-language"] == language
            assert say("title.invitation", "cy" if language == "cy" else "en") in words(page)
    assert "dydd Gwener 8 Ionawr 2027 am 10:30" in words(client.get(web.link(WELSH)))


def test_the_chosen_language_stays_from_page_to_page(web: Served, client: httpx.Client) -> None:
    page = client.get(f"{web.link(WELSH)}?lang=en")
    targets = re.findall(r'(?:href|action)="(/answer/[^"]*)"', page.text)
    assert len(targets) == 2
    assert all(target.endswith("?lang=en") for target in targets)
    posted = client.post(f"{web.link(WELSH)}?lang=en", data={"version": "0", "answer": "accepted"})
    assert posted.headers["location"].endswith("/answered?lang=en")


@pytest.mark.parametrize("reply", ["accepted", "declined", "tentative"])
@pytest.mark.parametrize(("invitee", "language"), [(WELSH, "cy"), (ENGLISH, "en")])
def test_each_button_answers_and_is_confirmed(invitee: str, language: Language, reply: str, web: Served, client: httpx.Client) -> None:
    posted = client.post(web.link(invitee), data={"version": "0", "answer": reply, "reason": "  Ar wyliau\r\ntan y Pasg  "})
    assert posted.status_code == 303
    assert web.kept.answers == [(invitee, Answer(reply=Reply(reply), at=NOW, version=0, reason="Ar wyliau\ntan y Pasg"))]
    for _ in range(2):
        confirmed = client.get(posted.headers["location"])
        assert say("title.answered", language) in words(confirmed)
        assert say(f"reply.{reply}", language) in words(confirmed)
        assert "wyliau" not in confirmed.text, "whoever else holds the link does not read the reason"
    assert say(f"reply.{reply}", language) in words(client.get(web.link(invitee)))
    assert len(web.kept.answers) == 1


def test_another_time_is_proposed_in_local_time(web: Served, client: httpx.Client) -> None:
    summer = {**ANOTHER_TIME, "month": "7", "reason": "Llys y bore hwnnw"}
    posted = client.post(f"{web.link(WELSH)}/another-time", data=summer)
    at = dt.datetime(2027, 7, 12, 13, 30, tzinfo=dt.UTC)
    assert web.kept.answers == [
        (WELSH, Answer(reply=Reply.another_time, at=NOW, version=0, proposed=at, reason="Llys y bore hwnnw")),
    ]
    confirmed = words(client.get(posted.headers["location"]))
    assert "dydd Llun 12 Gorffennaf 2027 am 14:30" in confirmed
    assert "dydd Gwener 8 Ionawr 2027 am 10:30" in confirmed
    assert "Yr amser a gynigiwyd gennych dydd Llun 12 Gorffennaf 2027 am 14:30" in words(client.get(web.link(WELSH)))


def test_answering_again_takes_the_place_of_the_answer(web: Served, client: httpx.Client) -> None:
    client.post(web.link(ENGLISH), data={"version": "0", "answer": "declined"})
    client.post(f"{web.link(ENGLISH)}/another-time", data=ANOTHER_TIME)
    posted = client.post(web.link(ENGLISH), data={"version": "0", "answer": "accepted"})
    assert web.kept.replies() == [Reply.declined, Reply.another_time, Reply.accepted]
    confirmed = words(client.get(posted.headers["location"]))
    assert "I will attend" in confirmed
    assert "The time that you proposed" not in confirmed


@pytest.mark.parametrize("fields", [{}, {"answer": ""}, {"answer": "another_time"}, {"answer": "maybe"}])
def test_a_form_without_a_button_says_so_and_changes_nothing(fields: dict[str, str], web: Served, client: httpx.Client) -> None:
    for invitee, language in ((WELSH, "cy"), (ENGLISH, "en")):
        page = client.post(web.link(invitee), data={"version": "0", "reason": "<b>kept</b>", **fields})
        assert page.status_code == 422
        assert words(page).count(wrong("answer", "cy" if language == "cy" else "en")) == 2, "in the summary, and where it is wrong"
        assert "&lt;b&gt;kept&lt;/b&gt;</textarea>" in page.text
    assert web.kept.answers == []


def test_a_reason_that_is_too_long_is_given_back_to_be_shortened(web: Served, client: httpx.Client) -> None:
    for path, fields in (("", {"version": "0", "answer": "declined"}), ("/another-time", ANOTHER_TIME)):
        page = client.post(web.link(ENGLISH) + path, data={**fields, "reason": "ŵ" * (REASON_LIMIT + 1)})
        assert page.status_code == 422
        assert wrong("reason_long") in words(page)
        assert page.text.count("ŵ") == REASON_LIMIT + 1
    assert web.kept.answers == []
    client.post(web.link(ENGLISH), data={"version": "0", "answer": "declined", "reason": "ŵ" * REASON_LIMIT})
    assert web.kept.replies() == [Reply.declined]


def test_a_police_officer_who_declines_is_asked_for_a_reason_or_a_contribution(web: Served, client: httpx.Client) -> None:
    link = web.link(POLICE)
    assert "Reason or written contribution" in words(client.get(link))
    assert "Reason for your answer (optional)" in words(client.get(f"{link}/another-time"))
    for reason in ("", "  \r\n "):
        page = client.post(link, data={"version": "0", "answer": "declined", "reason": reason})
        assert page.status_code == 422
        assert wrong("reason_needed") in words(page)
    assert web.kept.answers == []
    for reply in ("accepted", "tentative"):
        assert client.post(link, data={"version": "0", "answer": reply}).status_code == 303
    assert client.post(link, data={"version": "0", "answer": "declined", "reason": "On a course; no incidents"}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"day": "", "month": "", "year": ""}, "date_missing"),
        ({"hour": "", "minute": ""}, "time_missing"),
        ({"day": ""}, "date_unreal"),
        ({"day": "31", "month": "2"}, "date_unreal"),
        ({"day": "29", "month": "2", "year": "2027"}, "date_unreal"),
        ({"day": "dydd Llun"}, "date_unreal"),
        ({"day": "-1"}, "date_unreal"),
        ({"year": "0"}, "date_unreal"),
        ({"year": "99999999999999999999"}, "date_unreal"),
        ({"month": "٣"}, "date_unreal"),
        ({"minute": "٣٠"}, "time_unreal"),
        ({"hour": "24"}, "time_unreal"),
        ({"minute": ""}, "time_unreal"),
        ({"day": "28", "month": "3", "hour": "1"}, "time_unreal"),
        ({"day": "23", "month": "11", "year": "2026", "hour": "10", "minute": "0"}, "date_past"),
        ({"year": "27"}, "date_past"),
        ({"year": "2028"}, "date_far"),
        ({"year": "2207"}, "date_far"),
    ],
)
def test_a_proposed_time_that_cannot_be_is_named_and_given_back(
    typed: dict[str, str], problem: str, web: Served, client: httpx.Client
) -> None:
    fields = ANOTHER_TIME | typed
    for invitee, language in ((WELSH, "cy"), (ENGLISH, "en")):
        page = client.post(f"{web.link(invitee)}/another-time", data=fields)
        assert page.status_code == 422
        assert words(page).count(wrong(problem, "cy" if language == "cy" else "en")) == 2
        for name in ("day", "month", "year", "hour", "minute"):
            shown = re.search(rf'<input[^>]* name="{name}"[^>]*>', page.text)
            assert shown is not None
            assert f'value="{fields[name]}"' in shown[0] or not fields[name]
    assert web.kept.answers == []


def test_whoever_answers_for_a_time_that_has_changed_meanwhile_looks_again(web: Served, client: httpx.Client) -> None:
    web.kept.seen[ENGLISH] = invitation("en", version=1, begins=BEGINS + dt.timedelta(days=1))
    for path, fields in (("", {"answer": "accepted", "reason": "typed"}), ("/another-time", ANOTHER_TIME | {"reason": "typed"})):
        page = client.post(web.link(ENGLISH) + path, data={"version": "0"} | fields)
        assert page.status_code == 422
        assert wrong("changed") in words(page)
        assert "Saturday 9 January 2027" in words(page)
        assert 'name="version" value="1"' in page.text
        assert "typed</textarea>" in page.text
        assert client.post(web.link(ENGLISH) + path, data={"answer": "accepted"}).status_code == 422
    assert web.kept.answers == []


@pytest.mark.parametrize(("why", "problem"), [("changed", "changed"), ("reason_needed", "reason_needed"), ("gone", "changed")])
def test_what_the_record_refuses_is_not_confirmed(why: str, problem: str, web: Served, client: httpx.Client) -> None:
    web.kept.refuse = Refused.model_validate({"why": why})
    page = client.post(web.link(ENGLISH), data={"version": "0", "answer": "accepted"})
    assert page.status_code == 422
    assert wrong(problem) in words(page)


@pytest.mark.parametrize("why", ["cancelled", "held", "withdrawn"])
def test_where_the_invitation_is_gone_it_says_why_and_whom_to_call(why: str, web: Served, client: httpx.Client) -> None:
    for invitee, language in ((WELSH, "cy"), (ENGLISH, "en")):
        spoken = "cy" if language == "cy" else "en"
        web.kept.seen[invitee] = Gone.model_validate({"language": language, "why": why, "contact": CONTACT})
        for path in ("", "/another-time", "/answered"):
            page = client.get(web.link(invitee) + path)
            assert page.status_code == 410
            assert say(f"title.{why}", spoken) in words(page)
            assert f"{CONTACT.name.in_(spoken)}, {CONTACT.telephone}" in words(page)
        assert client.post(web.link(invitee), data={"version": "0", "answer": "accepted"}).status_code == 410
    assert web.kept.answers == []


@pytest.mark.parametrize(("language", "calls"), [("cy", "ffon"), ("en", "call")])
def test_nobody_is_asked_to_call_where_no_number_is_known(language: str, calls: str, web: Served, client: httpx.Client) -> None:
    without = Contact(name=CONTACT.name)
    web.kept.seen[ENGLISH] = invitation(language, contact=without)
    asked = words(client.get(web.link(ENGLISH)))
    web.kept.seen[ENGLISH] = Gone.model_validate({"language": language, "why": "held", "contact": without})
    for said in (asked, words(client.get(web.link(ENGLISH)))):
        assert without.name.in_("cy" if language == "cy" else "en") in said
        assert calls not in said


def test_an_expired_link_says_whom_to_call_and_nothing_of_the_meeting(web: Served, client: httpx.Client) -> None:
    for invitee, language in ((WELSH, "cy"), (ENGLISH, "en")):
        link = web.links.link(invitee, NOW)
        page = client.get(link)
        assert page.status_code == 410
        assert say("title.expired", "cy" if language == "cy" else "en") in words(page)
        assert "01632 960 001" in words(page)
        assert 'href="tel:01632960001"' in page.text
        for hidden in ("Mari Llwyd", "2027", "<form"):
            assert hidden not in page.text
        assert client.post(link, data={"version": "0", "answer": "accepted"}).status_code == 410
    assert web.kept.answers == []


def test_a_forged_link_and_one_to_nobody_look_like_any_page_that_is_not_there(web: Served, client: httpx.Client) -> None:
    forged, nobody = web.link(ENGLISH)[:-3] + "AAA", web.link("nobody")
    answers = [client.get(path) for path in (forged, f"{forged}/answered", nobody, "/answer", "/answer/x", "/docs", "/openapi.json")]
    answers += [client.post(path, data={"version": "0", "answer": "accepted"}) for path in (forged, nobody)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "Nid oes tudalen yma" in answers[0].text
    assert '<div lang="en">' in answers[0].text, "of a stranger not even the language is known"
    assert web.kept.answers == []


def test_the_confirmation_of_no_answer_leads_to_the_question(web: Served, client: httpx.Client) -> None:
    assert client.get(f"{web.link(ENGLISH)}/answered").headers["location"].endswith("?lang=en")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"answer=%FF%FE", id="no UTF-8"),
        pytest.param(b"answer=accepted&reason=a%00b", id="a zero byte"),
        pytest.param("answer=ŵ".encode(), id="not encoded"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(30)), id="too many fields"),
        pytest.param(b"version=0&answer=accepted&reason=" + b"a" * 300_000, id="too long"),
    ],
)
def test_what_no_form_of_ours_sends_is_refused_and_changes_nothing(body: bytes, web: Served, client: httpx.Client) -> None:
    page = client.post(web.link(ENGLISH), content=body)
    assert page.status_code == 400
    assert "Nothing was recorded" in words(page)
    assert web.kept.answers == []


def test_other_methods_are_refused(web: Served, client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        refused = client.request(method, web.link(ENGLISH))
        assert refused.status_code == 405
    assert web.kept.answers == []


def test_a_failure_shows_nothing_of_itself(web: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(self: Kept, invitee: str) -> None:
        raise RuntimeError("Cerys Prydderch")

    monkeypatch.setattr(Kept, "look", fail)
    page = client.get(web.link(ENGLISH))
    assert page.status_code == 500
    assert "Something has gone wrong" in words(page)
    assert "Cerys" not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_every_answer_carries_the_headers_that_keep_the_link_secret(web: Served, client: httpx.Client) -> None:
    link = web.link(ENGLISH)
    answers = [client.get(path) for path in (link, f"{link}/another-time", "/none", "/health", web.links.link(ENGLISH, NOW))]
    answers += [client.head(link), client.put(link), client.post(link), client.post(link, data={"version": "0", "answer": "accepted"})]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "set-cookie" not in answer.headers
        assert "server" not in answer.headers
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_no_page_has_a_script_a_style_of_its_own_or_anything_from_elsewhere(web: Served, client: httpx.Client) -> None:
    link = web.link(POLICE)
    pages = [client.get(link), client.get(f"{link}/another-time"), client.post(link), client.get("/none")]
    for page in pages:
        for foreign in ("<script", "<style", " style=", "onclick", "//", "crown", "GOV.UK"):
            assert foreign not in page.text.replace("<!DOCTYPE", ""), foreign


def test_the_style_may_be_kept_for_good_by_the_name_of_its_content(client: httpx.Client) -> None:
    style = client.get(STYLE_PATH)
    assert (style.status_code, style.content) == (200, STYLE)
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert client.get("/style/older.css").status_code == 404


def test_health_answers(client: httpx.Client) -> None:
    assert client.get("/health").text == "ok\n"
