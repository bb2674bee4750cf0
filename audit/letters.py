"""What of a letter stands in a bundle: its Message-ID, and the calendar objects in it. Pure."""

from email import message_from_bytes, policy
from typing import NamedTuple


class InLetter(NamedTuple):
    """What is found in the bytes of a letter."""

    message_id: str
    subject: str
    calendar: tuple[bytes, ...]
    words: str
    """All that is written in it, its head too."""


def inside(message: bytes) -> InLetter:
    """The letter's Message-ID, its subject and its calendar objects, as they were sent."""
    letter = message_from_bytes(message, policy=policy.default)
    objects: dict[bytes, None] = {}
    words = [str(value) for value in letter.values()]
    for part in letter.walk():
        if part.get_content_maintype() == "text":
            words.append(str(part.get_content()))
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                objects[content] = None
    return InLetter(str(letter["Message-ID"] or "").strip(), str(letter["Subject"] or "").strip(), tuple(objects), "\n".join(words))
