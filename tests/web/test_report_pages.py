"""The pages by which an agency gives its reports: looked at, saved, told what is missing, given; and the thresholds, counted."""

import datetime as dt
import re

import httpx
import pytest

from schemas.answering import Gone
from schemas.clocks import Language
from schemas.commands.base import ThresholdElement
from schemas.reporting import ReportsSeen, Whose
from schemas.reports import SECTION_LIMIT, Kept, ReportWords, Section
from tests.web.asked_reports import AGENCY, CODE, ELA, FATHER, MEETING, THRESHOLDS, TOMOS, which
from tests.web.invitations import CONTACT, ENGLISH, NOW, WELSH
from tests.web.serving import Served
from web.links import REPORT, of_meeting
from web.wording import say

WHOLE = {section.value: f"What we know of {section} in enough words." for section in AGENCY}
OURS = Whose(MEETING, ENGLISH, ELA)


def words(page: httpx.Response) -> str:
    text = re.sub(r"<[^>]*>", " ", page.text)
    return " ".join(text.replace("&#39;", "'").split())


def test_each_child_is_there_by_itself_with_its_due_date_and_no_name(web: Served, client: httpx.Client) -> None:
    page = client.get(web.report_link(ENGLISH))
    assert page.status_code == 200
    for each in ("E. P. (aged 12, c-ela)", "T. P. (aged 12, c-tomos)", "Tuesday 5 January 2027", "Not given yet"):
        assert each in words(page)
    assert "dydd Mawrth 5 Ionawr 2027" in words(client.get(web.report_link(WELSH)))
    assert say("report.title_all", "cy") in words(client.get(web.report_link(ENGLISH), params={"lang": "cy"}))


def test_what_is_chosen_from_says_of_which_section_it_is_and_begins_as_a_line_does(web: Served, client: httpx.Client) -> None:
    said = words(client.get(f"{web.report_link(ENGLISH)}/{which(ELA)}"))
    assert "Risk of significant harm: not to be shown to parent (S. P.) parent (D. P.)" in said
    assert "Suffering significant harm Likely to suffer significant harm None, or not known" in said


def test_whoever_is_asked_for_more_is_told_that_the_whole_report_is_to_be_given_again(web: Served, client: httpx.Client) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    assert say("report.replaces", "en") not in words(client.get(path))
    web.reports.change(ENGLISH, ELA, given_at=NOW, returned=(Section.impact,))
    assert say("report.replaces", "en") in words(client.get(path))


def test_the_day_of_the_meeting_is_not_taken_for_the_day_on_which_a_report_is_due(web: Served, client: httpx.Client) -> None:
    assert "The meeting Friday 8 January 2027 at 10:30 Who is asking Mari Llwyd" in words(client.get(web.report_link(ENGLISH)))


def test_looking_changes_nothing_and_counts_nothing(web: Served, client: httpx.Client) -> None:
    link = web.report_link(ENGLISH)
    for path in (link, f"{link}/{which(ELA)}", f"{link}/{which(TOMOS)}", f"{link}/{which(ELA)}/given", web.thresholds_link(ENGLISH)):
        client.head(path)
        client.get(path)
    assert (web.reports.given, web.reports.drafts, web.reports.opened) == ([], {}, [])


def test_a_whole_report_is_taken_with_the_threshold_and_from_whom_a_section_is_kept(web: Served, client: httpx.Client) -> None:
    link = web.report_link(ENGLISH)
    form = {**WHOLE, "do": "send", "threshold": "significant_harm_likely", f"keep-harm-{FATHER}": "yes", "keep-harm-i-stranger": "yes"}
    page = client.post(f"{link}/{which(ELA)}", data=form)
    assert (page.status_code, page.headers["location"].partition("?")[0].endswith(f"/{which(ELA)}/given")) == (303, True)
    ((whose, given),) = web.reports.given
    assert whose == OURS
    assert given.sections == {Section(name): said for name, said in WHOLE.items()}
    assert given.threshold is ThresholdElement.significant_harm_likely
    assert given.kept == (Kept(section=Section.harm, person=FATHER),)
    assert "The report has been received" in words(client.get(page.headers["location"]))


def test_what_is_missing_is_said_before_it_is_given_and_then_it_is_taken_as_it_is(web: Served, client: httpx.Client) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    typed = {**WHOLE, "impact": "Afraid.", "voice": ""}
    page = client.post(path, data={**typed, "do": "send"})
    assert page.status_code == 200
    said = words(page)
    assert "Before you give it: these sections are empty or very short" in said
    assert 'href="#impact"' in page.text
    assert 'href="#voice"' in page.text
    assert 'href="#harm"' not in page.text
    assert "Afraid." in page.text, "nothing typed is lost"
    assert web.reports.given == []
    assert client.post(path, data={**typed, "do": "send_as_it_is"}).status_code == 303
    confirmed = words(client.get(f"{path}/given"))
    assert "Impact on this child" in confirmed
    assert "The child's own words" in confirmed


def test_even_an_empty_report_is_taken(web: Served, client: httpx.Client) -> None:
    client.post(f"{web.report_link(ENGLISH)}/{which(TOMOS)}", data={"do": "send_as_it_is"})
    ((whose, given),) = web.reports.given
    assert (whose.child, given) == (TOMOS, ReportWords())


def test_a_draft_opens_with_its_code_and_never_with_the_link_alone(web: Served, client: httpx.Client) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    saved = client.post(path, data={"harm": "A secret of the family.", "do": "draft"})
    assert CODE in words(saved)
    assert web.reports.given == []
    looked = client.get(path)
    assert "A secret" not in looked.text
    assert "A draft is saved" in words(looked)
    wrong = client.post(f"{path}/draft", data={"code": "nothing"})
    assert (wrong.status_code, "A secret" in wrong.text) == (422, False)
    opened = client.post(f"{path}/draft", data={"code": CODE.upper()})
    assert "A secret of the family." in opened.text
    assert f'name="code" value="{CODE}"' in opened.text, "saved again it keeps its code"


@pytest.mark.parametrize("code", ["", "wrong", f" {CODE}x "])
@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_draft_saved_without_its_code_lies_beside_the_earlier_one_and_the_page_says_so(
    code: str, language: Language, web: Served, client: httpx.Client
) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    saved = client.post(path, data={"harm": "The first.", "do": "draft"}, params={"lang": language})
    assert say("report.beside", language) not in words(saved)
    second = client.post(path, data={"harm": "The second.", "do": "draft", "code": code}, params={"lang": language})
    assert say("report.beside", language) in words(second)
    assert "The first." in client.post(f"{path}/draft", data={"code": f" {CODE[:5]} {CODE[5:]}\t"}).text
    assert "The second." in client.post(f"{path}/draft", data={"code": f"{CODE}1"}).text


@pytest.mark.parametrize("language", ["cy", "en"])
def test_where_a_draft_cannot_be_saved_the_page_says_so_and_keeps_what_was_typed(
    language: Language, web: Served, client: httpx.Client
) -> None:
    web.reports.refuse = True
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    page = client.post(path, data={"harm": "Typed for an hour.", "do": "draft"}, params={"lang": language})
    assert (page.status_code, "Typed for an hour." in page.text) == (409, True)
    assert say("report.not_saved_full", language) in words(page)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_where_the_author_has_left_the_page_says_so_and_keeps_what_was_typed(language: Language, web: Served, client: httpx.Client) -> None:
    web.reports.left = True
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    page = client.post(path, data={"harm": "Typed for an hour.", "do": "send_as_it_is"}, params={"lang": language})
    assert (page.status_code, "Typed for an hour." in page.text, web.reports.given) == (409, True, [])
    assert say("report.author_left", language) in words(page)
    assert client.post(path, data={"harm": "Typed for an hour.", "do": "draft"}).status_code == 200


def test_a_report_that_was_given_is_not_shown_again(web: Served, client: httpx.Client) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    client.post(path, data={**WHOLE, "do": "send"})
    page = client.get(path)
    assert "What we know of" not in page.text
    assert "A new one takes its place" in words(page)


def test_a_returned_report_says_which_sections_lack_something(web: Served, client: httpx.Client) -> None:
    web.reports.change(ENGLISH, ELA, given_at=NOW, returned=(Section.harm, Section.known_how))
    for path in (web.report_link(ENGLISH), f"{web.report_link(ENGLISH)}/{which(ELA)}"):
        said = words(client.get(path))
        assert "The chair asks for more on these: Risk of significant harm How that is known" in said


def test_a_section_that_is_too_long_is_given_back_to_be_shortened(web: Served, client: httpx.Client) -> None:
    page = client.post(f"{web.report_link(ENGLISH)}/{which(ELA)}", data={**WHOLE, "harm": "ŵ" * (SECTION_LIMIT + 1), "do": "send"})
    assert page.status_code == 422
    assert "Risk of significant harm: this section must be 20,000 characters or fewer" in words(page)
    assert "ŵŵŵ" in page.text
    assert web.reports.given == []


def test_what_was_typed_is_shown_as_text_and_never_as_markup(web: Served, client: httpx.Client) -> None:
    page = client.post(f"{web.report_link(ENGLISH)}/{which(ELA)}", data={"harm": "</textarea><script>alert(1)</script>", "do": "send"})
    assert "<script" not in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page.text


def test_a_link_for_answering_gives_no_report_and_the_other_way_round(web: Served, client: httpx.Client) -> None:
    answer = web.link(ENGLISH).rpartition("/")[2]
    report = web.report_link(ENGLISH).rpartition("/")[2]
    thresholds = web.thresholds_link(ENGLISH).rpartition("/")[2]
    for path in (
        f"/report/{answer}",
        f"/report/{thresholds}",
        f"/answer/{report}",
        f"/thresholds/{report}",
        f"/report/{report}/3",
        f"/report/{report}/0",
    ):
        assert client.get(path).status_code == 404, path
    other = web.links.for_(REPORT).link(of_meeting("m-2", ENGLISH), NOW + dt.timedelta(days=1))
    assert client.get(other).status_code == 404


def test_after_the_meeting_there_is_nothing_to_give(web: Served, client: httpx.Client) -> None:
    web.reports.seen[ENGLISH] = Gone(language="en", why="held", contact=CONTACT)
    for path in (web.report_link(ENGLISH), f"{web.report_link(ENGLISH)}/{which(ELA)}"):
        assert client.get(path).status_code == 410
        assert client.post(f"{web.report_link(ENGLISH)}/{which(ELA)}", data={**WHOLE, "do": "send"}).status_code == 410
    expired = web.links.for_(REPORT).link(of_meeting(MEETING, WELSH), NOW)
    assert client.get(expired).status_code == 410


def test_the_thresholds_open_elsewhere_and_are_counted_where_a_person_goes_there(web: Served, client: httpx.Client) -> None:
    link = web.thresholds_link(ENGLISH)
    scanned = client.get(link)
    assert (scanned.status_code, scanned.headers["location"]) == (303, THRESHOLDS["en"]), "in the invitee's language"
    assert web.reports.opened == []
    there = client.get(f"{link}?lang=cy", headers={"Sec-Fetch-Mode": "navigate"})
    assert there.headers["location"] == THRESHOLDS["cy"]
    assert there.headers["referrer-policy"] == "no-referrer"
    assert web.reports.opened == [ENGLISH]
    page = client.get(web.report_link(ENGLISH))
    (found,) = re.findall(r'href="(/thresholds/[^"]+)"', page.text)
    assert client.get(found.replace("&amp;", "&")).headers["location"] == THRESHOLDS["en"]


@pytest.mark.parametrize("path", ["", f"/{which(ELA)}", f"/{which(TOMOS)}"])
def test_no_page_asks_for_a_view_on_registration(path: str, web: Served, client: httpx.Client) -> None:
    """WSP section 3.2: a social worker's report must not hold one, and the others give theirs at the conference."""
    for language in ("cy", "en"):
        page = client.get(f"{web.report_link(ENGLISH)}{path}?lang={language}")
        fields = set(re.findall(r'name="([^"]+)"', page.text))
        assert {each.partition("-")[0] for each in fields} <= {*WHOLE, "keep", "threshold", "code", "do", "viewport", "robots"}
        assert not any(word in words(page).lower() for word in ("regist", "cofrestr"))


def test_a_refusal_after_the_look_leads_to_what_is_so_now(web: Served, client: httpx.Client) -> None:
    web.reports.refuse = True
    assert client.post(f"{web.report_link(ENGLISH)}/{which(ELA)}", data={**WHOLE, "do": "send"}).status_code == 404
    assert web.reports.given == []


def test_where_a_child_drops_out_meanwhile_its_report_is_filed_on_nobody_else(web: Served, client: httpx.Client) -> None:
    path = f"{web.report_link(ENGLISH)}/{which(ELA)}"
    assert client.get(path).status_code == 200
    seen = web.reports.seen[ENGLISH]
    assert isinstance(seen, ReportsSeen)
    others = tuple(each for each in seen.children if each.child != ELA)
    web.reports.seen[ENGLISH] = seen.model_copy(update={"children": others})
    assert client.post(path, data={**WHOLE, "do": "send"}).status_code == 404
    assert client.post(f"{path}/draft", data={"code": CODE}).status_code == 404
    assert web.reports.given == []
