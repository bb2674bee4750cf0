"""A mail server's report that a letter could not be delivered (RFC 3464). Bounded before it is parsed, as answers are."""

import email
import re
from collections.abc import Iterator
from email.message import Message
from typing import cast

from correspondence.calendars.mails import Bounded, bound
from correspondence.calendars.refusals import ReplyRefused
from schemas.calendars import NotTaken

REPORT = re.compile(
    rb"^content-type:\s*multipart/report\s*;(?:[^\r\n]|\r?\n[ \t])*report-type\s*=\s*\"?delivery-status", re.IGNORECASE | re.MULTILINE
)
"""The mail's own header, unless it is folded in a way that no mail server folds it."""

LONGEST_LOOK = 16 * 1024
"""Bytes of the headers in which that is looked for."""


def is_report(raw: bytes) -> bool:
    """True for a report on a letter's delivery, whatever it says."""
    headers = re.split(rb"\r?\n\r?\n", raw[:LONGEST_LOOK], maxsplit=1)[0]
    return REPORT.search(headers) is not None


def says_failed(raw: bytes) -> bool:
    """True where the report says that the letter will not be delivered; false where it was delivered, or is only late.

    Raises:
        ReplyRefused: it is too large or too complex, or says nothing of a delivery.
    """
    bound(raw)
    try:
        actions = [action.strip().lower() for action in _actions(email.message_from_bytes(raw, policy=Bounded()))]
    except ReplyRefused:
        raise
    except Exception:  # The bytes are anybody's, and the library promises nothing of what it raises.
        raise ReplyRefused(NotTaken.unreadable) from None
    if not actions:
        raise ReplyRefused(NotTaken.unreadable)
    return "failed" in actions


def _actions(message: Message) -> Iterator[str]:
    """What was done for each recipient. The letter that came back stands beside it and is not looked into."""
    for part in _within(message):
        if part.get_content_type() == "message/delivery-status":
            yield from (str(each["action"]) for each in _within(part) if "action" in each)


def _within(message: Message) -> list[Message]:
    """The message's own parts."""
    parts = cast("object", message.get_payload())
    return [each for each in cast("list[object]", parts) if isinstance(each, Message)] if isinstance(parts, list) else []
