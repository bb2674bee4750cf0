"""A calendar object as mail: its parts in the order that calendar programs want, its words in the recipient's language."""

import email
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given

from correspondence.calendars.messages import build
from correspondence.calendars.objects import WRITE
from schemas.calendars import Event, Method
from schemas.clocks import Language
from tests.correspondence.calendars.facts import HUW, MONDAY, events, unhurried

CHANGED = MONDAY.model_copy(update={"sequence": 3})


def message_of(method: Method, event: Event = MONDAY, language: Language | None = "en") -> EmailMessage:
    told = event.model_copy(update={"language": language})
    return email.message_from_bytes(build(method, told, "i-0001"), policy=policy.default)  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("method", Method)
def test_the_object_comes_last_under_its_own_method(method: Method) -> None:
    message = message_of(method)
    assert message.get_content_type() == "multipart/alternative"
    *_, calendar = parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": method.value}
    assert calendar.get_content_disposition() is None, "an attachment alone is no invitation"
    assert calendar.get_payload(decode=True) == WRITE[method](MONDAY)


def test_the_headers_come_from_the_facts_alone() -> None:
    message = message_of(Method.request)
    assert message["From"] == message["Reply-To"] == "Siwrnai <cyfarfodydd@siwrnai.example>"
    assert message["Auto-Submitted"] == "auto-generated", "nobody's absence notice is an answer to it (RFC 3834)"
    assert message["To"] == HUW
    assert message["Message-ID"] == "<i-0001@siwrnai.example>"
    assert message["Date"] == "Mon, 01 Mar 2027 09:15:00 +0000"


@pytest.mark.parametrize(
    ("method", "event", "language", "subject"),
    [
        (Method.request, MONDAY, "en", "Siwrnai: invitation to a meeting"),
        (Method.request, MONDAY, "cy", "Siwrnai: gwahoddiad i gyfarfod"),
        (Method.request, CHANGED, None, "Siwrnai: newid i gyfarfod / a change to a meeting"),
        (Method.cancel, CHANGED, "cy", "Siwrnai: cyfarfod wedi'i ganslo"),
    ],
)
def test_the_subject_is_neutral_in_each_language(method: Method, event: Event, language: Language | None, subject: str) -> None:
    assert message_of(method, event, language)["Subject"] == subject


def test_both_languages_are_there_where_none_is_known_welsh_first() -> None:
    message = message_of(Method.request, language=None)
    assert message["Content-Language"] == "cy, en"
    for part in list(message.iter_parts())[:2]:
        said = part.get_content()
        assert said.index("dydd Llun 29 Mawrth 2027 am 10:00") < said.index("Monday 29 March 2027 at 10:00")


def test_a_cancellation_tells_no_place_and_no_link() -> None:
    for part in list(message_of(Method.cancel).iter_parts())[:2]:
        assert "ystafell 1" not in part.get_content()
        assert "https://" not in part.get_content()


def test_words_are_escaped_in_html() -> None:
    event = MONDAY.model_copy(update={"summary": "<b>&"})
    _, html, _ = message_of(Method.request, event).iter_parts()
    assert "&lt;b&gt;&amp;" in html.get_content()


@unhurried
@given(events())
def test_any_meeting_makes_the_same_bytes_every_time(event: Event) -> None:
    first, second = (build(Method.request, event, "i-0001") for _ in range(2))
    assert first == second
    assert b"\n" not in first.replace(b"\r\n", b""), "every line ends with CR LF"
    assert max(len(line) for line in first.split(b"\r\n")) <= 998, "RFC 5322, 2.1.1"
    first.decode("ascii")
    *_, calendar = email.message_from_bytes(first).walk()
    assert calendar.get_payload(decode=True) == WRITE[Method.request](event)
