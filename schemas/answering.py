"""What an invitee's page sees of a meeting, and what the invitee answers. Nothing here names a child or says what the meeting is about."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.base import FreeTextMarker, Identifier, Instant, Model
from schemas.clocks import Language

REASON_LIMIT = 10_000
"""The longest reason or written contribution, in characters."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
"""One line of text, as the page prints it."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_LIMIT), FreeTextMarker()]
"""The invitee's own words; kept in the record alone."""


class Reply(StrEnum):
    """What an invitee can answer."""

    accepted = "accepted"
    declined = "declined"
    tentative = "tentative"
    another_time = "another_time"


class InBoth(Model):
    """One line in each language, since a reader can change it on the page; a name is the same in both."""

    cy: Line
    en: Line

    def in_(self, language: Language) -> str:
        """The line in that language."""
        return self.cy if language == "cy" else self.en


class Contact(Model):
    """Whom an invitee can call."""

    name: InBoth
    telephone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ]{2,24}$")] | None = None


class Answered(Model):
    """The answer that stands. Its reason is not given back: links are forwarded, and mailboxes are shared."""

    reply: Reply
    proposed: Instant | None = None


class InvitationSeen(Model):
    """What the page may show to whoever holds the link."""

    meeting: Identifier
    of_family: bool = False
    """Of a family nobody knows who else reads what is on its screen: it shows nothing that says what the meeting is about."""
    language: Language
    """The invitee's."""
    version: int = Field(ge=0)
    """Goes up with every change of time or place, so that nobody answers for a time that they have not seen."""
    begins: Instant
    place: InBoth | None = None
    """None where the place is not to be told by a page."""
    asked_by: InBoth
    """Who asks, as name and post."""
    contact: Contact
    reason_needed_to_decline: bool = False
    """Declining asks for a reason or a written contribution, as of a police officer invited to a review conference."""
    answered: Answered | None = None
    outline: bool = False
    """There is more to read, with a code that this person was given in another way."""


class Gone(Model):
    """There is nothing to answer any more."""

    language: Language
    why: Literal["cancelled", "held", "withdrawn"]
    contact: Contact


class Answer(Model):
    """One answer. It takes the place of any earlier one of the same invitee."""

    reply: Reply
    at: Instant
    """When it was given."""
    version: int = Field(ge=0)
    """Of the invitation that was seen."""
    reason: Reason | None = None
    proposed: Instant | None = None
    """When the meeting could begin instead; with `another_time` and with it alone."""

    @model_validator(mode="after")
    def _proposes_with_a_time(self) -> "Answer":
        if (self.reply is Reply.another_time) != (self.proposed is not None):
            raise ValueError("a proposed time goes with another_time, and with it alone")
        return self


class Taken(Model):
    """The answer is kept: from now on a look at the invitation shows it."""

    outcome: Literal["taken"] = "taken"


class Refused(Model):
    """The answer was not kept, and nothing changed."""

    outcome: Literal["refused"] = "refused"
    why: Literal["changed", "reason_needed", "gone", "left"]
    """`left`: whoever was written to is not in the directory any more."""
