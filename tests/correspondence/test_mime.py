"""A letter as mail: deterministic, neutral outside, readable in text and HTML, and in the recipient's language."""

import email
from email import policy
from email.message import EmailMessage

import pytest

from correspondence.catalogue import LANGUAGES
from correspondence.mime import BadAddress, build, mailbox
from schemas.clocks import Language
from schemas.letters import LetterKind
from tests.correspondence.examples import KINDS, PERSONAL, every_kind

FROM, TO = mailbox("Siwrnai <siwrnai@enghraifft.example>"), mailbox("huw.bevan@enghraifft.example")


def message_of(kind: str, language: Language | None = "en") -> EmailMessage:
    return email.message_from_bytes(build(every_kind(language)[kind], FROM, TO), policy=policy.default)  # pyright: ignore[reportReturnType]


def test_the_headers_come_from_the_letter_alone() -> None:
    message = message_of("alert")
    assert message["Message-ID"] == "<l-0001@enghraifft.example>"
    assert message["Date"] == "Tue, 12 Jan 2027 08:30:00 +0000"
    assert message["From"] == "Siwrnai <siwrnai@enghraifft.example>"
    assert message["To"] == "huw.bevan@enghraifft.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Siwrnai-Letter"] == "l-0001"


@pytest.mark.parametrize(("language", "said"), [("cy", "cy"), ("en", "en"), (None, "cy, en")])
def test_the_language_of_the_letter_is_said(language: Language | None, said: str) -> None:
    assert message_of("reminder", language)["Content-Language"] == said


def test_text_comes_before_html_and_both_are_there() -> None:
    message = message_of("digest", "cy")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in message.iter_parts()] == ["utf-8", "utf-8"]


@pytest.mark.parametrize("language", [*LANGUAGES, None])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_letter_is_the_same_bytes_every_time(kind: LetterKind, language: Language | None) -> None:
    first, second = (build(every_kind(language)[kind], FROM, TO) for _ in range(2))
    assert first == second
    assert b"\n" not in first.replace(b"\r\n", b""), "every line ends with CR LF"
    assert max(len(line) for line in first.split(b"\r\n")) <= 998, "RFC 5322, 2.1.1"
    first.decode("ascii")


@pytest.mark.parametrize("language", [*LANGUAGES, None])
@pytest.mark.parametrize("kind", KINDS)
def test_no_subject_says_whom_it_is_about(kind: LetterKind, language: Language | None) -> None:
    subject = message_of(kind, language)["Subject"]
    assert subject.startswith("Siwrnai: ")
    assert not any(word in subject for word in ("c-7f3a", *PERSONAL.values()))


@pytest.mark.parametrize(
    "address", ["no-at-sign", "ŵyn@enghraifft.example", "a@b\r\nRCPT TO:<c@d>", "", "a b@c.example", "a@b, c@d", "a@.example"]
)
def test_an_address_that_no_server_could_take_is_known_before(address: str) -> None:
    with pytest.raises(BadAddress, match="expected name@domain"):
        mailbox(address)
