"""The mail catcher's folder, as those see it to whom the letters in it are addressed."""

import email
import email.policy
from collections import defaultdict
from email.message import EmailMessage
from pathlib import Path

from icalendar import Calendar, Event

from embedded.mail_catcher import letters


class Letterbox:
    """Every letter by whom it is to. A letter never changes once it is there, so each is opened once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: set[Path] = set()
        self._to = defaultdict[str, list[EmailMessage]](list)

    def of(self, address: str) -> list[EmailMessage]:
        """What came to that address so far, in the order in which it came."""
        for path in letters(self._folder):
            if path not in self._opened:
                self._opened.add(path)
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                self._to[str(message["To"])].append(message)
        return self._to[address]


def event_in(message: EmailMessage) -> Event | None:
    """The meeting of the calendar object in that letter; none where it has none."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return next(iter(Calendar.from_ical(str(part.get_content())).events), None)
    return None


def all_in(message: EmailMessage) -> str:
    """Everything that can be read in the letter: its subject, each of its texts, its calendar object with its lines unfolded."""
    texts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(message["Subject"]), *(text.replace("\r\n ", "") for text in texts)])
