"""A mail server's report that a letter could not be delivered (RFC 3464). Bounded before it is parsed, as answers are."""

import email
import re
from collections.abc import Collection, Iterator
from email.message import Message
from email.utils import parseaddr
from typing import NamedTuple, cast

from correspondence.calendars.mails import Bounded, bound
from correspondence.calendars.refusals import ReplyRefused
from schemas.calendars import NotTaken

REPORT = re.compile(
    rb"^content-type:\s*multipart/report\s*;(?:[^\r\n]|\r?\n[ \t])*report-type\s*=\s*\"?delivery-status", re.IGNORECASE | re.MULTILINE
)
"""The mail's own header, unless it is folded in a way that no mail server folds it."""

STATUS = "message/delivery-status"

LONGEST_LOOK = 16 * 1024
"""Bytes of the headers in which that is looked for."""


def is_report(raw: bytes) -> bool:
    """True for a report on a letter's delivery, whatever it says."""
    headers = re.split(rb"\r?\n\r?\n", raw[:LONGEST_LOOK], maxsplit=1)[0]
    return REPORT.search(headers) is not None


class Report(NamedTuple):
    """What a report says of the letter that it is about. Mailboxes in small letters, since servers change capitals at will."""

    failed: bool
    """It will not be delivered; false where it was delivered, or is only late."""
    recipients: frozenset[str]
    """To whom it will not be: as the letter named them, and as the server that gave up did; and to whom our own letter was, if it came back."""
    ours: bool | None
    """Whether the letter that came back with it carries our mark; none where none came back, or without an id."""

    def is_about(self, mailboxes: Collection[str]) -> bool:
        """True where it is about a letter of ours to one of these mailboxes; where none is known, about one of ours."""
        if self.ours is False:
            return False
        return bool(self.recipients & {each.casefold() for each in mailboxes}) if mailboxes else self.ours is True


def read_report(raw: bytes) -> Report:
    """What the report says.

    Raises:
        ReplyRefused: it is too large or too complex, or says nothing of a delivery.
    """
    bound(raw)
    try:
        report = _read(email.message_from_bytes(raw, policy=Bounded()))
    except ReplyRefused:
        raise
    except Exception:  # The bytes are anybody's, and the library promises nothing of what it raises.
        raise ReplyRefused(NotTaken.unreadable) from None
    if report is None:
        raise ReplyRefused(NotTaken.unreadable)
    return report


def _read(message: Message) -> Report | None:
    said = [each for part in _within(message) if part.get_content_type() == STATUS for each in _within(part) if "action" in each]
    if not said:
        return None
    failed = [each for each in said if str(each["action"]).strip().lower() == "failed"]
    recipients = {_mailbox(str(each[name])) for each in failed for name in ("original-recipient", "final-recipient") if name in each}
    letter = next(_letters(message), None)
    ours = None if letter is None or "message-id" not in letter else _is_ours(letter)
    if letter is not None and ours:
        recipients.add(parseaddr(str(letter["to"]))[1].casefold())
    return Report(bool(failed), frozenset(recipients), ours)


def _letters(message: Message) -> Iterator[Message]:
    """The letter that came back, or its headers alone."""
    for part in _within(message):
        if part.get_content_type() == "message/rfc822":
            yield from _within(part)
        elif part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            yield email.message_from_bytes(headers if isinstance(headers, bytes) else b"", policy=Bounded())


def _is_ours(letter: Message) -> bool:
    """Every letter of ours has its id twice; a letter of another has no such header."""
    mark = str(letter["x-siwrnai-letter"] or "").strip()
    return mark != "" and str(letter["message-id"]).strip().startswith(f"<{mark}@")


def _mailbox(value: str) -> str:
    """`rfc822; name@domain`, as reports name somebody."""
    return value.rpartition(";")[2].strip().strip("<>").casefold()


def _within(message: Message) -> list[Message]:
    """The message's own parts."""
    parts = cast("object", message.get_payload())
    return [each for each in cast("list[object]", parts) if isinstance(each, Message)] if isinstance(parts, list) else []
