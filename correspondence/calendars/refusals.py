"""How a mail is refused as a calendar's answer."""

from schemas.calendars import NotTaken


class ReplyRefused(Exception):
    """The mail is not taken as a calendar's answer. Repeats nothing of it: it may hold anything."""

    def __init__(self, reason: NotTaken) -> None:
        super().__init__(reason.value)
        self.reason = reason
