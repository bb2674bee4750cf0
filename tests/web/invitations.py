"""Invitations kept in memory: enough to see what the pages themselves do."""

import datetime as dt
from dataclasses import dataclass, field

from schemas.answering import Answer, Answered, Contact, Gone, InBoth, InvitationSeen, Refused, Reply, Taken

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)

BEGINS = dt.datetime(2027, 1, 8, 10, 30, tzinfo=dt.UTC)

EXPIRES = BEGINS

CONTACT = Contact(name=InBoth(cy="Swyddfa Cynadleddau", en="Conference Office"), telephone="01632 960 001")

CHAIR = InBoth(cy="Mari Llwyd, cadeirydd (swyddog adolygu annibynnol)", en="Mari Llwyd, chair (IRO)")

ROOM = InBoth(cy="Ystafell gyfarfod 2, Neuadd y Sir", en="Meeting room 2, County Hall")

WELSH, ENGLISH, POLICE = "invitee-cy-1", "invitee-en-1", "invitee-police-1"


def invitation(language: str, **known: object) -> InvitationSeen:
    """An invitation as the page sees it."""
    facts = {"meeting": "m-1", "language": language, "version": 0, "begins": BEGINS, "asked_by": CHAIR, "contact": CONTACT}
    return InvitationSeen.model_validate(facts | known)


@dataclass
class Kept:
    """Invitations by invitee, and every answer that was kept."""

    seen: dict[str, InvitationSeen | Gone] = field(default_factory=lambda: {})
    answers: list[tuple[str, Answer]] = field(default_factory=lambda: [])
    refuse: Refused | None = None
    """What the next answer gets, as when something changed after the page had looked."""

    async def look(self, invitee: str) -> InvitationSeen | Gone | None:
        """What is kept of that invitee."""
        return self.seen.get(invitee)

    async def answer(self, invitee: str, answer: Answer) -> Taken | Refused:
        """Keep it."""
        if self.refuse is not None:
            return self.refuse
        self.answers.append((invitee, answer))
        seen = self.seen[invitee]
        assert isinstance(seen, InvitationSeen)
        self.seen[invitee] = seen.model_copy(update={"answered": Answered(reply=answer.reply, proposed=answer.proposed)})
        return Taken()

    def replies(self) -> list[Reply]:
        """What was answered, in order."""
        return [answer.reply for _, answer in self.answers]


def three() -> dict[str, InvitationSeen | Gone]:
    """A Welsh speaker, an English speaker who may know the place, and a police officer."""
    return {
        WELSH: invitation("cy"),
        ENGLISH: invitation("en", place=ROOM),
        POLICE: invitation("en", reason_needed_to_decline=True),
    }
