"""A mail of unknown hands: who it says it is from, who vouches for that, and the calendar object in it. Bounded before it is parsed."""

import email
import re
from collections.abc import Sequence
from email.message import Message
from email.policy import Compat32
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from correspondence.calendars.refusals import ReplyRefused
from schemas.calendars import Mailbox, NotTaken

LARGEST_MAIL = 1024 * 1024
"""Bytes. An answer is some ten kB; some programs quote the invitation with pictures."""

MOST_LINES, MOST_DELIMITERS, MOST_BOUNDARIES, LONGEST_HEADERS = 20_000, 100, 8, 128 * 1024
"""What the library's parser takes long over, counted in the raw bytes: lines, parts, nesting; the length of all top headers in bytes."""

LONGEST_CONTENT_HEADER = 2_000
"""Characters of a header that describes a part: the library takes the square of its length to read its parameters."""

LARGEST_OBJECT = 64 * 1024
"""Bytes of the calendar object, decoded."""

ENCODINGS = {"", "7bit", "8bit", "binary", "quoted-printable", "base64"}
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-14", "iso-8859-15", "windows-1252"}

INNER_MAIL = re.compile(rb"content-type:\s*(message/|multipart/digest)", re.IGNORECASE)
FROM = re.compile(r'(?:(?:"(?:[^"\\]|\\.)*"|[^"<>,;:@])*<([^<>\s]+)>|([^<>\s,;:"]+))')
"""One mailbox, with or without a display name. A name with an @ must be quoted: programs differ in what they show otherwise."""

_mailbox: TypeAdapter[str] = TypeAdapter(Mailbox)


class Mail(NamedTuple):
    """What of a mail matters here."""

    sender: str
    authentication: tuple[str, ...]
    """The Authentication-Results, topmost first."""
    method: str | None
    """What Content-Type says of the object, in capitals; none where it says nothing."""
    text: str
    """The calendar object."""


class Bounded(Compat32):
    """The library's own way of reading headers, each bounded before anything is made of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if sourcelines[0].lower().startswith("content-") and sum(map(len, sourcelines)) > LONGEST_CONTENT_HEADER:
            raise ReplyRefused(NotTaken.too_complex)
        return super().header_source_parse(sourcelines)


def read_mail(raw: bytes) -> Mail:
    """The mail's sender and its one calendar object.

    Raises:
        ReplyRefused: it is too large or too complex, has no single sender, or not exactly one calendar object that can be decoded.
    """
    bound(raw)
    if INNER_MAIL.search(raw):
        raise ReplyRefused(NotTaken.mail_within_mail)
    message = email.message_from_bytes(raw, policy=Bounded())
    # Outlook, Google and Apple send the object as a part; some repeat it as an attachment of another type, which is left aside.
    objects = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    if not objects:
        raise ReplyRefused(NotTaken.no_calendar)
    if len({_text(each) for each in objects}) > 1:
        raise ReplyRefused(NotTaken.several_calendars)
    return Mail(
        sender=_sender(_headers(message, "from")),
        authentication=_headers(message, "authentication-results"),
        method=_method(objects[0]),
        text=_text(objects[0]),
    )


def bound(raw: bytes) -> None:
    """Count what the library's parser takes long over, before it does.

    Raises:
        ReplyRefused: there is more of it than any program writes.
    """
    if len(raw) > LARGEST_MAIL:
        raise ReplyRefused(NotTaken.too_large)
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    delimiters = raw.count(b"\n--") + raw.count(b"\r--")
    headers = len(re.split(rb"\r?\n\r?\n|\r\r", raw, maxsplit=1)[0])
    if lines > MOST_LINES or delimiters > MOST_DELIMITERS or raw.lower().count(b"boundary") > MOST_BOUNDARIES or headers > LONGEST_HEADERS:
        raise ReplyRefused(NotTaken.too_complex)


def address(text: str) -> str:
    """The text, where it is a mailbox.

    Raises:
        ValueError: it is none.
    """
    try:
        return _mailbox.validate_python(text)
    except ValidationError:
        raise ValueError("expected name@domain") from None


def _headers(message: Message, name: str) -> tuple[str, ...]:
    """All headers of the name, unfolded."""
    return tuple(" ".join(str(value).split()) for value in message.get_all(name, []))


def _sender(headers: Sequence[str]) -> str:
    if len(headers) != 1 or len(headers[0]) > 1_000 or not (found := FROM.fullmatch(headers[0].strip())):
        raise ReplyRefused(NotTaken.no_sender)
    try:
        return address(found[1] or found[2])
    except ValueError:
        raise ReplyRefused(NotTaken.no_sender) from None


def _method(part: Message) -> str | None:
    said = part.get_param("method")
    if said is None:
        return None
    if not isinstance(said, str):
        raise ReplyRefused(NotTaken.wrong_encoding)
    return said.strip().upper()


def _text(part: Message) -> str:
    encoding, charset = str(part.get("content-transfer-encoding", "")).strip().lower(), part.get_content_charset("utf-8")
    if encoding not in ENCODINGS or charset not in CHARSETS:
        raise ReplyRefused(NotTaken.wrong_encoding)
    decoded = part.get_payload(decode=True)
    if not isinstance(decoded, bytes):
        raise ReplyRefused(NotTaken.unreadable)
    if len(decoded) > LARGEST_OBJECT:
        raise ReplyRefused(NotTaken.too_large)
    try:
        return decoded.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise ReplyRefused(NotTaken.wrong_encoding) from None
